"""The expectation suites: what they say, and how a warehouse is judged by them.

`model` reads the files of expectations/, `preparation` makes each rule ready (its SQL is in `queries`, what the
catalogue accepts in `known_deviations`), `evaluation` runs them in Great Expectations, where the tables are,
`places` finds where the faulty rows come from, `results` says what came out; `judge` does it in a process started
early. Nothing here knows Dagster or writes the report (that is `check`).
"""

from barometre_pipeline.suites.evaluation import Evaluation, evaluate
from barometre_pipeline.suites.known_deviations import KnownDeviation
from barometre_pipeline.suites.model import SUITES_FOLDER, Attente, Suite, read_suites
from barometre_pipeline.suites.results import RuleResult, blocking_sentences, place_of

__all__ = [
    "SUITES_FOLDER",
    "Attente",
    "Evaluation",
    "KnownDeviation",
    "RuleResult",
    "Suite",
    "blocking_sentences",
    "evaluate",
    "place_of",
    "read_suites",
]
