"""`barometre` that does a part of its work, for the benches: `python -m tests.part_run data|tables run EDITION …`.

`data` leaves out the site and the documentation, which are always published; `tables` ends at the quality gate.
"""

from __future__ import annotations

import sys
from typing import Any

from barometre_pipeline.cli import running
from barometre_pipeline.cli.start import main
from barometre_pipeline.publish import assets
from barometre_pipeline.publish.companions import companions_of
from barometre_pipeline.under_way import FILES


def _data() -> None:
    def data_alone(with_zip: bool, begun: object) -> Any:
        return companions_of(with_zip)

    assets.companions_of = data_alone


def _tables() -> None:
    sys.argv.append("--no-publish")
    running.PUBLICATION = (FILES.to_user_string(), *running.PUBLICATION)
    running._results = lambda *_, **__: "The tables are made and judged."


if __name__ == "__main__":
    {"data": _data, "tables": _tables}[sys.argv.pop(1)]()
    main()
