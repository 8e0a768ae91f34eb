"""Lists the resources of an edition for data.gouv.fr, from its built tree: files, titles, descriptions, sha1.

Makes the zip of the data files where the tree has none. What the portal has already is not known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from barometre_pipeline.builds import SUMS
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.french import listed
from barometre_pipeline.publish.companions.archive import archive_path, zipped
from barometre_pipeline.publish.companions.datapackage import DATAPACKAGE
from barometre_pipeline.publish.companions.method import METHOD
from barometre_pipeline.publish.companions.schemas import schema_name, schema_path
from barometre_pipeline.publish.documentation.pages import pdf_path
from barometre_pipeline.publish.portal.actions import Wanted
from barometre_pipeline.publish.portal.texts import Texts, withdrawal
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.manifest import LICENCE, README, data_sums
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.wording import by_parts
from barometre_pipeline.publish.withdrawals import NEWS
from barometre_pipeline.resources.atomic import write_file

_ZIPPED = (".csv", ".json", ".xlsx")


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
        *_descriptions(files, texts, schema),
    ]
    taken = [one for one in listed if one.nom.rpartition(".")[2] in extensions]
    return taken, [one.nom for one in listed if one not in taken]


def _tables(files: Path, texts: Texts, schema: Schema) -> Iterator[Wanted]:
    for form in ("csv", "json"):
        for planned in main_files(texts.catalogue, schema, form):
            ((_, part, _),) = planned.parts
            table = schema.tables[part.table]
            if table.si_des_lignes and not (files / planned.path).exists():
                continue
            key, content = f"{form}/{part.table}", table.titre
            if part.maille:
                key += f"-{schema.mailles[part.maille].nom}"
                content += f", {texts.level(part.maille)}"
            described = schema_key(schema, part)
            yield _wanted(key, files / planned.path, texts, content, table.description, schema=described)
    for planned in main_files(texts.catalogue, schema, "parquet"):
        ((_, part, _),) = planned.parts
        table = schema.tables[part.table]
        described = schema_key(schema, part)
        yield _wanted(
            f"parquet/{part.table}", files / planned.path, texts, table.titre, table.description, schema=described
        )


def _workbook(files: Path, texts: Texts, schema: Schema) -> Iterator[Wanted]:
    for planned in main_files(texts.catalogue, schema, "xlsx"):
        # Not written where none of its sheets would hold its rows; that a tree lost a file, its sums have told.
        if (files / planned.path).exists():
            what = schema.fichiers["classeur"].description
            yield _wanted("xlsx/data", files / planned.path, texts, "Classeur des synthèses et des détails", what)


def _whole_tree(files: Path, texts: Texts, schema: Schema, workspace: Path) -> Wanted:
    path = archive_path(texts.catalogue)
    archive = files / path
    if not archive.is_file():  # left to the portal (BAROMETRE_GIT_ZIP=0), or of a tree that had none yet
        whole = {table.chemin for table in schema.tables.values()}
        data = data_sums((files / SUMS).read_text("utf-8"))
        official = [one for one in data if one.endswith(_ZIPPED) and one not in whole]
        archive = workspace / "zip" / path
        write_file(archive, lambda into: _write_zip(into, files, official))
    divided = listed(["par secteur", *by_parts(schema.mailles.values())])
    what = f"Tous les fichiers de données de l'édition : {divided}."
    return _wanted("zip/tout", archive, texts, "Ensemble des fichiers", what)


def _write_zip(into: BinaryIO, files: Path, paths: list[str]) -> None:
    into.write(zipped(files, paths))


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
        ("methode", METHOD, "Méthode", "Comment chaque colonne est calculée, avec un exemple de cette édition."),
        ("fiches", pdf_path(texts.catalogue), "Documentation des indicateurs", "Ce que mesure chaque indicateur."),
        ("datapackage", DATAPACKAGE, "Data Package", "Les fichiers CSV et leurs colonnes, pour les programmes."),
        ("licence", LICENCE, "Licence et mention de la source", "Ce que chacun peut faire de ces données."),
    ):
        if name in (README, LICENCE) or (files / name).exists():
            form = extension if name.endswith(".md") else name.rpartition(".")[2]
            published = f"{texts.catalogue.general.prefixe}-{key}.{form}"
            yield _wanted(f"documentation/{key}", files / name, texts, title, what, published)


def _descriptions(files: Path, texts: Texts, schema: Schema) -> Iterator[Wanted]:
    """Yield the Table Schema of each CSV file, where the tree has it: what the portal says that its columns are."""
    for planned in main_files(texts.catalogue, schema, "csv"):
        ((_, part, _),) = planned.parts
        file = files / schema_path(schema, part)
        if file.exists():
            name = f"{texts.catalogue.general.prefixe}-{schema_name(schema, part)}-schema.json"
            title = f"Schéma de {planned.path.rpartition('/')[2]}"
            what = "Les colonnes de ce fichier et leurs types, en Table Schema."
            yield _wanted(schema_key(schema, part), file, texts, title, what, name)


def schema_key(schema: Schema, part: Part) -> str:
    """Return the key of the resource that describes the columns of a main file."""
    return f"documentation/schema-{schema_name(schema, part)}"


def _wanted(cle: str, file: Path, texts: Texts, content: str, what: str, nom: str = "", schema: str = "") -> Wanted:
    """Return a resource: `content` is what its title says of it, `what` the sentences of its description."""
    try:
        with file.open("rb") as opened:
            sha1 = hashlib.file_digest(opened, "sha1").hexdigest()
    except OSError as error:
        raise PublicationError(f"{file} cannot be read ({error.strerror}): build the edition again.") from error
    is_notice = cle.startswith("documentation/")
    title = texts.title(content, "" if is_notice else file.suffix[1:])
    type_ = "documentation" if is_notice else "main"
    return Wanted(cle, file, nom or file.name, sha1, title, texts.description(content, what), type_, schema)
