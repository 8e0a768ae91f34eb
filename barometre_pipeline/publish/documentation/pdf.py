"""The PDF of the documentation, by Typst: tagged for screen readers (PDF/UA-1), the same bytes for the same edition."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import EditedFileError

LAYOUT = Path(__file__).with_name("documentation.typ")
_FILE = LAYOUT.relative_to(Path(__file__).parents[3]).as_posix()
# A book of no indicator: the layout is read whole, and what every book shows is laid out.
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("titre", "producteur", "licence", "arrete", "sans_chiffre"), "-"),
    **{name: [] for name in ("presentation", "engagements", "secteurs", "lexique")},
    "edition": "2021-T1",
    "date": {"year": 2021, "month": 3, "day": 31},
    "demonstration": False,
    "discussion": None,
    "bilan": {"comptes": [], "listes": []},
}


def as_pdf(book: Mapping[str, Any], edition: Edition) -> bytes:
    """Return the PDF of a book, dated of its edition's end; EditedFileError names the layout's line."""
    try:
        return typst.compile(
            LAYOUT,
            root=LAYOUT.parent,
            format="pdf",
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(book, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=dt.datetime.combine(edition.end, dt.time(), dt.UTC),
        )
    except typst.TypstError as error:
        place = re.search(rf"{re.escape(LAYOUT.name)}:(\d+)", error.diagnostic)
        where = f"{_FILE}, line {place[1]}" if place else _FILE
        raise EditedFileError([f"{where}: {error.message}."]) from None


def layout_problems() -> list[str]:
    """Return what is wrong in the layout, as far as it can be told without a catalogue."""
    try:
        as_pdf(_EMPTY, Edition(2021, 1))
    except EditedFileError as error:
        return error.problems
    return []


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts that come with Typst: the machine's own would make other bytes elsewhere."""
    return typst.Fonts(include_system_fonts=False)
