"""The texts and styles of .xlsx workbooks: shared texts, what a style does to a cell, the looks of a text's runs."""

from __future__ import annotations

import re

from barometre_pipeline.spreadsheets.cells import Value, raised, struck
from barometre_pipeline.spreadsheets.number_formats import BUILT_IN, Formats
from barometre_pipeline.spreadsheets.parts import Attributes, Parts, is_true, local, without_prefixes

HEART = "xl/workbook.xml"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Runs:
    """Follows the runs of a text: figures that are raised, and whether anything in it `is_struck` through."""

    def __init__(self) -> None:
        self.is_struck = False
        self._raises = self._strikes = False

    def start(self, tag: str, given: Attributes) -> None:
        """Meet the beginning of an element."""
        if tag == "vertAlign":
            self._raises = without_prefixes(given).get("val") == "superscript"
        elif tag == "strike":
            self._strikes = is_true(without_prefixes(given).get("val", "1"))

    def end(self, tag: str) -> None:
        """Meet the end of an element."""
        if tag == "r":
            self._raises = self._strikes = False

    def seen(self, text: str) -> str:
        """Return a piece of the run as it is seen."""
        self.is_struck |= self._strikes and not text.isspace()
        return raised(text) if self._raises else text


class Styles:
    """What each style, by its number as cells write it, does: `formats` to numbers, `struck` are struck through."""

    def __init__(self, parts: Parts) -> None:
        self.struck: set[str] = set()
        self.formats = Formats()
        self._styles = 0
        self._codes = {str(number): code for number, code in BUILT_IN.items()}
        self._fonts = 0
        self._struck_fonts: set[str] = set()
        self._within = ""
        parts.parse(part_beside(parts, "styles"), self._start, self._end)

    def _start(self, name: str, given: Attributes) -> None:
        tag = local(name)
        if tag in ("numFmts", "fonts", "cellXfs"):
            self._within = tag
        elif tag == "numFmt" and self._within == "numFmts":
            self._codes[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag == "font" and self._within == "fonts":
            self._fonts += 1
        elif tag == "strike" and self._within == "fonts" and is_true(given.get("val", "1")):
            self._struck_fonts.add(str(self._fonts - 1))
        elif tag == "xf" and self._within == "cellXfs":
            self._add(str(self._styles), given)
            self._styles += 1

    def _add(self, style: str, given: Attributes) -> None:
        self.formats.add(style, self._codes.get(given.get("numFmtId", "")))
        if given.get("fontId") in self._struck_fonts:
            self.struck.add(style)

    def _end(self, name: str) -> None:
        if local(name) == self._within:
            self._within = ""


def strings(parts: Parts) -> list[Value]:
    """Return the texts that the cells share, without their phonetic guides."""
    found: list[Value] = []
    pieces: list[str] = []
    within: set[str] = set()  # a text, a phonetic guide
    runs = Runs()

    def start(name: str, attributes: Attributes) -> None:
        tag = local(name)
        if tag == "si":
            pieces.clear()
            runs.is_struck = False
        elif tag in ("t", "rPh"):
            within.add(tag)
        else:
            runs.start(tag, attributes)

    def end(name: str) -> None:
        tag = local(name)
        within.discard(tag)
        runs.end(tag)
        if tag == "si":
            shown = unescaped("".join(pieces))
            found.append(struck(shown) if runs.is_struck else shown)

    def text(text: str) -> None:
        if "t" in within and "rPh" not in within:
            pieces.append(runs.seen(text))

    parts.parse(part_beside(parts, "sharedStrings"), start, end, text)
    return found


def unescaped(text: str) -> str:
    """Return a text whose characters that XML cannot hold are written by their numbers."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def part_beside(parts: Parts, kind: str) -> str:
    """Return the part of a kind: that which the workbook's relations lead to, whatever its name."""
    usual = f"xl/{kind}.xml"
    return usual if usual in parts else next((p for p in parts.relations(HEART).values() if kind in p), usual)
