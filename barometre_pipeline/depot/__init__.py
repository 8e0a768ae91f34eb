"""The git depot: what is published, as its branches and tags say it, and how a clone of it is made, read and written.

`remote` is the depot seen from outside, `repository` a clone of it, `objects` what is written there, `command` runs
git, and `options` says where the depot is and what an operator wants. What to publish is decided in `publish`.
"""
