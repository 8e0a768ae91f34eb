"""The body of an HTTP answer, written to a file within limits of size and time.

Neither the announced length nor the compression is believed: bytes are counted as they arrive and as they
unpack. The requests are made in `http`.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import requests

from barometre_pipeline.resources.retries import Deadline, HttpError, TransientError

_CHUNK = 1 << 18


def write_body(response: requests.Response, file: BinaryIO, limit: int, deadline: Deadline) -> None:
    """Write the body of a streamed answer, at most `limit` bytes of it; HttpError says what is wrong with it."""
    expected = _announced_length(response, limit)
    size = 0
    for chunk in _decoded(_received(response, expected, limit, deadline), response.headers.get("Content-Encoding", "")):
        size += len(chunk)
        if size > limit:
            raise HttpError(too_big(limit))
        file.write(chunk)


def _announced_length(response: requests.Response, limit: int) -> int | None:
    announced = response.headers.get("Content-Length")
    if announced is None or "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    if not announced.strip().isdecimal():
        raise HttpError("announces a length that is not a number")
    if int(announced) > limit:
        raise HttpError(too_big(limit))
    return int(announced)


def _received(response: requests.Response, expected: int | None, limit: int, deadline: Deadline) -> Iterator[bytes]:
    """Yield the body as it arrives, watching its size and its pace; it must be as long as announced."""
    started, size = time.monotonic(), 0
    # read1 returns what is there; read would wait for a whole chunk, however slow.
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > limit:
            raise HttpError(too_big(limit))
        deadline.note_progress(size, expected, time.monotonic() - started)
        yield chunk
    if expected is not None and size != expected:
        raise TransientError(f"is truncated: {size:,} bytes of the {expected:,} that it announces")


def _decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Undo a compression that was not asked for, never more than a chunk at a time."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        named = encoding if len(encoding) < 20 else "something"  # never cut: half of a secret could not be masked
        raise HttpError(f"is sent compressed as {named!r}, which was not asked for")
    inflate = zlib.decompressobj(wbits=47)
    try:
        for chunk in chunks:
            while chunk:
                if inflate.eof:
                    inflate = zlib.decompressobj(wbits=47)
                yield inflate.decompress(chunk, _CHUNK)
                chunk = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error:
        raise TransientError("is sent compressed, and the compressed data are damaged") from None
    if not inflate.eof:
        raise TransientError("is truncated: its compressed data have no end")


def too_big(limit: int) -> str:
    """Say that a file is bigger than so many bytes."""
    return f"is bigger than the {limit / 1_000_000:,.0f} MB allowed (taille_maximale)"
