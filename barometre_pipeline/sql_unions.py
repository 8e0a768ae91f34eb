"""Unions by name, written by rank: sqlglot follows columns by their rank, and other engines unite them so."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def align_unions(query: exp.Expr) -> None:
    """Put the columns of what is united by name in one order, those that one has not as nulls."""
    for union in reversed(list(query.find_all(exp.SetOperation))):
        if union.args.get("by_name"):
            names = list(dict.fromkeys([*union.left.named_selects, *union.right.named_selects]))
            for select in _united(union):
                by_name = {one.alias_or_name: one for one in select.selects}
                select.set("expressions", [by_name.get(n) or exp.alias_(exp.null(), n) for n in names])
            union.set("by_name", False)


def _united(query: exp.Expr) -> Iterator[exp.Select]:
    query = query.unnest()
    if isinstance(query, exp.SetOperation):
        yield from _united(query.left)
        yield from _united(query.right)
    elif isinstance(query, exp.Select):
        yield query
