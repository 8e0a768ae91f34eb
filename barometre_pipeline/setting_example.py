"""`deploy/.env.example`: every setting with its sentence, each to be uncommented. `make docs` writes it again."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from barometre_pipeline.settings import Settings

_WIDTH = 110
_HEAD = """\
# The settings of an installation, a line VARIABLE=value each; `barometre settings` shows what they then are.
# Copy it: to /etc/barometre.env for the units of systemd, to deploy/.env for Compose.
# The keys in the catalogue's addresses, ${VARIABLE}, are variables too, to be added here.
"""


def example() -> str:
    """Return the text of the file."""
    return _HEAD + "".join(f"\n{part}\n" for part in _parts())


def _parts() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        said = textwrap.fill(field.description or "", _WIDTH, initial_indent="# ", subsequent_indent="# ")
        yield f"{said}\n#{Settings.variable(name)}="


if __name__ == "__main__":
    Path("deploy/.env.example").write_text(example(), encoding="utf-8")
