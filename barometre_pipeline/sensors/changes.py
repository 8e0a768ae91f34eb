"""Which deliveries are no more, at their addresses, what the edition was built from; what is stored stays as it is.

A look holds no lock: a run may store deliveries meanwhile.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from barometre_pipeline.builds import recorded_origin
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.extract.stores import SftpKeys
from barometre_pipeline.resources.deliveries import copy_stored, valid_snapshot
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings

# A sensor has a minute in all. What does not answer meanwhile is asked again the next day.
_LIMITS = Limits(deadline=25, longest=40, attempts=1)
_SCRATCH = ".veille-"
_LEFT_OVER = 3_600  # seconds: no look lasts so long


def changed_deliveries(settings: Settings, catalogue: Catalogue, edition: Edition) -> dict[str, dict[str, str]]:
    """Return the sha256 of each file of the deliveries of which the edition's build has others, by their ids.

    Servers are asked for what they have under the conditions that were stored; a delivery that fails is no change. Of
    an edition that is not built, every delivery is new.
    """
    home = settings.home
    _discard_leftovers(home.root)
    origin = recorded_origin(home, edition)
    built = origin.livraisons if origin else {}
    with tempfile.TemporaryDirectory(dir=home.root, prefix=_SCRATCH) as scratch:
        folder, stored = Path(scratch) / str(edition), Path(scratch) / "stockees"
        copy_stored(home.deliveries(edition), stored, (d.id for d in catalogue.livraisons))
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
        arrived = [valid_snapshot(folder, one.livraison) for one in outcomes if one.failure is None]
        manifests = [snapshot.manifest for snapshot in arrived if snapshot]
    found = {m.livraison: {fichier.nom: fichier.sha256 for fichier in m.fichiers} for m in manifests}
    return {livraison: sums for livraison, sums in found.items() if sums != built.get(livraison)}


def _discard_leftovers(home: Path) -> None:
    """Remove what looks that were killed left."""
    for folder in home.glob(f"{_SCRATCH}*"):
        if time.time() - folder.stat().st_mtime > _LEFT_OVER:
            shutil.rmtree(folder, ignore_errors=True)
