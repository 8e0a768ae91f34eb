"""Expressions of Spark's SQL, written from a template and parts of a query."""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp

Rewrite = Callable[[exp.Expr], exp.Expr | None]


def built(template: str, **parts: exp.Expr | str) -> exp.Expr:
    """Return an expression of Spark's SQL, with each `:name` of it replaced by a part."""
    # sqlglot reads Spark's CAST as it was before ANSI: null where it fails.
    tree = sqlglot.parse_one(template, dialect="spark").transform(
        lambda node: exp.Cast(this=node.this, to=node.args["to"]) if isinstance(node, exp.TryCast) else node
    )
    for place in list(tree.find_all(exp.Placeholder)):
        part = parts[place.name]
        place.replace(sqlglot.parse_one(part, dialect="spark") if isinstance(part, str) else bracketed(part))
    return tree


def bracketed(part: exp.Expr) -> exp.Expr:
    """Return a copy of a part, in brackets where its operators could be read with those around it."""
    return exp.paren(part.copy()) if isinstance(part, exp.Binary | exp.Unary) else part.copy()


def has_type(node: exp.Expr | None, *types: exp.DType) -> bool:
    """Tell whether the type of an expression is known and one of these."""
    return node is not None and node.type is not None and node.type.this in types
