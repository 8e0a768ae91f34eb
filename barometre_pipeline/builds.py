"""The record of a build: what it holds, to the byte, and what it was made from; so that one build is one unit.

A build (tables, Parquet, tree, report, verdict) is made aside and put in place whole. Its record tells whether what
is in place is still that build: nothing leaves without it. What happened afterwards is in the publication's journal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import BuildFolder, Home
from barometre_pipeline.resources.atomic import discard_leftovers, read_record, replace_folder, write_record
from barometre_pipeline.setting_rules import DUCKDB

SUMS = "SHA256SUMS"  # of a tree: the sha256 of each of its other files
MANIFEST = "manifeste.json"  # of a tree: where it comes from, for programs


def read_sums(text: str) -> dict[str, str]:
    """Return the sha256 of each path, as a SHA256SUMS tells them."""
    return {path: digest for digest, _, path in (line.partition("  ") for line in text.splitlines())}


class Origin(BaseModel):
    """What a build is made from: the sha256 of each delivered file (by delivery), of the catalogue and of the code.

    `comparee_a` is the tag of the publication whose values it was compared with, None where there was none, and
    `commit_compare` the commit that it names; `retards` are the deliveries whose files are of an earlier edition.
    `archive` tells whether the zip of all data files is in the tree.
    """

    model_config = ConfigDict(frozen=True)

    livraisons: dict[str, dict[str, str]]
    catalogue: str
    code: str
    comparee_a: str | None
    commit_compare: str | None = None
    retards: dict[str, str] = {}
    demonstration: bool = False
    archive: bool = True

    @property
    def identity(self) -> str:
        """Return the sha256 of the whole origin: two builds that have it hold the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class BuildRecord(BaseModel):
    """`construction.json`: the sha256 of each part, by its path in the build; its origin; when it was made (UTC).

    `moteur` is the engine that ran its models. It is no part of the origin: all engines give the same cells, so that a
    run takes the build that another one made.
    """

    model_config = ConfigDict(frozen=True)

    edition: str
    fait_le: datetime
    origine: Origin
    moteur: str = DUCKDB
    parties: dict[str, str]


@dataclass(frozen=True)
class Build:
    """A build in place, found to be whole."""

    folder: BuildFolder
    record: BuildRecord


def finish_build(home: Home, edition: Edition, origin: Origin) -> None:
    """Record the build under way, which passed the gate, and put it in the place of the edition's last one."""
    building, place = home.building(edition), home.build(edition)
    record = BuildRecord(
        edition=str(edition),
        fait_le=datetime.now(UTC).replace(microsecond=0),
        origine=origin,
        moteur=read_record(building.begun).get("moteur", DUCKDB),
        parties={path.relative_to(building.root).as_posix(): _sha256(path) for path in _parts(building)},
    )
    write_record(building.record, record.model_dump(mode="json"))
    building.begun.unlink(missing_ok=True)
    discard_leftovers(place.root)
    replace_folder(building.root, place.root)


def whole_build(home: Home, edition: Edition) -> Build:
    """Return the build in place; BuildError where it is missing, damaged or mixed, or the gate stopped a later one."""
    build = unchanged_build(home, edition)
    _refuse_later_report(home, build, edition)
    return build


def unchanged_build(home: Home, edition: Edition) -> Build:
    """Return the build in place, whatever runs came after it; BuildError where it is missing, damaged or mixed."""
    folder = home.build(edition)
    if not folder.root.is_dir():
        raise BuildError(f"{edition} is not built in {home.root}: first run `barometre run {edition}`.")
    record = _record(folder)
    if record is None:
        raise BuildError(
            f"{folder.root} has no readable {folder.record.name}: it is damaged, or was built by an earlier version of "
            f"the program. {_again(edition)}"
        )
    # Those that are there and not recorded too: a record that forgets a part would let it through.
    for name in sorted({path.relative_to(folder.root).as_posix() for path in _parts(folder)} | set(record.parties)):
        if _sha256(folder.root / name) != record.parties.get(name):
            raise BuildError(f"{folder.root / name} is missing, damaged, or of another build. {_again(edition)}")
    return Build(folder, record)


def sound_warehouse(home: Home, edition: Edition) -> Path:
    """Return the tables of the build in place; BuildError where they are missing or not those of its record."""
    folder = home.build(edition)
    record, name = _record(folder), folder.warehouse.relative_to(folder.root).as_posix()
    if record is None or _sha256(folder.warehouse) != record.parties.get(name):
        raise BuildError(f"{folder.warehouse} is missing, damaged, or of another build. {_again(edition)}")
    return folder.warehouse


def recorded_origin(home: Home, edition: Edition) -> Origin | None:
    """Return what the build in place says that it was made from, None where it says nothing that can be read."""
    record = _record(home.build(edition))
    return record.origine if record else None


def recorded_engine(home: Home, edition: Edition) -> str:
    """Return the engine that ran the models of the build in place."""
    record = _record(home.build(edition))
    return record.moteur if record else DUCKDB


def other_origin(build: Build, catalogue: str, code: str) -> str:
    """Say which of the catalogue and the code a build was made with differ from these; '' where none does."""
    made_of = build.record.origine
    pairs = (("the catalogue", made_of.catalogue, catalogue), ("the program", made_of.code, code))
    changed = " and ".join(name for name, then, now in pairs if then != now)
    made = f"{build.record.edition} was built on {build.record.fait_le:%d/%m/%Y}"
    return f"{changed} changed since {made}" if changed else ""


def refuse_other_origin(build: Build, edition: Edition, catalogue: str, code: str) -> None:
    """Refuse a build made with another catalogue or another code than these; BuildError says its date."""
    if changed := other_origin(build, catalogue, code):
        raise BuildError(
            f"{changed[0].upper()}{changed[1:]}. {_again(edition)} To publish it as it was built: "
            f"`barometre publish {edition} --as-is`."
        )


def _refuse_later_report(home: Home, build: Build, edition: Edition) -> None:
    """Hold that the report which people read is the build's: a later one tells of a run that did not end well."""
    shown = home.report(edition) / build.folder.facts.name
    if _sha256(shown) == _sha256(build.folder.facts):
        return
    if not shown.exists():
        raise BuildError(f"{shown} is missing: it says whether the last run of {edition} passed. {_again(edition)}")
    if read_record(shown).get("publiable") is False:
        raise BuildError(
            f"The last run of {edition} was stopped by the quality gate, so that nothing of it is published: "
            f"see {home.report(edition) / 'index.html'}, put it right, then run `barometre run {edition}`."
        )
    raise BuildError(f"The report in {home.report(edition)} is not that of the build in place. {_again(edition)}")


def _record(folder: BuildFolder) -> BuildRecord | None:
    try:
        return BuildRecord.model_validate(read_record(folder.record))
    except ValidationError:
        return None


def _parts(folder: BuildFolder) -> list[Path]:
    """Return the files that stand for the whole build: the tree's SHA256SUMS holds that of each of its files."""
    report = [folder.facts, folder.report / "rejets.csv"]
    return [folder.warehouse, folder.files / SUMS, *sorted(folder.parquet.glob("*.parquet")), *report]


def _again(edition: Edition) -> str:
    return f"Build it again from the stored files: `barometre run {edition} --from-snapshot`."


def _sha256(path: Path) -> str:
    """Return the sha256 of a file, '' where it is not there or cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
