"""Writes the quality report of an edition: index.html, rapport.json, rejets.csv, and a file a ministry.

What it says is in `facts`, its words in `wording`, its look in `templates/`; `to_correct` writes the ministries' files.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from barometre_pipeline import french
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.documents.markdown import in_markdown
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.quality import wording
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.spreadsheet_csv import write_spreadsheet_csv
from barometre_pipeline.quality.to_correct import write_files_to_correct
from barometre_pipeline.resources.atomic import discard, discard_leftovers, replace_folder, write_file
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.resources.modes import make_public, public_folder

_WORDS = (french.number, french.day, french.edition_name, french.counted)
_WORDS_OF_THE_REPORT = (wording.moment, wording.source_place, wording.precision)
# What `facts` gathers.
_ABOUT_THE_EDITION = ("titre", "producteur", "edition", "debut", "fin", "precedente", "publiable", "bilan")
FACTS = (*_ABOUT_THE_EDITION, "livraisons", "derives", "rejets", "regles", "corrections", "exceptions")
TEMPLATES = Templates(
    Path(__file__).with_name("templates"),
    given=(*FACTS, "a_corriger", "titres", "publication"),
    filters={word.__name__: word for word in (*_WORDS, *_WORDS_OF_THE_REPORT)},
    autoescape=True,
)

_ABOUT = ("livraison", "ministere", "fichier", "feuille", "ligne", "colonne", "contenu", "motif", "regle")
REJECTS = (*_ABOUT, "id_indicateur", "maille", "code", "date")


def write_report(folder: Path, facts: dict[str, Any], warehouse: Path, catalogue: Catalogue) -> None:
    """Write the report's files into a folder."""
    with read_warehouse(warehouse) as connection:
        write_rejects(connection, folder / "rejets.csv")
        facts = {**facts, "a_corriger": write_files_to_correct(connection, catalogue, folder)}
    (folder / "rapport.json").write_text(as_json(facts), encoding="utf-8")
    (folder / "index.html").write_text(as_page(facts), encoding="utf-8")


def show_report(report: Path, place: Path) -> None:
    """Put a copy of a build's report where people look for it, whole, for everybody to read."""
    fresh = place.with_name(f".{place.name}.nouveau")
    discard_leftovers(place)
    discard(fresh)
    public_folder(place.parent)
    shutil.copytree(report, fresh)
    make_public(fresh)
    replace_folder(fresh, place)


def as_json(facts: dict[str, Any]) -> str:
    """Return the facts as JSON, dates as 2022-03-31."""
    return json.dumps(facts, ensure_ascii=False, indent=2, default=_iso) + "\n"


def as_page(facts: dict[str, Any], publication: dict[str, Any] | None = None) -> str:
    """Return the facts as one page that needs nothing else to be read, with those of its publication once it has any.

    The facts of a build may come from its rapport.json, where dates are texts.
    """
    titles = {rule["regle"]: rule["titre"] for rule in facts["regles"]}
    page = TEMPLATES.render("index.html", **{"a_corriger": [], **facts}, titres=titles, publication=publication)
    return french.tied(page)


def show_page(page: str, place: Path) -> None:
    """Put the page of a report that people look at in the place of the one there, for everybody to read."""

    def write(file: BinaryIO) -> None:
        make_public(Path(file.name))
        file.write(page.encode())

    write_file(place / "index.html", write)


def write_rejects(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write every row that was kept aside, with its reason, in their order in the deliveries."""
    query = f"""
        select {", ".join(REJECTS)}
        from stg_rejets
        left join (select livraison, ministere from raw.livraisons) using (livraison)
        order by all
    """
    write_spreadsheet_csv(path, REJECTS, connection.execute(query).fetchall())


def rows_as_markdown(result: RuleResult, names: wording.Names, rows: int = 5) -> str:
    """Return the first rows of a rule as a table for the Dagster UI."""
    lines = ["| source | indicateur | territoire | date | valeur | détail |", "|---|---|---|---|---|---|"]
    for row in map(names.added_to, result.rows[:rows]):
        value = row.get("contenu", row.get("valeur", ""))
        cells = (wording.source_place(row), row.get("id_indicateur", ""), row.get("lieu", "—"), row.get("date", ""))
        lines.append("| " + " | ".join(in_markdown(c) for c in (*cells, value, row.get("detail", ""))) + " |")
    return "\n".join(lines)


def _iso(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a fact of the report")
