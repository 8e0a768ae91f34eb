"""Stage 2: the deliveries read into DuckDB as they are, rejected rows kept aside.

`loading` fills the schemas `raw`, `catalogue` and `precedente`; `drift` describes how a delivery differs
from the previous edition's; `assets` is the Dagster step. How each format is read is in `readers`.
"""

from barometre_pipeline.stage.assets import RAW_TABLES, build_stage

__all__ = ["RAW_TABLES", "build_stage"]
