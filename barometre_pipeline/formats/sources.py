"""One file of a delivery: what the catalogue says of how it is written, its bytes, and the text that they are.

How it is found among the members of a zip is in `opening`; what the bytes mean is each format's business.
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Literal, NoReturn, TextIO

from pydantic import AfterValidator, Field

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.fields import Character, Name, Strict, Text
from barometre_pipeline.formats.encodings import likely_encoding
from barometre_pipeline.placeholders import known_placeholders

# A text that may hold what stands for the edition.
Address = Annotated[Text, AfterValidator(known_placeholders)]

_PIECE = 1 << 20  # bytes


class FileDescription(Strict):
    """How a delivery's file is written: all that formats know of the catalogue."""

    id: Name
    fichier: Address | None = None  # the member of a zip
    encodage: str | None = None
    separateur: Character = ","
    decimale: Literal[".", ","] = "."
    feuille: Address | None = None
    feuilles: dict[str, Name] | None = None
    feuilles_indicateur: dict[str, Name] | None = None
    ligne_entete: int | None = Field(default=None, ge=1)
    lignes_entete: tuple[Annotated[int, Field(ge=1)], ...] = ()  # headings on several rows, joined by a space
    racine: str | None = None
    memoire_maximale: int = Field(default=512, ge=64)  # MB that reading it may take

    @property
    def column_names(self) -> list[str]:
        """Return the headings that the catalogue names, which formats with nested cells look for."""
        return []

    @property
    def reads_untitled(self) -> bool:
        """Tell whether what stands under no heading is looked at; the catalogue may ignore it."""
        return True

    @property
    def sheet_names(self) -> list[str]:
        """Return the sheets that the catalogue names; none where it leaves the choice."""
        return [self.feuille] if self.feuille else list(self.feuilles or self.feuilles_indicateur or ())


@dataclass(frozen=True)
class Source:
    """One file as bytes; `name` is its name, or that of the zip's member."""

    described: FileDescription
    name: str
    content: bytes
    is_page: bool = False  # one of several that were followed to their end: it need not be whole

    def fail(self, what: str, sheet: str | None = None) -> NoReturn:
        """Raise the ReadingError that names the delivery, the file and the sheet."""
        place = f", sheet {sheet!r}" if sheet is not None else ""
        end = "" if what.endswith((".", "?", "…")) else "."
        raise ReadingError(plain_name(f"{self.described.id}: {self.name}{place}: {what}{end}"))

    def open_text(self) -> TextIO:
        """Open the text that `text` returns, to be read line after line; ends of lines are left as they are."""
        declared = self.described.encodage or "utf-8"
        name = codecs.lookup(declared).name
        codec = "utf-8-sig" if name == "utf-8" else declared
        if not _is_sound(self.content, codec) or (not name.startswith("utf") and _is_plainly_utf_8(self.content)):
            return io.StringIO(self.text(), newline="")  # which says what is wrong
        opened = io.TextIOWrapper(io.BytesIO(self.content), codec, newline="")
        if opened.read(1) != "\ufeff":
            opened.seek(0)
        return opened

    def text(self, encoding: str | None = None) -> str:
        """Return the text, without its byte-order mark; a wrong `encodage` is an error with its line, never a guess."""
        declared = encoding or self.described.encodage or "utf-8"
        name = codecs.lookup(declared).name
        if not name.startswith("utf") and _is_plainly_utf_8(self.content):
            self.fail(f"is declared in {declared} but is written in utf-8: correct `encodage`")
        try:
            text = self.content.decode("utf-8-sig" if name == "utf-8" else declared)
        except (UnicodeError, ValueError) as error:
            line = self.content.count(b"\n", 0, getattr(error, "start", 0)) + 1
            self.fail(f"line {line} is not {declared}{_hint(self.content, name)}")
        if "\0" in text:
            self.fail(f"line {text.count(chr(10), 0, text.index(chr(0))) + 1} has NUL bytes: is it utf-16?")
        return text.removeprefix("\ufeff")


def plain_name(name: str) -> str:
    """Return a name that others chose (a member, a sheet) without what a terminal obeys, or does not show."""
    return "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def _is_plainly_utf_8(content: bytes) -> bool:
    return not content.isascii() and _is_sound(content, "utf-8", nul=True)


def _is_sound(content: bytes, encoding: str, nul: bool = False) -> bool:
    """Tell whether bytes are a text, and one without NUL unless that is allowed; a piece is in memory at a time."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            piece = decoder.decode(content[start : start + _PIECE], start + _PIECE >= len(content))
            if "\0" in piece and not nul:
                return False
    except (UnicodeError, ValueError):
        return False
    return True


def _hint(content: bytes, declared: str) -> str:
    guess = likely_encoding(content)
    if codecs.lookup(guess).name == declared:
        return "; say which one it is with `encodage`"
    return f"; it looks like {guess}: say so with `encodage`"
