"""Lists the resources of an edition for data.gouv.fr, from its built tree: files, titles, descriptions, sha1.

Makes the zip of the whole tree. What the portal has already is not known here.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.portal.plan import Wanted
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.notices import LICENCE, README
from barometre_pipeline.publish.tree.schema import public_schema
from barometre_pipeline.resources.atomic import discard

_TABLES = {"synthese": "Synthèse", "detail": "Détail"}
_MAILLES = {"nationale": "nationale", "regionale": "régionale", "departementale": "départementale"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can hold: the same tree gives the same bytes
_COMPRESSED = (".xlsx", ".parquet", ".zip")


def wanted_resources(
    files: Path, catalogue: Catalogue, workspace: Path, extensions: Collection[str], parquet: Path | None = None
) -> tuple[list[Wanted], list[str]]:
    """Return the resources to publish, in their order, and the names of the files that the portal does not take.

    `workspace` is a folder for the zip; `parquet` one with `detail.parquet` and `synthese.parquet`. The notices go as
    `.md` where the portal takes it, else as `.txt`. PublicationError names a file that the tree lacks.
    """
    text = "md" if "md" in extensions else "txt"
    listed = [
        *_tables(files, catalogue),
        _whole_tree(files, catalogue, workspace),
        *_parquet(catalogue, parquet),
        *_notices(files, catalogue, text),
    ]
    taken = [one for one in listed if one.nom.rpartition(".")[2] in extensions]
    return taken, [one.nom for one in listed if one not in taken]


def zip_tree(files: Path, target: Path) -> None:
    """Write the whole tree in a zip: the same files give the same bytes."""
    unfinished = target.with_name(f"{target.name}.partiel")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for file in _sorted_files(files):
            entry = zipfile.ZipInfo(f"{target.stem}/{file.relative_to(files).as_posix()}", _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if file.suffix in _COMPRESSED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    unfinished.replace(target)


def _tables(files: Path, catalogue: Catalogue) -> Iterator[Wanted]:
    schema = public_schema()
    for form in ("csv", "json"):
        for path, (table, maille) in zip(main_files(catalogue, form), schema.frames, strict=True):
            title = f"{_TABLES.get(table, table)}, maille {_MAILLES.get(maille, maille)} ({form.upper()})"
            key = f"{form}/{table}-{schema.mailles[maille].nom}"
            yield _wanted(key, files / path, title, schema.tables[table].description)
    (workbook,) = main_files(catalogue, "xlsx")
    kind = schema.fichiers["classeur"]
    yield _wanted("xlsx/data", files / workbook, "Classeur des synthèses et des détails (XLSX)", kind.description)


def _whole_tree(files: Path, catalogue: Catalogue, workspace: Path) -> Wanted:
    folder = workspace / "zip" / _digest(files)
    archive = folder / f"{catalogue.general.prefixe}.zip"
    if not archive.is_file():
        discard(folder.parent)
        folder.mkdir(parents=True)
        zip_tree(files, archive)
    return _wanted(
        "zip/tout",
        archive,
        "Ensemble des fichiers (ZIP)",
        "Tous les fichiers de l'édition : par secteur, par région et par département, avec les notices.",
    )


def _parquet(catalogue: Catalogue, folder: Path | None) -> Iterator[Wanted]:
    for table in public_schema().tables if folder else ():
        file = folder / f"{table}.parquet"
        title = f"{_TABLES.get(table, table)}, toutes les mailles (Parquet)"
        description = f"{public_schema().tables[table].description} Toutes les mailles dans un seul fichier typé."
        yield _wanted(f"parquet/{table}", file, title, description, f"{catalogue.general.prefixe}-{table}.parquet")


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
