"""The tables that are published with the marts: models of dbt_like_sql/publication/, run once the gate has judged.

They may read those of the warehouse that are made of one edition. How a table is written is in `tree`.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from barometre_pipeline.publish.companions.comparison import COMPARED, comparing
from barometre_pipeline.sql_models import OF_THE_HISTORY, OF_THE_PUBLICATION, SqlModel, make_table


def companion_models(everything: Sequence[SqlModel], published: Sequence[str]) -> list[SqlModel]:
    """Return the models to run, each after those it reads: the publication's, the `published` ones, what these read.

    `everything` are the models of all layers, each after those it reads.
    """
    known = {m.name: m for m in everything if m.layer in (*OF_THE_PUBLICATION, *OF_THE_HISTORY)}
    if COMPARED in known:
        known[COMPARED] = comparing(known[COMPARED])
    wanted = [m.name for m in everything if m.layer in OF_THE_PUBLICATION or m.name in published]
    ordered: dict[str, SqlModel] = {}
    for name in wanted:
        _add(name, known, ordered)
    return list(ordered.values())


def _add(name: str, known: dict[str, SqlModel], ordered: dict[str, SqlModel]) -> None:
    if name in known and name not in ordered:
        for read in sorted(known[name].reads):
            _add(read, known, ordered)
        ordered[name] = known[name]


def make_companion_tables(connection: duckdb.DuckDBPyConnection, models: Sequence[SqlModel]) -> None:
    """Make the table of each model in a build that was judged; ModelError where the data make one fail."""
    for model in models:
        make_table(connection, model)
