"""Which delivery carries which indicator, in which mailles.

Constants and sheets of the catalogue tell for some; the other indicators are shared out among the deliveries
whose indicator is a column or a heading, always in the same way.
"""

from __future__ import annotations

from barometre_pipeline.catalogue import MAILLES, Livraison

# Writers of these formats are slow: they are given less.
_COST = {"ods": 4, "xls": 4}

Shares = dict[str, dict[str, set[str]]]  # delivery → indicator → mailles


def share_out(deliveries: list[Livraison], needs: dict[str, set[str]]) -> Shares:
    """Return what each delivery carries, so that each need (indicator, mailles) is met once.

    A delivery that is left with nothing repeats what another gives: a file without rows would be an error.
    """
    left = {indicator: set(mailles) for indicator, mailles in needs.items()}
    shares: Shares = {d.id: {} for d in deliveries}
    for d in deliveries:
        for indicator in fixed_indicators(d):
            _give(shares[d.id], left, indicator, carried_mailles(d))
    free = [d for d in deliveries if not fixed_indicators(d)]
    for indicator in left:
        while left[indicator] and (best := _best(free, shares, left[indicator])):
            _give(shares[best.id], left, indicator, carried_mailles(best))
    for d in deliveries:
        if not shares[d.id]:
            _repeat(shares[d.id], needs, fixed_indicators(d) or list(needs), carried_mailles(d))
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


def carried_mailles(livraison: Livraison) -> set[str]:
    """Return the mailles whose rows a delivery can hold."""
    if livraison.feuilles:
        return set(livraison.feuilles.values())
    if not {"territoire", "libelle", "zone"} & livraison.colonnes.keys():
        return {"nationale"}
    if livraison.maille and "zone" not in livraison.colonnes:
        return {livraison.maille}
    return set(livraison.valeurs_maille.values()) or set(MAILLES)


def _give(share: dict[str, set[str]], left: dict[str, set[str]], indicator: str, mailles: set[str]) -> None:
    taken = left.get(indicator, set()) & mailles
    if taken:
        share.setdefault(indicator, set()).update(taken)
        left[indicator] -= taken


def _best(free: list[Livraison], shares: Shares, needed: set[str]) -> Livraison | None:
    """Return the delivery that carries most of the needed mailles; of several, the one with least to carry."""
    able = [d for d in free if carried_mailles(d) & needed]
    if not able:
        return None

    def rank(d: Livraison) -> tuple:
        load = (len(shares[d.id]) + 1) * _COST.get(d.file_format, 1)
        return -len(carried_mailles(d) & needed), load, d.id

    return min(able, key=rank)
