"""Checks everything that people edit beside the catalogue, before anything is fetched, and tells all problems at once.

`project` reads the SQL models and the suites and has all checked, the public schema and the templates too: `checks`
holds them against the tables that a run would have, `expectation_types` knows those of Great Expectations. Nothing
here reads a delivery.
"""
