"""What people read with the data, in French: the README and the licence, from their templates.

Written from the catalogue, the public schema and the provenance: no clock, no environment. What programs read, the
manifest and the checksums, is in `manifest`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.documents.markdown import in_link, in_markdown
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import day, number
from barometre_pipeline.publish.tree.layout import LeftOut
from barometre_pipeline.publish.tree.manifest import LICENCE, README, Provenance
from barometre_pipeline.publish.tree.schema import FileKind, Schema, level_columns
from barometre_pipeline.publish.tree.wording import whole_and_parts

# What is told of an edition beside its files: how the numbers moved, which may be doubted, where each file is.
CHAPTERS = ("changes", "with_target", "alerts", "folders", "archive", "notes")
_NO_CHAPTERS: Mapping[str, object] = MappingProxyType({})
_OF_THE_README = (*CHAPTERS, "schema", "left_out", "levels", "level_columns", "territories", "paths", "quarter")


def readme(
    catalogue: Catalogue,
    schema: Schema,
    edition: Edition,
    provenance: Provenance,
    left_out: Sequence[LeftOut] = (),
    chapters: Mapping[str, object] = _NO_CHAPTERS,
) -> bytes:
    """Return the README of the dataset, in French.

    `left_out` are the sheets that no workbook has, `chapters` what is told besides (see `companions.chapters`).
    """
    mailles = list(schema.mailles.values())
    return _rendered(
        README,
        catalogue,
        edition,
        provenance,
        schema=schema,
        left_out=left_out,
        levels=whole_and_parts(mailles),
        level_columns=[(m.nom, column) for m in mailles for column in level_columns(m)],
        territories=[m for m in mailles if m.territoires],
        paths={name: _shown_path(kind, schema, catalogue) for name, kind in schema.fichiers.items()},
        **{name: chapters.get(name) for name in CHAPTERS},
        quarter=("premier", "deuxième", "troisième", "quatrième")[edition.trimestre - 1],
    )


def licence(catalogue: Catalogue, edition: Edition, provenance: Provenance) -> bytes:
    """Return the licence notice, in French."""
    return _rendered(LICENCE, catalogue, edition, provenance)


def _shown_path(kind: FileKind, schema: Schema, catalogue: Catalogue) -> str:
    """Return a path as the README shows it: at the root, or in a sector's folder where such files are only there."""
    prefix, root = catalogue.general.prefixe, ""
    if kind.by_territory and not any(m.territoires and m.a_la_racine for m in schema.mailles.values()):
        prefix, root = f"{prefix}-{{prefixe}}", schema.racine_secteur
    return kind.chemin.replace("{racine}", root).replace("{p}", prefix)


def _rendered(template: str, catalogue: Catalogue, edition: Edition, provenance: Provenance, **more: object) -> bytes:
    text = TEMPLATES.render(
        template, general=catalogue.general, catalogue=catalogue, edition=edition, provenance=provenance, **more
    )
    return text.encode()


def _code(text: str) -> str:
    """Write a name as code, harmless in a Markdown table."""
    return f"`{' '.join(str(text).replace('`', chr(39)).split())}`".replace("|", "\\|")


def _codes(names: Sequence[str], between: str = ", ") -> str:
    """Write names as code, one after the other."""
    return between.join(map(_code, names))


TEMPLATES = Templates(
    Path(__file__).with_name("templates"),
    given=("general", "catalogue", "edition", "provenance", *_OF_THE_README),
    filters={
        "cell": in_markdown,
        "address": in_link,
        "code": _code,
        "codes": _codes,
        "number": number,
        "day": day,
    },
    autoescape=False,
)
