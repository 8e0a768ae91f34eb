"""The pipeline behind the baromètre des résultats de l'action publique.

Its stages, in the order in which they run, each a module that reads like its name:

    extract      the deliveries, fetched and kept as received
    stage        the deliveries read into DuckDB, rejected rows kept aside
    transform    the SQL models of dbt_like_sql/: détail, synthèse, rollups
    check        the expectation suites of expectations/, and the quality report
    publish      the files, the git repository, data.gouv.fr, the analysts' warehouse

`definitions` assembles them for Dagster, `cli` runs the same job from a terminal.
"""
