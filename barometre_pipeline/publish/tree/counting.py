"""The parts that the marts are divided into, and how many rows each has. Which file a part makes is in `layout`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.cells import quoted
from barometre_pipeline.publish.tree.schema import Schema

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Part:
    """Rows of a mart that a file or a sheet holds: those of a level, a sector, a territory; all of them where None."""

    table: str
    maille: str | None = None
    secteur: str | None = None
    code: str | None = None


def counted(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, schema: Schema) -> dict[Part, int]:
    """Count the rows of every published part that has some; PublicationError where rows have no file."""
    counts: dict[Part, int] = defaultdict(int)
    for table in schema.whole:
        counts[Part(table)] = con.execute(f"select count(*) from main.{quoted(table)}").fetchall()[0][0]
    secteurs = {s.id for s in catalogue.secteurs}
    for table in schema.by_level:
        for maille, secteur, code, n in _groups(con, schema, table):
            if maille not in schema.mailles or secteur not in secteurs or not _SAFE.fullmatch(code or "none"):
                raise _without_file(table, maille, secteur, code, n)
            for part in _parts(schema, table, maille, secteur, code):
                counts[part] += n
    return counts


def published_schema(con: duckdb.DuckDBPyConnection, schema: Schema) -> Schema:
    """Return the schema of this edition: without the tables that are published only where they have rows."""
    optional = [name for name, table in schema.whole.items() if table.si_des_lignes]
    empty = [n for n in optional if not con.execute(f"select count(*) from main.{quoted(n)}").fetchall()[0][0]]
    return schema.without(empty)


def _groups(con: duckdb.DuckDBPyConnection, schema: Schema, table: str) -> list[tuple[str, str, str | None, int]]:
    """Count rows by level and sector, and by territory where it has files: a level of communes has 35,000."""
    named = [m.id for m in schema.mailles.values() if m.territoires]
    return con.execute(
        f"""
        select maille, id_secteur, case when list_contains(?, maille) then coalesce(code, '?') end as of_code, count(*)
        from main.{quoted(table)}
        group by maille, id_secteur, of_code
        """,
        [named],
    ).fetchall()


def _without_file(table: str, maille: str, secteur: str, code: str | None, n: int) -> PublicationError:
    territory = "" if code is None else f", territory {code!r}"
    return PublicationError(
        f"{table}: {n} rows of the sector {secteur!r}, maille {maille!r}{territory} have no file: the sector must be "
        "in secteurs.csv, the level in mailles.yaml and the territory in territoires.csv."
    )


def _parts(schema: Schema, table: str, maille: str, secteur: str, code: str | None) -> Iterator[Part]:
    """Yield the published parts that rows belong to."""
    yield Part(table, maille)
    yield Part(table, maille, secteur)
    if code is not None:
        yield Part(table, maille, secteur, code)
        if schema.mailles[maille].a_la_racine:
            yield Part(table, maille, None, code)
