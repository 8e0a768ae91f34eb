"""The dataset of data.gouv.fr, made equal to an edition: look, plan, act, look again.

`sync` does it; `plan`, `dataset`, `spatial` and `resources` decide, with the words of `texts` and the `marks` of what
we wrote; `client` talks to the portal and remembers what was sent, `answers` reads what it says, `errors` tells its
refusals, `public` which publication it holds.
"""
