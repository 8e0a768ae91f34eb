"""The public schema: the tables and columns of `schema.yaml`, with the territorial levels of a catalogue.

It is read by `schema_file`, and held against the marts by `schema_checks`. Which files an edition has is in `layout`;
nothing here knows a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from barometre_pipeline.catalogue.levels import Maille
from barometre_pipeline.fields import Strict, Text
from barometre_pipeline.publish.tree.cells import TYPES
from barometre_pipeline.publish.tree.wording import heading_description

Frame = tuple[str, str | None]  # a table and one of its levels, None for a table that is published whole


def _known_type(name: str) -> str:
    if name not in TYPES:
        raise ValueError(f"the types are {', '.join(TYPES)}")
    return name


def _inside(path: str) -> str:
    if not path or path.startswith("/") or {"", ".", ".."} & set(path.split("/")):
        raise ValueError("a path within the publication is needed, as in avancement/avancement_secteurs.csv")
    return path


RelativePath = Annotated[str, AfterValidator(_inside)]


class Version(Strict):
    """A version of the public schema, the day from which it stands, and what it changed."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    date: dt.date
    changement: Text


class Column(Strict):
    """A published column. It holds `constante`, or the mart's column `source` (the one of the same name)."""

    nom: Text
    type: Annotated[str, AfterValidator(_known_type)]
    description: Text
    source: str = ""
    constante: str | None = None

    @property
    def mart_column(self) -> str:
        """Return the mart's column that it publishes."""
        return self.source or self.nom


class Table(Strict):
    """A published table: in files by level, sector and territory (`partition`), or whole in the file `chemin`.

    `ordre` are the mart's columns that order its rows, `rangement` is that in words. `parquet` asks for the same rows
    in a Parquet file beside it, `si_des_lignes` publishes it only where it has some.
    """

    titre: Text
    designation: str = ""
    description: Text
    partition: Literal["mailles"] | None = None
    chemin: RelativePath | None = None
    parquet: bool = False
    si_des_lignes: bool = False
    ordre: tuple[Text, ...] = Field(min_length=1)
    rangement: str = ""
    colonnes: tuple[Literal["territoire"] | Column, ...] = Field(min_length=1)  # the word: those of the level

    @model_validator(mode="after")
    def _one_way(self) -> Table:
        if (self.partition is None) == (self.chemin is None):
            raise ValueError("partition: mailles, or chemin (the one file that holds it whole), one of the two")
        if self.parquet and self.partition:
            raise ValueError("parquet: true is for a table that is published whole (chemin)")
        if self.si_des_lignes and self.partition:
            raise ValueError("si_des_lignes: true is for a table that is published whole (chemin)")
        return self

    def file(self, form: str) -> str:
        """Return the path of the one file that holds the table in this format, csv or parquet."""
        return (self.chemin or "").removesuffix("csv") + form

    @property
    def ordered_by(self) -> list[str]:
        """Return the headings of the columns that order its rows; [] where one of them is not published."""
        headings = {c.mart_column: c.nom for c in self.colonnes if isinstance(c, Column)}
        return [headings[name] for name in self.ordre] if set(self.ordre) <= set(headings) else []


class FileKind(Strict):
    """The path of a kind of file and, in a workbook, the names of its sheets."""

    chemin: Text
    description: Text
    feuille: str = ""

    @property
    def by_territory(self) -> bool:
        """Tell whether it is about the files of one territory each."""
        return "{territoires}" in self.chemin


@dataclass(frozen=True)
class Schema:
    """The whole public schema; its `versions`, the latest first; `place` says where in its file a path of keys is."""

    versions: tuple[Version, ...]
    changements_annonces: tuple[dict[str, str], ...]
    sheet_rows: int  # that a sheet has room for, below its header
    racine_secteur: str
    fichiers: dict[str, FileKind]
    tables: dict[str, Table]
    parquet: dict[str, Table]
    mailles: dict[str, Maille]
    place: Callable[..., str] = field(compare=False, repr=False)

    @property
    def version(self) -> str:
        """Return the version in force."""
        return self.versions[0].version

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Return each table with each of its levels, in the order of publication."""
        return tuple((t, m) for t, table in self.tables.items() for m in (self.mailles if table.partition else [None]))

    @property
    def by_level(self) -> tuple[str, ...]:
        """Return the tables that are published by level."""
        return tuple(name for name, table in self.tables.items() if table.partition)

    @property
    def whole(self) -> dict[str, Table]:
        """Return the tables that are published whole, in one file each."""
        return {name: table for name, table in self.tables.items() if not table.partition}

    def without(self, tables: Collection[str]) -> Schema:
        """Return the schema of a publication that has not these tables."""
        return replace(self, tables={name: table for name, table in self.tables.items() if name not in tables})

    def columns(self, table: str, maille: str | None) -> tuple[Column, ...]:
        """Return the columns of a table at a level, in the order of publication."""
        found: list[Column] = []
        for column in self.tables[table].colonnes:
            if isinstance(column, Column):
                found.append(column)
            elif maille is not None:
                found += level_columns(self.mailles[maille])
        return tuple(found)

    def header(self, table: str, maille: str | None) -> list[str]:
        """Return the headings of a table at a level."""
        return [c.nom for c in self.columns(table, maille)]


def level_columns(maille: Maille) -> list[Column]:
    """Return the published columns that say the territory, at a level."""
    own = maille.colonnes
    constants, sources = own.constante or {}, {own.code: "code", own.libelle: "libelle_territoire"}
    return [
        Column(
            nom=heading,
            type="texte",
            description=heading_description(maille, heading),
            source=sources.get(heading, ""),
            constante=constants.get(heading),
        )
        for heading in own.headings
    ]
