"""The styles of .ods workbooks: which number style a cell's style means, and which tables are hidden."""

from __future__ import annotations

import re
from typing import NamedTuple

from barometre_pipeline.spreadsheets.format_sections import Condition, Section, months_shown, section_of
from barometre_pipeline.spreadsheets.number_formats import Allowance, NumberFormat, of_sections
from barometre_pipeline.spreadsheets.parts import Attributes, local, without_prefixes

_NUMBER_STYLES = frozenset(
    {"number-style", "percentage-style", "date-style", "time-style", "currency-style", "boolean-style", "text-style"}
)
_CONDITION = re.compile(r"value\(\)\s*(<=|>=|!=|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{0,15})?)")
# What shows a number, or as much of it as there is beside the texts; a boolean and a text show themselves.
_PLACES = frozenset({"number", "scientific-number", "fraction", "text-content", "boolean"})
_DATE_PARTS = {"year": "y", "quarter": "q", "month": "m", "week-of-year": "d", "day": "d", "hours": "h"}
_RAISED = re.compile("super|0{0,9}[1-9]")
_DEEPEST = 20  # styles above a style


class _NumberStyle:
    """A number style while it is met: its format's tokens, and the styles that apply in its place to some numbers."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.is_scaled = False
        self.tokens: list[str] = []
        self.maps: list[tuple[Condition, str]] = []
        self.parts: set[str] = set()  # of a date

    def section(self, condition: Condition | None = None) -> Section:
        """Return what it does."""
        if self.kind in ("date-style", "time-style"):
            is_date = self.kind == "date-style"
            return Section(condition, is_date, months_shown(self.parts) * is_date, is_duration=not is_date)
        found = section_of(self.tokens)
        percents = int(self.kind == "percentage-style")
        return found._replace(condition=condition, percents=percents, scaled=self.is_scaled)


class Look(NamedTuple):
    """How a text looks; None is as what is around it."""

    raised: bool | None = None
    struck: bool | None = None


PLAIN = Look()


class Styles:
    """Takes the styles from the XML of styles.xml and content.xml."""

    def __init__(self) -> None:
        self.hidden_tables: set[str] = set()
        self._looks: dict[tuple[str, str], Look] = {}  # by family and name
        self._struck: dict[str, bool] = {}
        self._family = ""
        self._parents: dict[str, str] = {}
        self._number_styles_of: dict[str, str] = {}
        self._number_styles: dict[str, _NumberStyle] = {}
        self._formats: dict[str, NumberFormat | None] = {}
        self._allowance = Allowance()
        self._style = ""  # the one that is being described
        self._number_style: _NumberStyle | None = None

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
            self._number_style = _NumberStyle(tag)
            self._number_styles[without_prefixes(attributes).get("name", "")] = self._number_style
        elif self._number_style is not None:
            _describe(self._number_style, tag, without_prefixes(attributes))

    def text(self, text: str) -> None:
        """Meet text: what a number style writes around the number, or within it."""
        if self._number_style is not None and not text.isspace():
            self._number_style.tokens.append(f'"{text}"')

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        tag = local(name)
        if tag in _NUMBER_STYLES:
            self._number_style = None
        elif tag == "embedded-text" and self._number_style is not None:
            self._number_style.tokens.append("0")

    def number_format(self, style: str) -> NumberFormat | None:
        """Return what a cell's style does to numbers, None where it shows them as they are stored."""
        if style not in self._formats:
            self._formats[style] = self._format(style)
        return self._formats[style]

    def months(self, style: str) -> int:
        """Return how long the period is that a cell's style shows of a date, 0 where it shows the day."""
        format_ = self.number_format(style)
        return format_.months if format_ else 0

    def _format(self, style: str) -> NumberFormat | None:
        for _ in range(_DEEPEST):
            if style in self._number_styles_of:
                break
            style = self._parents.get(style, "")
        found = self._number_styles.get(self._number_styles_of.get(style, ""))
        if found is None:
            return None
        others = [(condition, self._number_styles.get(name, found)) for condition, name in found.maps]
        self._allowance.take(sum(map(len, (*found.tokens, *(text for _, other in others for text in other.tokens)))))
        sections = [*(other.section(condition) for condition, other in others), found.section()]
        return of_sections(";".join("".join(one.tokens) for one in (*(other for _, other in others), found)), sections)

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


def _describe(style: _NumberStyle, tag: str, given: Attributes) -> None:
    if part := _DATE_PARTS.get(tag):
        style.parts.add(part)
    elif tag in _PLACES:
        style.tokens.append("0")
        style.is_scaled |= given.get("display-factor", "1") not in ("1", "1.0")
    elif tag == "map" and (found := _CONDITION.fullmatch(given.get("condition", "").strip())):
        style.maps.append((Condition(found[1], float(found[2])), given.get("apply-style-name", "")))


def _look_of(given: Attributes) -> Look:
    """Return what the properties of a text say; its position is `super`, or by how much it is raised."""
    through = [given[key] for key in ("text-line-through-style", "text-line-through-type") if key in given]
    position = given.get("text-position")
    is_raised = None if position is None else _RAISED.match(position) is not None
    return Look(is_raised, "none" not in through if through else None)
