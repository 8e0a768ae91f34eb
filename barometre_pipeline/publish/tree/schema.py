"""The public schema, read from `schema.yaml`: tables, columns, types, and the paths of files.

Which files an edition has is in `layout`; nothing here knows a catalogue or a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SCHEMA_FILE = Path(__file__).with_name("schema.yaml")
_TERRITORY = "territoire"  # stands, in a table's columns, for those of the maille


@dataclass(frozen=True)
class Column:
    """A published column; `type` is texte, nombre or date. It holds `constante`, or the mart's column `source`."""

    nom: str
    type: str
    description: str
    source: str = ""
    constante: str | None = None


@dataclass(frozen=True)
class Maille:
    """How a maille is named in the files; `territoires` (the folder of its files by territory) may be empty."""

    nom: str
    colonnes: tuple[Column, ...]
    territoires: str = ""
    territoire: str = ""
    a_la_racine: bool = False  # has files by territory at the main root too


@dataclass(frozen=True)
class Table:
    """A published table; its rows follow the catalogue's indicators, then the mart's columns `ordre`."""

    description: str
    ordre: tuple[str, ...]
    colonnes: tuple[Column | str, ...]


@dataclass(frozen=True)
class FileKind:
    """The path of a kind of file and, in a workbook, the names of its sheets."""

    chemin: str
    description: str
    feuille: str = ""


@dataclass(frozen=True)
class Schema:
    """The whole public schema."""

    version: str
    changements_annonces: tuple[dict[str, str], ...]
    racine_secteur: str
    fichiers: dict[str, FileKind]
    mailles: dict[str, Maille]
    tables: dict[str, Table]

    def columns(self, table: str, maille: str) -> tuple[Column, ...]:
        """Return the columns of a table at a maille, in the order of publication."""
        found: list[Column] = []
        for column in self.tables[table].colonnes:
            found += self.mailles[maille].colonnes if isinstance(column, str) else [column]
        return tuple(found)

    def header(self, table: str, maille: str) -> list[str]:
        """Return the headings of a table at a maille."""
        return [c.nom for c in self.columns(table, maille)]

    @property
    def frames(self) -> tuple[tuple[str, str], ...]:
        """Return each (table, maille), in the order of publication."""
        return tuple((t, m) for t in self.tables for m in self.mailles)


@cache
def public_schema() -> Schema:
    """Read the public schema of the package."""
    raw = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
    return Schema(
        version=raw["version"],
        changements_annonces=tuple(raw["changements_annonces"]),
        racine_secteur=raw["racine_secteur"],
        fichiers={k: FileKind(**v) for k, v in raw["fichiers"].items()},
        mailles={k: Maille(**{**v, "colonnes": _columns(v["colonnes"])}) for k, v in raw["mailles"].items()},
        tables={
            k: Table(v["description"], tuple(v["ordre"]), _columns(v["colonnes"])) for k, v in raw["tables"].items()
        },
    )


def _columns(raw: list[Any]) -> tuple[Any, ...]:
    return tuple(c if c == _TERRITORY else Column(**{"source": c["nom"], **c}) for c in raw)
