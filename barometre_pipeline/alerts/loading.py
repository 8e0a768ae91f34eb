"""A pipeline that does not load: nothing of it runs any more, its watch neither, so that it is told at once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from barometre_pipeline.alerts import messages
from barometre_pipeline.alerts.channels import channels_of
from barometre_pipeline.alerts.sent import Sent
from barometre_pipeline.errors import BarometreError
from barometre_pipeline.runs.lock import make_home
from barometre_pipeline.settings import Settings

_log = logging.getLogger(__name__)


@contextmanager
def told_where_it_fails(settings: Settings) -> Iterator[None]:
    """Tell people why the pipeline does not load, the same reason once a day, and let the error through."""
    try:
        yield
    except BarometreError as error:
        channels = channels_of(settings)
        if channels:
            make_home(settings.home.root)
            key = f"{date.today()}/{hashlib.sha256(str(error).encode()).hexdigest()[:12]}"
            for failure in Sent(settings.home.alerts).send([messages.not_loaded(key, str(error))], channels):
                _log.warning("%s", failure)
        raise
