"""What changed of a figure since the edition before, in French."""

from __future__ import annotations

from collections.abc import Iterator

from barometre_pipeline.french import counted, day, number
from barometre_pipeline.publish.site.data import Figure


def changes(f: Figure) -> Iterator[str]:
    """Yield what changed of a figure since the edition before, its target first."""
    if f.cible_changee:
        before = number(float(f.cible_avant)) if f.cible_avant else None
        now = number(f.cible) if f.cible is not None else None
        if before and now:
            yield f"cible déplacée : {before} → {now}"
        else:
            yield f"cible fixée : {now}" if now else f"cible retirée (elle était de {before})"
    if f.echeance_avant:
        yield f"échéance déplacée : {day(f.echeance_avant)} → {day(f.date_cible)}"
    if f.depart_change:
        yield "départ changé"
    if f.revisees:
        yield counted(f.revisees, "valeur révisée", "valeurs révisées")
    if f.retirees:
        yield counted(f.retirees, "valeur retirée", "valeurs retirées")
    if f.ajoutees:
        yield counted(f.ajoutees, "nouvelle valeur", "nouvelles valeurs")
