"""Stage 2: the deliveries read into DuckDB as they are, rejected rows kept aside.

`raw_tables` says which tables there are, in the schemas `raw`, `catalogue` and `precedente`; `loading` fills them;
`drift` describes how a delivery differs from the previous edition's; `assets` is the Dagster step. How each format is
read is in `readers`.
"""

from barometre_pipeline.stage.assets import PREVIOUS_EDITION, build_stage, built_already
from barometre_pipeline.stage.raw_tables import RAW_TABLES, empty_warehouse

__all__ = ["PREVIOUS_EDITION", "RAW_TABLES", "build_stage", "built_already", "empty_warehouse"]
