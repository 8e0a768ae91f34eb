"""Where a delivery is: its catalogue entry and the base of relative URLs, made into one place to read.

Nothing is read here, but for links: a place outside of the base folder is refused, whatever leads there.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import SourceError, UsageError
from barometre_pipeline.formats.page_names import no_page_name
from barometre_pipeline.resources.schemes import REMOTE, scheme_of
from barometre_pipeline.resources.secrets import Secrets

_LONGEST_NAME = 120  # characters, well below what file systems take in any encoding
_RESERVED = ("manifest.json", "refuse")


@dataclass(frozen=True)
class Local:
    """A file of the base folder; `shown` is its URL as the catalogue gives it."""

    path: Path
    shown: str


@dataclass(frozen=True)
class Remote:
    """A file behind http or https, or in a store.

    `shown` is the URL with secrets masked or left as placeholders, `tail` what the catalogue gives of it.
    """

    url: str
    shown: str
    tail: str


@dataclass(frozen=True)
class Portal:
    """Resources of a dataset of data.gouv.fr: one by its title or id, or those whose title matches.

    Of these, the latest only (`derniere`), or all; in the order of their age where it counts (`par_age`).
    """

    jeu: str
    ressource: str | None
    ressources: str | None
    derniere: bool = False
    par_age: bool = False


Location = Local | Remote | Portal


def locate(livraison: Livraison, base: str | Path | None, secrets: Secrets) -> Location:
    """Return where a delivery is; SourceError where it may not be read, UsageError where the base is wrong."""
    if livraison.datagouv:
        place = livraison.datagouv
        latest, by_age = place.choix == "derniere", livraison.priorite is not None
        return Portal(place.jeu, place.ressource, place.ressources, latest, by_age)
    template = livraison.url or ""
    scheme = scheme_of(template)
    if scheme in REMOTE:
        return _remote(template, template, secrets)
    if scheme == "file":
        return _local(_path_of(template), template, base)
    if base is None:
        raise UsageError(f"The url {template!r} of {livraison.id} is relative: say to what with --sources.")
    if scheme_of(str(base)) in REMOTE:
        return _remote(_joined(str(base), template), template, secrets)
    return _local(Path(template), template, base)


def file_name(url_or_path: str, otherwise: str) -> str:
    """Return the name under which a file is kept: the one it has there, made harmless."""
    last = unquote(urlsplit(url_or_path).path).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r"[^\w.() +-]", "_", unicodedata.normalize("NFC", last)).strip(" .")
    if not name:
        return otherwise
    if len(name) > _LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: _LONGEST_NAME - 12] + dot + extension[-11:] if dot else name[:_LONGEST_NAME]
    return f"livraison-{name}" if name.lower() in _RESERVED else no_page_name(name)


def _path_of(file_url: str) -> Path:
    parts = urlsplit(file_url)
    if parts.netloc not in ("", "localhost"):
        raise SourceError(f"{file_url} names a machine; a file:// URL is written file:///folder/file")
    return Path(unquote(parts.path))


def _remote(template: str, tail: str, secrets: Secrets) -> Remote:
    url = secrets.fill(template)
    return Remote(url, secrets.scrub(template), secrets.scrub(tail))


def _joined(base: str, relative: str) -> str:
    """Join a relative URL to an http base: nothing but what is below the base can be named."""
    path, _, query = relative.partition("?")
    _refuse_climbing(unquote(path), relative)
    parts = urlsplit(base)
    whole = parts.path.rstrip("/") + "/" + _percent_encoded(path)
    return urlunsplit((parts.scheme, parts.netloc, whole, quote(query, safe="%/:@!$&'()*+,;=?{}") or parts.query, ""))


def _percent_encoded(path: str) -> str:
    """Encode a path, leaving alone what is encoded already and the placeholders of secrets."""
    encoded = quote(path, safe="/%:@!$&'()*+,;=~{}")
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)


def _refuse_climbing(path: str, shown: str) -> None:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or ".." in parts or "\0" in path:
        raise SourceError(f"its url {shown!r} leads outside of the base; it is to be a path below it")


def _local(path: Path, shown: str, base: str | Path | None) -> Local:
    folder = _base_folder(base)
    if folder is None:
        raise SourceError(f"{shown} is a file, but --sources is no folder: only files of that folder are read")
    if not path.is_absolute():
        _refuse_climbing(str(path), shown)
        path = folder / path
        if not path.exists() and "%" in shown:
            decoded = unquote(shown)
            _refuse_climbing(decoded, shown)
            path = folder / decoded
    try:
        real = path.resolve()
        inside = real.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        raise SourceError(f"{shown} cannot be followed: it is no path, or a link that goes round in circles") from None
    if not inside:
        raise SourceError(f"{shown} leads outside of {folder}; only files of that folder are read")
    if not real.exists():
        raise SourceError(f"there is no file {shown} in {folder}{_closest(path)}")
    if not real.is_file():
        raise SourceError(f"{shown} in {folder} is not a file")
    return Local(real, shown)


def _base_folder(base: str | Path | None) -> Path | None:
    scheme = scheme_of(str(base or ""))
    if base is None or scheme in REMOTE:
        return None
    if scheme not in ("", "file"):
        known = ", ".join(f"{one}://" for one in ("file", *REMOTE))
        raise UsageError(f"--sources: {scheme}:// is not read; give a folder, or a base that begins with {known}.")
    folder = _path_of(str(base)) if scheme else Path(base)
    if not folder.is_dir():
        raise UsageError(f"--sources: there is no folder {folder}.")
    return folder.absolute()


def _closest(path: Path) -> str:
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return f"; there is no folder {path.parent.name} either"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; the closest there is {near[0]}" if near else ""
