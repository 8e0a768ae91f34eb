"""The State's design system, from the folder of the npm package `@gouvfr/dsfr` that an operator installed.

Its terms reserve it to State sites: nothing of it is in the project. What is taken of it is one style sheet, of the few
components that pages use, and the fonts that it names; which pages have it is the business of those who make them.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

PACKAGE = "@gouvfr/dsfr"
STYLE = "dsfr.css"
_COMPONENTS = ("logo", "header", "navigation", "link", "input", "footer")
_PARTS = (
    "core/core.main.min.css",
    *(f"component/{one}/{one}.main.min.css" for one in _COMPONENTS),
    "scheme/scheme.min.css",  # the dark colours, after the light ones
)
_ADDRESS = re.compile(r"url\((?![\"']?data:)[\"']?(?P<path>[^)\"']*)[\"']?\)")
# Each font is there a second time for browsers of before 2016.
_OLD_FONT = re.compile(r",\s*url\([^)]*\.woff\)\s*format\(\"woff\"\)")
# Dark where the reader's system is, as the rest of the site, instead of by a script.
_DARK = re.compile(r":root\[data-fr-theme=dark\](?P<below>[^{},]*)\{(?P<rules>[^{}]*)\}")
_WHERE_DARK = r"@media(prefers-color-scheme:dark){:root\g<below>{\g<rules>}}"


class NotTheSystemError(ValueError):
    """The folder is not that of the package, or lacks some of it; the sentence says which."""


def read_dsfr(folder: Path) -> Mapping[str, bytes]:
    """Return the files that a site takes of the package in this folder, by their names."""
    about = folder / "package.json"
    try:
        name = json.loads(about.read_text("utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError):
        name = None
    if name != PACKAGE:
        raise NotTheSystemError(f"{folder} must be the folder of the npm package {PACKAGE}, with its package.json")
    files: dict[str, bytes] = {}
    styles = [_with_own_files(folder / "dist", part, files) for part in _PARTS]
    return {STYLE: "\n".join(styles).encode(), **dict(sorted(files.items()))}


def _with_own_files(dist: Path, part: str, files: dict[str, bytes]) -> str:
    """Return a style sheet whose fonts are beside it, put into `files`, and whose icons are in it."""

    def own(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(part), match["path"]))
        content = _content(dist, path)
        if path.endswith(".svg"):  # a mask, which a browser takes from no other file of a disk
            return f'url("data:image/svg+xml,{quote(content)}")'
        files[posixpath.basename(path)] = content
        return f"url({posixpath.basename(path)})"

    text = _OLD_FONT.sub("", _content(dist, part).decode("utf-8"))
    return _ADDRESS.sub(own, _DARK.sub(_WHERE_DARK, text))


def _content(dist: Path, path: str) -> bytes:
    try:
        if path.startswith("..") or not (dist / path).resolve().is_relative_to(dist.resolve()):
            raise NotTheSystemError(f"{dist}: {path} is not within the package")
        return (dist / path).read_bytes()
    except OSError as error:
        raise NotTheSystemError(f"{dist / path} cannot be read ({error.strerror}): install {PACKAGE} again") from error
