"""Reads a published tree, at a commit of the depot, into tables: what stands for the build of an edition made away.

Which files have which columns is the public schema's; what a tree of an earlier schema lacks is null.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.depot.reading import paths_of_today
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.stage.published import catalogue_then, published_csv

progress = logging.getLogger("barometre.warehouse")

_TYPES = {
    "texte": pa.string(),
    "nombre": pa.float64(),
    "entier": pa.int64(),
    "date": pa.date32(),
    "booleen": pa.bool_(),
}


def read_tree(repository: GitRepository, commit: str, catalogue: Catalogue) -> dict[str, pa.Table]:
    """Return the published tables that a commit has, by their marts, with the names of the marts' columns."""
    catalogue = catalogue_then(repository, commit, catalogue)
    schema = public_schema(catalogue.mailles)
    places = {f.path: (part.table, part.maille) for f in main_files(catalogue, schema, "csv") for _, part, _ in f.parts}
    found: dict[str, list[pa.Table]] = {}
    there = paths_of_today(repository.entries(commit), places, catalogue.general.prefixe)
    for path, content in repository.files(commit, list(there)).items():
        table, maille = places[there[path]]
        try:
            found.setdefault(table, []).append(_rows(content, schema, table, maille, catalogue))
        except (pa.ArrowInvalid, KeyError) as error:
            raise PublicationError(f"{path} of the commit {commit[:10]} cannot be read: {error.args[0]}.") from None
    for table in (name for name in schema.by_level if name not in found):
        progress.warning(
            "The commit %s of the depot has no file of %s under the names that the catalogue gives: its prefix may be "
            "another one, its levels (mailles.yaml) have others' names; the history has none of its rows.",
            commit[:10],
            table,
        )
    return {table: pa.concat_tables(levels, promote_options="default") for table, levels in found.items()}


def _rows(content: bytes, schema: Schema, table: str, maille: str | None, catalogue: Catalogue) -> pa.Table:
    columns = {c.mart_column: c for c in schema.columns(table, maille) if c.constante is None}
    wanted = pa.schema([(name, _TYPES.get(c.type, pa.string())) for name, c in columns.items()])
    keys = {"code", "id_indicateur"} & set(columns)
    rows = published_csv(content, wanted, {name: c.nom for name, c in columns.items()}, sorted(keys))
    for name, value in _said_by_the_file(maille, catalogue).items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.string()), rows.num_rows))
    return rows


def _said_by_the_file(maille: str | None, catalogue: Catalogue) -> Mapping[str, str]:
    """Return what the name of a level's file says of all its rows."""
    return dict(_constants(maille, catalogue)) if maille else {}


def _constants(maille: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    yield "maille", maille
    if catalogue.maille(maille).colonnes.constante:
        yield "code", catalogue.territoires_of(maille)[0].code
