"""Reads a file that people edit as text: its size is bounded, it is in UTF-8, and it holds nothing but text.

What the text says is for `yaml_files`, `csv_files`, the SQL models and the templates.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from barometre_pipeline.errors import EditedFileError

# Nobody writes more by hand; what is larger was put there by mistake.
LARGEST = 20_000_000

_NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, name: str) -> str:
    """Read a whole file as text; EditedFileError calls it `name`."""
    return decoded(read_bytes(path, name), name)


def read_bytes(path: Path, name: str) -> bytes:
    """Read a whole file; EditedFileError where it is missing, too large, or cannot be read."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise EditedFileError([f"{name}: is not a file."])
        if about.st_size > LARGEST:
            raise EditedFileError(
                [f"{name}: the file has {about.st_size:,} bytes; {LARGEST:,} are the most that is read."]
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise EditedFileError([f"{name}: the file is missing."]) from None
    except OSError as error:
        raise EditedFileError([f"{name}: cannot be read ({error.strerror})."]) from None


def decoded(content: bytes, name: str) -> str:
    """Return the text of a file, without its byte-order mark; EditedFileError where it is no text in UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, error.start + 1
        raise EditedFileError([f"{name}, line {line}: byte {byte} is not UTF-8; save the file in UTF-8."]) from None
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise EditedFileError([f"{name}, line {line}: holds U+{ord(found[0]):04X}, which no text holds; remove it."])
    return text
