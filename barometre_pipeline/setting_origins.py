"""Where each setting comes from, as `barometre settings` shows it, and the variables that look like one and are none.

Which settings there are is in `settings`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from barometre_pipeline.home import Home
from barometre_pipeline.settings import Settings, dotenv_variables

_PREFIXES = ("BAROMETRE_", "DATAGOUV_")
# What Kubernetes says to each pod of a service that has our name.
_OF_A_SERVICE = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_[A-Z]+(_(PROTO|PORT|ADDR))?)?)$")


@dataclass(frozen=True)
class Shown:
    """A setting as people see it: its variable, its value (a secret is masked), and where that comes from."""

    nom: str
    valeur: str
    origine: str  # option, environnement, fichier or defaut
    secret: bool


def shown_settings(
    settings: Settings, options: Mapping[str, object] | None = None, wrong: Collection[str] = ()
) -> Iterator[Shown]:
    """Yield every setting but the `wrong` ones, in the order of their fields."""
    file, given = dotenv_variables(), options or {}
    for name, field in type(settings).model_fields.items():
        if name in wrong:
            continue
        value = getattr(settings, name)
        value = value.root if isinstance(value, Home) else value
        variable = settings.variable(name)
        places = {"option": given.get(name), "environnement": os.environ.get(variable), "fichier": variable in file}
        origin = next((place for place, there in places.items() if there), "defaut")
        yield Shown(variable, _written(value), origin, "SecretStr" in str(field.annotation))


def _written(value: object) -> str:
    """Write a value as one would write it in the environment."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def unknown_variables() -> Iterator[str]:
    """Yield a sentence for each variable, of the environment or of the file, that is named as a setting and is none.

    They stop nothing: another version may know them.
    """
    known = {Settings.variable(name) for name in Settings.model_fields}
    in_a_pod = "KUBERNETES_SERVICE_HOST" in os.environ
    for found in sorted({*os.environ, *dotenv_variables()} - known):
        if found.upper().startswith(_PREFIXES) and not (in_a_pod and _OF_A_SERVICE.search(found)):
            near = difflib.get_close_matches(found.upper(), sorted(known), n=1)
            yield f"{found} is no setting{f'; the closest is {near[0]}' if near else ''}."
