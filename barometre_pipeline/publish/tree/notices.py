"""What comes with the data: the README and the licence in French, the manifest, the checksums.

Written from the catalogue, the public schema and the provenance: no clock, no environment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.schema import public_schema

README, LICENCE, MANIFEST, SUMS = "README.md", "LICENCE.md", "manifeste.json", "SHA256SUMS"
NOTICES = (LICENCE, README, MANIFEST, SUMS)

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class DeliveredFile:
    """A file as received: its name and its sha256, in hexadecimal."""

    nom: str
    sha256: str


@dataclass(frozen=True)
class Delivery:
    """A delivery that the edition was built from; `edition` is the one that it was fetched for."""

    livraison: str
    ministere: str
    fichiers: tuple[DeliveredFile, ...]
    edition: str


@dataclass(frozen=True)
class Provenance:
    """Where an edition comes from: deliveries, code, and what its readers must be told.

    `retards` are the deliveries (id, edition of origin) that an earlier edition's files stand for;
    `alertes` the quality rules that let the edition pass with a warning, and how many rows each.
    """

    deliveries: tuple[Delivery, ...]
    demonstration: bool
    code_version: str
    retards: tuple[tuple[str, str], ...] = ()
    alertes: tuple[tuple[str, int], ...] = ()


def readme(catalogue: Catalogue, edition: Edition, provenance: Provenance) -> bytes:
    """Return the README of the dataset, in French."""
    return _rendered(README, catalogue, edition, provenance)


def licence(catalogue: Catalogue, edition: Edition, provenance: Provenance) -> bytes:
    """Return the licence notice, in French."""
    return _rendered(LICENCE, catalogue, edition, provenance)


def manifest(catalogue: Catalogue, edition: Edition, provenance: Provenance, files: int, rows: dict[str, int]) -> bytes:
    """Return the manifest: what the edition is made of, its data files and the rows of its main ones."""
    content = {
        "titre": catalogue.general.titre,
        "edition": str(edition),
        "demonstration": provenance.demonstration,
        "schema": public_schema().version,
        "catalogue": catalogue.version,
        "code": provenance.code_version,
        "fichiers": files,
        "lignes": dict(sorted(rows.items())),
        "livraisons": [
            {
                "livraison": d.livraison,
                "ministere": d.ministere,
                "edition": d.edition,
                "fichiers": [{"nom": f.nom, "sha256": f.sha256} for f in d.fichiers],
            }
            for d in sorted(provenance.deliveries, key=lambda d: d.livraison)
        ],
        "retards": [{"livraison": id_, "edition": origin} for id_, origin in sorted(provenance.retards)],
        "alertes": dict(sorted(provenance.alertes)),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def checksums(digests: dict[str, str]) -> bytes:
    """Return the SHA256SUMS file of these paths and digests, as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def _rendered(template: str, catalogue: Catalogue, edition: Edition, provenance: Provenance) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    environment.filters["number"] = _number
    text = environment.get_template(template).render(
        general=catalogue.general,
        catalogue=catalogue,
        edition=edition,
        provenance=provenance,
        schema=public_schema(),
        quarter=("premier", "deuxième", "troisième", "quatrième")[edition.trimestre - 1],
    )
    return text.encode()


def _cell(text: str) -> str:
    """Make a text that others chose harmless in a Markdown table: no markup, no break."""
    plain = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#!" else c for c in plain)


def _number(n: int) -> str:
    """Write a count as French readers do, with narrow no-break spaces."""
    return f"{n:,}".replace(",", "\u202f")
