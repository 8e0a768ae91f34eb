"""Stage 3: the SQL models, one asset per file of dbt_like_sql/, run in one step.

The models themselves say everything about the numbers; here they are only put in order and run.
"""

import hashlib
import logging
import warnings
from collections.abc import Iterator

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
    multi_asset,
)

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, fault_of
from barometre_pipeline.errors import ModelError
from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.resources.duckdb_files import open_warehouse
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import SqlModel
from barometre_pipeline.unchanged import taken_as_it_is

progress = logging.getLogger("barometre.transform")


def run_models(connection: duckdb.DuckDBPyConnection, models: list[SqlModel]) -> Iterator[tuple[SqlModel, int]]:
    """Run the models in their order, each into the table of its name; yield it with its number of rows.

    ModelError where the data make one fail: a cast, an overflow.
    """
    for model in models:
        try:
            # On the line of the text's first one: DuckDB counts from there.
            connection.execute(f"create or replace table {model.name} as {model.sql}")
        except FAULTS_OF_THE_TEXT as error:
            fault = fault_of(error, model.sql)
            raise ModelError(f"{model.file}, line {fault.line}: {fault.what}.") from error
        ((rows,),) = connection.execute(f"select count(*) from {model.name}").fetchall()
        yield model, rows


def build_transform(models: list[SqlModel]) -> AssetsDefinition:
    """Build the step that runs every model, an asset each, grouped by layer."""
    with warnings.catch_warnings():
        # Of code references: the pin of Dagster says when to look again.
        warnings.simplefilter("ignore", BetaWarning)
        specs = [_spec(m) for m in models]

    @multi_asset(name="transform", specs=specs)
    def transform(
        context: AssetExecutionContext, settings: ResourceParam[Settings]
    ) -> Iterator[MaterializeResult[None]]:
        edition = edition_of(context.partition_key)
        with told_plainly():
            taken = taken_as_it_is(settings.home, edition)
        if taken:
            yield from (MaterializeResult(asset_key=model.name, metadata=taken) for model in models)
            return
        with told_plainly(), open_warehouse(settings.home.building(edition).warehouse) as connection:
            for done, (model, rows) in enumerate(run_models(connection, models), 1):
                progress.info(model.name, extra={"done": done, "total": len(models)})
                yield MaterializeResult(asset_key=model.name, metadata={"dagster/row_count": rows})

    return transform


def _spec(model: SqlModel) -> AssetSpec:
    return AssetSpec(
        key=model.name,
        description=model.description,
        group_name=model.layer,
        deps=[AssetKey(table.split(".")) for table in sorted(model.reads)],
        kinds={"duckdb", "sql"},
        # By which the UI tells the tables that were made with another text than today's.
        code_version=hashlib.sha256(model.sql.encode()).hexdigest()[:12],
        metadata=_text_of(model),
    )


def _text_of(model: SqlModel) -> dict[str, CodeReferencesMetadataValue]:
    """Return where the UI finds the text of a model."""
    file = str(SQL_FOLDER / model.layer / f"{model.name}.sql")
    reference = LocalFileCodeReference(file_path=file, line_number=1, label=model.file)
    return {"dagster/code_references": CodeReferencesMetadataValue(code_references=[reference])}
