"""Bytes into text, as the catalogue declares the encoding; a wrong declaration is an error, never a guess."""

from __future__ import annotations

import codecs

from barometre_pipeline.formats.sources import Source

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(source: Source, encoding: str | None = None) -> str:
    """Return the text of a source, without its byte-order mark; ReadingError names the line of a wrong byte."""
    declared = encoding or source.livraison.encodage or "utf-8"
    content = source.contenu
    name = codecs.lookup(declared).name
    if not name.startswith("utf") and _is_plainly_utf_8(content):
        source.fail(f"is declared in {declared} but is written in utf-8: correct `encodage`")
    try:
        text = content.decode("utf-8-sig" if name == "utf-8" else declared)
    except (UnicodeError, ValueError) as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        source.fail(f"line {line} is not {declared}{_hint(content, name)}")
    if "\0" in text:
        source.fail(f"line {text.count(chr(10), 0, text.index(chr(0))) + 1} has NUL bytes: is it utf-16?")
    return text.removeprefix("\ufeff")


def _is_plainly_utf_8(content: bytes) -> bool:
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _hint(content: bytes, declared: str) -> str:
    if content.startswith(_UTF_16_MARKS):
        guess = "utf-16"
    elif declared != "utf-8" and _is_plainly_utf_8(content):
        guess = "utf-8"
    elif declared != "cp1252":
        guess = "cp1252"
    else:
        return "; say which one it is with `encodage`"
    return f"; it looks like {guess}: say so with `encodage`"
