"""Which delivery carries which indicator, in which mailles.

Constants and sheets of the catalogue tell for some; the other indicators are shared out among the deliveries
whose indicator is a column or a heading, always in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

from barometre_pipeline.catalogue import Catalogue, Indicateur, Livraison
from barometre_pipeline.demonstration.series import is_count, levels_of
from barometre_pipeline.demonstration.tables import finds
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.readers.territories import TerritoryIndex

Shares = dict[str, dict[str, set[str]]]  # delivery → indicator → mailles


class Carriers:
    """The deliveries of a catalogue, with the levels whose rows each can hold."""

    def __init__(self, catalogue: Catalogue, index: TerritoryIndex) -> None:
        self.catalogue = catalogue
        self.levels = {d.id: _carried_levels(d, catalogue, index) for d in catalogue.livraisons}

    def able(self, deliveries: Iterable[Livraison], indicator: str) -> set[str]:
        """Return the levels in which some of these deliveries can carry an indicator."""
        fits = (d for d in deliveries if indicator in (fixed_indicators(d) or [indicator]))
        return {level for d in fits for level in self.levels[d.id]}


def share_values(carriers: Carriers) -> Shares:
    """Share out the values, each indicator in the levels that its source has to give."""
    able = [d for d in carriers.catalogue.livraisons if d.contenu == "valeurs"]
    indicators = carriers.catalogue.indicateurs
    needs = {id_: _delivered_levels(i, carriers.catalogue, carriers.able(able, id_)) for id_, i in indicators.items()}
    return _share_out(able, needs, carriers)


def share_targets(carriers: Carriers) -> Shares:
    """Share out the objectives; initial values and targets may be in different deliveries."""
    catalogue = carriers.catalogue
    needs = {id_: levels_of(i, catalogue) for id_, i in catalogue.indicateurs.items()}
    shares: Shares = {}
    for role in ("valeur_initiale", "cible"):
        able = [d for d in catalogue.livraisons if d.contenu == "objectifs" and role in d.colonnes]
        for delivery, share in _share_out(able, needs, carriers).items():
            mine = shares.setdefault(delivery, {})
            for indicator, mailles in share.items():
                mine.setdefault(indicator, set()).update(mailles)
    return shares


def _delivered_levels(indicateur: Indicateur, catalogue: Catalogue, able: set[str]) -> set[str]:
    """Return the levels that a source has to give: where others follow, those with none of the indicator's below."""
    levels = levels_of(indicateur, catalogue) & able
    if not indicateur.agregation_territoriale:
        return levels
    if indicateur.agregation_territoriale == "somme" and not is_count(indicateur):
        return levels
    return levels - {above for level in levels for above in catalogue.levels_above(level)}


def _share_out(deliveries: list[Livraison], needs: dict[str, set[str]], carriers: Carriers) -> Shares:
    """Return what each delivery carries, so that each need (indicator, mailles) is met once.

    A delivery that is left with nothing repeats what another gives: a file without rows would be an error.
    """
    left = {indicator: set(mailles) for indicator, mailles in needs.items()}
    shares: Shares = {d.id: {} for d in deliveries}
    for d in deliveries:
        for indicator in fixed_indicators(d):
            _give(shares[d.id], left, indicator, carriers.levels[d.id])
    free = [d for d in deliveries if not fixed_indicators(d)]
    for indicator in left:
        while left[indicator] and (best := _best(free, shares, left[indicator], carriers)):
            _give(shares[best.id], left, indicator, carriers.levels[best.id])
    for d in deliveries:
        if not shares[d.id]:
            _repeat(shares[d.id], needs, fixed_indicators(d) or list(needs), carriers.levels[d.id])
    return shares


def _repeat(share: dict[str, set[str]], needs: dict[str, set[str]], indicators: list[str], mailles: set[str]) -> None:
    for indicator in indicators:
        if common := needs.get(indicator, set()) & mailles:
            share[indicator] = common
            return


def fixed_indicators(livraison: Livraison) -> list[str]:
    """Return the indicators that the catalogue ties to a delivery; none where a column or a heading tells them."""
    if "indicateur" in livraison.colonnes or livraison.entetes == "indicateur":
        return []
    if livraison.feuilles_indicateur:
        return list(dict.fromkeys(livraison.feuilles_indicateur.values()))
    return [livraison.indicateur] if livraison.indicateur else []


def _carried_levels(livraison: Livraison, catalogue: Catalogue, index: TerritoryIndex) -> set[str]:
    """Return the levels that a delivery may speak of, and most of whose territories (or some) it can name."""
    if livraison.feuilles:
        said = set(livraison.feuilles.values())
    elif livraison.maille and "zone" not in livraison.colonnes:
        said = {livraison.maille}
    else:
        said = set(livraison.valeurs_maille.values()) or {m.id for m in catalogue.mailles}
    shares = {}
    for level in said:
        found = [finds(livraison, t, index) for t in catalogue.territoires_of(level)]
        shares[level] = sum(found) / max(len(found), 1)
    return {level for level, share in shares.items() if share > 0.5} or {lv for lv, share in shares.items() if share}


def _give(share: dict[str, set[str]], left: dict[str, set[str]], indicator: str, mailles: set[str]) -> None:
    taken = left.get(indicator, set()) & mailles
    if taken:
        share.setdefault(indicator, set()).update(taken)
        left[indicator] -= taken


def _best(free: list[Livraison], shares: Shares, needed: set[str], carriers: Carriers) -> Livraison | None:
    """Return the delivery that carries most of the needed mailles; of several, the one with least to carry."""
    able = [d for d in free if carriers.levels[d.id] & needed]
    if not able:
        return None

    def rank(d: Livraison) -> tuple[int, int, str]:
        # Some formats are slow to write: they are given less.
        load = (len(shares[d.id]) + 1) * FORMATS[d.file_format].writing_cost
        return -len(carriers.levels[d.id] & needed), load, d.id

    return min(able, key=rank)
