"""What moved of the commitments since the edition before, for NOUVEAUTES.md: status and calendar, as declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from barometre_pipeline.documents.markdown import in_markdown
from barometre_pipeline.french import counted, listed
from barometre_pipeline.publish.documentation.words import CALENDRIERS, STATUTS, UNSAID
from barometre_pipeline.resources.duckdb_files import rows_of

TITLE = "Les engagements"
_MOVED = """
    select
        coalesce(e.id_engagement, p.id_engagement) as id_engagement, e.libelle, e.statut, e.calendrier,
        p.statut as statut_precedent, p.calendrier as calendrier_precedent,
        p.id_engagement is null as nouveau, e.id_engagement is null as retire
    from engagements as e
    full join precedente.engagements as p on p.id_engagement = e.id_engagement
    where (e.id_engagement, e.statut, e.calendrier) is distinct from (p.id_engagement, p.statut, p.calendrier)
    order by e.ordre nulls last, id_engagement
"""


def moved_commitments(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return a row for each commitment that moved; [] where the edition before had published none to compare with."""
    published = connection.execute("select 1 from precedente.engagements limit 1").fetchall()
    return rows_of(connection, _MOVED) if published else []


def in_short(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the line that counts them, where any moved: « 2 statuts changés, 1 nouveau »."""
    counts = (
        (sum(_moved(row, "statut") for row in rows), "statut changé", "statuts changés"),
        (sum(_moved(row, "calendrier") for row in rows), "calendrier changé", "calendriers changés"),
        (sum(row["nouveau"] for row in rows), "nouveau", "nouveaux"),
        (sum(row["retire"] for row in rows), "retiré", "retirés"),
    )
    told = [counted(n, *words) for n, *words in counts if n]
    if told:
        yield f"- {TITLE} : {listed(told)}."


def section(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the section with a line for each, where any moved."""
    if rows:
        yield f"\n### {TITLE}\n\n"
    for row in rows:
        name = in_markdown(". ".join(filter(None, (row["id_engagement"], row["libelle"]))))
        yield f"- **{name}** : {' ; '.join(_told(row))}.\n"


def _told(row: dict[str, Any]) -> Iterator[str]:
    if row["nouveau"]:
        yield f"nouvel engagement, statut « {STATUTS.get(row['statut'], UNSAID)} »"
    elif row["retire"]:
        yield "n'est plus publié"
    for field, words in (("statut", STATUTS), ("calendrier", CALENDRIERS)):
        if _moved(row, field):
            before, after = (words.get(row[key], UNSAID) for key in (f"{field}_precedent", field))
            yield f"{field} « {before} » → « {after} »"


def _moved(row: dict[str, Any], field: str) -> bool:
    return not row["nouveau"] and not row["retire"] and row[field] != row[f"{field}_precedent"]
