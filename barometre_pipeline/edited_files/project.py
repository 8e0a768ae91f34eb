"""The SQL models and the expectation suites of the project, read and checked with its templates and public schema.

What a catalogue must be is said in `catalogue`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue, Maille, default_levels, load_catalogue
from barometre_pipeline.edited_files.checks import Columns, check_models, check_rules
from barometre_pipeline.edited_files.history import history_problems
from barometre_pipeline.errors import CatalogueError, EditedFileError
from barometre_pipeline.package_files import SQL_FOLDER, SUITES_FOLDER, code_identity, dependency_versions
from barometre_pipeline.publish.companions.method import TEMPLATES as METHOD_TEMPLATES
from barometre_pipeline.publish.companions.schemas import TEMPLATES as SCHEMA_TEMPLATES
from barometre_pipeline.publish.companions.tables import companion_models
from barometre_pipeline.publish.documentation.pages import TEMPLATES as DOCUMENTATION_TEMPLATES
from barometre_pipeline.publish.documentation.pdf import layout_problems
from barometre_pipeline.publish.site.rendering import TEMPLATES as SITE_TEMPLATES
from barometre_pipeline.publish.tree.notices import TEMPLATES as NOTICE_TEMPLATES
from barometre_pipeline.publish.tree.schema_checks import schema_problems
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.quality.alerts import TABLES as RESULTS
from barometre_pipeline.quality.report import TEMPLATES as REPORT_TEMPLATES
from barometre_pipeline.quality.suites import Suite, find_suites
from barometre_pipeline.resources.atomic import read_record, write_record
from barometre_pipeline.resources.duckdb_files import create_empty_table
from barometre_pipeline.sql_models import EXAMPLES_FOLDER, LAYERS, OF_AN_EDITION, OF_THE_HISTORY, SqlModel, find_models
from barometre_pipeline.stage import empty_warehouse
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.examples import find_examples
from barometre_pipeline.warehouse.tables import TABLES

_TEMPLATES = (
    REPORT_TEMPLATES,
    NOTICE_TEMPLATES,
    METHOD_TEMPLATES,
    SCHEMA_TEMPLATES,
    DOCUMENTATION_TEMPLATES,
    SITE_TEMPLATES,
)
_SOUND: dict[str, dict[str, Columns]] = {}  # by identity, the columns of what this process found to be sound
_HISTORY = f"{SQL_FOLDER.name}/{OF_THE_HISTORY[0]}/"


@dataclass(frozen=True)
class Project:
    """What the pipeline is built from: the models, each after those it reads; the suites, by table; the warehouse.

    `companions` are the models of what is published beside the marts; `columns` are those of the models' tables, with
    their types.
    """

    models: list[SqlModel]
    companions: list[SqlModel]
    suites: list[Suite]
    warehouse: Definition
    columns: Mapping[str, Columns]


def read_catalogue(folder: Path, sql: Path = SQL_FOLDER, expectations: Path = SUITES_FOLDER) -> Catalogue:
    """Read the catalogue of this folder; where it is wrong, tell what is wrong in the other files too, all at once."""
    return read_catalogues([folder], sql, expectations)[0]


def read_catalogues(
    folders: Sequence[Path], sql: Path = SQL_FOLDER, expectations: Path = SUITES_FOLDER
) -> list[Catalogue]:
    """Read the catalogues of these folders, as `read_catalogue` does one; of several, each problem names its folder."""
    found, problems = [], []
    for folder in folders:
        try:
            found.append(load_catalogue(folder))
        except CatalogueError as error:
            problems += [f"{folder}/{one}" for one in error.problems] if len(folders) > 1 else error.problems
    if not problems:
        return found
    try:
        read_project(default_levels(), sql, expectations)
    except EditedFileError as others:
        raise EditedFileError([*problems, *others.problems]) from None
    raise CatalogueError(problems)


def read_project(
    mailles: Sequence[Maille], sql: Path = SQL_FOLDER, expectations: Path = SUITES_FOLDER, sound: Path | None = None
) -> Project:
    """Read what people edit and check it whole; EditedFileError tells every problem at once, with file and line.

    `mailles` are the levels of the catalogue, which the public schema is read with. The same files, read by the same
    program, are not checked again in a process that found them sound, nor where `sound` is the file that remembers it.
    """
    everything, problems = find_models(sql, tuple(LAYERS))
    models = [m for m in everything if m.layer in OF_AN_EDITION]
    examples, ill_asked = find_examples(sql)
    files, ill_written = find_suites(expectations)
    identity = _identity(mailles, sql, expectations)
    of_the_history = {m.name: m for m in everything if m.layer in OF_THE_HISTORY}
    definition = Definition(tuple(models), of_the_history, tuple(examples))
    companions = companion_models(everything, _published())
    if columns := _columns_found(sound, identity, models):
        return Project(models, companions, [file.suite for file in files], definition, columns)
    written = {path.stem for path in sql.rglob("*.sql") if path.parent.name != EXAMPLES_FOLDER}
    with empty_warehouse() as connection:
        tables = check_models(connection, models, written - {m.name for m in models})
        unknown = written - tables.columns.keys()  # what reads them cannot be judged
        problems += tables.problems
        problems += ill_written
        for file in files:
            problems += check_rules(connection, file, tables.columns, unknown)
        for name, columns in RESULTS.items():
            create_empty_table(connection, name, columns)
        beside = check_models(connection, companions, unknown - {m.name for m in everything if m not in models})
        problems += [p for p in beside.problems if not p.startswith(_HISTORY)]  # those are told with the history
        unknown -= beside.columns.keys() - of_the_history.keys()
        problems += history_problems(connection, definition, [m.id for m in mailles], unknown - of_the_history.keys())
        problems += ill_asked
    marts = {m.name: tables.columns[m.name] for m in models if m.layer == "marts" and m.name in tables.columns}
    marts |= beside.columns
    problems += _schema_problems(mailles, marts, (unknown | {t.name for t in TABLES}) - marts.keys())
    for templates in _TEMPLATES:
        problems += templates.problems()
    problems += layout_problems()
    if problems:
        raise EditedFileError(problems)
    _remember(sound, identity, tables.columns)
    return Project(models, companions, [file.suite for file in files], definition, tables.columns)


def _identity(mailles: Sequence[Maille], sql: Path, expectations: Path) -> str:
    """Return the sha256 of all that the checks depend on."""
    digest = hashlib.sha256(repr((code_identity(), sorted(dependency_versions().items()), list(mailles))).encode())
    for path in sorted(one for folder in (sql, expectations) for one in folder.rglob("*") if one.is_file()):
        digest.update(f"{path}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _columns_found(sound: Path | None, identity: str, models: Sequence[SqlModel]) -> dict[str, Columns]:
    """Return the columns of every model's table that were found with these files; {} where they are not all there."""
    known = read_record(sound) if sound else {}
    columns: dict[str, Columns] = known.get("colonnes", {}) if known.get("identite") == identity else {}
    if {m.name for m in models} <= columns.keys():
        return columns
    if columns := _SOUND.get(identity, {}):
        _remember(sound, identity, columns)
    return columns


def _remember(sound: Path | None, identity: str, columns: Mapping[str, Columns]) -> None:
    """Keep what was found to be sound, for this process and in that file; a home that has nothing yet is left alone."""
    _SOUND[identity] = dict(columns)
    if sound and sound.parent.is_dir():
        with suppress(OSError):
            write_record(sound, {"identite": identity, "colonnes": _SOUND[identity]})


def _published() -> list[str]:
    """Return the tables that are published; none where the schema cannot be read, which is told elsewhere."""
    try:
        return list(public_schema(default_levels()).tables)
    except EditedFileError:
        return []


def _schema_problems(mailles: Sequence[Maille], marts: Mapping[str, Columns], unknown: set[str]) -> list[str]:
    """Return what is wrong in the public schema; nothing of the tables whose columns are unknown."""
    try:
        schema = public_schema(mailles)
    except EditedFileError as error:
        return error.problems
    published = schema.tables.keys() | schema.parquet.keys()
    return [] if published & unknown else schema_problems(schema, marts)
