"""Which territory a row speaks of: by zone, by code that may have lost its zeros, or by name.

The levels and territories are the catalogue's; a territory is always (maille, code), never the code alone. How names
are compared, and the closest one found, is in `place_names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.formats.cells import Cell, Unusable, is_empty
from barometre_pipeline.readers.cells import Problem, unusable, written
from barometre_pipeline.readers.place_names import NamesAlike, plain_name

_AS_FLOAT = re.compile(r"([0-9]+)\.0+")
_WHICH_KEY = "dire laquelle par `maille`, `colonnes.maille` (avec `valeurs_maille` pour ses mots) ou `feuilles`"
_WHICH_WORD = " ; `valeurs_maille` le traduirait, `filtre` ne garderait que les lignes des mailles suivies"
SAYING = ("zone", "territoire", "libelle")  # the roles that say which territory, the surest first

Key = tuple[str, str]  # maille, code
_Said = TypeVar("_Said", bound=Hashable)
_Meant = TypeVar("_Meant", bound=Hashable)
Place = tuple[Cell, Cell, Cell, Cell]  # the cells of the level, the zone, the code and the name


def _plain_code(text: str) -> str:
    return text.casefold().lstrip("0") or "0"


class TerritoryIndex:
    """A catalogue's levels and territories, found by zone, code or name: made once for all the deliveries of a run."""

    def __init__(self, catalogue: Catalogue) -> None:
        everything = catalogue.territoires
        self.levels = {m.id: m.libelle for m in catalogue.mailles}
        self.labels = {(t.maille, t.code): t.libelle for t in everything}
        self._zones = {t.zone_id: (t.maille, t.code) for t in everything if t.zone_id}
        self._any_case_zones = _unambiguous((z.casefold(), key) for z, key in self._zones.items())
        self._codes = {(t.maille, t.code): (t.maille, t.code) for t in everything}
        self._any_case = _unambiguous(((t.maille, t.code.casefold()), (t.maille, t.code)) for t in everything)
        self._no_zeros = _unambiguous(((t.maille, _plain_code(t.code)), (t.maille, t.code)) for t in everything)
        self._names = _unambiguous(((t.maille, plain_name(t.libelle)), (t.maille, t.code)) for t in everything)
        self._labels = {m: [t.libelle for t in catalogue.territoires_of(m)] for m in self.levels}
        self._alike: dict[str, NamesAlike] = {}
        self._only = {m: (m, labels[0].code) for m in self.levels if len(labels := catalogue.territoires_of(m)) == 1}

    def by_zone(self, text: str) -> Key | None:
        """Return the territory of a zone_id."""
        return self._zones.get(text) or self._any_case_zones.get(text.casefold())

    def by_code(self, maille: str, text: str) -> Key | None:
        """Return the territory of a code: exact, then in any case, then without its leading zeros."""
        as_float = _AS_FLOAT.fullmatch(text)
        code = as_float[1] if as_float else text
        return (
            self._codes.get((maille, code))
            or self._any_case.get((maille, code.casefold()))
            or self._no_zeros.get((maille, _plain_code(code)))
        )

    def by_name(self, maille: str, text: str) -> Key | None:
        """Return the territory of a name, compared without case, accents, hyphens and apostrophe shape."""
        name = plain_name(text)
        return self._names.get((maille, name)) or self._by_name_and_code(maille, name)

    def _by_name_and_code(self, maille: str, plain: str) -> Key | None:
        """Return the territory of a name beside its code, « 01 - Ain » or « Ain (01) », where both say the same one."""
        first, _, after = plain.partition(" ")
        before, _, last = plain.rpartition(" ")
        if (key := self._names.get((maille, after))) and key == self.by_code(maille, first):
            return key
        # Behind a name, a 1 without its zero may be the call of a note, or the first of its parts.
        key = self._names.get((maille, before))
        return key if key and key == self._any_case.get((maille, last)) else None

    def everywhere(self, text: str, by_code: bool = True) -> list[Key]:
        """Return the territories of every level that have this code; where none has (or not `by_code`), this name."""
        found = [key for m in self.levels if (key := self.by_code(m, text))] if by_code else []
        return found or [key for m in self.levels if (key := self.by_name(m, text))]

    def only_one(self, maille: str) -> Key | None:
        """Return the territory of a level that has one only."""
        return self._only.get(maille)

    def closest_name(self, maille: str, text: str) -> str | None:
        """Return the label of the territory of a level whose name looks most like this one."""
        if maille not in self._alike:
            self._alike[maille] = NamesAlike(self._labels[maille])
        return self._alike[maille].closest(text)


