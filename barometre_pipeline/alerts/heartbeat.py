"""Tells that the daemon lives, to whoever watches the file or the address: what stops coming is the alert."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from barometre_pipeline.errors import BarometreError
from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings


def beat(settings: Settings, now: datetime) -> str | None:
    """Write the file, or ask the address, where one is set; return why it could not be, None where all is well."""
    place = settings.alertes_battement
    if place is None:
        return None
    try:
        if "://" in place:
            secrets, host = Secrets(*settings.secret_values, place), urlsplit(place).hostname or ""
            with HttpDoor(secrets, Limits(attempts=1), trusted=(host,)) as door:
                status = door.call("GET", place, headers={}).status
            if not 200 <= status < 300:
                return f"Battement : {host} répond {status} : voir BAROMETRE_ALERTES_BATTEMENT."
        else:
            write_file(Path(place), f"{now:%Y-%m-%dT%H:%M:%SZ}\n")
    except (BarometreError, OSError) as error:
        return f"Battement : {error}"
    return None
