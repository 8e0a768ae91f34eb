"""The file's own words for indicators and territories: what the catalogue translates, and what it does not follow.

What the catalogue ignores is ignored only where nothing else recognised it. Codes and names are in `territories`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.catalogue.words import Words, listed
from barometre_pipeline.formats.cells import Cell, Unusable, clean, text_of
from barometre_pipeline.readers.agreement import contradiction_reader
from barometre_pipeline.readers.cells import Problem, unusable, written
from barometre_pipeline.readers.territories import Key, Place, TerritoryIndex, territory_reader


class Ignored:
    """What a cell is that the catalogue knows, and does not follow."""


IGNORED = Ignored()
_UNKNOWN_INDICATOR = (
    "n'est pas un indicateur du catalogue ; `valeurs_indicateur` le traduirait, "
    "`ignorer: {indicateurs: […]}` dirait de ne pas le suivre"
)
_UNKNOWN_PLACE = " ; `valeurs_territoire` le traduirait, `ignorer: {territoires: […]}` dirait de ne pas le suivre"


def indicator_reader(livraison: Livraison, catalogue: Catalogue) -> Callable[[Cell], str | Problem | Ignored]:
    """Return the reader of the cells that name an indicator."""
    ours, ignored = Words(livraison.valeurs_indicateur), listed(livraison.ignorer.indicateurs)

    def read(cell: Cell) -> str | Problem | Ignored:
        if isinstance(cell, Unusable):
            return unusable(cell, "indicateur_hors_catalogue", "indicateur")
        said = clean(written(cell))
        name = ours.get(said) or said
        if name in catalogue.indicateurs:
            return name
        if ignored.get(said):
            return IGNORED
        reason = _UNKNOWN_INDICATOR if name else "est vide : un indicateur y est attendu"
        return Problem("indicateur_hors_catalogue", "indicateur", name, reason)

    return read


def place_reader(
    livraison: Livraison, index: TerritoryIndex, constant: str | None
) -> Callable[[Place], Key | Problem | Ignored]:
    """Return the reader of the cells of a place; `constant` is the level that has no column, where it is known."""
    read_place = territory_reader(livraison, index, constant)
    ours, ignored = Words(livraison.valeurs_territoire), listed(livraison.ignorer.territoires)
    contradiction = contradiction_reader(livraison, index)

    def translated(text: str, level: Cell) -> Key | Problem | None:
        maille, _, code = (ours.get(text) or "").rpartition("/")
        if not code:
            return None
        return index.by_code(maille, code) if maille else read_place((level, None, code, None))

    def read(cells: Place) -> Key | Problem | Ignored:
        level, *said = cells[0], *(text_of(cell).strip() for cell in cells[1:])
        filled = [text for text in said if text] or [""]
        key = (translated(filled[0], level) if ours else None) or read_place(cells)
        if not isinstance(key, Problem):
            return contradiction(key, cells, translated) or key
        for text in filled[1:]:
            if found := translated(text, level):
                return found
        if any(map(ignored.get, filled)):
            return IGNORED
        return key if key.role == "maille" or not key.content else replace(key, reason=key.reason + _UNKNOWN_PLACE)

    return read
