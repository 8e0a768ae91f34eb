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

from barometre_pipeline.builds import SUMS, read_sums
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.portal.actions import Wanted
from barometre_pipeline.publish.portal.texts import NEWS, Texts, withdrawal
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
    edition: Edition,
    workspace: Path,
    extensions: Collection[str],
    parquet: Path | None = None,
) -> tuple[list[Wanted], list[str]]:
    """Return the resources to publish, in their order, and the names of the files that the portal does not take.

    `workspace` is a folder for the zip; `parquet` one with the Parquet files of the schema. The notices go as
    `.md` where the portal takes it, else as `.txt`. PublicationError names a file that the tree lacks.
    """
    texts = Texts(catalogue, edition)
    listed = [
        *_tables(files, texts, schema),
        *_workbook(files, texts, schema),
        _whole_tree(files, texts, schema, workspace),
        *(_parquet(texts, schema, parquet) if parquet else ()),
        *_notices(files, texts, "md" if "md" in extensions else "txt"),
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


def _tables(files: Path, texts: Texts, schema: Schema) -> Iterator[Wanted]:
    for form in ("csv", "json"):
        for planned in main_files(texts.catalogue, schema, form):
            ((_, part, _),) = planned.parts
            table = schema.tables[part.table]
            key, content = f"{form}/{part.table}", table.titre
            if part.maille:
                key += f"-{schema.mailles[part.maille].nom}"
                content += f", {texts.level(part.maille)}"
            yield _wanted(key, files / planned.path, texts, content, table.description)


def _workbook(files: Path, texts: Texts, schema: Schema) -> Iterator[Wanted]:
    for planned in main_files(texts.catalogue, schema, "xlsx"):
        # Not written where none of its sheets would hold its rows; that a tree lost a file, its sums have told.
        if (files / planned.path).exists():
            what = schema.fichiers["classeur"].description
            yield _wanted("xlsx/data", files / planned.path, texts, "Classeur des synthèses et des détails", what)


def _whole_tree(files: Path, texts: Texts, schema: Schema, workspace: Path) -> Wanted:
    folder = workspace / "zip" / _digest(files)
    archive = folder / f"{texts.catalogue.general.prefixe}.zip"
    if not archive.is_file():
        discard(folder.parent)
        folder.mkdir(parents=True)
        zip_tree(files, archive)
    divided = listed(["par secteur", *by_parts(schema.mailles.values())])
    what = f"Tous les fichiers de l'édition : {divided}, avec les notices."
    return _wanted("zip/tout", archive, texts, "Ensemble des fichiers", what)


def _parquet(texts: Texts, schema: Schema, folder: Path) -> Iterator[Wanted]:
    for name, table in schema.parquet.items():
        file = folder / (table.chemin or "")
        published = f"{texts.catalogue.general.prefixe}-{table.chemin}"
        yield _wanted(f"parquet/{name}", file, texts, table.titre, table.description, published)


def _notices(files: Path, texts: Texts, extension: str) -> Iterator[Wanted]:
    news = withdrawal(files) or "Ce qui a changé depuis l'édition précédente."
    for key, name, title, what in (
        ("lisez-moi", README, "Notice du jeu de données", "Le contenu des fichiers et leur provenance."),
        ("nouveautes", NEWS, "Nouveautés", news),
        ("licence", LICENCE, "Licence et mention de la source", "Ce que chacun peut faire de ces données."),
    ):
        if name != NEWS or (files / NEWS).exists():
            published = f"{texts.catalogue.general.prefixe}-{key}.{extension}"
            yield _wanted(f"documentation/{key}", files / name, texts, title, what, published)


def _wanted(cle: str, file: Path, texts: Texts, content: str, what: str, nom: str = "") -> Wanted:
    """Return a resource: `content` is what its title says of it, `what` the sentences of its description."""
    try:
        with file.open("rb") as opened:
            sha1 = hashlib.file_digest(opened, "sha1").hexdigest()
    except OSError as error:
        raise PublicationError(f"{file} cannot be read ({error.strerror}): build the edition again.") from error
    is_notice = cle.startswith("documentation/")
    title = texts.title(content, "" if is_notice else file.suffix[1:])
    type_ = "documentation" if is_notice else "main"
    return Wanted(cle, file, nom or file.name, sha1, title, texts.description(content, what), type_)


def _digest(files: Path) -> str:
    """Return a short digest of every path and content of the tree."""
    whole = hashlib.sha256()
    for file in _sorted_files(files):
        content = file.read_bytes()
        whole.update(b"%s\0%d\0%s" % (os.fsencode(file.relative_to(files).as_posix()), len(content), content))
    return whole.hexdigest()[:16]


def _sorted_files(files: Path) -> list[Path]:
    """Return the files that the tree's checksums list, and these: in a clone, others may have files of their own."""
    sums = files / SUMS
    return sorted(files / path for path in (SUMS, *read_sums(sums.read_text("utf-8"))))
