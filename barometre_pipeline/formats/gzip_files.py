"""Files compressed by gzip (`data.csv.gz`): unpacked within bounds, refused where what is inside is packed again.

Raises ReadingError with one sentence that begins with `what`, the caller's name of the file. What the file inside
means is the formats' business; zips are in `archives`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import IO

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import MAX_UNPACKED, too_big

GZIP = b"\x1f\x8b"
SUFFIX = ".gz"
_CHUNK = 1 << 20


def is_gzip(content: bytes) -> bool:
    """Tell whether these bytes begin as a gzip does."""
    return content.startswith(GZIP)


def inner_name(name: str) -> str:
    """Return the name of the file inside: `data.csv` for `data.csv.gz`."""
    return name[: -len(SUFFIX)] if name.lower().endswith(SUFFIX) else name


def unpacked(file: IO[bytes], what: str) -> bytes:
    """Return what a gzip holds."""
    return b"".join(_pieces(file, what))


def check_gzip(file: IO[bytes], what: str) -> None:
    """Unpack the whole gzip into nothing: its checksum right, no more than MAX_UNPACKED bytes, and not packed again."""
    for _ in _pieces(file, what):
        pass


def _pieces(file: IO[bytes], what: str) -> Iterator[bytes]:
    total = 0
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file) as stream:
            while piece := stream.read(_CHUNK):
                if not total and is_gzip(piece):
                    raise ReadingError(f"{what} is a gzip in a gzip: compress the file once only.")
                total += len(piece)
                if total > MAX_UNPACKED:
                    raise ReadingError(too_big(what))
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise ReadingError(f"{what} is not a whole gzip file: it is truncated or damaged ({error}).") from None
    if not total:
        raise ReadingError(f"{what} is a gzip of nothing: the file inside is empty.")
