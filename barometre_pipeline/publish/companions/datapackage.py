"""datapackage.json (Frictionless Data Package 2) and the Table Schema of each CSV that it lists, for programs.

Columns, their types and their words are those of the public schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from barometre_pipeline.catalogue.model import General
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.layout import PlannedFile, main_files
from barometre_pipeline.publish.tree.schema import Column, Schema
from barometre_pipeline.slugs import slug

DATAPACKAGE = "datapackage.json"
_PROFILES = "https://datapackage.org/profiles/2.0"
# The types of published columns, as Table Schema has them; those that are not here are texts.
_TYPES: Mapping[str, dict[str, Any]] = {
    "nombre": {"type": "number"},
    "entier": {"type": "integer"},
    "date": {"type": "date"},
    "booleen": {"type": "boolean", "trueValues": ["vrai"], "falseValues": ["faux"]},
}
DIALECT = {"header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n"}


def datapackage(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Yield the schema of each main CSV file, then the package that lists them."""
    schema, general = contents.schema, contents.catalogue.general
    resources = []
    for planned in main_files(contents.catalogue, schema, "csv"):
        ((_, part, _),) = planned.parts
        described = schema_of(schema, part, general)
        yield schema_path(schema, part), _json(described)
        resources.append(_resource(contents, planned, part, described))
    yield DATAPACKAGE, _json(_package(contents, resources))


def schema_name(schema: Schema, part: Part) -> str:
    """Return what the schema of a main file is called: `synthese-national`, or the name of a table published whole."""
    return f"{part.table}-{schema.mailles[part.maille].nom}" if part.maille else part.table


def schema_path(schema: Schema, part: Part) -> str:
    """Return where the schema of a main file is in a tree."""
    return f"schema/{schema_name(schema, part)}/schema.json"


def schema_of(schema: Schema, part: Part, general: General) -> dict[str, Any]:
    """Return the Table Schema of a main file, with what schema.data.gouv.fr asks beside the fields."""
    table = schema.tables[part.table]
    columns = schema.columns(part.table, part.maille)
    keys = [c.nom for c in columns if part.maille and c.mart_column in ("id_indicateur", "code", "date")]
    level = f", {schema.mailles[part.maille].libelle_pluriel}" if part.maille else ""
    found = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "name": f"{general.prefixe}-{schema_name(schema, part)}".lower(),
        "title": f"{general.titre} – {table.titre}{level}",
        "description": table.description.strip(),
        "version": schema.version,
        "contributors": [_publisher(general)],
        "fields": [_field(column, column.nom in keys) for column in columns],
        "missingValues": [""],
    }
    if general.liens.documentation:
        found["homepage"] = general.liens.documentation
    return found | ({"primaryKey": keys} if keys else {})


def _field(column: Column, is_key: bool) -> dict[str, Any]:
    about = {"name": column.nom, **_TYPES.get(column.type, {"type": "string"}), "description": column.description}
    return about | ({"constraints": {"required": True}} if is_key else {})


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
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": slug(general.jeu_de_donnees),
        "title": f"{general.titre} – {edition}",
        "description": f"{fictitious}{(general.presentation or general.titre).strip()}",
        "version": _version(edition),
        "licenses": [_licence(general)],
        "contributors": [_publisher(general)],
        "sources": [
            {"title": f"{d.ministere} – {d.livraison}"} | ({"path": d.adresse} if "://" in d.adresse else {})
            for d in sorted(contents.provenance.deliveries, key=lambda d: d.livraison)
        ],
        "resources": resources,
    }
    return found | ({"homepage": general.liens.jeu} if general.liens.jeu else {})


def _version(edition: Edition) -> str:
    """Return the edition as a semantic version: 2022.1.0."""
    return f"{edition.annee}.{edition.trimestre}.0"


def _licence(general: General) -> dict[str, str]:
    licence = general.licence
    return {"name": licence.id, "title": licence.libelle} | ({"path": licence.url} if licence.url else {})


def _publisher(general: General) -> dict[str, Any]:
    return {"title": general.producteur, "roles": ["publisher"]} | (
        {"email": general.contact.courriel} if general.contact.courriel else {}
    )


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
