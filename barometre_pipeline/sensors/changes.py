"""Which deliveries changed at their addresses since they were stored; what is stored stays as it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.extract.stores import SftpKeys
from barometre_pipeline.resources.deliveries import Snapshot, valid_snapshot
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings

# A sensor has a minute in all. What does not answer meanwhile is asked again the next day.
_LIMITS = Limits(deadline=25, longest=40, attempts=1)


def changed_deliveries(settings: Settings, catalogue: Catalogue, edition: Edition) -> dict[str, list[str]]:
    """Return the sha256 of the files of each delivery that is no more what is stored for this edition, by its id.

    Servers are asked for what they have under the conditions that were stored; a delivery that fails is no change.
    """
    stored = settings.home.deliveries(edition)
    with tempfile.TemporaryDirectory(dir=settings.home.root, prefix=".veille-") as scratch:
        folder = Path(scratch) / str(edition)
        outcomes = fetch_deliveries(
            catalogue.at(edition).livraisons,
            edition.fill(settings.sources or ""),
            folder,
            edition,
            earlier=[(edition, stored)],
            door=HttpDoor(Secrets(*settings.secret_values), _LIMITS, allowed=catalogue.general.hotes_autorises),
            portal=settings.portal_read,
            keys=SftpKeys(settings.sftp_hotes, settings.sftp_cle),
        )
        arrived = {one.livraison: valid_snapshot(folder, one.livraison) for one in outcomes if one.failure is None}
    found = {livraison: _contents(snapshot) for livraison, snapshot in arrived.items()}
    return {one: sums for one, sums in found.items() if sums and sums != _contents(valid_snapshot(stored, one))}


def _contents(snapshot: Snapshot | None) -> list[str]:
    return [fichier.sha256 for fichier in snapshot.manifest.fichiers] if snapshot else []
