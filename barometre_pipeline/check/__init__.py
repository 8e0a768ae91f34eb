"""Stage 4: the quality gate, one asset check per expectation, and the report that a ministry can read.

`gate` is the Dagster step, `facts` gathers what the report says, `report` and `rejects` write it. What the
rules are is in expectations/, and how they are evaluated in `suites`.
"""

from barometre_pipeline.check.gate import build_checks, check_edition

__all__ = ["build_checks", "check_edition"]
