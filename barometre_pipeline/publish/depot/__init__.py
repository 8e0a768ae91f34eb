"""The git depot: how a built tree becomes a commit and a tag of a repository, pushed together or not at all.

`publication` decides; `remote` is the depot seen from outside, `repository` a clone of it, `objects` what is written
there, `command` runs git, and `options` says where the depot is and what an operator wants.
"""
