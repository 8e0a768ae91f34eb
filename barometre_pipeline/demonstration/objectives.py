"""Fictitious objectives, in keeping with the fictitious series: a first value, a target beyond it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from barometre_pipeline.catalogue import Indicateur
from barometre_pipeline.demonstration.series import Series, bounds, draw, is_count
from barometre_pipeline.editions import Edition


@dataclass(frozen=True)
class Objective:
    """The six cells of an objective; its fields are named as the catalogue's columns."""

    valeur_initiale: float
    date_valeur_initiale: dt.date
    cible: float
    date_cible: dt.date
    date_arret: dt.date | None
    date_reference: dt.date


def objective(indicateur: Indicateur, series: Series, edition: Edition) -> Objective:
    """Return the objective of an indicator in the territory of this series."""
    read = _as_read(indicateur, series)
    start = _first_comparable(indicateur, series)
    year_before = Edition(edition.annee - 1, edition.trimestre)
    return Objective(
        valeur_initiale=read[start],
        date_valeur_initiale=series.dates[start],
        cible=_target(indicateur, read[start], read[-1]),
        date_cible=dt.date(edition.annee + 1, 12, 31),
        date_arret=None if draw("arrêt", indicateur.id) < 0.25 else edition.end,
        date_reference=year_before.end,
    )


def _as_read(indicateur: Indicateur, series: Series) -> list[float]:
    """Return the series as the synthèse reads it: as it is, or summed since the start of the year."""
    if indicateur.lecture == "derniere_valeur":
        return list(series.publiee)
    so_far: dict[int, float] = {}
    read = []
    for day, value in zip(series.dates, series.publiee, strict=True):
        so_far[day.year] = so_far.get(day.year, 0.0) + value
        read.append(so_far[day.year])
    return read


def _first_comparable(indicateur: Indicateur, series: Series) -> int:
    """Return the rank of the first value, or of the first whole year where values are summed by year."""
    if indicateur.lecture == "derniere_valeur":
        return 0
    whole_years = (i for i, day in enumerate(series.dates) if day.month == 12 and day.year > series.dates[0].year)
    return next(whole_years, 0)


def _target(indicateur: Indicateur, initial: float, last: float) -> float:
    rises = indicateur.sens == "hausse"
    if is_count(indicateur) or indicateur.lecture == "cumul_annuel":
        return float(round(max(1.3 * initial + 1, 1.15 * last) if rises else 0.6 * initial))
    low, high = bounds(indicateur)
    way = 0.25 * (high - low)
    return round(min(initial + way, high) if rises else max(initial - way, low), 3)
