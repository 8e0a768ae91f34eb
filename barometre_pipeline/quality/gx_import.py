"""How Great Expectations is imported: late, lightly, with its analytics off.

It takes some seconds, so nothing imports it until a rule is evaluated. What is done with it is in `gx_session`.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from barometre_pipeline.quality.rules import COUNT_COLUMN

# Imported by Great Expectations and used by nothing here: loaded at their first use, they cost no time.
_UNUSED = ("altair", "scipy.stats")
_OPTIONAL = ("pyspark",)  # imported where it is installed, and done without elsewhere
READ_ONLY = "duckdb+barometre"  # how the address of a DuckDB file begins for SQLAlchemy
_DIALECT = "barometre_pipeline.quality.duckdb_dialect"


@cache
def import_gx() -> ModuleType:
    """Import Great Expectations, once per process."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in _UNUSED:
        _load_at_first_use(name)
    import tqdm

    tqdm.tqdm.monitor_interval = 0  # else a thread of its own watches progress bars that nobody sees
    with _hidden(_OPTIONAL):
        import great_expectations
        import great_expectations.core.run_identifier
        import great_expectations.expectations
    from sqlalchemy.dialects import registry

    registry.register(READ_ONLY.replace("+", "."), _DIALECT, "ReadOnlyDuckDB")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


@contextmanager
def _hidden(names: Sequence[str]) -> Iterator[None]:
    """Have modules that are not imported yet seem not to be installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how Python is told so
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


class _LoadedAtFirstUse(ModuleType):
    """Stands for a module until something of it is used, then gives its place to the real one.

    importlib's LazyLoader will not do: before Python 3.12, `import altair` alone makes it load.
    """

    def __getattr__(self, attribute: str) -> Any:
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


def refused_arguments(type_: str, arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the arguments that Great Expectations does not take for a type, each with the reason, in its words."""
    gx = import_gx()
    made = getattr(gx.expectations, "".join(word.capitalize() for word in type_.split("_")))
    try:
        made(**arguments)
    except gx.compatibility.pydantic.ValidationError as error:
        # Of what may be of several types, the first reason is that of the first of them.
        first = {str(one["loc"][0]): str(one["msg"]) for one in reversed(error.errors())}
        return sorted(first.items())
    return []


@cache
def no_rows_class(gx: Any) -> type:
    """Return our own expectation: that a query gives no rows."""

    class ExpectNoRows(gx.expectations.UnexpectedRowsExpectation):  # type: ignore[misc]  # imported late
        """A query whose rows are the faulty ones, each with their whole number: one execution tells both."""

        metric_dependencies = ("unexpected_rows_query.table",)

        @gx.compatibility.pydantic.validator(  # type: ignore[untyped-decorator]
            "unexpected_rows_query", allow_reuse=True
        )
        def _validate_query(cls, query: str) -> str:  # noqa: N805 - a class method for pydantic
            return query  # the original prints that a query should name {batch}: ours name their tables

        def _validate(
            self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            rows = metrics["unexpected_rows_query.table"]
            count = rows[0][COUNT_COLUMN] if rows else 0
            return {"success": count == 0, "result": {"observed_value": count, "details": {"unexpected_rows": rows}}}

    return ExpectNoRows
