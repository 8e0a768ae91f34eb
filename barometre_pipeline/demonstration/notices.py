"""The words around the fictitious tables: titles above, a source below, and everywhere that nothing is real."""

from __future__ import annotations

from barometre_pipeline.catalogue import Livraison

NOTICE = "Données fictives, produites pour la démonstration : aucun de ces nombres n'est réel."


def around(livraison: Livraison) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows above the headings and below the table: none where the headings come first."""
    above = (livraison.ligne_entete or 1) - 1
    if not above:
        return [], []
    titles = [NOTICE] + [""] * (above - 1)
    return [[title] for title in titles], [[f"Source : {livraison.ministere}, données fictives"]]
