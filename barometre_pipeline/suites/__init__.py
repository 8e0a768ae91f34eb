"""The expectation suites: what they say, and how a warehouse is judged by them.

`model` reads the files of expectations/, `queries` makes a rule's SQL, `known_deviations` sets aside what the
catalogue accepts, `evaluation` runs every rule in Great Expectations, where the tables are, `results` says
what came out. Nothing here knows Dagster or writes the report (that is `check`).
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
