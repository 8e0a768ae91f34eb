"""Writes the quality report of an edition: index.html, rapport.json, rejets.csv.

What it says is in `facts`, its words in `wording`, its look in `templates/`.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from barometre_pipeline.quality import wording
from barometre_pipeline.quality.rejects import write_rejects
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.resources.duckdb_files import read_warehouse

_WORDS = ("number", "day", "edition_name", "counted", "source_place", "territory", "precision")


def write_report(folder: Path, facts: dict[str, Any], warehouse: Path) -> None:
    """Write the report's files into a folder."""
    (folder / "rapport.json").write_text(as_json(facts), encoding="utf-8")
    (folder / "index.html").write_text(as_page(facts), encoding="utf-8")
    with read_warehouse(warehouse) as connection:
        write_rejects(connection, folder / "rejets.csv")


def as_json(facts: dict[str, Any]) -> str:
    """Return the facts as JSON, dates as 2022-03-31."""
    return json.dumps(facts, ensure_ascii=False, indent=2, default=_iso) + "\n"


def as_page(facts: dict[str, Any]) -> str:
    """Return the facts as one page that needs nothing else to be read."""
    loader = PackageLoader("barometre_pipeline.quality")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {name: getattr(wording, name) for name in _WORDS}
    titles = {rule["regle"]: rule["titre"] for rule in facts["regles"]}
    return environment.get_template("index.html").render(facts, titres=titles)


def rows_as_markdown(result: RuleResult, rows: int = 5) -> str:
    """Return the first rows of a rule as a table for the Dagster UI."""
    lines = ["| source | indicateur | territoire | date | valeur | détail |", "|---|---|---|---|---|---|"]
    for row in result.lignes[:rows]:
        value = row.get("contenu", row.get("valeur", ""))
        cells = (wording.source_place(row), row.get("indicateur", ""), wording.territory(row), row.get("date", ""))
        lines.append("| " + " | ".join(_cell(c) for c in (*cells, value, row.get("detail", ""))) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    # What a ministry wrote is shown, never run: neither as Markdown nor as HTML.
    text = " ".join(str(value).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|!#~" else c for c in text)


def _iso(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a fact of the report")
