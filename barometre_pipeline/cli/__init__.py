"""The command line: a thin door to the same Dagster job as the UI's.

`start` is where the program starts, `app` holds the commands, `running` runs the job and tells how it ended,
`display` shows its progress, `tables` writes what a command found.
"""
