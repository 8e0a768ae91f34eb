"""The Dagster steps of stage 4: every expectation as a check of its table, then the report's page once it is published.

What comes after depends on the checked tables: a severe failure blocks it, and the report is written in any case. A run
of some checks only evaluates those, on the build under way, else on the one in place, changes neither and writes no
report; but where the edition's files are asked for too, every rule is evaluated. Once the edition is published the page
is made again, from the build's own facts and from the journal of its publication.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Set
from types import MappingProxyType
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    PartitionsDefinition,
    PreviewWarning,
    ResourceParam,
    UrlMetadataValue,
    asset,
    multi_asset_check,
)

from barometre_pipeline.builds import unchanged_build, whole_build
from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import StoppedError
from barometre_pipeline.home import Home
from barometre_pipeline.quality.alerts import keep_results
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.facts import gather_facts, publication_facts, results_of
from barometre_pipeline.quality.judge import Judge
from barometre_pipeline.quality.on_spark import judge_at
from barometre_pipeline.quality.report import as_page, rows_as_markdown, show_page, show_report, write_report
from barometre_pipeline.quality.results import RuleResult, blocking_sentences
from barometre_pipeline.quality.suites import Suite
from barometre_pipeline.quality.wording import Names
from barometre_pipeline.resources.atomic import discard, read_record
from barometre_pipeline.resources.duckdb_files import read_warehouse, row_counts
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.names import own_key
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.runs.shown import assets_of_run
from barometre_pipeline.settings import Settings
from barometre_pipeline.under_way import FILES, note_maker, refuse_missing, taken_by

progress = logging.getLogger("barometre.check")


def build_checks(
    catalogues: Catalogues, suites: list[Suite], editions: PartitionsDefinition[str]
) -> AssetChecksDefinition:
    """Build the step that judges an edition, a check per expectation; each edition keeps its verdicts."""
    with warnings.catch_warnings():
        # Of their partitions: the pin of Dagster says when to look again.
        warnings.simplefilter("ignore", PreviewWarning)
        specs = list(_specs(suites, editions))

    @multi_asset_check(name="quality_gate", specs=specs, can_subset=True)
    def quality_gate(
        context: AssetCheckExecutionContext, settings: ResourceParam[Settings], judge: ResourceParam[Judge]
    ) -> Iterator[AssetCheckResult]:
        edition, home = edition_of(context.run), settings.home
        asked = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
        judge = judge_at(settings, judge, edition)
        with told_plainly():
            catalogue, index = catalogues.of(edition), home.report(edition) / "index.html"
            link = report_link(settings, edition)
            taken, names = taken_by(context, home, edition), Names(catalogue)
            evaluation = None
            if taken:
                results = results_of(read_record(home.build(edition).facts))
            elif home.building(edition).warehouse.is_file() and (
                FILES in assets_of_run(context) or len(asked) == len(specs)
            ):
                evaluation = check_edition(home, catalogue, edition, suites, judge)
                results = list(evaluation.results)
            else:
                results = check_some(home, edition, suites, asked, judge)
            table = {suite.table: own_key(settings.nom, AssetKey(suite.table)) for suite in suites}
            yield from (
                _check_result(r, table[r.table], link, names, taken or {})
                for r in results
                if (r.table, r.rule) in asked
            )
            if evaluation and evaluation.blocks:
                raise StoppedError(f"{blocking_sentences(evaluation.results)}\nNothing is published. Report: {index}")

    return quality_gate


def check_some(
    home: Home, edition: Edition, suites: list[Suite], asked: Set[tuple[str, str]], judge: Judge
) -> list[RuleResult]:
    """Evaluate the rules asked for (table, rule) on the build under way, else on the one in place; change neither."""
    chosen = [
        suite.model_copy(update={"attentes": rules})
        for suite in suites
        if (rules := tuple(rule for rule in suite.attentes if (suite.table, rule.regle) in asked))
    ]
    building = home.building(edition)
    place = building if building.begun.is_file() else unchanged_build(home, edition).folder
    with read_warehouse(place.warehouse) as connection:
        refuse_missing(edition, [suite.table for suite in chosen], row_counts(connection))
    return list(judge(place.warehouse, chosen, None, None).results)


def check_edition(
    home: Home, catalogue: Catalogue, edition: Edition, suites: list[Suite], judge: Judge = evaluate
) -> Evaluation:
    """Judge the edition under way and write its report, whether it passes or not; return the verdict."""
    building = home.building(edition)
    with read_warehouse(building.warehouse) as connection:
        refuse_missing(edition, [suite.table for suite in suites], row_counts(connection))
    note_maker(building, catalogue.version)
    discard(building.report)
    building.report.mkdir(parents=True)
    evaluation = judge(building.warehouse, suites, building.report / "data_docs", None)
    keep_results(building.warehouse, evaluation.results, evaluation.alerts)
    progress.info("%d rules", len(evaluation.results), extra={"done": len(suites), "total": len(suites)})
    facts = gather_facts(building.warehouse, catalogue, evaluation)
    write_report(building.report, facts, building.warehouse, catalogue)
    show_report(building.report, home.report(edition))
    return evaluation


def _specs(suites: list[Suite], editions: PartitionsDefinition[str]) -> Iterator[AssetCheckSpec]:
    for suite in suites:
        for expectation in suite.attentes:
            yield AssetCheckSpec(
                name=expectation.regle,
                asset=suite.table,
                description=f"{expectation.pourquoi}\n\nPour : {expectation.pour}",
                blocking=expectation.severite == "bloquant",
                partitions_def=editions,
            )


def report_link(settings: Settings, edition: Edition) -> UrlMetadataValue:
    """Return where a click in the UI opens the report: where it is served, else its file on this machine."""
    if settings.rapports_lien:
        return MetadataValue.url(f"{settings.rapports_lien}/{edition}/index.html")
    return MetadataValue.url((settings.home.report(edition) / "index.html").as_uri())


def _check_result(
    result: RuleResult,
    table: AssetKey,
    link: UrlMetadataValue,
    names: Names,
    taken: Mapping[str, str] = MappingProxyType({}),
) -> AssetCheckResult:
    metadata: dict[str, Any] = {"lignes": result.count, "rapport": link, **taken}
    if result.accepted:
        metadata["acceptees"] = result.accepted
    if result.error:
        metadata["erreur"] = result.error
    if result.rows:
        metadata["exemples"] = MetadataValue.md(rows_as_markdown(result, names))
    return AssetCheckResult(
        asset_key=table,
        check_name=result.rule,
        passed=result.status == "ok",
        # Only an error of a blocking check stops what follows.
        severity=AssetCheckSeverity.ERROR if result.severity == "bloquant" else AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def build_published_report(published_by: tuple[str, ...]) -> AssetsDefinition:
    """Build the step that comes after these assets, by which an edition is published."""

    @asset(
        group_name="publication",
        deps=list(published_by),
        description="The page of the quality report, made again with what was published.",
    )
    def rapport(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult[None]:
        edition, home = edition_of(context.run), settings.home
        with told_plainly():
            build = whole_build(home, edition).folder
            published = publication_facts(read_record(build.journal), Secrets(*settings.secret_values))
            show_page(as_page(read_record(build.facts), published), home.report(edition))
        return MaterializeResult(metadata={"page": report_link(settings, edition)})

    return rapport
