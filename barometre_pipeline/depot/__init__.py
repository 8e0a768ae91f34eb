"""The git depot: what is published, as its branches and tags say it, and how a clone of it is made, read and written.

`remote` is the depot seen from outside, `repository` a clone of it, `objects` what is written there; `locks` and
`attempts` are about others who write there too. `command` runs git, by `process`, with the settings that
`machine_settings` lets through, and `causes` explains its failures; `options` says where the depot is and what an
operator wants. What to publish is decided in `publish`.
"""
