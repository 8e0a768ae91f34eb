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
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.runs.lock import make_home
from barometre_pipeline.settings import Settings

_log = logging.getLogger(__name__)


@contextmanager
def told_where_it_fails() -> Iterator[None]:
    """Tell people why the pipeline does not load, the same reason once a day, and let the error through."""
    try:
        yield
    except Exception as error:
        try:
            _tell(error)
        except Exception as failure:
            # Whatever hinders the telling: the first error is the one to see.
            _log.warning("Nobody could be told: %s", Secrets().scrub(str(failure)))
        raise


def _tell(error: Exception) -> None:
    # A setting may be what is wrong: the others say whom to tell.
    settings, _ = Settings.read_what_is_right()
    channels = channels_of(settings)
    if not channels:
        return
    make_home(settings.home.root)
    said = str(error) if isinstance(error, BarometreError) else f"{type(error).__name__}: {error}"
    sentence = Secrets(*settings.secret_values).scrub(said)
    key = f"{date.today()}/{hashlib.sha256(sentence.encode()).hexdigest()[:12]}"
    for failure in Sent(settings.home.alerts).send([messages.not_loaded(key, sentence)], channels):
        _log.warning("%s", failure)
