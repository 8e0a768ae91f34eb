"""Stage 4: the quality gate, one asset check per expectation, and the report that a ministry can read.

`suites` reads the files of expectations/, `rules` makes each rule ready, `evaluation` runs them in Great Expectations
(`gx_session`), where the tables are, `deviations` counts what the catalogue accepts, `results` says what came out and
where it comes from; `judge` does it in a process started early. `gate` is the Dagster step, `facts` gathers what the
report says in the words of `wording`, `report` writes it.
"""
