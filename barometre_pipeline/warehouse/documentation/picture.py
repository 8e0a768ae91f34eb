"""The picture of the schema, in SVG: a card for each table, and a colour for each key that tables are joined by."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape

from barometre_pipeline.warehouse.documentation.shape import Shape, Shown

# The keys that tables are joined by, each with its colour; a table's other columns are counted.
_KEYS = {
    "edition": "#4e79a7",
    "publication": "#76b7b2",
    "id_secteur": "#b07aa1",
    "id_mesure": "#d4739c",
    "id_indicateur": "#e15759",
    "territoire": "#3f8f46",
    "date": "#8c6d31",
    "livraison": "#c86a1e",
}
_SAME = {"edition_apres": "edition", "edition_avant": "edition", "code": "territoire"}
_TITLE = "L’entrepôt des analystes : ce qui se joint porte la même couleur"
_NOTE = "territoire : maille et code. En tirets : une vue. Chaque table a sa vue …_derniere, de l’édition publique."
_ACROSS, _CARD, _GAP, _MARGIN = 5, 236, 12, 20  # cards in a row; pixels
_LETTERS, _LINES = 40, 3  # of a comment
_HEAD, _LINE, _CHIP = 40, 14, 18  # pixels


def drawn(shape: Shape) -> str:
    """Return the picture, as the text of an SVG file."""
    body, y = list(_legend()), 92
    for subject, tables in shape.subjects.items():
        body.append(f'<text x="{_MARGIN}" y="{y}" class="s">{escape(subject)}</text>')
        y += 10
        for first in range(0, len(tables), _ACROSS):
            row = tables[first : first + _ACROSS]
            height = max(map(_height, row))
            for rank, table in enumerate(row):
                body += _card(table, _MARGIN + rank * (_CARD + _GAP), y, height)
            y += height + _GAP
        y += 18
    width = 2 * _MARGIN + _ACROSS * (_CARD + _GAP) - _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}">'
    return "\n".join([head, _STYLE, f'<rect width="{width}" height="{y}" fill="#fff"/>', *body, "</svg>\n"])


_STYLE = """<style>
text { font: 11px sans-serif; fill: #333 } .t { font: bold 14px monospace; fill: #111 }
.s { font: bold 15px sans-serif; fill: #111 } .k { font: 10px monospace; fill: #fff } .n { fill: #777 }
.c { fill: #fafafa; stroke: #bbb } .v { fill: #fff; stroke: #bbb; stroke-dasharray: 4 3 }
</style>"""


def _legend() -> Iterator[str]:
    yield f'<text x="{_MARGIN}" y="32" class="s">{_TITLE}</text>'
    yield from _chips(list(_KEYS), _MARGIN, 42, 1200)
    yield f'<text x="{_MARGIN + 660}" y="55" class="n">{_NOTE}</text>'


def _card(table: Shown, x: int, y: int, height: int) -> Iterator[str]:
    keys = _keys(table)
    yield f'<rect x="{x}" y="{y}" width="{_CARD}" height="{height}" rx="6" class="{"v" if table.is_view else "c"}"/>'
    yield f'<text x="{x + 10}" y="{y + 22}" class="t">{table.name}</text>'
    for number, line in enumerate(_comment(table)):
        yield f'<text x="{x + 10}" y="{y + _HEAD + number * _LINE}">{escape(line)}</text>'
    top = y + _HEAD + len(_comment(table)) * _LINE - 6
    yield from _chips(keys, x + 10, top, _CARD - 20)
    yield f'<text x="{x + 10}" y="{y + height - 9}" class="n">{len(table.columns)} colonnes</text>'


def _chips(keys: list[str], x: int, y: int, room: int) -> Iterator[str]:
    for key, (across, down) in zip(keys, _places(keys, room), strict=True):
        left, top = x + across, y + down * _CHIP
        yield f'<rect x="{left}" y="{top}" width="{_width(key)}" height="15" rx="7" fill="{_KEYS[key]}"/>'
        yield f'<text x="{left + 6}" y="{top + 11}" class="k">{key}</text>'


def _places(keys: list[str], room: int) -> list[tuple[int, int]]:
    """Return where each key stands: pixels from the left, lines from the top."""
    found: list[tuple[int, int]] = []
    across = down = 0
    for key in keys:
        if across and across + _width(key) > room:
            across, down = 0, down + 1
        found.append((across, down))
        across += _width(key) + 4
    return found


def _width(key: str) -> int:
    return 12 + 6 * len(key)


def _keys(table: Shown) -> list[str]:
    names = [_SAME.get(column.name, column.name) for column in table.columns]
    return [key for key in _KEYS if key in names]


def _comment(table: Shown) -> list[str]:
    """Return the first sentence of a comment, in lines."""
    return textwrap.wrap(table.comment.partition(". ")[0].rstrip("."), _LETTERS, max_lines=_LINES, placeholder=" …")


def _height(table: Shown) -> int:
    lines = _places(_keys(table), _CARD - 20)
    return _HEAD + len(_comment(table)) * _LINE + (lines[-1][1] + 1 if lines else 0) * _CHIP + 20
