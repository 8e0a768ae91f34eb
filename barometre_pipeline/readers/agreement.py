"""Whether the columns of a row that say its territory say the same one: its zone, its code, its name, its level.

The surest of them is what the row is read by (`territories`); a name that nobody knows says nothing against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.cells import Cell, Unusable
from barometre_pipeline.readers.cells import Problem, written
from barometre_pipeline.readers.place_names import plain_name
from barometre_pipeline.readers.territories import SAYING, Key, Place, TerritoryIndex, maille_reader

_ARTICLES = {"l", "le", "la", "les"}
_OF = {"d", "de", "du", "des"}
_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_WHOSE = {"zone": "le zone_id", "territoire": "le code", "libelle": "le nom"}
_WHICH = "un seul des deux est juste, ou `colonnes` n'en doit nommer qu'un (`valeurs_territoire` en traduirait un)"
_MOST = 3  # territories of the same name that are told

Translated = Callable[[str, Cell], Key | Problem | None]  # what the catalogue makes of a text, beside the level's cell


def contradiction_reader(
    livraison: Livraison, index: TerritoryIndex
) -> Callable[[Key, Place, Translated], Problem | None]:
    """Return what tells why two cells of a row say two territories; nothing where one column alone says it."""
    saying = [role for role in SAYING if role in livraison.colonnes]
    if len(saying) < 2 and not {"maille", "zone"} <= livraison.colonnes.keys():
        return lambda key, cells, translated: None
    agreement, read_maille = Agreement(index), maille_reader(livraison, index.levels)

    def contradiction(key: Key, cells: Place, translated: Translated) -> Problem | None:
        said = [(role, text) for role, cell in zip(SAYING, cells[1:], strict=True) if (text := _visible(cell))]
        if not said:
            return None
        (surest, first), *rest = said
        word = _visible(cells[0])
        maille = read_maille(word) if surest == "zone" and word else None
        if isinstance(maille, str) and (problem := agreement.wrong_level(key, first, maille, word)):
            return problem
        for role, text in rest:
            other = translated(text, cells[0])
            known = None if isinstance(other, Problem) else other
            if problem := agreement.problem(key, (surest, first), (role, text), known):
                return problem
        return None

    return contradiction


def _visible(cell: Cell) -> str:
    return "" if isinstance(cell, Unusable) else written(cell)


class Agreement:
    """What a catalogue's territories are called, compared as people write them: « L'Ain », « Département de l'Ain »."""

    def __init__(self, index: TerritoryIndex) -> None:
        self._index = index
        self._kinds = {plain_name(word) for m, label in index.levels.items() for word in (m, label)}
        self._named: dict[str, list[Key]] = defaultdict(list)
        for key, label in index.labels.items():
            self._named[self._compared(plain_name(label))].append(key)

    def problem(
        self, key: Key, surest: tuple[str, str], beside: tuple[str, str], translated: Key | None
    ) -> Problem | None:
        """Return why a cell contradicts the territory that a row is read by, None where it does not.

        `surest` is the role and the text of the cell that told the territory, `beside` those of the other one;
        `translated` is what the catalogue translates the latter to, where it does.
        """
        (told_by, said), (role, text) = surest, beside
        others = [translated] if translated else self._others(key, role, text)
        if not others or key in others:
            return None
        meant = " ou ".join(self._told(one) for one in others[:_MOST])
        reason = f"désigne {meant}, alors que {_WHOSE[told_by]} « {said} » de la même ligne désigne {self._told(key)}"
        return Problem("territoire_inconnu", role, text, f"{reason} ; {_WHICH}")

    def wrong_level(self, key: Key, said: str, maille: str, text: str) -> Problem | None:
        """Return why the level that a row says contradicts the territory of its zone."""
        if maille == key[0]:
            return None
        reason = f"est la maille « {self._index.levels[maille]} », alors que le zone_id « {said} » de la même ligne"
        return Problem("territoire_inconnu", "maille", text, f"{reason} désigne {self._told(key)}")

    def _others(self, key: Key, role: str, text: str) -> list[Key]:
        """Return the territories that a text stands for, none where nobody can say that it is not this one."""
        if role == "territoire" and (coded := self._index.by_code(key[0], text)):
            return [coded]
        found = [one for name in self._names(text) for one in self._named.get(name, ())]
        same_level = [one for one in found if one[0] == key[0]]
        if same_level or not found:
            return same_level
        # « Lyon » may be short for the Académie de Lyon, though a commune of the catalogue has that name whole.
        label = set(self._compared(plain_name(self._index.labels[key])).split())
        short = any(words <= label or label <= words for words in (set(name.split()) for name in self._names(text)))
        return [] if short else found

    def _names(self, text: str) -> Iterator[str]:
        """Yield a name as it is compared, then without the code before or after it: « Ain (01) », « 01 - Ain »."""
        plain = plain_name(text)
        yield self._compared(plain)
        first, _, after = plain.partition(" ")
        before, _, last = plain.rpartition(" ")
        for code, name in ((first, after), (last, before)):
            if name and any(self._index.by_code(maille, code) for maille in self._index.levels):
                yield self._compared(name)

    def _compared(self, plain: str) -> str:
        words = [_SHORT.get(word, word) for word in plain.split()]
        if words and words[0] in self._kinds:
            words = words[2:] if len(words) > 2 and words[1] in _OF else words[1:]
        return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)

    def _told(self, key: Key) -> str:
        return f"« {self._index.labels[key]} » ({self._index.levels[key[0]]} {key[1]})"
