"""Stage 4: the quality gate, one asset check per expectation, and the report that a ministry can read.

`suites` reads the files of expectations/, `preparation` makes each rule ready (its SQL is in `queries`, what the
catalogue accepts in `known_deviations`), `evaluation` runs them in Great Expectations, where the tables are, `places`
finds where the faulty rows come from, `results` says what came out; `judge` does it in a process started early. `gate`
is the Dagster step, `facts` gathers what the report says, `report` and `rejects` write it.
"""
