"""CSV, TSV and the like. How a text is cut into rows is in `csv_rows`."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from typing import Any

from barometre_pipeline.formats.csv_rows import rows_of
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import Sheet, below_headings
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_NO_BREAK_SPACE = "\u00a0"


def _read(source: Source) -> Iterator[Sheet]:
    return below_headings(source, None, rows_of(source, source.open_text(), source.described.separateur))


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := sample.no_text("csv"):
        return reason
    if sample.has_wide_characters(described):
        return None
    text = sample.plain_head.strip()
    if not text and sample.is_whole:
        return "holds nothing but blanks"
    if text.startswith((b"{", b"[")) and sample.tail.rstrip().endswith((b"}", b"]")):
        return "is JSON and not a csv file"
    if text.startswith(b"<?xml"):
        return "is XML and not a csv file"
    sample.file.seek(0)
    while chunk := sample.file.read(1 << 20):
        if b"\x00" in chunk:
            return "is not text: it holds NUL bytes (if it is UTF-16, give its encodage in the catalogue)"
    return None


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    (table,) = tables
    encoding = described.encodage or "utf-8"
    text = io.StringIO(newline="")
    windows = encoding.lower().replace("-", "") in ("cp1252", "utf16")
    writer = csv.writer(text, delimiter=described.separateur, lineterminator="\r\n" if windows else "\n")
    numbers: dict[float, str] = {}

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return numbers.get(value) or numbers.setdefault(value, _number(value, described.decimale))
        return value

    text.write("".join(f"{title}\n" for title in table.above))
    writer.writerow(table.headings)
    writer.writerows(map(cell, row) for row in table.rows)
    writer.writerows([note] for note in table.below)
    return _encoded(text.getvalue(), encoding)


def _number(value: float, mark: str) -> str:
    """Return a number as text: a decimal comma goes with no-break spaces between thousands."""
    plain = str(int(value)) if value.is_integer() else repr(value)
    if mark == "." or "e" in plain:
        return plain.replace(".", mark)
    whole, _, decimals = plain.partition(".")
    grouped = f"{int(whole):,}".replace(",", _NO_BREAK_SPACE) if abs(value) >= 10_000 else whole
    return f"{grouped},{decimals}" if decimals else grouped


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        # An encoding that lacks some letters: names are compared without accents anyway.
        plain = unicodedata.normalize("NFKD", text.replace(_NO_BREAK_SPACE, ""))
        return plain.encode(encoding, "ignore")


CSV = Format("csv", ("csv", "tsv", "txt"), _read, _refusal, _write)
