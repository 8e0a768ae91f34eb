"""The plan of an edition's tree: every data file, with the rows that it must hold.

The plan comes from the schema, the catalogue and the rows counted in the marts (`counting`); writing the files is in
`writing`, holding what was written against the plan is in `verification`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.counting import Part, counted
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.schema_file import public_schema

_LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class PlannedFile:
    """A file of the tree: its path, and its parts with their sheets' names ("" outside workbooks) and row counts."""

    path: str
    parts: tuple[tuple[str, Part, int], ...]

    @property
    def format(self) -> str:
        """Return csv, json, xlsx or parquet."""
        return self.path.rpartition(".")[2]

    @property
    def rows(self) -> int:
        """Return how many rows it holds, in all its sheets."""
        return sum(n for _, _, n in self.parts)


@dataclass(frozen=True)
class LeftOut:
    """The sheets (name, rows) that do not fit into a workbook; one that has no other is not `written`."""

    workbook: str
    sheets: tuple[tuple[str, int], ...]
    written: bool


@dataclass(frozen=True)
class Plan:
    """Every data file of an edition, in the order of its path, and the sheets that could not be."""

    files: tuple[PlannedFile, ...]
    left_out: tuple[LeftOut, ...]


def plan_files(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, schema: Schema) -> Plan:
    """Return the plan of the edition in these marts; PublicationError where rows have no file, or files one path."""
    found = sorted(_Files(catalogue, schema, counted(con, catalogue, schema)).all(), key=lambda f: f.path)
    for path, n in Counter(f.path for f in found).items():
        if n > 1:
            raise PublicationError(
                f"{path}: {n} files would have this path; give other names to a level (mailles.yaml: nom, territoires, "
                "territoire), to a sector (secteurs.csv: dossier, prefixe), or to the paths of schema.yaml."
            )
    fitting = [(f, _fitting(f, schema.sheet_rows)) for f in found]
    left_out = [
        LeftOut(f.path, tuple((name, n) for name, _, n in f.parts if n > schema.sheet_rows), bool(kept.parts))
        for f, kept in fitting
        if kept != f
    ]
    return Plan(tuple(kept for _, kept in fitting if kept.parts), tuple(left_out))


def _fitting(file: PlannedFile, most: int) -> PlannedFile:
    """Return a file without the sheets that a spreadsheet has no room for."""
    if file.format != "xlsx":
        return file
    return PlannedFile(file.path, tuple(part for part in file.parts if part[2] <= most))


def main_files(catalogue: Catalogue, schema: Schema, format_: str) -> list[PlannedFile]:
    """Return the files of all sectors in one format, rows not counted; CSV and Parquet: those of whole tables too."""
    files = _Files(catalogue, schema, {})
    match format_:
        case "csv":
            return [*files.by_level("csv", None), *files.whole("csv")]
        case "parquet":
            return list(files.whole("parquet"))
        case "json":
            return list(files.by_level("json", None))
        case _:
            return list(files.workbook(None))


def published_paths(catalogue: Catalogue, table: str) -> dict[str, str]:
    """Return the path of the whole CSV file of a table at each of the catalogue's levels."""
    files = main_files(catalogue, public_schema(catalogue.mailles), "csv")
    parts = {part: f.path for f in files for _, part, _ in f.parts}
    return {part.maille: path for part, path in parts.items() if part.table == table and part.maille}


def sheet_names(names: Iterable[str]) -> list[str]:
    """Return a name that spreadsheets accept for each of these: 31 characters, unique without case."""
    found: list[str] = []
    taken = {"history"}  # reserved by Excel
    for wanted in names:
        name, rank = wanted[:_LONGEST_SHEET_NAME], 2
        while name.lower() in taken:
            name, rank = f"{wanted[: _LONGEST_SHEET_NAME - 1 - len(str(rank))]}~{rank}", rank + 1
        taken.add(name.lower())
        found.append(name)
    return found


class _Files:
    """The files that a schema gives to a catalogue, whatever a sheet may hold."""

    def __init__(self, catalogue: Catalogue, schema: Schema, counts: Mapping[Part, int]) -> None:
        self.schema, self.counts = schema, counts
        self.prefix = catalogue.general.prefixe
        self.secteurs = {s.id: s for s in catalogue.secteurs}
        self.codes: dict[Part, list[str]] = defaultdict(list)
        for part in sorted((p for p in counts if p.code is not None), key=lambda p: p.code or ""):
            self.codes[Part(part.table, part.maille, part.secteur)].append(part.code or "")

    def all(self) -> Iterator[PlannedFile]:
        yield from self.whole("csv")
        yield from self.whole("parquet")
        yield from self.by_level("json", None)
        for secteur in (None, *self.secteurs):
            yield from self.by_level("csv", secteur)
            yield from self.workbook(secteur)
            yield from self._by_territory(secteur)

    def whole(self, form: str) -> Iterator[PlannedFile]:
        for name, table in self.schema.whole.items():
            if form == "csv" or table.parquet:
                yield PlannedFile(table.file(form), (("", Part(name), self.counts.get(Part(name), 0)),))

    def by_level(self, kind: str, secteur: str | None) -> Iterator[PlannedFile]:
        for part in self._parts(secteur):
            yield self._file(kind, secteur, [("", part)], **self._blanks(part))

    def workbook(self, secteur: str | None) -> Iterator[PlannedFile]:
        sheet = self.schema.fichiers["classeur"].feuille
        parts = [(sheet.format(**self._blanks(p)), p) for p in self._parts(secteur)]
        if parts:
            yield self._file("classeur", secteur, parts)

    def _by_territory(self, secteur: str | None) -> Iterator[PlannedFile]:
        for whole in self._parts(secteur):
            blanks = self._blanks(whole)
            parts = [(c, Part(whole.table, whole.maille, secteur, c)) for c in self.codes.get(whole, ())]
            for code, part in parts:
                yield self._file("territoire_csv", secteur, [("", part)], code=code, **blanks)
            if parts:
                sheet = self.schema.fichiers["territoire_classeur"].feuille
                named = [(sheet.format(code=code), part) for code, part in parts]
                yield self._file("territoire_classeur", secteur, named, **blanks)

    def _parts(self, secteur: str | None) -> list[Part]:
        return [Part(table, maille, secteur) for table, maille in self.schema.frames if maille]

    def _blanks(self, part: Part) -> dict[str, str]:
        maille = self.schema.mailles[part.maille or ""]
        named = {"territoires": maille.territoires or "", "territoire": maille.territoire or ""}
        return {"k": part.table, "m": maille.nom, **named}

    def _file(self, kind: str, secteur: str | None, parts: list[tuple[str, Part]], **blanks: str) -> PlannedFile:
        root, prefix = "", self.prefix
        if secteur:
            one = self.secteurs[secteur]
            root, prefix = self.schema.racine_secteur.format(dossier=one.dossier), f"{prefix}-{one.prefixe}"
        path = self.schema.fichiers[kind].chemin.format(racine=root, p=prefix, **blanks)
        names = sheet_names(name for name, _ in parts)
        counts = (self.counts.get(part, 0) for _, part in parts)
        return PlannedFile(path, tuple(zip(names, (part for _, part in parts), counts, strict=True)))
