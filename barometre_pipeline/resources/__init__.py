"""The doors to the outside: the home's folders, HTTP, the warehouse, git, data.gouv.fr.

Each module opens one door and knows nothing of the stages that go through it.
"""
