"""Parses one workbook in a process of its own: bytes on standard input, a pickle of rows on standard output.

A workbook can be made to ask for terabytes (one cell far away), and the parser then aborts rather than raises:
here it takes only this process with it. Run as a script, so it imports nothing of ours.
"""

import contextlib
import io
import pickle
import sys
import unicodedata
from typing import Any

import python_calamine

_MEMORY = 2 << 30  # bytes


def _limit_resources() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every platform has these limits
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _plain(name: str) -> str:
    """Return a name as sheets.clean() makes it."""
    return unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ").strip()


def _sheets(content: bytes, wanted: list[str], max_cells: int) -> tuple[list[str], dict[str, list[list[Any]]]]:
    """Return the names of all sheets, and the rows of those wanted (where none is, of the first filled one)."""
    workbook = python_calamine.load_workbook(io.BytesIO(content))
    found, cells = {}, 0
    for name in workbook.sheet_names:
        if wanted and _plain(name) not in wanted:
            continue
        sheet = workbook.get_sheet_by_name(name)
        cells += sheet.total_height * sheet.total_width
        if cells > max_cells:
            raise ValueError(f"the sheet {name!r} spans {sheet.total_height:,} rows and {sheet.total_width:,} columns")
        found[name] = sheet.to_python(skip_empty_area=False)
        if not wanted and any(cell != "" for row in found[name] for cell in row):
            break
    return workbook.sheet_names, found


def main() -> None:
    """Answer ("ok", names, rows by sheet) or ("error", what is wrong)."""
    _limit_resources()
    max_cells, *wanted = sys.argv[1:]
    answer: tuple[Any, ...]
    try:
        answer: tuple[Any, ...] = ("ok", *_sheets(sys.stdin.buffer.read(), wanted, int(max_cells)))
    except MemoryError:
        answer = ("error", "it needs more memory than is allowed")
    except BaseException as error:  # the parser's panics derive from BaseException
        answer = ("error", f"{error}".splitlines()[0] if f"{error}" else type(error).__name__)
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
