"""Stage 5: the edition's files, then the git depot and data.gouv.fr.

`tree` writes and verifies the files that its `schema.yaml` describes, `companions`, `documentation` and `site` what
comes with them; `publication` and `portal` publish them; `assets` are the Dagster steps, in the order in which a
publication may be stopped anywhere. Nothing is imported here: the process that makes the site needs no Dagster.
"""
