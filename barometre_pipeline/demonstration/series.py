"""Fictitious series: plausible, smooth, drawn from the identifiers alone, so always the same.

Counts of territories add up to that of the territory above them; shares stay within their bounds. How they are shared
among deliveries and written is elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from barometre_pipeline.catalogue import Catalogue, Indicateur
from barometre_pipeline.demonstration.branches import Branches, Key, split
from barometre_pipeline.editions import Edition

_MONTHS_SHOWN = 36
_MONTHS = {"mois": 1, "trimestre": 3, "semestre": 6, "annee": 12, None: 3}
# Units whose territories do not add up: a mean, a delay.
_AVERAGE = re.compile(r"(mois|jours|minutes|moyenne|note|indice|taux)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Series:
    """One indicator in one territory: what is published, and what the source delivers for it."""

    dates: tuple[dt.date, ...]
    publiee: tuple[float, ...]
    livree: tuple[float, ...]


def draw(*parts: str) -> float:
    """Return a number of [0, 1) that depends on these texts only."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_count(indicateur: Indicateur) -> bool:
    """Tell whether the values of an indicator's territories add up."""
    return not (indicateur.bornes or indicateur.unite.startswith("%") or _AVERAGE.match(indicateur.unite))


def bounds(indicateur: Indicateur) -> tuple[float, float]:
    """Return the bounds of an indicator that is no count."""
    return indicateur.bornes or ((0.0, 100.0) if indicateur.unite.startswith("%") else (2.0, 12.0))


def period_ends(indicateur: Indicateur, catalogue: Catalogue, edition: Edition) -> tuple[dt.date, ...]:
    """Return the ends of the periods of about three years up to the edition's end."""
    step = _MONTHS[indicateur.periode]
    last = edition.annee * 12 + 3 * edition.trimestre
    months = [m for m in range(last - _MONTHS_SHOWN, last + 1) if m % step == 0]
    ends = (dt.date(m // 12, m % 12 + 1, 1) - dt.timedelta(days=1) for m in months)
    return tuple(day for day in ends if day >= catalogue.general.date_plancher)


@dataclass(frozen=True)
class Fiction:
    """The series of every indicator of a catalogue, up to an edition."""

    catalogue: Catalogue
    edition: Edition

    def series(self, indicateur: Indicateur) -> dict[Key, Series]:
        """Return the series of an indicator in each territory of its mailles."""
        dates = period_ends(indicateur, self.catalogue, self.edition)
        mailles = levels_of(indicateur, self.catalogue)
        curves = self._curves(indicateur, mailles, len(dates))
        return {key: _both_ways(indicateur, dates, curve) for key, curve in curves.items() if key[0] in mailles}

    def _curves(self, indicateur: Indicateur, mailles: set[str], length: int) -> dict[Key, list[float]]:
        branches = Branches(self.catalogue, mailles)
        drawn = _count if is_count(indicateur) else _share
        leaves = {key: branches.leaves(key) for maille in branches.trunk for key in branches.keys[maille]}
        lowest = {leaf for parts in leaves.values() for leaf in parts}
        raw = {leaf: list(drawn(indicateur, leaf, length)) for leaf in lowest}
        curves = {key: _together(indicateur, [(leaf, raw[leaf]) for leaf in parts]) for key, parts in leaves.items()}
        for sharing in branches.beside:
            for above, keys in sharing.items():
                curves |= _beside(indicateur, curves[above], keys)
        return curves


def levels_of(indicateur: Indicateur, catalogue: Catalogue) -> set[str]:
    """Return the levels in which an indicator is followed: its own, or all those that have territories."""
    followed = {t.maille for t in catalogue.territoires}
    return followed & set(indicateur.mailles) if indicateur.mailles else followed


def _beside(indicateur: Indicateur, above: list[float], keys: list[Key]) -> dict[Key, list[float]]:
    """Return the curves of territories that share out what the territory above them is worth."""
    if not is_count(indicateur):
        return {key: _together(indicateur, [(key, list(_share(indicateur, key, len(above))))]) for key in keys}
    weights = [_weight(key) for key in keys]
    columns = [split(total, weights) for total in above]
    return {key: [column[rank] for column in columns] for rank, key in enumerate(keys)}


def _count(indicateur: Indicateur, leaf: Key, length: int) -> Iterator[float]:
    step = _MONTHS[indicateur.periode] / 12
    size = 200 * 10 ** (1.5 * draw("taille", indicateur.id)) * _weight(leaf) * (0.8 + 0.4 * draw(indicateur.id, *leaf))
    yearly = 1.08 + 0.12 * draw("rythme", indicateur.id) if _rises(indicateur) else 0.96 - 0.05 * draw(indicateur.id)
    for k in range(length):
        wobble = 1 + 0.003 * (draw(indicateur.id, *leaf, str(k)) - 0.5)
        yield float(round(size * yearly ** (k * step) * wobble))


def _share(indicateur: Indicateur, leaf: Key, length: int) -> Iterator[float]:
    low, high = bounds(indicateur)
    start = 0.3 + 0.15 * draw("niveau", indicateur.id) + 0.05 * draw(indicateur.id, *leaf)
    for k in range(length):
        moved = 0.15 * k / max(length - 1, 1) + 0.01 * draw(indicateur.id, *leaf, str(k))
        level = start + moved if indicateur.sens == "hausse" else 1 - start - moved
        yield low + (high - low) * level


def _rises(indicateur: Indicateur) -> bool:
    return indicateur.sens == "hausse"


@cache
def _weight(leaf: Key) -> float:
    return 0.5 + 2 * draw("poids", *leaf)


def _together(indicateur: Indicateur, parts: list[tuple[Key, list[float]]]) -> list[float]:
    """Return what several territories make together: the sum of counts, the weighted mean of shares."""
    columns = zip(*(values for _, values in parts), strict=True)
    if is_count(indicateur):
        return [float(sum(column)) for column in columns]
    low, high = bounds(indicateur)
    weights = [_weight(leaf) for leaf, _ in parts]
    digits = 1 if high - low >= 20 else 3
    return [
        round(sum(w * v for w, v in zip(weights, column, strict=True)) / sum(weights), digits) for column in columns
    ]


def _both_ways(indicateur: Indicateur, dates: tuple[dt.date, ...], curve: list[float]) -> Series:
    """Return the published series and the delivered one, as `serie` and `multiplicateur` tie them."""
    groups = [day.year if indicateur.serie.endswith("annuel") else 0 for day in dates]
    if indicateur.serie.startswith("decumul"):
        published, delivered = curve, _summed(curve, groups)
    elif indicateur.serie.startswith("cumul") and is_count(indicateur):
        published, delivered = _summed(curve, groups), curve
    elif indicateur.serie.startswith("cumul"):
        published, delivered = curve, _differences(curve, groups)
    else:
        published = delivered = curve
    scaled = tuple(round(value / indicateur.multiplicateur, 10) for value in delivered)
    return Series(dates, tuple(published), scaled)


def _summed(values: list[float], groups: list[int]) -> list[float]:
    result: list[float] = []
    for _, members in itertools.groupby(zip(groups, values, strict=True), key=lambda pair: pair[0]):
        result += itertools.accumulate(value for _, value in members)
    return result


def _differences(values: list[float], groups: list[int]) -> list[float]:
    same_group = [False] + [a == b for a, b in itertools.pairwise(groups)]
    earlier = [0.0, *values[:-1]]
    return [v - e if same else v for v, e, same in zip(values, earlier, same_group, strict=True)]
