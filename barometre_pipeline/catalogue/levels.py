"""The territorial levels (mailles) of a barometer, which `mailles.yaml` lists from the whole to the parts.

Levels make a tree, not always a chain: communes below départements, EPCI beside them. Which territories there are is in
`territoires.csv`; here is the shape of a level, and the rules that its list must follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from barometre_pipeline.documents.yaml_files import read_yaml
from barometre_pipeline.fields import Name, Strict, Text

DEFAULT_MAILLES = Path(__file__).with_name("mailles.yaml")

# Folders of the published tree that a level's files may not be mixed with (publication.md).
_TAKEN_FOLDERS = {"json", "secteur-action-publique", "reference", "avancement", "qualite", "engagements", "schema"}
_TAKEN_FOLDERS |= {"documentation", "site", "flux"}


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
    libelle: Text
    libelle_pluriel: Text
    parent: Name | None = None
    nom: Name
    colonnes: Colonnes
    territoires: Name | None = None
    territoire: Name | None = None
    a_la_racine: bool = True
    descriptions: dict[Text, Text] = Field(default_factory=dict)  # heading → a sentence for the published notice

    @model_validator(mode="after")
    def _files_by_territory(self) -> Maille:
        if (self.territoires is None) != (self.territoire is None):
            raise ValueError("territoires (a folder) and territoire (a word in file names) go together")
        if self.territoires in _TAKEN_FOLDERS:
            raise ValueError(f"territoires: the folder {self.territoires!r} of the publication holds other files")
        unknown = [heading for heading in self.descriptions if heading not in self.colonnes.headings]
        if unknown:
            raise ValueError(f"descriptions: {unknown[0]!r} is not a heading of colonnes")
        return self


@cache
def default_levels() -> tuple[Maille, ...]:
    """Return the three French levels, which hold where a catalogue has no mailles.yaml."""
    return tuple(Maille.model_validate(m) for m in read_yaml(DEFAULT_MAILLES, DEFAULT_MAILLES.name).data)


def with_known_descriptions(maille: Maille) -> Maille:
    """Return a level; where it is one of the default ones to the word, with the descriptions of its headings."""
    for known in default_levels():
        if not maille.descriptions and maille == known.model_copy(update={"descriptions": {}}):
            return known
    return maille


def level_problems(mailles: Sequence[Maille]) -> Iterator[tuple[Maille | None, str]]:
    """Yield what is wrong in a list of levels: (the level, None for the list; a sentence that begins with its key)."""
    roots = [m.id for m in mailles if m.parent is None]
    if len(roots) != 1:
        told = " and ".join(repr(r) for r in roots) or "none"
        yield None, f"parent: exactly one level has no parent, the whole; here: {told}."
    before: set[str] = set()
    known = {m.id for m in mailles}
    for m in mailles:
        if m.parent and m.parent not in known:
            yield m, f"parent: {m.parent!r} is not the id of a level; they are {', '.join(sorted(known))}."
        elif m.parent and m.parent not in before:
            yield m, f"parent: {m.parent!r} must come before it in the list, which goes from the whole to the parts."
        before.add(m.id)
    for key in ("id", "nom", "territoires"):
        yield from _twice(mailles, key)


def _twice(mailles: Sequence[Maille], key: str) -> Iterator[tuple[Maille, str]]:
    # They name files and folders, which some systems tell apart by more than their case.
    first: dict[str, str] = {}
    for m in mailles:
        name = getattr(m, key)
        if name is not None and name.lower() in first:
            yield m, f"{key}: {name!r} is already that of the level {first[name.lower()]!r}."
        elif name is not None:
            first[name.lower()] = m.id
