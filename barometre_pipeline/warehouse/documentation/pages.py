"""The pages: every table with its columns; the questions, within a guide that people write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.documentation.picture import drawn
from barometre_pipeline.warehouse.documentation.shape import Column, Shape, Shown, shape_of
from barometre_pipeline.warehouse.examples import Example

_BEGUN, _ENDED = "<!-- questions : écrites par make docs -->", "<!-- fin des questions -->"
_INTRODUCTION = """# L’entrepôt des analystes : tables et colonnes

Écrit par `make docs` depuis les commentaires du fichier `entrepot/barometre.duckdb` ; on les y lit aussi
(`from duckdb_columns()`). Comment s’en servir : [analystes.md](analystes.md).

Une clé a le même nom partout : joindre sur `edition`, `id_…`, `maille`, `code`, `territoire` ou `date` est toujours
juste. D’autres colonnes portent le même nom sans dire la même chose (`origine`, `poids`, `base`, `statut`, `motif`) :
pas de `natural join`. `territoire` (`maille-code`) est la clé d’un territoire en une colonne : un code seul est ambigu.
Chaque table tient toutes les éditions ; la vue du même nom suivi de `_derniere` ne montre que l’édition publique.
`entrepot/parquet/` a les mêmes tables."""


def written_pages(definition: Definition, guide: str) -> dict[str, str]:
    """Return what each file of docs/ is to hold; ValueError where the guide has lost the marks of its questions."""
    shape = shape_of(definition)
    before, begun, rest = guide.partition(_BEGUN)
    _, ended, after = rest.partition(_ENDED)
    if not begun or not ended:
        raise ValueError(f"analystes.md: the questions stand between {_BEGUN} and {_ENDED}.")
    return {
        "entrepot.md": "\n".join(_tables(shape)) + "\n",
        "entrepot.svg": drawn(shape),
        "analystes.md": f"{before}{_BEGUN}\n\n{_questions(definition.examples)}\n\n{_ENDED}{after}",
    }


def _tables(shape: Shape) -> Iterator[str]:
    yield _INTRODUCTION
    for subject, tables in shape.subjects.items():
        yield f"\n## {subject}"
        for table in tables:
            yield from _table(table)
    yield "\n## Macros"
    for call, comment in shape.macros:
        yield f"\n### `{call}`\n\n{comment}"


def _table(table: Shown) -> Iterator[str]:
    yield f"\n### `{table.name}`{' (vue)' if table.is_view else ''}\n\n{table.comment}"
    if table.key:
        yield f"\nUne ligne par {_codes(table.key)}."
    yield "\n| colonne | type | ce que c’est | unité | source |\n|---|---|---|---|---|"
    yield from (_row(column) for column in table.columns)


def _row(column: Column) -> str:
    cells = (f"`{column.name}`", f"`{column.type}`", column.meaning, column.unit, column.source)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _questions(examples: Sequence[Example]) -> str:
    return "\n\n".join(
        f"### {e.question}\n\n`barometre sql --example {e.name}`\n\n```sql\n{e.sql}\n```" for e in examples
    )
