"""Which territory a row speaks of: by zone, by code that may have lost its zeros, or by name.

The territories are the catalogue's; a territory is always (maille, code), never the code alone.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable

from barometre_pipeline.catalogue import MAILLES, Catalogue, Livraison, Territoire
from barometre_pipeline.formats.sheets import Cell, text_of
from barometre_pipeline.readers.cells import Problem

_AS_FLOAT = re.compile(r"([0-9]+)\.0+")
_NOT_WORDS = re.compile(r"[\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_NAMES = {"nationale": "nationale", "regionale": "régionale", "departementale": "départementale"}

Key = tuple[str, str]


def plain_name(text: str) -> str:
    """Return a name without case, accents, hyphens, apostrophes and extra spaces, as names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORDS.sub(" ", letters).strip().casefold()


def _plain_code(text: str) -> str:
    return text.casefold().lstrip("0") or "0"


class TerritoryIndex:
    """The catalogue's territories, found by zone, code or name."""

    def __init__(self, territoires: Iterable[Territoire]):
        everything = tuple(territoires)
        self._zones = {t.zone_id: (t.maille, t.code) for t in everything if t.zone_id}
        self._any_case_zones = _unambiguous((z.casefold(), key) for z, key in self._zones.items())
        self._codes = {(t.maille, t.code): (t.maille, t.code) for t in everything}
        self._any_case = _unambiguous(((t.maille, t.code.casefold()), (t.maille, t.code)) for t in everything)
        self._no_zeros = _unambiguous(((t.maille, _plain_code(t.code)), (t.maille, t.code)) for t in everything)
        self._names = _unambiguous(((t.maille, plain_name(t.libelle)), (t.maille, t.code)) for t in everything)
        self._labels = {(t.maille, t.code): t.libelle for t in everything}
        self.nationals = tuple((t.maille, t.code) for t in everything if t.maille == "nationale")

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
        return self._names.get((maille, plain_name(text)))

    def closest_name(self, maille: str, text: str) -> str | None:
        """Return the label of the territory whose name looks most like this one."""
        names = {name: self._labels[key] for (m, name), key in self._names.items() if m == maille}
        near = difflib.get_close_matches(plain_name(text), sorted(names), n=1)
        return names[near[0]] if near else None


def _unambiguous(pairs: Iterable[tuple]) -> dict:
    """Return the keys that lead to one territory only."""
    found: dict = {}
    for key, territory in pairs:
        found[key] = territory if found.get(key, territory) == territory else None
    return {key: territory for key, territory in found.items() if territory}


def maille_reader(livraison: Livraison) -> Callable[[Cell], str | Problem]:
    """Return the reader of a delivery's own words for the mailles."""
    exact = {word.strip(): maille for word, maille in livraison.valeurs_maille.items()}
    loose = {m: m for m in MAILLES} | {plain_name(word): maille for word, maille in exact.items()}

    def read(cell: Cell) -> str | Problem:
        text = text_of(cell).strip()
        maille = exact.get(text) or loose.get(plain_name(text))
        known = ", ".join(f"« {word} »" for word in exact or MAILLES)
        reason = f"n'est pas une maille ; les mots attendus sont {known}"
        return maille or Problem("territoire_inconnu", "maille", text, reason)

    return read


def territory_reader(
    livraison: Livraison, catalogue: Catalogue, constant: str | None
) -> Callable[[tuple[Cell, Cell, Cell, Cell]], Key | Problem]:
    """Return the reader of (maille, zone, territoire, libelle) cells; `constant` is the maille that has no column."""
    index = TerritoryIndex(catalogue.territoires)
    read_maille = maille_reader(livraison)
    mapped = livraison.colonnes.keys()
    places = {"territoire", "libelle", "zone"} & mapped

    def read(cells: tuple[Cell, Cell, Cell, Cell]) -> Key | Problem:
        zone, code, name = (text_of(cell).strip() for cell in cells[1:])
        if zone:
            reason = "n'est pas un zone_id connu du catalogue"
            return index.by_zone(zone) or Problem("territoire_inconnu", "zone", zone, reason)
        maille = constant or ("maille" in mapped and read_maille(cells[0]))
        if isinstance(maille, Problem):
            return maille
        if maille and code:
            # Some files have names where their codes should be.
            return index.by_code(maille, code) or index.by_name(maille, code) or _unknown_code(index, maille, code)
        if maille and name:
            return index.by_name(maille, name) or _unknown_name(index, maille, name)
        if maille == "nationale" and len(index.nationals) == 1:
            return index.nationals[0]
        role = next((r for r in ("zone", "territoire", "libelle") if r in places), "maille")
        return Problem("territoire_inconnu", role, "", "est vide : un territoire est nécessaire")

    return read


def _unknown_code(index: TerritoryIndex, maille: str, code: str) -> Problem:
    reason = f"n'est pas un code de la maille {_NAMES[maille]}"
    elsewhere = next((m for m in MAILLES if m != maille and index.by_code(m, code)), None)
    if elsewhere:
        reason += f" (c'en est un de la maille {_NAMES[elsewhere]})"
    elif near := index.closest_name(maille, code):
        reason += f" ; le nom le plus proche est « {near} »"
    return Problem("territoire_inconnu", "territoire", code, reason)


def _unknown_name(index: TerritoryIndex, maille: str, name: str) -> Problem:
    reason = f"n'est pas un territoire de la maille {_NAMES[maille]}"
    if near := index.closest_name(maille, name):
        reason += f" ; le nom le plus proche est « {near} »"
    return Problem("territoire_inconnu", "libelle", name, reason)