def _unambiguous(pairs: Iterable[tuple[_Said, _Meant]]) -> dict[_Said, _Meant]:
    """Return the keys that lead to one territory, or to one level, only."""
    found: dict[_Said, _Meant | None] = {}
    for key, meant in pairs:
        found[key] = meant if found.get(key, meant) == meant else None
    return {key: meant for key, meant in found.items() if meant}


def maille_reader(livraison: Livraison, levels: Iterable[str]) -> Callable[[Cell], str | Problem]:
    """Return the reader of the cells that say a level: in the delivery's own words, or by its id."""
    own = {word.strip(): maille for word, maille in livraison.valeurs_maille.items()}
    exact = {maille: maille for maille in levels} | own
    # What is left of « - » would be every word that has no letter, and the empty cell.
    loose = _unambiguous((plain, maille) for word, maille in exact.items() if (plain := plain_name(word)))
    known = ", ".join(f"« {word} »" for word in own or exact)

    def read(cell: Cell) -> str | Problem:
        if isinstance(cell, Unusable):
            return unusable(cell, "territoire_inconnu", "maille")
        text = written(cell)
        maille = exact.get(text) or loose.get(plain_name(text))
        reason = f"n'est pas une maille ; les mots attendus sont {known}{_WHICH_WORD}"
        if not text:
            reason = "est vide : une maille est nécessaire"
        return maille or Problem("territoire_inconnu", "maille", text, reason)

    return read


def territory_reader(
    livraison: Livraison, index: TerritoryIndex, constant: str | None
) -> Callable[[Place], Key | Problem]:
    """Return the reader of the cells of a place; `constant` is the level that has no column, where it is known."""
    read_maille = maille_reader(livraison, index.levels)
    has_column = "maille" in livraison.colonnes
    missing = next((r for r in SAYING if r in livraison.colonnes), "maille")

    def read(cells: Place) -> Key | Problem:
        said = next(((role, cell) for role, cell in zip(SAYING, cells[1:], strict=True) if not is_empty(cell)), None)
        if said and isinstance(said[1], Unusable):
            return unusable(said[1], "territoire_inconnu", said[0])
        zone, code, name = map(written, cells[1:])
        if zone:
            reason = "n'est pas un zone_id connu du catalogue"
            return index.by_zone(zone) or Problem("territoire_inconnu", "zone", zone, reason)
        maille = constant or (read_maille(cells[0]) if has_column else None)
        if isinstance(maille, Problem):
            return maille
        if not (code or name):
            only = index.only_one(maille) if maille else None
            return only or Problem("territoire_inconnu", missing, "", "est vide : un territoire est nécessaire")
        if maille is None:
            return _of_any_level(index, code, name)
        if code:
            # Some files have names where their codes should be.
            return index.by_code(maille, code) or index.by_name(maille, code) or _unknown_code(index, maille, code)
        return index.by_name(maille, name) or _unknown_name(index, maille, name)

    return read


def _of_any_level(index: TerritoryIndex, code: str, name: str) -> Key | Problem:
    """Return the only territory that has this code (or this name), whatever its level."""
    found = index.everywhere(code or name, by_code=bool(code))
    if len(found) == 1:
        return found[0]
    role = "territoire" if code else "libelle"
    if found:
        levels = " et ".join(f"« {index.levels[maille]} »" for maille, _ in found)
        return Problem("territoire_inconnu", role, code or name, f"est de plusieurs mailles ({levels}) : {_WHICH_KEY}")
    nearest = [near for m in index.levels if (near := index.closest_name(m, code or name))]
    what = "le code ou le nom" if code else "le nom"
    return Problem("territoire_inconnu", role, code or name, f"n'est {what} d'aucun territoire{_near(nearest)}")


def _unknown_code(index: TerritoryIndex, maille: str, code: str) -> Problem:
    reason = f"n'est pas un code de la maille « {index.levels[maille]} »"
    elsewhere = next((m for m in index.levels if m != maille and index.by_code(m, code)), None)
    if elsewhere:
        reason += f" (c'en est un de la maille « {index.levels[elsewhere]} »)"
    elif near := index.closest_name(maille, code):
        reason += _near([near])
    return Problem("territoire_inconnu", "territoire", code, reason)


def _unknown_name(index: TerritoryIndex, maille: str, name: str) -> Problem:
    near = index.closest_name(maille, name)
    reason = f"n'est pas un territoire de la maille « {index.levels[maille]} »{_near([near] if near else [])}"
    return Problem("territoire_inconnu", "libelle", name, reason)


def _near(names: list[str]) -> str:
    return f" ; le nom le plus proche est « {names[0]} »" if names else ""
