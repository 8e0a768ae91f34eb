"""Today's clients open the file: those that analysts install by their usual ways.

They come from package indexes, hence with what needs servers; without an index, they are skipped and say so.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import project  # noqa: F401 - a fixture
from tests.warehouse_world import asked, history, published_thrice, warehouse  # noqa: F401 - fixtures

pytestmark = pytest.mark.servers

# A macro, a view over publications, a computed column, a level (ENUM), a list.
QUERY = """
    select
        (select count(*) from detail_connu('2022-T1.0')) as alors,
        (select count(*) from detail_vintages) as versions,
        (select count(*) from detail where territoire = 'departementale-01') as valeurs,
        (select max(maille)::varchar from territoires_derniere) as maille,
        (select len(any_value(fichiers)) from livraisons_derniere) as fichiers,
        (select count(*) from exemples) as exemples
"""
NAMES = ("alors", "versions", "valeurs", "maille", "fichiers", "exemples")
NODE = """
const { DuckDBInstance } = require("@duckdb/node-api");
const [file, query] = process.argv.slice(2);
DuckDBInstance.create(file, { access_mode: "READ_ONLY" })
  .then((instance) => instance.connect())
  .then((connection) => connection.runAndReadAll(query))
  .then((found) => console.log(JSON.stringify(found.getRowsJson()[0].map((v) => (/^\\d+$/.test(v) ? Number(v) : v)))));
"""


def installed(place: Path, package: str) -> Path:
    """Make an environment of its own with a package of Python's index; return its programs."""
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    done = subprocess.run([place / "bin" / "python", "-m", "pip", "install", "-q", package], capture_output=True)
    if done.returncode:
        pytest.skip(f"no package index gives {package}")
    return place / "bin"


def told(*command: object, folder: Path) -> object:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def expected(history) -> list:
    (row,) = asked(history, QUERY)
    assert all(row)
    return list(row)


def test_duckdb_1_4_in_python_opens_the_file(history, expected, tmp_path):
    programs = installed(tmp_path / "client", "duckdb==1.4.*")
    code = "import duckdb, json, sys; file, query = sys.argv[1:]; found = duckdb.connect(file, read_only=True)"
    code += ".execute(query).fetchone(); print(json.dumps(found))"
    assert told(programs / "python", "-c", code, warehouse(history), QUERY, folder=tmp_path) == expected


def test_the_newest_command_line_client_opens_the_file(history, expected, tmp_path):
    programs = installed(tmp_path / "client", "duckdb-cli")
    (found,) = told(programs / "duckdb", "-readonly", "-json", warehouse(history), QUERY, folder=tmp_path)
    assert found == dict(zip(NAMES, expected, strict=True))


def test_the_newest_client_of_node_opens_the_file(history, expected, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, "@duckdb/node-api"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no package index gives @duckdb/node-api")
    script = tmp_path / "lire.js"
    script.write_text(NODE, encoding="utf-8")
    assert told("node", script, warehouse(history), QUERY, folder=tmp_path) == expected
