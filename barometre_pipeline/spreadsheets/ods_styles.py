"""The styles of .ods workbooks: which number style a cell's style means, and which tables are hidden."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from barometre_pipeline.spreadsheets.parts import Attributes, local, without_prefixes

_NUMBER_STYLES = frozenset(
    {"number-style", "percentage-style", "date-style", "time-style", "currency-style", "boolean-style", "text-style"}
)
_CONDITION = re.compile(r"value\(\)\s*(<=|>=|!=|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{0,15})?)")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_DEEPEST = 20  # styles above a style


class NumberStyle:
    """What a number style does to a number; `maps` are the others that apply to some numbers."""

    def __init__(self, kind: str = "number-style") -> None:
        self.is_percentage = kind == "percentage-style"
        self.is_date = kind == "date-style"
        self.is_scaled = False
        self.maps: list[tuple[str, float, str]] = []


_PLAIN = NumberStyle()


class Styles:
    """Takes the styles from the XML of styles.xml and content.xml."""

    def __init__(self) -> None:
        self.hidden_tables: set[str] = set()
        self._parents: dict[str, str] = {}
        self._number_styles_of: dict[str, str] = {}
        self._number_styles: dict[str, NumberStyle] = {}
        self._style = ""  # the one that is being described
        self._number_style: NumberStyle | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        tag = local(name)
        if tag == "style":
            self._add_style(without_prefixes(attributes))
        elif tag == "table-properties" and attributes.get("table:display") == "false":
            self.hidden_tables.add(self._style)
        elif tag in _NUMBER_STYLES:
            self._number_style = NumberStyle(tag)
            self._number_styles[without_prefixes(attributes).get("name", "")] = self._number_style
        elif self._number_style is not None:
            self._describe(self._number_style, tag, without_prefixes(attributes))

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if local(name) in _NUMBER_STYLES:
            self._number_style = None

    def number_style(self, style: str, number: float) -> NumberStyle:
        """Return what a cell's style does to this number."""
        for _ in range(_DEEPEST):
            if style in self._number_styles_of:
                break
            style = self._parents.get(style, "")
        found = self._number_styles.get(self._number_styles_of.get(style, ""), _PLAIN)
        for sign, limit, other in found.maps:
            if _COMPARISONS[sign](number, limit):
                return self._number_styles.get(other, found)
        return found

    def _add_style(self, given: Attributes) -> None:
        self._style = given.get("name", "")
        if given.get("family") == "table-cell":
            self._parents[self._style] = given.get("parent-style-name", "Default")
            if number_style := given.get("data-style-name"):
                self._number_styles_of[self._style] = number_style

    @staticmethod
    def _describe(style: NumberStyle, tag: str, given: Attributes) -> None:
        if tag == "number" and given.get("display-factor", "1") not in ("1", "1.0"):
            style.is_scaled = True
        elif tag == "map" and (condition := _CONDITION.fullmatch(given.get("condition", "").strip())):
            style.maps.append((condition[1], float(condition[2]), given.get("apply-style-name", "")))
