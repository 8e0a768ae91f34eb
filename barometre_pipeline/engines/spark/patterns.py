"""Regular expressions: DuckDB's are RE2's, Spark's are Java's, which reads some of the same signs otherwise."""

from __future__ import annotations

import re

from sqlglot import exp

_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?.|[?*+}]\+|.", re.DOTALL)
# RE2 takes a letter of the ASCII for one of a word, Java 17 any; `$` is the end, and not what is before a last newline;
# a vertical tabulation is no space.
_BORDER = r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"
_SPACES = r"\t\n\f\r "
_JAVA = {r"\b": _BORDER, "$": r"\z", r"\s": f"[{_SPACES}]", r"\S": f"[^{_SPACES}]"}
# Classes by name, classes within classes, flags, what looks ahead or behind: written otherwise, or of one engine only.
_ELSEWHERE = re.compile(
    r"\\[^bdDsSwWtnrf.\\|()\[\]{}^$*+?/-]|\[\^?\]?.*(?:\[|&&|\\[^dswtnr.\\|\[\]^$*+?/-])|\(\?[^:]|[?*+}]\+", re.DOTALL
)


def pattern_of(node: exp.Expr) -> str | None:
    """Return a pattern that is written, in one text or in several that are joined; None where it is computed."""
    if isinstance(node, exp.DPipe):
        parts = pattern_of(node.left), pattern_of(node.right)
        return None if None in parts else "".join(part or "" for part in parts)
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def is_portable(pattern: str) -> bool:
    """Tell whether Java reads nothing of a pattern otherwise than RE2, once it is written for it."""
    return not any(_ELSEWHERE.match(part) for part in _PARTS.findall(pattern))


def for_java(node: exp.Expr, *, ignores_case: bool = False) -> exp.Expr:
    """Write a pattern for Java: only a newline ends a line, and letters with accents have a capital too."""
    parts = (_JAVA.get(part, part) for part in _PARTS.findall(pattern_of(node) or ""))
    written = "".join(part.replace(r"\s", _SPACES) for part in parts)  # within a class
    return exp.Literal.string(("(?diu)" if ignores_case else "(?d)") + written)
