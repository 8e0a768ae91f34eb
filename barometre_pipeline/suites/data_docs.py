"""Makes Great Expectations' Data Docs the same bytes each time, and readable without a network.

Its pages number their parts at random, carry the time of their writing, and load styles and scripts from
other servers: numbers are counted, times replaced, what is loaded from elsewhere taken out.
"""

from __future__ import annotations

import re
from pathlib import Path

_REMOTE = re.compile(
    r'<script\b[^>]*\bsrc="https?:[^>]*>\s*</script>|<link\b[^>]*\bhref="https?:[^>]*>|<img\b[^>]*?\bsrc="https?:[^>]*>'
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
</style>"""


def clean_data_docs(folder: Path) -> None:
    """Rewrite every page of the Data Docs in place."""
    for page in sorted(folder.rglob("*.html")):
        page.write_text(cleaned(page.read_text(encoding="utf-8")), encoding="utf-8")


def cleaned(html: str) -> str:
    """Return a page without what varies or comes from another server."""
    seen: dict[str, str] = {}
    html = _REMOTE.sub("", html)
    html = _IDENTIFIER.sub(lambda match: seen.setdefault(match[0], f"u{len(seen)}"), html)
    html = _TIME.sub(_FIXED_TIME, html)
    return html.replace("</head>", f"{_STYLE}\n</head>", 1)
