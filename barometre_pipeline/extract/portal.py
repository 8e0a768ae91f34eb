"""The door to data.gouv.fr as a source: a dataset's resources, and which of them are wanted.

Only public reads, so no key is sent. Publishing there is the job of `publish.portal`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from barometre_pipeline.catalogue.words import is_found
from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.retries import Deadline

CHECKSUMS = ("sha1", "sha256", "sha512", "md5")


@dataclass(frozen=True)
class Ressource:
    """One resource: `url` is the stable one, `file_url` names the file; `checksum` is (type, hexadecimal)."""

    id: str
    title: str
    url: str
    file_url: str
    checksum: tuple[str, str] | None
    created_at: str


@dataclass(frozen=True)
class Jeu:
    """A dataset: its slug or id as asked, its licence's id, its resources."""

    name: str
    licence: str | None
    ressources: tuple[Ressource, ...]

    def one(self, wanted: str) -> Ressource:
        """Return the resource with this id or title; SourceError where there is none, or several of that title."""
        found = [r for r in self.ressources if r.id == wanted] or [r for r in self.ressources if r.title == wanted]
        if not found:
            raise SourceError(f"the dataset {self.name} has no resource {wanted!r}; it has {self._titles()}")
        if len(found) > 1:
            ids = ", ".join(sorted(r.id for r in found))
            raise SourceError(f"the dataset {self.name} has several resources {wanted!r}: name one by its id ({ids})")
        return found[0]

    def matching(self, pattern: str) -> list[Ressource]:
        """Return the resources whose title matches, by title then id; SourceError where there is none."""
        found = [r for r in self.ressources if is_found(pattern, r.title)]
        if not found:
            raise SourceError(f"no resource of the dataset {self.name} matches {pattern!r}; it has {self._titles()}")
        return sorted(found, key=lambda r: (r.title, r.id))

    def _titles(self) -> str:
        titles = sorted({r.title for r in self.ressources})
        more = f" and {len(titles) - 20} more" if len(titles) > 20 else ""
        return (", ".join(repr(title) for title in titles[:20]) or "none") + more


def read_jeu(door: HttpDoor, portal: str, name: str, scratch: Path, deadline: Deadline) -> Jeu:
    """Read a dataset by its slug or id; `scratch` is a file name to work with."""
    url = f"{portal}/api/1/datasets/{quote(name, safe='')}/"
    answer = door.read_json(url, scratch, deadline)
    try:
        ressources = tuple(_ressource(one, portal) for one in answer["resources"])
        licence = answer.get("license")
        return Jeu(name, licence if isinstance(licence, str) else None, ressources)
    except (KeyError, TypeError, AttributeError):
        raise SourceError(
            f"{door.secrets.scrub(url)} does not answer as data.gouv.fr does: no list of resources"
        ) from None


def _ressource(one: dict[str, Any], portal: str) -> Ressource:
    file_url = str(one["url"])
    url = str(one.get("latest") or file_url)
    # A portal behind https that names itself with http is corrected: nothing may be read in the clear.
    if urlsplit(portal).scheme == "https" and urlsplit(url).hostname == urlsplit(portal).hostname:
        url = re.sub(r"^http://", "https://", url)
    title, created_at = str(one.get("title") or ""), str(one.get("created_at") or "")
    return Ressource(str(one["id"]), title, url, file_url, _checksum(one.get("checksum")), created_at)


def _checksum(announced: Any) -> tuple[str, str] | None:
    if not isinstance(announced, dict) or not announced.get("value"):
        return None
    kind = str(announced.get("type", "")).lower().replace("-", "")
    return (kind, str(announced["value"]).strip().lower()) if kind in CHECKSUMS else None
