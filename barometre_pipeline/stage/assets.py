"""The Dagster step of stage 2: the raw tables, an asset each.

Whatever tables are asked for, all are filled, from all the deliveries stored: a build begins with them. What they hold
is in `raw_tables`, what fills them in `loading` and `drift`.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from barometre_pipeline.builds import Build, Origin
from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.engines.spark.parquet import write_part
from barometre_pipeline.exchanges import exchange_to_stage, note_exchange
from barometre_pipeline.home import Home
from barometre_pipeline.resources.atomic import discard, discard_leftovers
from barometre_pipeline.resources.duckdb_files import open_warehouse, row_counts, sql_columns
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.offline import is_offline
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.runs.shown import assets_of_run, assets_of_step, found_made, made
from barometre_pipeline.settings import Settings
from barometre_pipeline.stage.drift import in_short, load_drift
from barometre_pipeline.stage.loading import load_catalogue_tables, load_previous, load_raw, read_received
from barometre_pipeline.stage.previous import previous_of
from barometre_pipeline.stage.published import Published, PublishedPaths, read_published
from barometre_pipeline.stage.raw_columns import raw_comments
from barometre_pipeline.stage.raw_tables import RAW_TABLES
from barometre_pipeline.table_facts import CountsBefore, columns_shown, key_of, rows_version
from barometre_pipeline.unchanged import nothing_since, present_origin, same_build, take_as_it_is, taken_as_it_is
from barometre_pipeline.under_way import FILES, begin

progress = logging.getLogger("barometre.stage")

# The previous edition as what it is, the depot: drawn in the graph, and made by no run of this one.
PREVIOUS_EDITION = AssetSpec(
    key="edition_precedente",
    description="The depot: the publication of the edition before, with which this one is compared.",
    group_name="precedente",
    kinds={"git"},
)

# What the UI is told of a table, and the version of its rows.
_Told = tuple[Mapping[str, Any], str | None]

_SCHEDULE = "dagster/schedule_name"  # the tag has no public name in Dagster
_NOTHING_NEW = "barometre/rien_de_nouveau_depuis"


def build_stage(catalogues: Catalogues, paths: PublishedPaths) -> AssetsDefinition:
    """Build the step that reads every delivery of an edition's catalogue into the raw tables.

    `paths` says where the tables of the edition before, which they are compared with, are in what was published.
    A run of the schedule for which nothing new was delivered makes nothing, here and in what comes after.
    """

    @multi_asset(name="stage", specs=list(_specs(catalogues)), can_subset=True)
    def stage(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> Iterator[MaterializeResult[None]]:
        edition, home = edition_of(context.run), settings.home
        with told_plainly():
            discard(home.building(edition).root)
            discard(home.spark(edition))
            discard_leftovers(home.building(edition).root)
            catalogue, previous = catalogues.of(edition), previous_of(settings, edition, is_offline(context.run))
            origin = present_origin(settings, edition, catalogue, previous.identity)
            if _stops_for_want_of_news(context, home, edition, origin):
                return
            # Without the files, whose step takes the mark away, the tables themselves are wanted.
            taken = _taken(home, edition, origin) if FILES in assets_of_run(context) else {}
            told = taken or _staged(settings, edition, catalogue, read_published(previous, catalogue, paths))
        for table, (metadata, version) in told.items():
            key = key_of(table)
            if key in assets_of_step(context):
                yield (found_made if taken else made)(context, key, metadata, version)

    return stage


def built_already(settings: Settings, edition: Edition, catalogue: Catalogue, offline: bool) -> Build | None:
    """Return the build in place, where it is what a run would make from the files that are stored now."""
    identity = previous_of(settings, edition, offline).identity
    origin = present_origin(settings, edition, catalogue, identity)
    return same_build(settings.home, edition, origin)


def _staged(settings: Settings, edition: Edition, catalogue: Catalogue, published: Published) -> dict[str, _Told]:
    """Fill the tables of the build under way; return what is told of each, and the version of its rows."""
    building, exchange = settings.home.building(edition), exchange_to_stage(settings, edition)
    with open_warehouse(building.warehouse) as connection:
        received = read_received(catalogue, settings.home.deliveries(edition), building.reading)
        load_raw(connection, received, published.receptions, partial(write_part, exchange) if exchange else None)
        load_catalogue_tables(connection, catalogue_tables(catalogue, edition, settings.sources is None))
        load_previous(connection, published)
        drift = load_drift(connection)
        there = row_counts(connection)
        versions = {table: rows_version(connection, table) for table in RAW_TABLES}
    begin(building, catalogue.version)
    note_exchange(building, exchange)
    before = CountsBefore.of(settings.home, edition)
    told: dict[str, Any] = {table: before.told(table, there[table]) for table in RAW_TABLES}
    told["raw.derives"]["derives"] = [in_short(change) for change in drift]
    return {table: (metadata, versions[table]) for table, metadata in told.items()}


def _taken(home: Home, edition: Edition, origin: Origin | None) -> dict[str, _Told]:
    """Take the build in place as it is where nothing is new; return what is told of each table, {} where it is not."""
    build = same_build(home, edition, origin)
    if build is None:
        return {}
    take_as_it_is(home, edition, build)
    progress.info("nothing new: the build of %s is taken as it is", build.record.fait_le.date())
    return dict.fromkeys(RAW_TABLES, (taken_as_it_is(home, edition) or {}, None))


def _stops_for_want_of_news(
    context: AssetExecutionContext, home: Home, edition: Edition, origin: Origin | None
) -> bool:
    """Tell, and say why, that a run of the schedule has nothing to make: what is delivered is the last edition's."""
    last = nothing_since(home, edition, origin) if origin and _SCHEDULE in context.run.tags else None
    if last:
        progress.info("nothing new since %s: every delivery is what it was made from; %s is not made", last, edition)
        context.instance.add_run_tags(context.run.run_id, {_NOTHING_NEW: str(last)})
    return last is not None


def _specs(catalogues: Catalogues) -> Iterator[AssetSpec]:
    # Not the deliveries that only some editions have: Dagster skips a step for want of anything that it depends on.
    received: list[AssetKey | AssetSpec] = [
        AssetKey("reception"),
        *(AssetKey(["livraisons", livraison.id]) for livraison in catalogues.everywhere),
    ]
    deps: dict[str, list[AssetKey | AssetSpec]] = {"raw": received, "precedente": [PREVIOUS_EDITION]}
    for table, about in RAW_TABLES.items():
        schema = table.split(".")[0]
        yield AssetSpec(
            key=key_of(table),
            skippable=True,
            description=about.description,
            group_name=schema,
            deps=deps.get(schema, []),
            kinds={"duckdb"},
            # By which the UI tells the tables that were filled with another catalogue than today's.
            code_version=catalogues.version,
            metadata={"dagster/column_schema": columns_shown(sql_columns(about.columns), raw_comments(table))},
        )
