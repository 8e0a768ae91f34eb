"""Which publication the portal's dataset says that it holds."""

from __future__ import annotations

from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.dataset import EDITION_KEY, PUBLICATION_KEY


def public_edition(portal: Datagouv) -> str | None:
    """Return the tag of the publication that is public there, else its edition; None where we published nothing.

    PortalError says in one sentence why the portal does not tell.
    """
    extras = portal.dataset().extras
    found = extras.get(PUBLICATION_KEY) or extras.get(EDITION_KEY)
    return portal.shown(found) if isinstance(found, str) else None
