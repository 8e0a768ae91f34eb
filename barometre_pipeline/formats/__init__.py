"""The formats of files: how each is recognised, verified and read into sheets of cells.

What the cells mean is not known here.
"""
