"""A browser opens the warehouse's file by the lines of `docs/analystes.md`, in Chromium with duckdb-wasm."""

import re
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser import opened_page
from tests.projects import project  # noqa: F401 - a fixture
from tests.warehouse_world import asked, history, published_thrice, warehouse  # noqa: F401 - fixtures

pytestmark = [pytest.mark.servers, pytest.mark.long]

NOTICE = Path(__file__).parents[1] / "docs" / "analystes.md"
PAGE = """<!doctype html><meta charset="utf-8"><title>duckdb-wasm</title>
<script type="importmap">{"imports": {
  "apache-arrow": "/node_modules/apache-arrow/Arrow.dom.mjs",
  "flatbuffers": "/node_modules/flatbuffers/mjs/flatbuffers.js",
  "tslib": "/node_modules/tslib/tslib.es6.mjs"}}</script>
<script type="module">
import * as duckdb from "/node_modules/@duckdb/duckdb-wasm/dist/duckdb-browser.mjs";
const dist = "/node_modules/@duckdb/duckdb-wasm/dist/";
window.found = (async () => {
  const base = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(dist + "duckdb-browser-eh.worker.js"));
  await base.instantiate(dist + "duckdb-eh.wasm");
  SNIPPET
  return { rows: lignes.numRows, columns: lignes.schema.fields.map((f) => f.name) };
})();
</script>"""


def snippet() -> str:
    """Return the lines that the notice gives for duckdb-wasm."""
    text = NOTICE.read_text(encoding="utf-8")
    (lines,) = re.findall(r"\*\*Navigateur \(duckdb-wasm\)\.\*\*.*?```js\n(.*?)```", text, re.DOTALL)
    return lines


def test_a_page_with_duckdb_wasm_reads_the_file_by_the_lines_of_the_notice(history, tmp_path):
    chromium = shutil.which("chromium")
    if chromium is None or shutil.which("npm") is None:
        pytest.skip("chromium or npm is not installed")
    package = "@duckdb/duckdb-wasm@1.32.0"
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, package]
    if subprocess.run(install, capture_output=True).returncode:
        pytest.skip(f"no package index gives {package}")
    (tmp_path / "entrepot").mkdir()
    shutil.copy(warehouse(history), tmp_path / "entrepot" / "barometre.duckdb")
    (tmp_path / "page.html").write_text(PAGE.replace("SNIPPET", snippet()), encoding="utf-8")
    served = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with opened_page(chromium, tmp_path / "browser") as page:
                page.open(f"http://127.0.0.1:{server.server_port}/page.html", 1280)
                seen = page.value("window.found")
        finally:
            server.shutdown()
    columns = [name for (name,) in asked(history, "select column_name from (describe progression_derniere)")]
    ((rows,),) = asked(history, "select count(*) from progression_derniere")
    assert seen == {"rows": rows, "columns": columns}
