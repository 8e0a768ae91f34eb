"""The Table Schema of each main CSV file, laid out as schema.data.gouv.fr wants a repository of one schema.

A folder a schema: `schema.json`, README.md, CHANGELOG.md, and the first rows of the published file as a valid example.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from barometre_pipeline.catalogue.model import General
from barometre_pipeline.documents.markdown import in_link, in_markdown
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.french import day
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.layout import PlannedFile
from barometre_pipeline.publish.tree.schema import Column, Schema
from barometre_pipeline.publish.tree.wording import in_a_title

PROFILES = "https://datapackage.org/profiles/2.0"
EXAMPLE = "exemple-valide.csv"
_EXAMPLE_ROWS = 10
# The types of published columns, as Table Schema has them; those that are not here are texts.
_TYPES: Mapping[str, dict[str, Any]] = {
    "nombre": {"type": "number"},
    "entier": {"type": "integer"},
    "date": {"type": "date"},
    "booleen": {"type": "boolean", "trueValues": ["vrai"], "falseValues": ["faux"]},
}
TEMPLATES = Templates(
    Path(__file__).with_name("schema_templates"),
    given=("described", "general", "schema", "path"),
    filters={"cell": in_markdown, "address": in_link, "day": day},
    autoescape=False,
)


def schema_files(
    contents: Contents, planned: PlannedFile, part: Part, described: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the folder of a main file's schema, as `schema_of` describes it."""
    path = schema_path(contents.schema, part)
    folder = path.rpartition("/")[0]
    shown = {"general": contents.catalogue.general, "schema": contents.schema, "path": planned.path}
    yield path, as_json(described)
    for name in ("README.md", "CHANGELOG.md"):
        yield f"{folder}/{name}", TEMPLATES.render(name, described=described, **shown).encode()
    yield f"{folder}/{EXAMPLE}", _example(contents.folder / planned.path)


def _example(file: Path) -> bytes:
    """Return the header and the first rows of a CSV file, as they are in it: a cell may hold line ends."""
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.reader(opened)
        for _ in islice(reader, 1 + _EXAMPLE_ROWS):
            pass
        opened.seek(0)
        return "".join(islice(opened, reader.line_num)).encode()


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
    level = f", {in_a_title(schema.mailles[part.maille])}" if part.maille else ""
    found = {
        "$schema": f"{PROFILES}/tableschema.json",
        "name": f"{general.prefixe}-{schema_name(schema, part)}".lower(),
        "title": f"{general.titre} – {table.titre}{level}",
        "description": table.description.strip(),
        "version": schema.version,
        "created": schema.versions[-1].date.isoformat(),
        "lastModified": schema.versions[0].date.isoformat(),
        "contributors": [publisher(general) | {"role": "author"}],
        "licenses": [licence(general)],
        "resources": [{"name": "exemple-valide-csv", "title": "Fichier valide (CSV)", "path": EXAMPLE}],
        "fields": [_field(column, column.nom in keys) for column in columns],
        "missingValues": [""],
    }
    liens = general.liens
    if homepage := liens.documentation or liens.code or liens.jeu or liens.site:
        found["homepage"] = homepage
    return found | ({"primaryKey": keys} if keys else {})


def _field(column: Column, is_key: bool) -> dict[str, Any]:
    about = {"name": column.nom, **_TYPES.get(column.type, {"type": "string"}), "description": column.description}
    return about | ({"constraints": {"required": True}} if is_key else {})


def publisher(general: General) -> dict[str, Any]:
    """Return the barometer's producer as a contributor."""
    return {"title": general.producteur, "roles": ["publisher"]} | (
        {"email": general.contact.courriel} if general.contact.courriel else {}
    )


def licence(general: General) -> dict[str, str]:
    """Return the licence of the publication."""
    one = general.licence
    return {"name": one.id, "title": one.libelle} | ({"path": one.url} if one.url else {})


def as_json(content: Mapping[str, Any]) -> bytes:
    """Return a document as it is published: indented, its accents as they are."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
