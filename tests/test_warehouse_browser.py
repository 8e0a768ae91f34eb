"""A browser opens the warehouse's file by the lines of `docs/analystes.md`, in Chromium with duckdb-wasm."""

import json
import re
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

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
const tell = (found) => fetch("/found", { method: "POST", body: JSON.stringify(found) });
try {
  const base = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(dist + "duckdb-browser-eh.worker.js"));
  await base.instantiate(dist + "duckdb-eh.wasm");
  SNIPPET
  await tell({ rows: lignes.numRows, columns: lignes.schema.fields.map((f) => f.name) });
} catch (fault) { await tell({ fault: String(fault) }); }
</script>"""


class _Served(SimpleHTTPRequestHandler):
    """A folder's files, and what the page posts of what it has found."""

    def __init__(self, *request, found: Queue, **options) -> None:
        self.found = found
        super().__init__(*request, **options)

    def do_POST(self) -> None:
        self.found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_of: object) -> None:
        """Say nothing of each request."""


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
    found: Queue = Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Served, found=found, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
        address = f"http://127.0.0.1:{server.server_address[1]}/page.html"
        browser = subprocess.Popen([chromium, *options, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            seen = found.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait(20)
            server.shutdown()
    columns = [name for (name,) in asked(history, "select column_name from (describe progression_derniere)")]
    ((rows,),) = asked(history, "select count(*) from progression_derniere")
    assert seen == {"rows": rows, "columns": columns}
