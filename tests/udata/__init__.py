"""The real udata, for tests: its environment and its server, and a stand-in portal that misbehaves on demand."""

from dataclasses import replace

from pydantic import SecretStr

from barometre_pipeline.publish.portal.client import LIMITS, Datagouv
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.secrets import Secrets


def a_portal(url: str, jeu: str, key: str, pause: float = 0.05, **limits: float) -> Datagouv:
    """Our door to a portal, as a run has it, but for its limits: tests wait less."""
    return Datagouv(url, jeu, SecretStr(key), HttpDoor(Secrets(), replace(LIMITS, pause=pause, **limits)))
