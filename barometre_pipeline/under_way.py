"""The build under way of an edition: where a run of some assets works, and what it must be to take its place.

A run never changes the build in place. A run that reads the deliveries begins a new build; one that makes some tables
only goes on with the build under way that an earlier run left, or else with a copy of the last whole build. What holds
at every moment of it:

- a table that is there was made from the tables that are there: one that is made again takes away what reads it;
- its report is there only where every rule was evaluated on the tables as they are.

It takes the place of the last build by its files, and only where every table is there, the gate let it pass, and one
catalogue and one program made the whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dagster import AssetCheckExecutionContext, AssetExecutionContext, AssetKey

from barometre_pipeline.builds import recorded_engine, recorded_origin, sound_warehouse
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import BuildFolder, Home
from barometre_pipeline.package_files import code_identity
from barometre_pipeline.resources.atomic import discard, read_record, write_record
from barometre_pipeline.resources.duckdb_files import read_warehouse, row_counts
from barometre_pipeline.runs.shown import assets_of_run
from barometre_pipeline.unchanged import taken_as_it_is

FILES = AssetKey("fichiers")
READ = ("raw", "catalogue", "precedente")  # the schemas that the reading of the deliveries fills
SEVERAL = "plusieurs"  # in the place of a catalogue and a program: the build was not made by one


def begin(building: BuildFolder, catalogue: str, code: str | None = None, engine: str | None = None) -> None:
    """Note, in a build whose first tables are all there, with which catalogue and program (this one) they were made.

    `engine` is the one that ran its models, where they are there too.
    """
    made = {"catalogue": catalogue, "code": code or code_identity()}
    write_record(building.begun, {**made, **({"moteur": engine} if engine else {})})


def resume(home: Home, edition: Edition) -> None:
    """Have a build under way whose first tables are all there; BuildError says what to run where there is none."""
    building = home.building(edition)
    if building.begun.is_file() and building.warehouse.is_file():
        note_maker(building)
        return
    if not home.build(edition).root.is_dir():
        raise BuildError(
            f"{edition} has no table yet: materialize the raw tables first (the groups {', '.join(READ)}), which are "
            f"read from its stored deliveries, or run the whole edition: `barometre run {edition}`."
        )
    warehouse, origin = sound_warehouse(home, edition), recorded_origin(home, edition)
    discard(building.root)
    building.root.mkdir()
    shutil.copyfile(warehouse, building.warehouse)
    if origin:
        begin(building, origin.catalogue, origin.code, recorded_engine(home, edition))
    note_maker(building)


def note_maker(building: BuildFolder, catalogue: str | None = None) -> None:
    """Note, before some of a build under way is made, where that is with another program or catalogue than the rest.

    A part that depends on no `catalogue` gives none. What is noted stays, even where the file is put back as it was.
    """
    begun = read_record(building.begun)
    if begun and not _is_of(begun, catalogue or begun.get("catalogue")):
        write_record(building.begun, {**begun, **dict.fromkeys(("catalogue", "code"), SEVERAL)})


def note_engine(building: BuildFolder, engine: str, *, everything: bool) -> None:
    """Note, before models of a build under way are run (or `everything`), on which engine that is."""
    begun = read_record(building.begun)
    before = engine if everything else begun.get("moteur", engine)
    write_record(building.begun, {**begun, "moteur": engine if before == engine else SEVERAL})


def _is_of(begun: Mapping[str, Any], catalogue: str | None) -> bool:
    return (begun.get("catalogue"), begun.get("code")) == (catalogue, code_identity())


def refuse_missing(edition: Edition, tables: Iterable[str], there: Collection[str]) -> None:
    """Raise BuildError where one of these tables is not there, and say what to run."""
    if missing := [table for table in tables if table not in there]:
        told = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise BuildError(
            f"The build under way of {edition} lacks {told}: materialize them first, or run the whole edition: "
            f"`barometre run {edition}`."
        )


def refuse_unfinished(home: Home, edition: Edition, catalogue: str, tables: Iterable[str]) -> None:
    """Raise BuildError where the build under way may not take the place of the last one: it says why, what to run."""
    building, again = home.building(edition), f"run the whole edition: `barometre run {edition}`."
    with read_warehouse(building.warehouse) as connection:
        refuse_missing(edition, tables, row_counts(connection))
    verdict = read_record(building.facts).get("publiable")
    if verdict is None:
        raise BuildError(f"The tables of {edition} are not all checked: run every check with its files, or {again}")
    if not verdict:
        raise BuildError(
            f"The quality gate stopped {edition}, of which no file is written: see "
            f"{home.report(edition) / 'index.html'}, put it right, then {again}"
        )
    if not _is_of(read_record(building.begun), catalogue):
        raise BuildError(f"The catalogue or the program changed since the build of {edition} was begun: {again}")


def taken_by(
    context: AssetExecutionContext | AssetCheckExecutionContext, home: Home, edition: Edition
) -> Mapping[str, Any] | None:
    """Return what is told of a build that this run takes as it is, None where one is made.

    Only a run that reads the deliveries says so: a mark left by one that was killed is not this run's.
    """
    read = any(len(key.path) == 2 and key.path[0] in READ for key in assets_of_run(context))
    return taken_as_it_is(home, edition) if read else None
