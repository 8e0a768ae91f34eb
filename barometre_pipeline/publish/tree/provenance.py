"""Where an edition comes from, as its tables and its quality report tell it.

What is written of it is in `notices`.
"""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import duckdb

from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.notices import MANIFEST, DeliveredFile, Delivery, Provenance

_DELIVERIES = """
    select livraison, ministere, fichiers, sha256, edition_origine
    from raw.livraisons
    order by livraison
"""


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
        code_version=importlib.metadata.version("barometre-pipeline"),
        retards=tuple((d.livraison, d.edition) for d in deliveries if d.edition != str(edition)),
        alertes=_alerts(report / "rapport.json"),
    )


def is_demonstration(files: Path) -> bool:
    """Tell whether a built tree says that its numbers are fictitious."""
    return _manifest(files)["demonstration"]


def figures_of(files: Path) -> dict[str, int]:
    """Return the figures of a built tree for a commit's message: values of the détail, rows of the synthèse."""
    rows = _manifest(files)["lignes"]
    return {
        "valeurs": sum(n for path, n in rows.items() if "-detail-" in path),
        "syntheses": sum(n for path, n in rows.items() if "-synthese-" in path),
    }


def _manifest(files: Path) -> dict:
    return json.loads((files / MANIFEST).read_text(encoding="utf-8"))


def _alerts(facts: Path) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for rule in json.loads(facts.read_text(encoding="utf-8"))["regles"]:
        if rule["statut"] == "alerte":
            counts[rule["regle"]] = counts.get(rule["regle"], 0) + rule["nombre"]
    return tuple(sorted(counts.items()))
