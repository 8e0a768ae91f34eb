"""The plan of an edition's tree: every data file, with the rows that it must hold.

The plan comes from the catalogue and from the rows counted in the marts; writing them is in `files`,
holding what was written against the plan is in `verification`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.schema import Schema, public_schema

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class Part:
    """Rows of a mart that a file or a sheet holds: those of a sector, of a territory, or all where None."""

    table: str
    maille: str
    secteur: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class PlannedFile:
    """A file of the tree: its path, and its parts with their sheets' names ("" outside workbooks) and row counts."""

    path: str
    parts: tuple[tuple[str, Part, int], ...]

    @property
    def format(self) -> str:
        """Return csv, json or xlsx."""
        return self.path.rpartition(".")[2]

    @property
    def rows(self) -> int:
        """Return how many rows it holds, in all its sheets."""
        return sum(n for _, _, n in self.parts)


def plan_files(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> list[PlannedFile]:
    """Return every data file of the edition in these marts, in the order of its path."""
    return sorted(_Plan(catalogue, _counted(con, catalogue)).files(), key=lambda f: f.path)


def main_files(catalogue: Catalogue, format_: str) -> list[str]:
    """Return the paths of the files of all sectors in one format: the six CSV or JSON, the workbook."""
    plan = _Plan(catalogue, {})
    wanted = {"csv": plan.tables, "json": plan.json, "xlsx": plan.data_workbook}[format_]
    return [f.path for f in wanted(None)]


def sheet_names(codes: list[str]) -> dict[str, str]:
    """Return a name that spreadsheets accept for each code: 31 characters, unique without case."""
    names: dict[str, str] = {}
    taken = {"history"}  # reserved by Excel
    for code in codes:
        name, rank = code[:_LONGEST_SHEET_NAME], 2
        while name.lower() in taken:
            name, rank = f"{code[: _LONGEST_SHEET_NAME - 1 - len(str(rank))]}~{rank}", rank + 1
        taken.add(name.lower())
        names[code] = name
    return names


def _counted(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> dict[Part, int]:
    """Count the rows of every part that has some."""
    schema = public_schema()
    known = {s.id for s in catalogue.secteurs}
    counts: dict[Part, int] = defaultdict(int)
    for table in schema.tables:
        rows = con.execute(f"select maille, secteur, code, count(*) from main.{table} group by all").fetchall()
        for maille, secteur, code, n in rows:
            if maille not in schema.mailles or secteur not in known or not _SAFE.fullmatch(code or ""):
                raise PublicationError(
                    f"{table}: {n} rows of the sector {secteur!r}, maille {maille!r}, territory {code!r} have no file: "
                    "the sector must be in secteurs.csv and the territory in territoires.csv."
                )
            for part in ((None, None), (secteur, None), (None, code), (secteur, code)):
                counts[Part(table, maille, *part)] += n
    return counts


class _Plan:
    def __init__(self, catalogue: Catalogue, counts: dict[Part, int]):
        self.schema: Schema = public_schema()
        self.prefix = catalogue.general.prefixe
        self.secteurs = {s.id: s for s in catalogue.secteurs}
        self.counts = counts
        self.codes: dict[Part, list[str]] = defaultdict(list)
        for part in sorted((p for p in counts if p.code is not None), key=lambda p: p.code or ""):
            self.codes[Part(part.table, part.maille, part.secteur)].append(part.code or "")

    def files(self) -> Iterator[PlannedFile]:
        yield from self.json(None)
        for secteur in (None, *self.secteurs):
            yield from self.tables(secteur)
            yield from self.data_workbook(secteur)
            yield from self._territories(secteur)

    def tables(self, secteur: str | None) -> Iterator[PlannedFile]:
        for part in self._whole(secteur):
            yield self._file("csv", secteur, [("", part)], **self._names(part))

    def json(self, secteur: str | None) -> Iterator[PlannedFile]:
        for part in self._whole(secteur):
            yield self._file("json", secteur, [("", part)], **self._names(part))

    def data_workbook(self, secteur: str | None) -> Iterator[PlannedFile]:
        sheet = self.schema.fichiers["classeur"].feuille
        parts = [(sheet.format(**self._names(p)), p) for p in self._whole(secteur)]
        yield self._file("classeur", secteur, parts)

    def _territories(self, secteur: str | None) -> Iterator[PlannedFile]:
        for whole in self._whole(secteur):
            maille = self.schema.mailles[whole.maille]
            codes = self.codes[whole]
            if not codes or not maille.territoires or not (secteur or maille.a_la_racine):
                continue
            names = {**self._names(whole), "territoires": maille.territoires, "territoire": maille.territoire}
            parts = {code: Part(whole.table, whole.maille, secteur, code) for code in codes}
            for code, part in parts.items():
                yield self._file("territoire_csv", secteur, [("", part)], code=code, **names)
            sheets = sheet_names(codes)
            yield self._file("territoire_classeur", secteur, [(sheets[c], p) for c, p in parts.items()], **names)

    def _whole(self, secteur: str | None) -> list[Part]:
        return [Part(table, maille, secteur) for table, maille in self.schema.frames]

    def _names(self, part: Part) -> dict[str, str]:
        return {"k": part.table, "m": self.schema.mailles[part.maille].nom}

    def _file(self, kind: str, secteur: str | None, parts: list[tuple[str, Part]], **names: str) -> PlannedFile:
        root, prefix = "", self.prefix
        if secteur:
            one = self.secteurs[secteur]
            root, prefix = self.schema.racine_secteur.format(dossier=one.dossier), f"{prefix}-{one.prefixe}"
        path = self.schema.fichiers[kind].chemin.format(racine=root, p=prefix, **names)
        return PlannedFile(path, tuple((sheet, part, self.counts.get(part, 0)) for sheet, part in parts))
