"""The Dagster step of stage 4: every expectation as a check of its table, the severe ones blocking.

What comes after depends on the checked tables: a blocking failure stops it, and the report is written in
any case.
"""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    MetadataValue,
    ResourceParam,
    multi_asset_check,
)

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import CheckError
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.facts import gather_facts
from barometre_pipeline.quality.judge import Judge
from barometre_pipeline.quality.report import rows_as_markdown, write_report
from barometre_pipeline.quality.results import RuleResult, blocking_sentences
from barometre_pipeline.quality.suites import Suite, read_suites
from barometre_pipeline.resources.atomic import discard, discard_leftovers, replace_folder
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.settings import Home, Settings

progress = logging.getLogger("barometre.check")


def build_checks(catalogue: Catalogue, suites: list[Suite] | None = None) -> AssetChecksDefinition:
    """Build the step that judges an edition, a check per expectation; CatalogueError where a suite is wrong."""
    suites = read_suites() if suites is None else suites

    @multi_asset_check(name="quality_gate", specs=list(_specs(suites)))
    def quality_gate(
        context: AssetCheckExecutionContext, settings: ResourceParam[Settings], judge: ResourceParam[Judge]
    ):
        edition = edition_of(context.op_execution_context.partition_key)
        with told_plainly():
            evaluation = check_edition(settings.home, catalogue, edition, suites, judge)
            index = settings.home.report(edition) / "index.html"
            for result in evaluation.results:
                yield _check_result(result, index)
            if evaluation.blocks:
                raise CheckError(f"{blocking_sentences(evaluation.results)}\nNothing is published. Report: {index}")

    return quality_gate


def check_edition(
    home: Home, catalogue: Catalogue, edition: Edition, suites: list[Suite], judge: Judge = evaluate
) -> Evaluation:
    """Judge the edition under way and write its report, whether it passes or not; return the verdict."""
    report = home.report(edition)
    fresh = report.with_name(f".{report.name}.nouveau")
    discard_leftovers(report)
    discard(fresh)
    fresh.mkdir(parents=True)
    warehouse = home.working_warehouse(edition)
    try:
        evaluation = judge(warehouse, suites, fresh / "data_docs")
        progress.info("%d rules", len(evaluation.results), extra={"done": len(suites), "total": len(suites)})
        write_report(fresh, gather_facts(warehouse, catalogue, evaluation), warehouse)
        replace_folder(fresh, report)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return evaluation


def _specs(suites: list[Suite]) -> Iterator[AssetCheckSpec]:
    for suite in suites:
        for attente in suite.attentes:
            yield AssetCheckSpec(
                name=attente.regle,
                asset=suite.table,
                description=f"{attente.pourquoi}\n\nPour : {attente.pour}",
                blocking=attente.severite == "bloquant",
            )


def _check_result(result: RuleResult, index: Path) -> AssetCheckResult:
    metadata = {"lignes": result.nombre, "rapport": MetadataValue.path(index)}
    if result.acceptees:
        metadata["acceptees"] = result.acceptees
    if result.erreur:
        metadata["erreur"] = result.erreur
    if result.lignes:
        metadata["exemples"] = MetadataValue.md(rows_as_markdown(result))
    return AssetCheckResult(
        asset_key=result.table,
        check_name=result.regle,
        passed=result.statut == "ok",
        # Only an error of a blocking check stops what follows.
        severity=AssetCheckSeverity.ERROR if result.severite == "bloquant" else AssetCheckSeverity.WARN,
        metadata=metadata,
    )
