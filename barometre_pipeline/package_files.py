"""Where the files are that the program ships beside its modules, and the identity and version of the whole.

A checkout has them at its top level, beside the package; a wheel, in the package's folder. What each file holds is
read elsewhere (`sql_models`, `quality.suites`, `runs.instance`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePath

_PACKAGE = Path(__file__).parent
_SHIPPED = ("dagster.yaml", "dbt_like_sql", "expectations", "workspace.yaml")
_BESIDE = _PACKAGE if (_PACKAGE / "dbt_like_sql").is_dir() else _PACKAGE.parent

SQL_FOLDER = _BESIDE / "dbt_like_sql"
SUITES_FOLDER = _BESIDE / "expectations"
INSTANCE_FILE = _BESIDE / "dagster.yaml"
WORKSPACE_FILE = _BESIDE / "workspace.yaml"

_NAME = re.compile(r"[\w.-]+")  # of a package, at the beginning of what is asked for
_SHOWN = 12  # hexadecimal digits of the code's identity, as people are told it
_ENGINES = {"DuckDB": "duckdb", "Dagster": "dagster", "Great Expectations": "great-expectations"}


def code_version() -> str:
    """Return the installed package's version: what git said when it was built or installed."""
    return importlib.metadata.version("barometre-pipeline")


def dependency_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the program asks for, those of its extras where there."""
    found = {"python": platform.python_version()}
    for asked in importlib.metadata.requires("barometre-pipeline") or ():
        name = _NAME.match(asked)
        with suppress(importlib.metadata.PackageNotFoundError):
            found |= {name[0]: importlib.metadata.version(name[0])} if name else {}
    return found


def told_version() -> str:
    """Return the version, the code's identity, and the versions of what it runs on, a line each; it imports none."""
    engines = {"Python": platform.python_version()}
    engines |= {name: importlib.metadata.version(package) for name, package in _ENGINES.items()}
    lines = {"barometre": code_version(), "code": code_identity()[:_SHOWN]} | engines
    return "\n".join(f"{name:<18} {version}" for name, version in lines.items())


@cache
def code_identity() -> str:
    """Return the sha256 of the program's files, names and bytes: the same from a checkout and from its wheel.

    It covers modules, SQL, suites, templates and the package's own catalogue, as they are when it is first asked for.
    """
    digest = hashlib.sha256()
    for name, path in sorted(_files().items()):
        content = path.read_bytes()
        digest.update(f"{name.as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files() -> dict[PurePath, Path]:
    """Return each file of the program by the name that it has in a wheel's package."""
    found = {path.relative_to(_PACKAGE): path for path in _PACKAGE.rglob("*")}
    for name in _SHIPPED:
        found |= {path.relative_to(_BESIDE): path for path in [_BESIDE / name, *(_BESIDE / name).rglob("*")]}
    return {name: path for name, path in found.items() if not _is_left_over(name) and path.is_file()}


def _is_left_over(name: PurePath) -> bool:
    """Tell what Python, an editor or the system left there: no wheel has it."""
    return any(part == "__pycache__" or part.startswith(".") for part in name.parts)
