"""The tree of an edition's files: planned, written, read again and verified. Nothing here leaves the machine.

`schema.yaml` says which tables, columns and files there are: `schema_file` reads it into a `schema`, `schema_checks`
holds it against the marts, `cells` are the types of its columns. `layout` plans the files of an edition (`counting`),
`writing` writes them (`rows`, asked for in `queries`, chosen by `lines`; `workbooks`), `verification` holds them
against the plan (`rereading`, by format). `notices` are the texts that go with the data (`wording`), `manifest` says
to programs where they come from.
"""
