"""Stage 3: the SQL models, one asset per file of dbt_like_sql/, run in one step: all of them, or those selected.

The models themselves say everything about the numbers; here they are only put in order and run. Some of them are made
in the build under way (see `under_way`), with what they read and is not there; what reads them and is not selected is
taken away, unless the edition's files are asked for too: then every table is made.
"""

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping

import duckdb
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    BetaWarning,
    CodeReferencesMetadataValue,
    LocalFileCodeReference,
    MaterializeResult,
    ResourceParam,
    TableSchema,
    multi_asset,
)

from barometre_pipeline.engines.spark.building import build_on_spark
from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.exchanges import exchange_to_fill
from barometre_pipeline.package_files import SQL_FOLDER, SUITES_FOLDER
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.resources.duckdb_files import open_warehouse, row_counts
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.runs.shown import assets_of_run, found_made, made
from barometre_pipeline.setting_rules import engine_name
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_lineage import read_lineage, text_identity
from barometre_pipeline.sql_models import SqlModel, column_comments, make_table
from barometre_pipeline.table_facts import CountsBefore, columns_shown, first_rows, key_of, lineage_shown, rows_version
from barometre_pipeline.under_way import FILES, note_engine, refuse_missing, resume, taken_by

progress = logging.getLogger("barometre.transform")


def run_models(connection: duckdb.DuckDBPyConnection, models: list[SqlModel]) -> Iterator[tuple[SqlModel, int]]:
    """Run the models in their order, each into the table of its name; yield it with its number of rows.

    ModelError where the data make one fail: a cast, an overflow.
    """
    for model in models:
        make_table(connection, model)
        ((rows,),) = connection.execute(f"select count(*) from {model.name}").fetchall()
        yield model, rows


def _run(
    engine: str,
    connection: duckdb.DuckDBPyConnection,
    models: list[SqlModel],
    columns: Mapping[str, Mapping[str, str]],
    exchange: Exchange | None,
) -> Iterator[tuple[SqlModel, int]]:
    if exchange is None:
        return run_models(connection, models)
    return build_on_spark(engine, connection, models, columns, exchange)


def build_transform(models: list[SqlModel], columns: Mapping[str, Mapping[str, str]]) -> AssetsDefinition:
    """Build the step that runs every model, an asset each, grouped by layer; `columns` are those of their tables."""
    lineage, comments = read_lineage(models), column_comments(models)
    with warnings.catch_warnings():
        # Of code references: the pin of Dagster says when to look again.
        warnings.simplefilter("ignore", BetaWarning)
        specs = [_spec(m, columns_shown(columns[m.name], comments[m.name])) for m in models]

    @multi_asset(name="transform", specs=specs, can_subset=True)
    def transform(
        context: AssetExecutionContext, settings: ResourceParam[Settings]
    ) -> Iterator[MaterializeResult[None]]:
        edition, home = edition_of(context.run), settings.home
        asked = {key.path[-1] for key in context.selected_asset_keys}
        with told_plainly():
            taken = taken_by(context, home, edition)
        if taken:
            yield from (found_made(context, AssetKey(m.name), taken) for m in models if m.name in asked)
            return
        with told_plainly():
            resume(home, edition)
            discard(home.building(edition).report)
            exchange = exchange_to_fill(settings, edition)
        before = CountsBefore.of(home, edition)
        with told_plainly(), open_warehouse(home.building(edition).warehouse) as connection:
            wanted = make_room(connection, models, asked, everything=FILES in assets_of_run(context))
            names = {m.name for m in wanted}
            note_engine(
                home.building(edition), engine_name(settings.engine), everything=names == {m.name for m in models}
            )
            refuse_missing(edition, sorted({r for m in wanted for r in m.reads} - names), row_counts(connection))
            for done, (model, rows) in enumerate(_run(settings.engine, connection, wanted, columns, exchange), 1):
                progress.info(model.name, extra={"done": done, "total": len(wanted)})
                if model.name in asked:
                    metadata = before.told(model.name, rows)
                    if model.name in lineage:
                        metadata["dagster/column_lineage"] = lineage_shown(lineage[model.name], settings.nom)
                    if model.layer == "marts":
                        metadata["premieres_lignes"] = first_rows(connection, model.name)
                    yield made(context, AssetKey(model.name), metadata, rows_version(connection, model.name))

    return transform


def make_room(
    connection: duckdb.DuckDBPyConnection, models: list[SqlModel], asked: Collection[str], *, everything: bool
) -> list[SqlModel]:
    """Take away the tables of the models asked for, and of what reads them; return the models to run, in order.

    Those are the models asked for, and what is not there of what they read; with `everything`, whatever is not there.
    """
    stale = set(asked)
    for model in models:  # each after those it reads
        if model.reads & stale:
            stale.add(model.name)
    for name in sorted(stale):
        connection.execute(f"drop table if exists {name}")
    there = set(row_counts(connection))
    wanted = {m.name for m in models} - there if everything else set(asked)
    for model in reversed(models):
        if model.name in wanted:
            wanted |= {m.name for m in models if m.name in model.reads} - there
    return [m for m in models if m.name in wanted]


def _spec(model: SqlModel, columns: TableSchema) -> AssetSpec:
    return AssetSpec(
        key=model.name,
        description=model.description,
        group_name=model.layer,
        deps=[key_of(table) for table in sorted(model.reads)],
        kinds={"duckdb", "sql"},
        # By which the UI tells the tables that were made with another text than today's.
        code_version=text_identity(model),
        metadata={"dagster/column_schema": columns, "dagster/code_references": _text_of(model)},
    )


def _text_of(model: SqlModel) -> CodeReferencesMetadataValue:
    """Return where the UI finds the text of a model, and the suite by which its table is checked."""
    texts = {model.file: SQL_FOLDER / model.layer / f"{model.name}.sql"}
    suite = SUITES_FOLDER / f"{model.name}.yml"
    if suite.is_file():
        texts[f"{SUITES_FOLDER.name}/{suite.name}"] = suite
    return CodeReferencesMetadataValue(
        code_references=[
            LocalFileCodeReference(file_path=str(file), line_number=1, label=name) for name, file in texts.items()
        ]
    )
