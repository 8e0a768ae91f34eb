"""Writes what analysts read of the warehouse, from the file itself: its tables, its picture, its questions.

`shape` reads what the file has, `pages` and `picture` write it; `make docs` writes docs/ again.
"""
