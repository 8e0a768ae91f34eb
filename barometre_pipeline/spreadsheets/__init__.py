"""The cells of workbooks as a person sees them: .xlsx, .xlsb, .xls and .ods parsed into sparse rows.

Each format has a module with `read`; `number_formats` knows what a number's format makes of it, `reading` runs one of
them in a process of its own. What makes a file harmless, and which sheets a delivery takes, is in `formats`.
"""
