"""Great Expectations, opened on a warehouse for the time of a check: the only module that uses it.

Its context lives in memory: it leaves no file but the Data Docs that one asks for. How it is imported is in
`gx_import`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from barometre_pipeline.quality.gx_import import READ_ONLY, import_gx, no_rows_class
from barometre_pipeline.quality.rules import UnusableRuleError

# Data Docs show when a run took place; the edition says it, and the same input gives the same bytes.
RUN_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
RUN_NAME = "edition"


@dataclass(frozen=True)
class Found:
    """What one expectation found: the number of faulty rows, and those that were fetched."""

    count: int
    rows: tuple[dict[str, Any], ...]


Outcome = Found | UnusableRuleError


@contextmanager
def gx_session(warehouse: Path, docs: Path | None = None) -> Iterator[GxSession]:
    """Open Great Expectations on a DuckDB file, and let go of the file at the end."""
    session = GxSession(import_gx(), warehouse, docs)
    try:
        yield session
    finally:
        session.close()


class GxSession:
    """One ephemeral context, with the warehouse as its only source."""

    def __init__(self, gx: ModuleType, warehouse: Path, docs: Path | None) -> None:
        self._gx = gx
        self.context = gx.get_context(mode="ephemeral", project_config=_configuration(docs))
        self.source = self.context.data_sources.add_sql(
            "entrepot", connection_string=f"{READ_ONLY}:///{warehouse}", create_temp_table=False
        )

    def close(self) -> None:
        """Close both engines: with one left open, the file could not be written again in this process."""
        self.source.get_execution_engine().engine.dispose()
        self.source.get_engine().dispose()

    def rows_expectation(self, query: str, **about: Any) -> Any:
        """Return the expectation that a query gives no rows."""
        escaped = query.replace("{", "{{").replace("}", "}}").replace(":", r"\:").replace(r"\:\:", "::")
        return no_rows_class(self._gx)(unexpected_rows_query=escaped, **about)

    def expectation(self, type_: str, arguments: dict[str, Any], **about: Any) -> Any:
        """Return an expectation of a type of Great Expectations; UnusableRuleError where it is none."""
        name = "".join(word.capitalize() for word in type_.split("_"))
        made = getattr(self._gx.expectations, name, None)
        if made is None:
            raise UnusableRuleError(f"type: {type_} is not an expectation of Great Expectations {self._gx.__version__}")
        try:
            return made(**arguments, **about)
        except (TypeError, ValueError) as error:
            raise UnusableRuleError(f"{type_}: {' '.join(str(error).split())}") from None

    def validate(
        self, table: str, expectations: list[Any], index: list[str] | None = None
    ) -> list[Found | UnusableRuleError]:
        """Evaluate expectations on a table, in their order; with `index`, return every faulty row's index columns."""
        name = table if index is None else f"{table} {expectations[0].meta['regle']}"
        batch = self._batch(table)
        suite = self.context.suites.add(self._gx.ExpectationSuite(name=name, expectations=expectations))
        definition = self._gx.ValidationDefinition(name=name, data=batch, suite=suite)
        if index is None:
            definition = self.context.validation_definitions.add(definition)
        results = definition.run(run_id=self._run(), result_format=_result_format(index))
        if index is not None:
            self.context.suites.delete(name)  # the Data Docs show each rule once
        by_rule = {r.expectation_config.meta["regle"]: _found(r) for r in results.results}
        return [by_rule[e.meta["regle"]] for e in expectations]

    def build_docs(self) -> None:
        """Write the Data Docs of what was validated, where the session was told to."""
        self.context.build_data_docs()

    def _batch(self, table: str) -> Any:
        if table not in {asset.name for asset in self.source.assets}:
            asset = self.source.add_table_asset(table, table_name=table)
            return asset.add_batch_definition_whole_table("tout")
        return self.source.get_asset(table).get_batch_definition("tout")

    def _run(self) -> Any:
        return self._gx.core.run_identifier.RunIdentifier(run_name=RUN_NAME, run_time=RUN_TIME)


def _found(result: Any) -> Outcome:
    problem = _exception_message(result.exception_info or {})
    if problem:
        return UnusableRuleError(problem)
    if result.success:
        return Found(0, ())
    found = result.result
    if "details" in found and "unexpected_rows" in found["details"]:
        return Found(found["observed_value"], tuple(found["details"]["unexpected_rows"]))
    indexes = found.get("unexpected_index_list") or ()
    # An expectation on the table as a whole has no faulty rows: it counts as one.
    return Found(found.get("unexpected_count") or 1, tuple(indexes) or _observed(found))


def _observed(found: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    observed = found.get("observed_value")
    return ({"detail": f"valeur observée : {observed}"},) if observed is not None else ()


def _exception_message(info: dict[str, Any]) -> str | None:
    """Return why an expectation could not be evaluated: Great Expectations says it one by one or by metric."""
    told = [info] if "raised_exception" in info else [i for i in info.values() if isinstance(i, dict)]
    return next((" ".join(i["exception_message"].split()) for i in told if i.get("raised_exception")), None)


def _result_format(index: list[str] | None) -> dict[str, Any]:
    if index is None:
        return {"result_format": "BASIC", "partial_unexpected_count": 5}
    return {"result_format": "COMPLETE", "unexpected_index_column_names": index, "partial_unexpected_count": 5}


def _configuration(docs: Path | None) -> Any:
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs)},
    }
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={"site": site} if docs else {},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
