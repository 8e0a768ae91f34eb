"""Tells what is wrong between a public schema, the marts and the levels of a catalogue, before anything is published.

The shape of the file itself is checked when it is read (`schema_file`).
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping

from barometre_pipeline.documents.sentences import closest_name
from barometre_pipeline.publish.tree.cells import TYPES
from barometre_pipeline.publish.tree.manifest import NOTICES
from barometre_pipeline.publish.tree.schema import Column, Schema, Table, level_columns

Marts = Mapping[str, Mapping[str, str]]  # the type of each column of each mart, as DuckDB names it; "" where unknown

# What divides a mart among the files by level, sector and territory.
_DIVIDING = ("id_secteur", "maille", "code")
# What may fill the blanks of a path, and of a sheet's name.
_BLANKS = {
    "csv": ("racine p k m", ""),
    "classeur": ("racine p", "k m"),
    "json": ("p k m", ""),
    "territoire_csv": ("racine p k m territoires territoire code", ""),
    "territoire_classeur": ("racine p k m territoires territoire", "code"),
}


def schema_problems(schema: Schema, marts: Marts) -> list[str]:
    """Return what is wrong in a schema, a sentence each that begins with its file and line; [] where it is right."""
    problems = [*_path_problems(schema), *_same_paths(schema)]
    for section, tables in (("tables", schema.tables), ("parquet", schema.parquet)):
        for name, table in tables.items():
            if name in marts:
                problems += _table_problems(_Where(schema, section, name), table, marts[name])
            else:
                problems.append(f"{schema.place(section, name)}: is not a mart{closest_name(name, marts)}.")
    return problems


class _Where:
    """A table of the schema; called with a path of keys, it says where that is."""

    def __init__(self, schema: Schema, section: str, name: str) -> None:
        self.schema, self.section, self.name = schema, section, name

    def __call__(self, *path: str | int) -> str:
        return self.schema.place(self.section, self.name, *path)


def _table_problems(where: _Where, table: Table, mart: Mapping[str, str]) -> Iterator[str]:
    for name in table.ordre:
        if name not in mart:
            yield f"{where('ordre')}: the mart {where.name} has no column {name!r}{closest_name(name, mart)}."
    if where.section == "tables" and table.chemin and not table.ordered_by and not table.rangement:
        yield f"{where('ordre')}: not all of these columns are published: say the order in words too (rangement)."
    for name in _DIVIDING if table.partition else ():
        if name not in mart:
            yield (
                f"{where('partition')}: the mart {where.name} has no column {name!r}, which says what goes into "
                "which file; give it that column, or publish it whole (chemin)."
            )
    for rank, column in enumerate(table.colonnes):
        yield from _column_problems(where, rank, column, table, mart)
    yield from _equal_headings(where, table)
    if table.chemin and not table.chemin.endswith(ending := ".csv" if where.section == "tables" else ".parquet"):
        yield f"{where('chemin')}: a name that ends in {ending} is needed (here: {table.chemin!r})."
    if where.section == "parquet" and table.partition:
        yield f"{where('partition')}: a Parquet file holds its table whole; give its chemin."


def _column_problems(
    where: _Where, rank: int, column: Column | str, table: Table, mart: Mapping[str, str]
) -> Iterator[str]:
    if isinstance(column, str):
        if not table.partition:
            yield (
                f"{where('colonnes', rank)}: {column} stands for the columns of a level, which a table published whole "
                "does not have; give maille, code and libelle_territoire."
            )
        return
    source = column.mart_column
    if column.constante is not None:
        return
    if source not in mart:
        told = f"the mart {where.name} has no column {source!r}{closest_name(source, mart)}"
        yield f"{where('colonnes', rank)}: source: {told}."
    elif mart[source] and mart[source].partition("(")[0].upper() not in TYPES[column.type].marts:
        yield f"{where('colonnes', rank)}: type: {column.type} is not what {source} holds ({mart[source]})."


def _equal_headings(where: _Where, table: Table) -> Iterator[str]:
    own = [(rank, c.nom) for rank, c in enumerate(table.colonnes) if isinstance(c, Column)]
    for nth, (rank, name) in enumerate(own):
        if name.lower() in [before.lower() for _, before in own[:nth]]:
            yield f"{where('colonnes', rank)}: the heading {name!r} is already that of another column."
    for maille in where.schema.mailles.values() if len(own) < len(table.colonnes) else ():
        taken = {name.lower() for _, name in own}
        for heading in sorted(c.nom for c in level_columns(maille) if c.nom.lower() in taken):
            yield (
                f"{where('colonnes')}: the heading {heading!r} of the level {maille.id} (mailles.yaml) is already that "
                "of another column."
            )


def _path_problems(schema: Schema) -> Iterator[str]:
    yield from _blank_problems(schema, ("racine_secteur",), schema.racine_secteur, "dossier")
    for name, kind in schema.fichiers.items():
        of_path, of_sheet = _BLANKS[name]
        yield from _blank_problems(schema, ("fichiers", name, "chemin"), kind.chemin, of_path)
        yield from _blank_problems(schema, ("fichiers", name, "feuille"), kind.feuille, of_sheet)


def _blank_problems(schema: Schema, path: tuple[str, ...], text: str, allowed: str) -> Iterator[str]:
    try:
        blanks = {blank for _, blank, *_ in string.Formatter().parse(text) if blank is not None}
    except ValueError:
        yield f"{schema.place(*path)}: the braces of {text!r} do not go by pairs."
        return
    for blank in sorted(blanks - set(allowed.split())):
        told = ", ".join(f"{{{name}}}" for name in allowed.split()) or "none"
        yield f"{schema.place(*path)}: {{{blank}}} is not known here; the blanks are {told}."


def _same_paths(schema: Schema) -> Iterator[str]:
    for section, tables, taken in (("tables", schema.whole, set(NOTICES)), ("parquet", schema.parquet, set())):
        for name, table in tables.items():
            if table.chemin in taken:
                yield f"{schema.place(section, name, 'chemin')}: {table.chemin!r} is already the path of another file."
            taken.add(table.chemin or "")
            taken |= {table.file("parquet")} if table.parquet else set()
