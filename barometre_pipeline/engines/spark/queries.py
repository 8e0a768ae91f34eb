"""The rewrites of queries: what joins, unions and windows of DuckDB's become on Spark; expressions are elsewhere."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from barometre_pipeline.engines.spark.templates import built

_Node = TypeVar("_Node", bound=exp.Expr)
_AS_DOUBLES = {"fsum", "favg", "round_even"}


def before_types(query: exp.Expr) -> exp.Expr:
    """Return a query that was just parsed, with what sqlglot cannot follow as what it can, with the types it has."""
    for pivot in list(query.find_all(exp.Pivot)):
        _unpivot(pivot)
    for select in list(query.find_all(exp.Select)):
        rows = _rows_written_out(select)
        if rows is not None and select is query:
            query = rows
        elif rows is not None:
            select.replace(rows)
    for select in query.find_all(exp.Select):
        joins = select.args.get("joins") or []
        if any(join.kind.upper() in ("SEMI", "ANTI") for join in joins):
            for join in joins:
                _say_on(select, join)
    for call in list(query.find_all(exp.Anonymous)):
        whole = call.parent if isinstance(call.parent, exp.Filter | exp.Window) else call
        if call.name.lower() in _AS_DOUBLES:
            whole.replace(exp.cast(whole.copy(), "double"))
        elif call.name.lower() == "list_position":
            whole.replace(exp.cast(whole.copy(), "bigint"))
    return query


def after_types(query: exp.Expr) -> None:
    """Rewrite the joins and windows of a qualified query."""
    for select in query.find_all(exp.Select):
        _write_windows_out(select)
        if select.args.get("distinct") and select.args.get("order"):
            _order_by_names(select)
        for join in select.args.get("joins") or []:
            if join.method.upper() == "ASOF":
                _join_as_of(select, join)
    for lateral in list(query.find_all(exp.Lateral)):
        _explode(lateral)
    for qualified in list(query.find_all(exp.Qualify)):
        _filter_groups(qualified)


def _within(select: exp.Select, type_: type[_Node]) -> list[_Node]:
    """Return what a SELECT has of these types by itself, not in the queries within it."""
    found = select.walk(prune=lambda node: isinstance(node, exp.Query) and node is not select)
    return [node for node in found if isinstance(node, type_)]


def _unpivot(pivot: exp.Expr) -> None:
    """Write an UNPIVOT statement as the union of its columns, each without its nulls."""
    source = pivot.this.unnest()
    names = [column.name for column in pivot.expressions]
    into = pivot.args["into"]
    kept = [one for one in source.named_selects if one not in names]
    parts = []
    for name in names:
        columns = [*(exp.column(k) for k in kept), exp.alias_(exp.Literal.string(name), into.this.name)]
        columns.append(exp.alias_(exp.column(name), into.expressions[0].name))
        rows = exp.select(*columns).from_(source.copy().subquery("q"))
        parts.append(rows.where(exp.column(name).is_(exp.null()).not_()))
    pivot.replace(exp.union(*parts, distinct=False))


def _rows_written_out(select: exp.Select) -> exp.Expr | None:
    """Return the union of one SELECT for each row that this one unnests from a written list, None where it does not."""
    unnested = next((one for one in select.selects if isinstance(one, exp.Explode) and one.expressions), None)
    if unnested is None:
        return None
    at = select.selects.index(unnested)
    parts = []
    for row in unnested.this.expressions:
        cells = [exp.alias_(cell.expression.copy(), cell.this.name) for cell in row.expressions]
        part = select.copy()
        part.set("expressions", [*part.selects[:at], *cells, *part.selects[at + 1 :]])
        parts.append(part)
    return exp.union(*parts, distinct=False)


def _say_on(select: exp.Select, join: exp.Join) -> None:
    """Write USING as ON, where a join adds no column: sqlglot takes its columns for those of the result."""
    if not join.args.get("using"):
        return
    left, right = select.args["from_"].this.alias_or_name, join.this.alias_or_name
    names = [name.name for name in join.args["using"]]
    join.set("on", exp.and_(*(exp.column(n, left).eq(exp.column(n, right)) for n in names)))
    join.set("using", None)


def _write_windows_out(select: exp.Select) -> None:
    named = {window.name: window for window in select.args.get("windows") or []}
    for window in _within(select, exp.Window):
        written = named.get(window.alias)
        if written is not None and window is not written:
            for part in ("partition_by", "order", "spec"):
                value = written.args.get(part)
                window.set(part, [v.copy() for v in value] if isinstance(value, list) else value and value.copy())
            window.set("alias", None)
    select.set("windows", None)


def _join_as_of(select: exp.Select, join: exp.Join) -> None:
    """Join the list of the rows of a key, of which the last that is not later is taken."""
    alias = join.this.alias_or_name
    conditions = list(join.args["on"].flatten()) if isinstance(join.args["on"], exp.And) else [join.args["on"]]
    equal = [condition for condition in conditions if isinstance(condition, exp.EQ)]
    (last,) = (condition for condition in conditions if condition not in equal)
    keys = sorted({c.name for one in equal for c in one.find_all(exp.Column) if c.table == alias})
    used = [c for c in _within(select, exp.Column) if c.table == alias and c.find_ancestor(exp.Join) is not join]
    values = sorted({c.name for c in used}.difference(keys))
    fields = [exp.alias_(last.this.copy(), "_t"), *(exp.alias_(exp.column(v, alias), v) for v in values)]
    listed = exp.Anonymous(this="COLLECT_LIST", expressions=[exp.Struct(expressions=fields)])
    key_columns = [exp.column(key, alias) for key in keys]
    rows = exp.select(*key_columns, exp.alias_(listed, "_asof")).from_(join.this.copy()).group_by(*key_columns)
    is_left = join.side.upper() == "LEFT"
    join.set("this", rows.subquery(alias))
    join.set("method", None)
    join.set("on", exp.and_(*(one.copy() for one in equal)))
    known: dict[str, exp.Expr] = {"list": exp.column("_asof", alias), "limit": last.expression}
    for column in used:
        if column.name in values:
            row = built("ARRAY_MAX(FILTER(:list, r -> r._t <= :limit))", **known)
            cell: exp.Expr = exp.Dot(this=row, expression=exp.to_identifier(column.name))
            cell.type = column.type
            column.replace(exp.alias_(cell, column.name) if isinstance(column.parent, exp.Select) else cell)
    if not is_left:
        select.where(built("EXISTS(:list, r -> r._t <= :limit)", **known), copy=False)


def _explode(lateral: exp.Lateral) -> None:
    """Write the rows of a list, each with its rank, as Spark does."""
    names = {}
    for one in lateral.this.unnest().selects:
        names["value" if one.find(exp.Explode, exp.Unnest) else "rank"] = one.alias
    listed = lateral.find(exp.Explode, exp.Unnest)
    assert listed is not None
    array = listed.this if isinstance(listed, exp.Explode) else listed.expressions[0]
    cells = f"_p + 1 AS {names.get('rank', '_rang')}, _v AS {names['value']}"
    lateral.set("this", built(f"(SELECT {cells} FROM (SELECT POSEXPLODE(:a) AS (_p, _v)))", a=array))


def _order_by_names(select: exp.Select) -> None:
    """Order distinct rows by the names of their columns: Spark knows no other there."""
    names = {one.unalias(): one.alias_or_name for one in select.selects}
    for key in select.args["order"].expressions:
        if key.this in names:
            key.set("this", exp.column(names[key.this]))


def _filter_groups(qualified: exp.Expr) -> None:
    """Filter grouped rows around them: Spark's QUALIFY takes no aggregate."""
    select = qualified.parent
    if not isinstance(select, exp.Select) or not select.args.get("group"):
        return
    inner = select.copy()
    inner.set("qualify", None)
    inner.set("expressions", [*inner.selects, exp.alias_(qualified.this.copy(), "_kept")])
    outer = exp.select(*(exp.column(name) for name in select.named_selects))
    outer = outer.from_(inner.subquery("_grouped")).where(exp.column("_kept"))
    select.replace(outer)
