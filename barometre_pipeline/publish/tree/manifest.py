"""Where an edition comes from, and what comes with the data to tell it to programs: the manifest and the checksums.

The texts for people are in `notices`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.builds import SUMS, Origin, origin_identity
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.home import Home
from barometre_pipeline.package_files import code_identity, code_version

README, LICENCE, MANIFEST = "README.md", "LICENCE.md", "manifeste.json"
NOTICES = (LICENCE, README, MANIFEST, SUMS)

_DELIVERIES = """
    select livraison, ministere, fichiers, sha256, edition_origine
    from raw.livraisons
    order by livraison
"""


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


def provenance_of(connection: duckdb.DuckDBPyConnection, edition: Edition, report: Path) -> Provenance:
    """Return the provenance of the edition in this warehouse, its alerts read from its report's folder."""
    deliveries = tuple(
        Delivery(id_, ministere, tuple(map(DeliveredFile, names, digests)), origin)
        for id_, ministere, names, digests, origin in connection.execute(_DELIVERIES).fetchall()
    )
    (demonstration,) = connection.execute("select demonstration from catalogue.edition").fetchall()[0]
    return Provenance(
        deliveries=deliveries,
        demonstration=demonstration,
        code_version=code_version(),
        retards=tuple((d.livraison, d.edition) for d in deliveries if d.edition != str(edition)),
        alertes=_alerts(report / "rapport.json"),
    )


def origin_of(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, provenance: Provenance, home: Home
) -> Origin:
    """Return what the build of this warehouse is made from; `home` has the edition that it is compared with."""
    ((compared_with,),) = connection.execute("select edition from precedente.edition").fetchall()
    return Origin(
        livraisons={d.livraison: {f.nom: f.sha256 for f in d.fichiers} for d in provenance.deliveries},
        retards=dict(provenance.retards),
        demonstration=provenance.demonstration,
        catalogue=catalogue.version,
        code=code_identity(),
        comparee_a=compared_with,
        origine_comparee=origin_identity(home, compared_with and Edition.parse(compared_with)),
    )


def _alerts(facts: Path) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for rule in json.loads(facts.read_text(encoding="utf-8"))["regles"]:
        if rule["statut"] == "alerte":
            counts[rule["regle"]] = counts.get(rule["regle"], 0) + rule["nombre"]
    return tuple(sorted(counts.items()))


def manifest(
    catalogue: Catalogue,
    edition: Edition,
    provenance: Provenance,
    schema: str,
    files: int,
    rows: dict[str, int],
) -> bytes:
    """Return the manifest: what the edition is made of, its schema's version, its data files, rows of its main ones."""
    content = {
        "titre": catalogue.general.titre,
        "edition": str(edition),
        "demonstration": provenance.demonstration,
        "schema": schema,
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


def is_demonstration(files: Path) -> bool:
    """Tell whether a built tree says that its numbers are fictitious."""
    return bool(_manifest(files)["demonstration"])


def figures_of(files: Path) -> dict[str, int]:
    """Return the figures of a built tree for a commit's message: values of the détail, rows of the synthèse."""
    rows = _manifest(files)["lignes"]
    return {
        "valeurs": sum(n for path, n in rows.items() if "-detail-" in path),
        "syntheses": sum(n for path, n in rows.items() if "-synthese-" in path),
    }


def _manifest(files: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((files / MANIFEST).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError) as error:
        raise PublicationError(f"{files / MANIFEST}: cannot be read ({error}); build the edition again.") from None
