"""The tree of an edition's files: planned, written, read again and verified. Nothing here leaves the machine.

`schema.yaml` says which tables, columns and files there are; `layout` plans the files of an edition, `writing` writes
them (`rows`, `workbooks`), `verification` holds them against the plan (`rereading`, by format), `notices` are the texts
that go with the data.
"""
