"""Great Expectations, opened on a warehouse for the time of a check: the only module that touches it.

It is imported when a session opens and never before: that takes some seconds. Its analytics are off, and
its context lives in memory: it leaves no file but the Data Docs that one asks for.
"""

from __future__ import annotations

import datetime as dt
import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from barometre_pipeline.resources.duckdb_dialect import read_only_url
from barometre_pipeline.suites.queries import COUNT_COLUMN, UnusableRuleError

# Data Docs show when a run took place; the edition says it, and the same input gives the same bytes.
RUN_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
RUN_NAME = "edition"
# Imported by Great Expectations and used by nothing here: loaded at their first use, they cost no time.
_UNUSED = ("altair", "scipy.stats")


@dataclass(frozen=True)
class Found:
    """What one expectation found: the number of faulty rows, and those that were fetched."""

    count: int
    rows: tuple[dict[str, Any], ...]


Outcome = Found | UnusableRuleError


@contextmanager
def gx_session(warehouse: Path, docs: Path | None = None) -> Iterator[GxSession]:
    """Open Great Expectations on a DuckDB file, and let go of the file at the end."""
    session = GxSession(_import_gx(), warehouse, docs)
    try:
        yield session
    finally:
        session.close()


class GxSession:
    """One ephemeral context, with the warehouse as its only source."""

    def __init__(self, gx: ModuleType, warehouse: Path, docs: Path | None):
        self._gx = gx
        self.context = gx.get_context(mode="ephemeral", project_config=_configuration(docs))
        self.source = self.context.data_sources.add_sql(
            "entrepot", connection_string=read_only_url(warehouse), create_temp_table=False
        )

    def close(self) -> None:
        """Close both engines: with one left open, the file could not be written again in this process."""
        self.source.get_execution_engine().engine.dispose()
        self.source.get_engine().dispose()

    def rows_expectation(self, query: str, **about: Any):
        """Return the expectation that a query gives no rows."""
        escaped = query.replace("{", "{{").replace("}", "}}").replace(":", r"\:").replace(r"\:\:", "::")
        return _no_rows_class(self._gx)(unexpected_rows_query=escaped, **about)

    def expectation(self, type_: str, arguments: dict[str, Any], **about: Any):
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
        self, table: str, expectations: list, index: list[str] | None = None
    ) -> list[Found | UnusableRuleError]:
        """Evaluate expectations on a table, in their order; with `index`, return every faulty row's index columns."""
        name = table if index is None else f"{table} {expectations[0].meta['regle']}"
        batch = self._batch(table)
        suite = self.context.suites.add(self._gx.ExpectationSuite(name=name, expectations=expectations))
        definition = self._gx.ValidationDefinition(name=name, data=batch, suite=suite)
        if index is None:
            definition = self.context.validation_definitions.add(definition)
        results = definition.run(run_id=self._run(), result_format=_result_format(index))
        by_rule = {r.expectation_config.meta["regle"]: _found(r) for r in results.results}
        return [by_rule[e.meta["regle"]] for e in expectations]

    def build_docs(self) -> None:
        """Write the Data Docs of what was validated, where the session was told to."""
        self.context.build_data_docs()

    def _batch(self, table: str):
        if table not in {asset.name for asset in self.source.assets}:
            asset = self.source.add_table_asset(table, table_name=table)
            return asset.add_batch_definition_whole_table("tout")
        return self.source.get_asset(table).get_batch_definition("tout")

    def _run(self):
        return self._gx.core.run_identifier.RunIdentifier(run_name=RUN_NAME, run_time=RUN_TIME)


def _found(result) -> Outcome:
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


def _observed(found: dict) -> tuple[dict[str, Any], ...]:
    observed = found.get("observed_value")
    return ({"detail": f"valeur observée : {observed}"},) if observed is not None else ()


def _exception_message(info: dict) -> str | None:
    """Return why an expectation could not be evaluated: Great Expectations says it one by one or by metric."""
    told = [info] if "raised_exception" in info else [i for i in info.values() if isinstance(i, dict)]
    return next((" ".join(i["exception_message"].split()) for i in told if i.get("raised_exception")), None)


def _result_format(index: list[str] | None) -> dict[str, Any]:
    if index is None:
        return {"result_format": "BASIC", "partial_unexpected_count": 5}
    return {"result_format": "COMPLETE", "unexpected_index_column_names": index, "partial_unexpected_count": 5}


def _configuration(docs: Path | None):
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

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
        progress_bars={"globally": False},
    )


@cache
def _import_gx() -> ModuleType:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in _UNUSED:
        _load_at_first_use(name)
    import tqdm

    tqdm.tqdm.monitor_interval = 0  # else a thread of its own watches progress bars that nobody sees
    import great_expectations
    import great_expectations.core.run_identifier
    import great_expectations.expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


class _LoadedAtFirstUse(ModuleType):
    """Stands for a module until something of it is used, then gives its place to the real one.

    importlib's LazyLoader will not do: before Python 3.12, `import altair` alone makes it load.
    """

    def __getattr__(self, attribute: str):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        sys.modules.pop(self.__name__, None)
        return getattr(importlib.import_module(self.__name__), attribute)


def _load_at_first_use(name: str) -> None:
    if name in sys.modules:
        return
    sys.modules[name] = module = _LoadedAtFirstUse(name)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), child, module)


@cache
def _no_rows_class(gx: ModuleType) -> type:
    class ExpectNoRows(gx.expectations.UnexpectedRowsExpectation):
        """A query whose rows are the faulty ones, each with their whole number: one execution tells both."""

        metric_dependencies = ("unexpected_rows_query.table",)

        @gx.compatibility.pydantic.validator("unexpected_rows_query", allow_reuse=True)
        def _validate_query(cls, query):  # noqa: N805 - a class method for pydantic
            return query  # the original prints that a query should name {batch}: ours name their tables

        def _validate(self, metrics, runtime_configuration=None, execution_engine=None):
            rows = metrics["unexpected_rows_query.table"]
            count = rows[0][COUNT_COLUMN] if rows else 0
            return {"success": count == 0, "result": {"observed_value": count, "details": {"unexpected_rows": rows}}}

    return ExpectNoRows
