"""What .xlsx and .ods share: zips of XML, which are verified without building their cells and written undated.

A sheet of a few figures may have a million empty rows, or a value in its last corner: a reader that lays them out fills
the memory. How far a sheet reaches is told by each format, how far it may reach is here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import as_clause, check_archive, open_zip, true_content
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.resources.zips import add_member

# Members that tell a workbook from a zip that holds files.
WORKBOOK_MEMBERS = frozenset({"[Content_Types].xml", "mimetype", "content.xml"})

MAX_SPARSE_ROWS = 200_000  # a longer sheet must hold values in at least every second row
MAX_EXTENT = 50_000_000  # cells: rows times columns
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def zip_refusal(
    sample: Sample,
    format_: str,
    heart: str,
    problem_of: Callable[[str], Callable[[Iterable[bytes]], str | None] | None],
) -> str | None:
    """Return why a file is no sound workbook of a format that is a zip, or None.

    `heart` is the member without which it is none; `problem_of` gives, by its name, what tells a member's problem.
    """
    if not sample.is_zip:
        return f"is {sample.kind} and not an {format_} workbook"
    try:
        check_archive(sample.file, "it")
        with open_zip(sample.file, "it") as archive:
            names = archive.namelist()
            for member in archive.infolist():
                problem = problem_of(member.filename)
                if told := problem and problem(_whole_tags(true_content(archive, member, "it"))):
                    return f"{member.filename}: {told}"
    except ReadingError as error:
        return as_clause(error)
    return None if heart in names else f"is a zip file but not an {format_} workbook (it has no {heart})"


def extent_problem(rows: int, columns: int, values: int) -> str | None:
    """Return why a sheet that reaches so far for so few values is refused, or None."""
    if rows > MAX_SPARSE_ROWS and values * 2 < rows:
        return f"it has {rows:,} rows, nearly all of them empty: delete the empty rows around the table"
    if rows * columns > MAX_EXTENT:
        return f"it reaches over {rows:,} rows and {columns:,} columns: delete what is far from the table"
    return None


def _whole_tags(content: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the pieces again so that no tag lies across two of them."""
    rest = b""
    for piece in content:
        text = rest + piece
        cut = text.rfind(b">") + 1
        # A "tag" longer than this is none: it is scanned as it is, so that the work stays linear.
        if cut == 0 and len(text) > 1 << 16:
            cut = len(text)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def undated(file: io.BytesIO) -> bytes:
    """Return a workbook without the time at which it was written."""
    result = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(result, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                content = _STAMP.sub(b"1980-01-01T00:00:00Z", content)
            add_member(target, member.filename, content, method=member.compress_type)
    return result.getvalue()
