"""datapackage.json (Frictionless Data Package 2), for programs: each CSV of the root and each table published whole.

The schema of each of them is in `schemas`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from barometre_pipeline.catalogue.model import General
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.companions.schemas import (
    PROFILES,
    as_json,
    licence,
    publisher,
    schema_files,
    schema_name,
    schema_of,
    schema_path,
)
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.layout import PlannedFile, main_files
from barometre_pipeline.publish.tree.manifest import is_data
from barometre_pipeline.slugs import slug

DATAPACKAGE = "datapackage.json"
DIALECT = {"header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n"}


def datapackage(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Yield the schema of each main CSV file, then the package that lists them."""
    resources = []
    for planned in main_files(contents.catalogue, contents.schema, "csv"):
        ((_, part, _),) = planned.parts
        described = schema_of(contents.schema, part, contents.catalogue.general)
        yield from schema_files(contents, planned, part, described)
        resources.append(_resource(contents, planned, part, described))
    yield DATAPACKAGE, as_json(_package(contents, resources))


def _resource(contents: Contents, planned: PlannedFile, part: Part, described: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": slug(schema_name(contents.schema, part)),
        "type": "table",
        "path": planned.path,
        "title": described["title"],
        "description": described["description"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": (contents.folder / planned.path).stat().st_size,
        "hash": f"sha256:{contents.digests[planned.path]}",
        "dialect": DIALECT,
        "schema": schema_path(contents.schema, part),
    }


def _package(contents: Contents, resources: list[dict[str, Any]]) -> dict[str, Any]:
    general, edition = contents.catalogue.general, contents.edition
    fictitious = "Données fictives, écrites pour une démonstration. " if contents.provenance.demonstration else ""
    found = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": package_name(general),
        "title": f"{general.titre} – {edition}",
        "description": f"{fictitious}{(general.presentation or general.titre).strip()}",
        "version": _version(contents),
        "licenses": [licence(general)],
        "contributors": [publisher(general)],
        "sources": [
            {"title": f"{d.ministere} – {d.livraison}"} | ({"path": d.adresse} if "://" in d.adresse else {})
            for d in sorted(contents.provenance.deliveries, key=lambda d: d.livraison)
        ],
        "resources": resources,
    }
    return found | ({"homepage": general.liens.jeu} if general.liens.jeu else {})


def package_name(general: General) -> str:
    """Return the name of the package: the dataset's, or the prefix where no letter of that may be in a name."""
    return slug(general.jeu_de_donnees) or general.prefixe.lower()


def _version(contents: Contents) -> str:
    """Return a semantic version: the edition's, and what its data are, as two publications of it may differ."""
    data = "".join(digest for path, digest in sorted(contents.digests.items()) if is_data(path))
    return f"{contents.edition.annee}.{contents.edition.trimestre}.0+{hashlib.sha256(data.encode()).hexdigest()[:12]}"
