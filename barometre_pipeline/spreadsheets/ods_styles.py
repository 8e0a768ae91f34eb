"""The styles of .ods workbooks: which number style a cell's style means, and which tables are hidden."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

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


class Look(NamedTuple):
    """How a text looks; None is as what is around it."""

    raised: bool | None = None
    struck: bool | None = None


PLAIN = Look()
_PLAIN = NumberStyle()


class Styles:
    """Takes the styles from the XML of styles.xml and content.xml."""

    def __init__(self) -> None:
        self.hidden_tables: set[str] = set()
        self._looks: dict[tuple[str, str], Look] = {}  # by family and name
        self._struck: dict[str, bool] = {}
        self._family = ""
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
        elif tag == "text-properties":
            self._looks[self._family, self._style] = _look_of(without_prefixes(attributes))
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

    def look(self, style: str, around: Look) -> Look:
        """Return how a part of a text looks: by its own style, else as what is around it."""
        own = self._looks.get(("text", style), PLAIN)
        return Look(*(a if b is None else b for a, b in zip(around, own, strict=True)))

    def is_struck(self, style: str) -> bool:
        """Tell whether a cell's style, or the nearest one above that says it, strikes through."""
        if style not in self._struck:
            above, said = style, None
            for _ in range(_DEEPEST):
                said = self._looks.get(("table-cell", above), PLAIN).struck
                if said is not None or above not in self._parents:
                    break
                above = self._parents[above]
            self._struck[style] = bool(said)
        return self._struck[style]

    def _add_style(self, given: Attributes) -> None:
        self._style, self._family = given.get("name", ""), given.get("family", "")
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


def _look_of(given: Attributes) -> Look:
    """Return what the properties of a text say; its position is `super`, or by how much it is raised."""
    through = [given[key] for key in ("text-line-through-style", "text-line-through-type") if key in given]
    position = given.get("text-position")
    is_raised = None if position is None else re.match(r"super|0*[1-9]", position) is not None
    return Look(is_raised, "none" not in through if through else None)
