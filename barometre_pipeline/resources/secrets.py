"""Secrets, kept out of everything that is written or shown: every door registers its own with the one scrubber.

A URL of the catalogue names its key, `https://example.org/export?token=${MINISTERE_TOKEN}`; the value is in the
environment only, and is filled in here. Nothing here makes a request.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from html.entities import html5
from urllib.parse import quote, unquote

from barometre_pipeline.errors import SourceError

MASK = "***"
_REGISTERING = threading.Lock()  # deliveries are fetched at once: none may undo what another one registers
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAMES = (
    r"(?:[\w.-]*(?:token|secret|password|passwd|signature|credential|api[_-]?key|access[_-]?key(?:id)?)|"
    r"key|cle|sig|pwd|pass|jwt|auth|authorization|session(?:id)?|GoogleAccessId)"
)
_PARAMETER = re.compile(rf"(?i)([?&;#]{_NAMES}=)([^&;#\s'\"]+)")
_SURE_PARAMETER = re.compile(r"(?i)[?&;#][\w.-]*(?:token|secret|password|passwd|signature|api[_-]?key)=([^&;#\s'\"]+)")
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)([^/?#\s'\"@]+(?:@[^/?#\s'\"@]+)*)@")
_NAMED = re.compile(r"(?i)sftp://[^:]*")  # the user of an SFTP server is no secret; that of http may be a token
_SHARED = r"[\w+/-]"  # a character of base64
_SHORTEST = 4  # characters: a shorter value would mask innocent text


def names_in(template: str) -> list[str]:
    """Return the variables that a text names."""
    return _PLACEHOLDER.findall(template)


def badly_written(template: str) -> str | None:
    """Return the beginning of a placeholder that is none, or None."""
    left = _PLACEHOLDER.sub("", template)
    return left[left.index("${") :][:20] if "${" in left else None


class Secrets:
    """The secret values met in a run; `scrub` hides them, and whatever looks like one, in any text."""

    def __init__(self, *values: str) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}  # by value, the longest first
        for value in values:
            self.register(value)

    def register(self, value: str) -> None:
        """Remember a secret, however it may be written; one so short that it is in any word is not one."""
        forms = {form for form in (value, unquote(value), value[::-1]) if len(form) >= _SHORTEST} - {MASK}
        with _REGISTERING:
            if not forms <= self._patterns.keys():
                longest_first = sorted(forms | self._patterns.keys(), key=len, reverse=True)
                self._patterns = {form: self._patterns.get(form) or _however_written(form) for form in longest_first}

    def fill(self, template: str) -> str:
        """Return the URL with its `${VARIABLE}` placeholders filled; a variable that is not set is a SourceError."""
        filled = _PLACEHOLDER.sub(lambda match: quote(self._value(match[1], "url"), safe=""), template)
        self._learn(filled)
        return filled

    def fill_text(self, template: str, key: str) -> str:
        """Return a text that is no URL with its placeholders filled; `key` is where the catalogue has it."""
        return _PLACEHOLDER.sub(lambda match: self._value(match[1], key), template)

    def _value(self, variable: str, key: str) -> str:
        found = os.environ.get(variable)
        if not found:
            raise SourceError(f"its {key} needs the environment variable {variable}, which is not set")
        if not found.isprintable():
            raise SourceError(f"its {key} needs the environment variable {variable}, which holds more than one line")
        self.register(found)
        return found

    def scrub(self, text: str) -> str:
        """Return the text with secrets masked; a placeholder stays, as it is none."""
        for pattern in self._patterns.values():
            text = pattern.sub(MASK, text)
        text = _USERINFO.sub(lambda m: m[0] if _is_innocent(m) else f"{m[1]}{_masked_user(m[2])}@", text)
        return _PARAMETER.sub(lambda m: m[0] if _PLACEHOLDER.fullmatch(m[2]) else m[1] + MASK, text)

    def _learn(self, url: str) -> None:
        """Remember the password of a URL, and what its parameters hold that are named like a secret.

        But for `key` and the like, which also name innocent things: those are masked in URLs only.
        """
        for match in _SURE_PARAMETER.finditer(url):
            self.register(match[1])
        for match in _USERINFO.finditer(url):
            if not _is_innocent(match):
                user, _, password = match[2].partition(":")
                self.register(password or match[2])
                sent = f"{unquote(user)}:{unquote(password)}"  # in a header
                self.register(b64encode(sent.encode()).decode())


def _however_written(value: str) -> re.Pattern[str]:
    """Build what finds a value whose characters may each be encoded, once or several times, or all at once."""
    data = value.encode(errors="surrogateescape")
    ways = ["".join(map(_one_or_encoded, value)), f"(?i:{data.hex()})", *(_in_base64(data, lead) for lead in range(3))]
    return re.compile("|".join(ways))


@cache
def _one_or_encoded(char: str) -> str:
    """Return the pattern of a character in text, URL, JSON, Python or HTML, in any case, in UTF-8 or Latin-1."""
    ways = [way for one in (" +" if char in " +" else char) for way in _ways(one)]  # each of these stands for the other
    return f"(?i:{'|'.join(ways)})"


def _ways(char: str) -> Iterator[str]:
    encoded = {char.encode(errors="surrogateescape"), char.encode("latin-1", errors="ignore")} - {b""}
    for data in encoded:
        yield "".join(f"%(?:25)*{byte:02x}" for byte in data)
        yield re.escape(data.decode("latin-1"))
    yield re.escape(char) if char.isalnum() else rf"\\{{0,8}}{re.escape(char)}"
    units = re.findall("....", char.encode("utf-16-be", errors="surrogatepass").hex())
    yield "".join(rf"\\{{1,8}}(?:u\{{?|x)0*{unit.lstrip('0')}\}}?" for unit in units)
    names = [name.rstrip(";") for name, meant in html5.items() if meant == char]
    yield f"&(?:amp;)*(?:{'|'.join([f'#0*{ord(char)}', f'#x0*{ord(char):x}', *names])});?"


def _in_base64(data: bytes, lead: int) -> str:
    """Return the pattern of bytes in base64, in either alphabet, where `lead` bytes of a group of three are before."""
    first, bits = lead + bool(lead), 8 * (lead + len(data))
    core = b64encode(bytes(lead) + data).decode()[first : bits // 6]
    other = {"+": "-", "/": "_"}
    written = "".join(f"(?:{_one_or_encoded(c)}|{other[c]})" if c in other else c for c in core)
    # The characters at both ends also hold bits of what stands beside.
    return f"{_SHARED if lead else ''}{written}{_SHARED if bits % 6 else ''}(?:=|%(?:25)*3[dD])*"


def _is_innocent(match: re.Match[str]) -> bool:
    return bool(_PLACEHOLDER.fullmatch(match[2]) or _NAMED.fullmatch(match[1] + match[2]))


def _masked_user(userinfo: str) -> str:
    _, colon, password = userinfo.partition(":")
    if colon and _PLACEHOLDER.fullmatch(password):
        return userinfo
    return MASK


class ScrubbingFilter(logging.Filter):
    """Masks the secrets of log records before any handler sees them."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's text by the scrubbed one; every record passes."""
        record.msg, record.args = self._secrets.scrub(record.getMessage()), ()
        return True
