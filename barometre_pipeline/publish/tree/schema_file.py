"""Reads `schema.yaml` into the public schema of a barometer; each problem of its shape is told with its line.

What a schema is, is in `schema`; whether the marts have what it says is asked of `schema_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from barometre_pipeline.catalogue.levels import Maille
from barometre_pipeline.documents.sentences import refusals
from barometre_pipeline.documents.yaml_files import read_yaml
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.fields import Strict, Text
from barometre_pipeline.french import listed
from barometre_pipeline.publish.tree.schema import FileKind, Schema, Table, Version
from barometre_pipeline.publish.tree.wording import capitalized, files_by_territory

SCHEMA_FILE = Path(__file__).with_name("schema.yaml")


class _Change(Strict):
    edition: Text
    changement: Text


class _Files(Strict):
    csv: FileKind
    classeur: FileKind
    json_: FileKind = Field(alias="json")
    territoire_csv: FileKind
    territoire_classeur: FileKind


class _File(Strict):
    versions: tuple[Version, ...] = Field(min_length=1)
    changements_annonces: tuple[_Change, ...]
    lignes_par_feuille: int = Field(gt=1)
    racine_secteur: Text
    fichiers: _Files
    tables: dict[Text, Table] = Field(min_length=1)
    parquet: dict[Text, Table]


def public_schema(mailles: Sequence[Maille], file: Path = SCHEMA_FILE) -> Schema:
    """Read the public schema of a barometer with these levels; EditedFileError tells every problem of its shape."""
    document = read_yaml(file, file.name)
    place, problems = document.place(), list(document.problems)
    try:
        read = _File.model_validate(document.data)
    except ValidationError as error:
        problems += refusals(error, place, _File)
    if problems:  # raised here: pydantic's error would hold this module's frames until the interpreter ends
        raise EditedFileError(problems)
    kinds = {field.alias or name: getattr(read.fichiers, name) for name, field in _Files.model_fields.items()}
    return Schema(
        versions=read.versions,
        changements_annonces=tuple(c.model_dump() for c in read.changements_annonces),
        sheet_rows=read.lignes_par_feuille - 1,
        racine_secteur=read.racine_secteur,
        fichiers=_described_files(kinds, read.tables, mailles),
        tables=read.tables,
        parquet=read.parquet,
        mailles={m.id: m for m in mailles},
        place=place.at,
    )


def _described_files(
    kinds: dict[str, FileKind], tables: dict[str, Table], mailles: Sequence[Maille]
) -> dict[str, FileKind]:
    """Return the kinds of files that these levels have, the blanks of their descriptions filled."""
    by_territory = files_by_territory(mailles)
    named = [f"{t.designation or f'« {t.titre} »'} (`{name}`)" for name, t in tables.items() if t.partition]
    blanks = {"{tables}": capitalized(listed(named)) if named else "", "{fichiers_par_territoire}": by_territory}
    found = {}
    for name, kind in kinds.items():
        if kind.by_territory and not by_territory:
            continue
        description = kind.description
        for blank, text in blanks.items():
            description = description.replace(blank, text)
        found[name] = kind.model_copy(update={"description": description})
    return found
