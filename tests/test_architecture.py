"""The rules of the house: who may import whom, what importing may touch, names, and the tables that models read."""

import ast
import subprocess
import sys
from pathlib import Path

from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.sql_models import EXAMPLES_FOLDER, LAYERS, SQL_FOLDER, read_models
from barometre_pipeline.stage import RAW_TABLES

PACKAGE = Path(__file__).parents[1] / "barometre_pipeline"

# From the ground up: a module imports from the floors below its own, never from its own floor or above.
FLOORS = (
    {"errors", "french", "package_files", "fields", "placeholders", "slugs"},
    {"editions", "resources", "documents", "setting_rules", "spreadsheets", "sql_headers", "sql_unions"},
    {"formats", "home"},
    {"catalogue"},
    {"settings"},
    {"builds", "depot", "runs", "setting_example", "setting_origins", "sql_models"},
    {"engines", "readers", "sql_lineage", "trees"},
    {"launches", "unchanged"},
    {"demonstration", "table_facts", "under_way"},
    {"exchanges"},
    {"extract", "stage", "transform", "quality", "publish", "schedules"},
    {"warehouse"},
    {"alerts", "edited_files", "sensors", "status", "trials"},
    {"definitions"},
    {"cli"},
)
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names}
VAGUE = {"utils", "helpers", "common", "constants", "misc"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """The stage or door that a file belongs to: `publish` for publish/files.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of_ours(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("barometre_pipeline."):
            found.append(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "barometre_pipeline":
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.append("a relative import")
        elif isinstance(node, ast.Import):
            found += [a.name.split(".")[1] for a in node.names if a.name.startswith("barometre_pipeline.")]
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_only_go_down():
    def may_import(part: str, other: str) -> bool:
        return part != "__init__" and (other == part or FLOOR[other] < FLOOR[part])

    wrong = [(path, other) for path in MODULES for other in imports_of_ours(parsed(path))]
    assert [f"{path} imports {other}" for path, other in wrong if not may_import(part_of(path), other)] == []


def test_no_function_imports_from_the_project():
    for path in MODULES:
        functions = [n for n in ast.walk(parsed(path)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        assert [name for function in functions for name in imports_of_ours(function)] == [], path


def test_every_module_says_what_lives_in_it():
    assert [path for path in MODULES if not ast.get_docstring(parsed(path))] == []


def test_the_environment_is_read_in_the_settings_and_given_to_other_programs():
    """Beside them: the keys in the catalogue's addresses; what git, Dagster, the gate and the allocators are given."""
    allowed = {"settings.py", "setting_origins.py", "resources/secrets.py", "depot/command.py"}
    allowed |= {"runs/instance.py", "quality/gx_import.py", "cli/start.py"}
    reading = {str(p.relative_to(PACKAGE)) for p in MODULES if "os.environ" in p.read_text(encoding="utf-8")}
    assert reading == allowed


def test_dagsters_private_modules_are_used_where_that_was_measured_only():
    found = {str(p.relative_to(PACKAGE)) for p in MODULES if "dagster._" in p.read_text(encoding="utf-8")}
    assert found == {"runs/compute_logs.py", "runs/event_log.py", "runs/plain_failure.py"}


def test_no_module_has_a_name_that_says_nothing():
    assert [p for p in MODULES if p.stem in VAGUE or p.parent.name in VAGUE] == []


def test_importing_the_pipeline_touches_nothing_and_leaves_great_expectations_alone():
    watch = """
import sys
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "sqlite3.connect"):
        raise SystemExit(f"importing does {event} {arguments}")
    writes = event == "open" and isinstance(arguments[1], str) and set("wax+") & set(arguments[1])
    if writes and "__pycache__" not in str(arguments[0]):
        raise SystemExit(f"importing writes {arguments[0]}")
import duckdb
duckdb.connect = None
sys.addaudithook(hook)
import barometre_pipeline.cli.app, barometre_pipeline.definitions
assert "great_expectations" not in sys.modules, "Great Expectations is imported where a check runs"
"""
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_process_that_judges_imports_no_dagster():
    code = "import sys, barometre_pipeline.quality.judge; print('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_the_process_of_a_run_has_no_use_for_pandas_which_arrow_would_import():
    code = """
import sys, pyarrow
from barometre_pipeline.resources.lone_arrow import leave_pandas_aside
leave_pandas_aside()
table = pyarrow.Table.from_pylist([{"a": 1}])
found = "pandas" in sys.modules
print(found, len(table.to_pandas()))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False 1\n"


def test_the_engine_of_the_rules_leaves_spark_alone():
    code = "import sys; from barometre_pipeline.quality.gx_import import import_gx; import_gx()"
    code += "; print('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_every_model_reads_only_tables_that_exist():
    models = read_models()
    known = {m.name for m in models} | set(RAW_TABLES)
    assert {(m.name, t) for m in models for t in m.reads if t not in known} == set()


def test_only_staging_models_read_raw_tables():
    assert [m.name for m in read_models() if m.layer != "staging" and any(t.startswith("raw.") for t in m.reads)] == []


def test_the_name_of_a_model_tells_its_layer():
    prefixes = {"staging": "stg_", "intermediate": "int_", "marts": ""}
    for model in read_models():
        assert model.name.startswith(prefixes[model.layer])
        assert model.layer != "marts" or not model.name.startswith(("stg_", "int_"))


def test_every_sql_file_is_a_model_or_an_example():
    written = [p for p in SQL_FOLDER.rglob("*.sql") if p.parent.name != EXAMPLES_FOLDER]
    assert {p.stem for p in written} == {m.name for m in read_models(layers=tuple(LAYERS))}
    assert {p.parent.name for p in written} <= set(LAYERS)


def test_a_suite_is_named_after_the_model_that_it_checks():
    assert {suite.table for suite in read_suites()} <= {m.name for m in read_models()}
