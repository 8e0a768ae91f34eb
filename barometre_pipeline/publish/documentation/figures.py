"""The figures that the PDF shows beside the texts: those of the synthèse, for the whole and the level below it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.publish.tree.wording import whole_and_parts

_MOST_PARTS = 40  # territories of a level below the whole: more are for a file, not for a page
_SYNTHESE = """
    select s.id_indicateur, s.libelle_territoire, s.valeur_initiale, s.date_valeur_initiale, s.valeur_actuelle,
        s.date_valeur_actuelle, s.cible, s.date_cible, s.pourcentage_cible,
        coalesce(d.valeurs, []) as valeurs
    from synthese as s
    left join (
        select id_indicateur, maille, code, list(valeur order by date) as valeurs
        from detail
        group by all
    ) as d using (id_indicateur, maille, code)
    where list_contains(?, s.maille)
    order by s.id_indicateur, list_position(?, s.maille), s.code
"""


@dataclass(frozen=True)
class Figures:
    """A row of the synthèse, with the series behind it; `valeurs` are in the order of their dates."""

    territoire: str
    valeur_initiale: float | None
    date_valeur_initiale: dt.date | None
    valeur_actuelle: float | None
    date_valeur_actuelle: dt.date | None
    cible: float | None
    date_cible: dt.date | None
    pourcentage_cible: float | None
    valeurs: Sequence[float]


def read_figures(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> Mapping[str, list[Figures]]:
    """Return the rows of each indicator: the whole first, then its parts in the order of their codes."""
    levels = shown_levels(catalogue)
    found: dict[str, list[Figures]] = defaultdict(list)
    for id_, *row in connection.execute(_SYNTHESE, [levels, levels]).fetchall():
        found[id_].append(Figures(*row))
    return found


def shown_levels_in_words(catalogue: Catalogue) -> str:
    """Return « au niveau national et par région », of the levels that are shown."""
    shown = shown_levels(catalogue)
    return whole_and_parts([maille for maille in catalogue.mailles if maille.id in shown])


def shown_levels(catalogue: Catalogue) -> list[str]:
    """Return the level of the whole, then the first below it that has few territories."""
    whole = catalogue.maille_racine.id
    below = [m.id for m in catalogue.mailles if m.parent == whole]
    few = [id_ for id_ in below if len(catalogue.territoires_of(id_)) <= _MOST_PARTS]
    return [whole, *few[:1]]
