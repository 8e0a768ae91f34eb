"""What others wrote, put in Markdown: shown as it is, never run."""

from __future__ import annotations

from urllib.parse import quote


def in_markdown(text: object) -> str:
    """Make a text that others chose harmless in Markdown, tables too: no markup, no HTML, no break."""
    plain = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#!~&" else c for c in plain)


def in_link(address: str) -> str:
    """Write an address so that it ends where the link does, between parentheses or angle brackets."""
    return quote(address, safe="%:/?#@!$&'*+,;=~")
