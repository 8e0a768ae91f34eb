"""Lists the resources of an edition for data.gouv.fr, from its built tree: files, titles, descriptions, sha1.

Makes the zip of the whole tree. What the portal has already is not known here.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.portal.plan import Wanted
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.manifest import LICENCE, README
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.wording import by_parts, listed
from barometre_pipeline.resources.atomic import discard, write_file
from barometre_pipeline.resources.zips import add_member

_COMPRESSED = (".xlsx", ".parquet", ".zip")


def wanted_resources(
    files: Path,
    catalogue: Catalogue,
    schema: Schema,
    workspace: Path,
    extensions: Collection[str],
    parquet: Path | None = None,
) -> tuple[list[Wanted], list[str]]:
    """Return the resources to publish, in their order, and the names of the files that the portal does not take.

    `workspace` is a folder for the zip; `parquet` one with the Parquet files of the schema. The notices go as
    `.md` where the portal takes it, else as `.txt`. PublicationError names a file that the tree lacks.
    """
    text = "md" if "md" in extensions else "txt"
    listed = [
        *_tables(files, catalogue, schema),
        *_workbook(files, catalogue, schema),
        _whole_tree(files, catalogue, schema, workspace),
        *(_parquet(catalogue, schema, parquet) if parquet else ()),
        *_notices(files, catalogue, text),
    ]
    taken = [one for one in listed if one.nom.rpartition(".")[2] in extensions]
    return taken, [one.nom for one in listed if one not in taken]


def zip_tree(files: Path, target: Path) -> None:
    """Write the whole tree in a zip: the same files give the same bytes."""

    def write(into: BinaryIO) -> None:
        with zipfile.ZipFile(into, "w") as archive:
            for file in _sorted_files(files):
                name = f"{target.stem}/{file.relative_to(files).as_posix()}"
                method = zipfile.ZIP_STORED if file.suffix in _COMPRESSED else zipfile.ZIP_DEFLATED
                add_member(archive, name, file.read_bytes(), method=method)

    write_file(target, write)


def _tables(files: Path, catalogue: Catalogue, schema: Schema) -> Iterator[Wanted]:
    for form in ("csv", "json"):
        for planned in main_files(catalogue, schema, form):
            ((_, part, _),) = planned.parts
            table = schema.tables[part.table]
            level = schema.mailles[part.maille].nom if part.maille else ""
            title = f"{table.titre}{f', {level}' if level else ''} ({form.upper()})"
            key = f"{form}/{part.table}{f'-{level}' if level else ''}"
            yield _wanted(key, files / planned.path, title, table.description)


def _workbook(files: Path, catalogue: Catalogue, schema: Schema) -> Iterator[Wanted]:
    for planned in main_files(catalogue, schema, "xlsx"):
        # Not written where none of its sheets would hold its rows; that a tree lost a file, its sums have told.
        if (files / planned.path).exists():
            title = "Classeur des synthèses et des détails (XLSX)"
            yield _wanted("xlsx/data", files / planned.path, title, schema.fichiers["classeur"].description)


def _whole_tree(files: Path, catalogue: Catalogue, schema: Schema, workspace: Path) -> Wanted:
    folder = workspace / "zip" / _digest(files)
    archive = folder / f"{catalogue.general.prefixe}.zip"
    if not archive.is_file():
        discard(folder.parent)
        folder.mkdir(parents=True)
        zip_tree(files, archive)
    divided = listed(["par secteur", *by_parts(schema.mailles.values())])
    return _wanted(
        "zip/tout",
        archive,
        "Ensemble des fichiers (ZIP)",
        f"Tous les fichiers de l'édition : {divided}, avec les notices.",
    )


def _parquet(catalogue: Catalogue, schema: Schema, folder: Path) -> Iterator[Wanted]:
    for name, table in schema.parquet.items():
        published = f"{catalogue.general.prefixe}-{table.chemin}"
        yield _wanted(
            f"parquet/{name}", folder / (table.chemin or ""), f"{table.titre} (Parquet)", table.description, published
        )


def _notices(files: Path, catalogue: Catalogue, extension: str) -> Iterator[Wanted]:
    for key, name, title, description in (
        (
            "lisez-moi",
            README,
            "Notice du jeu de données",
            "Le contenu des fichiers et leur provenance.",
        ),
        ("licence", LICENCE, "Licence et mention de la source", "Ce que chacun peut faire de ces données."),
    ):
        published = f"{catalogue.general.prefixe}-{key}.{extension}"
        yield _wanted(f"documentation/{key}", files / name, title, description, published, "documentation")


def _wanted(cle: str, file: Path, titre: str, description: str, nom: str = "", type_: str = "main") -> Wanted:
    try:
        with file.open("rb") as content:
            sha1 = hashlib.file_digest(content, "sha1").hexdigest()
    except OSError as error:
        raise PublicationError(f"{file} cannot be read ({error.strerror}): build the edition again.") from error
    return Wanted(cle, file, nom or file.name, sha1, titre, description.strip(), type_)


def _digest(files: Path) -> str:
    """Return a short digest of every path and content of the tree."""
    whole = hashlib.sha256()
    for file in _sorted_files(files):
        content = file.read_bytes()
        whole.update(b"%s\0%d\0%s" % (os.fsencode(file.relative_to(files).as_posix()), len(content), content))
    return whole.hexdigest()[:16]


def _sorted_files(files: Path) -> list[Path]:
    return sorted(p for p in files.rglob("*") if p.is_file())
