"""The git depot: how a built tree becomes a commit and a tag of a repository, pushed together or not at all.

`publication` decides (`changes`, `tags`, `options`); `remote` is the depot seen from outside, `repository` a clone of
it, `fast_import` what is written there, `command` runs git and `address` knows where and with which credentials.
"""
