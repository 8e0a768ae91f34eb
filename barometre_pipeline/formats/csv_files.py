"""CSV, TSV and the like; a row's number is the physical line where it begins."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from typing import Any

from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Row, Sheet, below_headings
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_NO_BREAK_SPACE = "\u00a0"


def _read(source: Source) -> list[Sheet]:
    return [below_headings(source, None, _numbered_rows(source, source.text()))]


def _numbered_rows(source: Source, text: str) -> Iterator[tuple[int, Row]]:
    # Strict: a quote left open would otherwise swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.described.separateur, strict=True)
    line, cells = 1, 0
    try:
        for row in reader:
            if "".join(row).strip():
                cells += len(row)
                if cells > MAX_CELLS:
                    source.fail(f"has more than {MAX_CELLS:,} cells: refused")
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        source.fail(f"line {line}: is not well-formed CSV ({error}); are the quotes and `separateur` right?")


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
