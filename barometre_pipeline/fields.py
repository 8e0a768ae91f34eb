"""The kinds of fields that the files of a catalogue are made of: names, texts, editions.

The models that use them are in `catalogue`, and in `formats` for how a file is written.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _portable_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", text):
        raise ValueError("only letters without accents, digits, '-', '_' and '.', as it names files and assets")
    return text


def _edition(text: str) -> str:
    if not re.fullmatch(r"\d{4}-T[1-4]", text):
        raise ValueError("an edition is written as in 2022-T1")
    return text


def as_text(value: Any) -> Any:
    """YAML reads an unquoted 01 or 75 as a number; an identifier is text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_character(text: str) -> str:
    if len(text) != 1:
        raise ValueError("one character is needed")
    return text


def _host(text: str) -> str:
    try:
        written = text.strip().rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        written = ""
    if not re.fullmatch(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", written):
        raise ValueError("must be the name of a host, as data.gouv.fr, or *.gouv.fr for those below it")
    return written


def _label(text: str) -> str:
    seen = next((c for c in text if unicodedata.category(c)[0] not in "ZC"), text[0])
    if text[0] in "\t\r\n" or seen in "=+@-＝＋－＠":
        raise ValueError(f"begins with {seen!r}, which a spreadsheet takes for a formula: begin with a word")
    return text


MAIL = r"[^\s@<>,]+@[^\s@<>,]+"  # the pattern of a mail address

Name = Annotated[str, AfterValidator(_portable_name)]
# Four of them make the name of a published file: no disk takes one of more than 255 characters.
FileWord = Annotated[str, Field(max_length=50), AfterValidator(_portable_name)]
Text = Annotated[str, BeforeValidator(as_text), Field(min_length=1)]
Label = Annotated[Text, AfterValidator(_label)]  # published as it is, in files that spreadsheets open
EditionName = Annotated[str, AfterValidator(_edition)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$")]
Mail = Annotated[str, Field(pattern=rf"^{MAIL}$")]
Host = Annotated[str, AfterValidator(_host)]
Character = Annotated[str, AfterValidator(_one_character)]


class Strict(BaseModel):
    """A model that refuses the keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
