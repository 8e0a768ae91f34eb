"""The territorial levels (mailles) of a barometer, which `mailles.yaml` lists from the whole to the parts.

Levels make a tree, not always a chain: communes below départements, EPCI beside them. Which territories there are is in
`territoires.csv`; here is the shape of a level, and the rules that its list must follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from barometre_pipeline.documents.sentences import RefusedKeysError
from barometre_pipeline.documents.yaml_files import read_yaml
from barometre_pipeline.fields import FileWord, Label, Name, Strict, Text

DEFAULT_MAILLES = Path(__file__).with_name("mailles.yaml")

# What else is published at the root, or will be, and folders that a level's files may not be mixed with.
_TAKEN = {"json", "secteur-action-publique", "reference", "avancement", "qualite", "engagements", "schema", "editions"}
_TAKEN |= {"documentation", "site", "flux", "licence.md", "readme.md", "methode.md", "nouveautes.md", "revisions.csv"}
_TAKEN |= {"manifeste.json", "datapackage.json", "sha256sums", "licence", "license"}


def _free_folder(name: str) -> str:
    if name.lower() in _TAKEN:
        raise ValueError("the root of the publication has something else of this name")
    return name


class Colonnes(Strict):
    """The published headings of a level: those of `code` and `libelle`, or a constant (heading → text)."""

    code: Text | None = None
    libelle: Text | None = None
    constante: dict[Text, Text] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Colonnes:
        if self.constante and (self.code or self.libelle):
            raise ValueError("code and libelle (two headings), or constante: {heading: text}, one of the two")
        if not self.constante and not (self.code and self.libelle):
            raise ValueError("both code and libelle are needed (two headings), or constante: {heading: text}")
        if len({heading.lower() for heading in self.headings}) < len(self.headings):
            # DuckDB and many readers of tables do not tell them apart by their case.
            raise ValueError("two headings are the same, or differ only by their case")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings in the order in which they are published."""
        return tuple(self.constante) if self.constante else (self.code or "", self.libelle or "")


class Maille(Strict):
    """One level: what people call it, which level holds it, how its files and columns are named.

    `territoires` and `territoire` are the folder and the word of its files by territory; without them it has none.
    """

    id: Name
    libelle: Label
    libelle_pluriel: Label
    adjectif: Label | None = None  # « au niveau national »; without it, « au niveau « pays » »
    parent: Name | None = None
    nom: FileWord
    colonnes: Colonnes
    territoires: Annotated[FileWord, AfterValidator(_free_folder)] | None = None
    territoire: FileWord | None = None
    a_la_racine: bool = True
    descriptions: dict[Text, Text] = Field(default_factory=dict)  # heading → a sentence for the published notice

    @model_validator(mode="after")
    def _files_by_territory(self) -> Maille:
        wrong = []
        if (self.territoires is None) != (self.territoire is None):
            wrong.append("territoires (a folder) and territoire (a word in file names) go together")
        unknown = [heading for heading in self.descriptions if heading not in self.colonnes.headings]
        wrong += [f"descriptions: {heading!r} is not a heading of colonnes" for heading in unknown]
        if wrong:
            raise RefusedKeysError(wrong)
        return self


@cache
def default_levels() -> tuple[Maille, ...]:
    """Return the three French levels, which hold where a catalogue has no mailles.yaml."""
    return tuple(Maille.model_validate(m) for m in read_yaml(DEFAULT_MAILLES, DEFAULT_MAILLES.name).data)


def with_known_words(maille: Maille) -> Maille:
    """Return a level; where it is one of the default ones but for optional words, with theirs in place of none."""
    own = {"adjectif": maille.adjectif, "descriptions": maille.descriptions}
    known = next((one for one in default_levels() if maille == one.model_copy(update=own)), None)
    return known.model_copy(update={key: words for key, words in own.items() if words}) if known else maille


Written = Mapping[str, Any]  # a level as it is in its file, well written or not


def level_problems(levels: Sequence[Written]) -> Iterator[tuple[Written | None, str]]:
    """Yield what is wrong in a list of levels: (the level, None for the list; a sentence that begins with its key)."""
    roots = [level for level in levels if level.get("parent") is None]
    if len(roots) != 1:
        told = " and ".join(repr(level.get("id")) for level in roots) or "none"
        place = roots[1] if roots else next(iter(levels), None)
        yield place, f"parent: exactly one level has no parent, the whole; here: {told}."
    before: set[str] = set()
    known = {str(level.get("id")) for level in levels}
    for level in levels:
        parent = level.get("parent")
        if parent is not None and str(parent) not in known:
            yield level, f"parent: {parent!r} is not the id of a level; they are {', '.join(sorted(known))}."
        elif parent is not None and str(parent) not in before:
            yield level, f"parent: {parent!r} must come before it in the list, which goes from the whole to the parts."
        before.add(str(level.get("id")))
    for key in ("id", "nom", "territoires"):
        yield from _twice(levels, key)


def _twice(levels: Sequence[Written], key: str) -> Iterator[tuple[Written, str]]:
    # They name files and folders, which some systems tell apart by more than their case.
    first: dict[str, Any] = {}
    for level in levels:
        name = level.get(key)
        if isinstance(name, str) and name.lower() in first:
            yield level, f"{key}: {name!r} is already that of the level {first[name.lower()]!r}."
        elif isinstance(name, str):
            first[name.lower()] = level.get("id")
