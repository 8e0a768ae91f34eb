"""The PDF of the documentation, by Typst: tagged for screen readers (PDF/UA-1), the same bytes for the same edition."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError

LAYOUT = Path(__file__).with_name("documentation.typ")


def as_pdf(book: Mapping[str, Any], edition: Edition) -> bytes:
    """Return the PDF of a book, dated of its edition's end."""
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
        raise PublicationError(f"{LAYOUT.name}: {error.message}.") from None


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts that come with Typst: the machine's own would make other bytes elsewhere."""
    return typst.Fonts(include_system_fonts=False)
