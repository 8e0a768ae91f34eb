"""The dataset of data.gouv.fr, made equal to an edition: look, plan, act, look again.

`sync` does it; `plan`, `dataset` and `resources` decide, `client` talks to the portal and remembers what
was sent, `errors` says its refusals.
"""
