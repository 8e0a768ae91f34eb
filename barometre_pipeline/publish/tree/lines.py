"""The lines of a CSV file that stands written, of which others are made: none of them is held in memory.

Which lines make which file is in `rows`, writing the files in `writing`.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

AT_ONCE = 1 << 17  # rows
_MOST_RESIDENT = 64 << 20  # bytes of a file that may count as this process's memory


class WrittenLines:
    """The lines below the header of a CSV file; `lengths` are theirs, in bytes."""

    def __init__(self, file: Path, header: bytes, lengths: Sequence[pa.Array]) -> None:
        with file.open("rb") as opened:
            self._file = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        self._header = header
        ends = pc.cumulative_sum(pa.chunked_array(lengths, pa.int64()), start=len(header))
        offsets = pa.concat_arrays([pa.array([len(header)], pa.int64()), *ends.chunks]).buffers()[1]
        self._lines = pa.Array.from_buffers(pa.large_binary(), len(ends), [None, offsets, pa.py_buffer(self._file)])

    def __len__(self) -> int:
        return len(self._lines)

    def chosen(self, ranks: pa.Array) -> Iterator[bytes]:
        """Yield a CSV file of the lines of these ranks, in pieces."""
        yield self._header
        for first in range(0, len(ranks), AT_ONCE):
            yield end_to_end(self._lines.take(ranks.slice(first, AT_ONCE)))
            if len(self._file) > _MOST_RESIDENT:
                self._file.madvise(mmap.MADV_DONTNEED)


def end_to_end(lines: pa.Array) -> bytes:
    """Join lines: Arrow already keeps them end to end in one buffer."""
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    positions = memoryview(offsets).cast("q" if pa.types.is_large_binary(lines.type) else "i")
    joined: bytes = data[positions[lines.offset] : positions[lines.offset + len(lines)]].to_pybytes()
    return joined
