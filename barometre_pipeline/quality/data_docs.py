"""Makes Great Expectations' Data Docs the same bytes each time, and readable without a network.

Its pages number their parts at random, carry the time of their writing, and load styles and scripts from
other servers; its index is empty without them. Numbers are counted, times replaced, what comes from
elsewhere taken out, and the index written anew.
"""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path

_NOT_OURS = re.compile(
    r'<script\b[^>]*\bsrc="https?:[^>]*>\s*</script>|<link\b[^>]*>|<img\b[^>]*>|'
    r"\bbackground: url\('https?:[^;]*;|<p>Stay current on everything GX.*?</p>|<footer\b.*?</footer>",
    re.DOTALL,
)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TIME = re.compile(r"\b20\d{6}T\d{6}\.\d{6}Z")
_FIXED_TIME = "20000101T000000.000000Z"

# What remains without the remote styles is bare HTML: enough of a style to read it.
_STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1e1e1e }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top }
pre, code { white-space: pre-wrap; font-size: 13px } ul { padding-left: 1.2rem }
.fa-check-circle::before { content: "✓"; color: #18753c } .fa-times::before { content: "✕"; color: #b3261e }
.fa-exclamation-triangle::before { content: "!"; color: #8a5a00 }
</style>"""


def clean_data_docs(folder: Path) -> None:
    """Rewrite every page of the Data Docs in place, and their index."""
    shutil.rmtree(folder / "static", ignore_errors=True)  # fonts and pictures of the remote styles
    pages = sorted(page for page in folder.rglob("*.html") if page.parent != folder)
    for page in pages:
        page.write_text(cleaned(page.read_text(encoding="utf-8")), encoding="utf-8")
    links = [_link(page.relative_to(folder)) for page in pages]
    (folder / "index.html").write_text(_INDEX.format(style=_STYLE, links="\n".join(links)), encoding="utf-8")


def cleaned(html: str) -> str:
    """Return a page without what varies or comes from another server."""
    seen: dict[str, str] = {}
    html = _NOT_OURS.sub("", html)
    html = _IDENTIFIER.sub(lambda match: seen.setdefault(match[0], f"u{len(seen)}"), html)
    html = _TIME.sub(_FIXED_TIME, html)
    return html.replace("</head>", f"{_STYLE}\n</head>", 1)


def _link(page: Path) -> str:
    words = {"expectations": "Attentes de la table", "validations": "Résultats de la table"}
    table = page.stem.rpartition("-")[2]
    return f'<li><a href="{escape(page.as_posix())}">{words[page.parts[0]]} {escape(table)}</a></li>'


_INDEX = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Documentation des règles</title>
{style}
</head>
<body>
<h1>Documentation des règles</h1>
<p>Telle que Great Expectations la produit, en anglais. <a href="../index.html">Revenir au rapport</a>.</p>
<ul>
{links}
</ul>
</body>
</html>
"""
