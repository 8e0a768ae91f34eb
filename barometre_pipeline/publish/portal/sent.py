"""Remembers the files sent as new resources, so that one sent and never named is known to be ours.

Written before each is sent. Without this record nothing of others is ever taken for ours: only such a file of an
earlier edition would stay.
"""

from __future__ import annotations

from pathlib import Path

from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.plan import Wanted
from barometre_pipeline.resources.atomic import read_record, write_record


class SentFiles:
    """The (file name, sha1) of each file sent as a new resource of one dataset."""

    def __init__(self, record: Path, portal: Datagouv):
        self._record, self._where = record, f"{portal.url} {portal.jeu}"

    def known(self) -> set[tuple[str, str]]:
        """Return what was sent so far."""
        return {(name, sha1) for name, sha1 in read_record(self._record).get(self._where, [])}

    def add(self, wanted: Wanted) -> None:
        """Remember a file that is about to be sent."""
        sent = sorted(self.known() | {(wanted.nom, wanted.sha1)})
        write_record(self._record, {**read_record(self._record), self._where: sent})
