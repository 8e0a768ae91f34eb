"""What the colours of a map say: the class of each figure, by its rate or by its value, and each class in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from barometre_pipeline.french import NO_BREAK_SPACE, number
from barometre_pipeline.publish.site.display import Shown

# The classes of a rate, in %. That a target is met is its status: a rate is rounded, and 100 may be a bit less.
_BOUNDS = (25, 50, 75)
_MET = f"c{len(_BOUNDS) + 1}"
_NONE = "cx"
_GROUPS = 5


@dataclass(frozen=True)
class Scale:
    """What is shown, the class of a figure, what its shape says, each class in words, and how they were made."""

    titre: str
    classe: Callable[[Shown], str]
    dit: Callable[[Shown], str]
    legende: Sequence[tuple[str, str]]
    note: str = ""


def _rated(shown: Shown) -> str:
    rate = shown.chiffre.pourcentage_cible
    if shown.chiffre.statut == "atteint":
        return _MET
    return _NONE if rate is None else f"c{sum(rate >= bound for bound in _BOUNDS)}"


BY_RATE = Scale(
    "Chemin parcouru vers la cible",
    _rated,
    lambda shown: f"{shown.taux}, {shown.mot}" if shown.taux else shown.mot,
    (
        ("c0", f"moins de 25{NO_BREAK_SPACE}% du chemin"),
        ("c1", f"de 25 à 49{NO_BREAK_SPACE}%"),
        ("c2", f"de 50 à 74{NO_BREAK_SPACE}%"),
        ("c3", f"75{NO_BREAK_SPACE}% et plus, cible non atteinte"),
        (_MET, "cible atteinte"),
        (_NONE, "sans taux"),
    ),
)


def by_value(shown: Sequence[Shown], unit: str) -> Scale | None:
    """Return the scale of figures that have no rate: five groups of as many, by value; None where all are alike."""
    values = sorted(v for s in shown if (v := s.chiffre.valeur_actuelle) is not None and math.isfinite(v))
    # Where many have the same value, two bounds are one: there are fewer groups.
    bounds = sorted({values[len(values) * n // _GROUPS] for n in range(1, _GROUPS)} - {values[0]}) if values else []
    if not bounds:
        return None

    def rank(value: float) -> int:
        return sum(value >= bound for bound in bounds)

    def classe(one: Shown) -> str:
        value = one.chiffre.valeur_actuelle
        return _NONE if value is None or not math.isfinite(value) else _colour(rank(value), len(bounds))

    groups = [[v for v in values if rank(v) == n] for n in range(len(bounds) + 1)]
    words = [(_colour(n, len(bounds)), _between(group[0], group[-1])) for n, group in enumerate(groups)]
    return Scale(
        f"Valeur actuelle ({unit})",
        classe,
        lambda one: one.valeur,
        (*words, (_NONE, "sans valeur")),
        f"Faute de taux à cette échelle, les territoires sont rangés par valeur en {len(groups)} groupes, "
        "aussi égaux que leurs valeurs le permettent.",
    )


def _colour(rank: int, last: int) -> str:
    """Return the class of a group, the lightest for the first and the darkest for the last."""
    return f"c{round(rank * (_GROUPS - 1) / last)}"


def _between(low: float, high: float) -> str:
    return number(low) if low == high else f"de {number(low)} à {number(high)}"
