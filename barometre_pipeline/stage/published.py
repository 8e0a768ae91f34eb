"""Reads the publication that an edition is compared with into the tables of the schema `precedente`.

What cannot be had stops nothing: it is told, with what is not compared for want of it. Which publication that is, is
decided in `previous`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
from pydantic import BaseModel, ValidationError

from barometre_pipeline.builds import MANIFEST
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.reading import paths_of_today, published_trees
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.stage.previous import Previous
from barometre_pipeline.stage.raw_tables import PREVIOUS, RAW_TABLES

progress = logging.getLogger("barometre.stage")

# The path of the whole CSV file of a published table, at each of the catalogue's levels.
PublishedPaths = Callable[[Catalogue, str], Mapping[str, str]]

_AGREGATIONS, _INDICATEURS = "reference/agregations.csv", "reference/indicateurs.csv"
# Where the indicators were not published by themselves: what each row of the series said of its own.
_SAID_OF_INDICATEURS = {"libelle_indicateur": "indicateur"}
_ENGAGEMENTS = "engagements/engagements.csv"
_MAILLES = "reference/mailles.csv"
_TABLES = ("detail", "synthese")
_NOTHING = "rien n’est comparé à une édition précédente (valeurs revues, territoires disparus, couverture, livraisons)"


class _File(BaseModel):
    sha256: str
    recu_le: dt.date | None = None
    feuilles: dict[str, list[str]] = {}
    indicateurs: list[str] = []
    territoires: list[str] = []


class _Delivery(BaseModel):
    livraison: str
    contenu: str | None = None
    fichiers: list[_File] = []


class _Manifest(BaseModel):
    livraisons: list[_Delivery] = []


@dataclass(frozen=True)
class Published:
    """The tables of the schema `precedente` that have rows; by sha256, the day in Paris of a content's reception."""

    tables: Mapping[str, pa.Table] = field(default_factory=lambda: {"edition": _about(None, None)})
    receptions: Mapping[str, dt.date] = field(default_factory=dict)


def read_published(previous: Previous, catalogue: Catalogue, paths: PublishedPaths) -> Published:
    """Read what the depot has of the edition before, and the names of what it has of earlier ones."""
    found = _read_before(previous, catalogue, paths)
    earlier = [one for one in previous.publications.standing if one.edition < previous.edition]
    named = [{"edition": str(one.edition), "publication": str(one)} for one in earlier]
    publications = pa.Table.from_pylist(named, schema=_columns("publications"))
    return replace(found, tables={**found.tables, "publications": publications})


def _read_before(previous: Previous, catalogue: Catalogue, paths: PublishedPaths) -> Published:
    if previous.refs is None:
        return _nothing("Le dépôt n’a pas pu être lu", {})
    if not previous.commits:
        return Published()
    try:
        with published_trees(previous.depot, previous.clone, previous.commits) as repository:
            found = {commit: _read(repository, commit, catalogue, paths) for commit in previous.commits.values()}
    except GitError as error:
        progress.warning("Nothing is compared with the edition before: %s", error)
        return _nothing("Le dépôt n’a pas pu être lu", {})
    receptions = dict(day for files in found.values() for day in _receptions(_manifest(files)))
    tag, commit = previous.identity
    if tag is None or commit is None:
        return Published(receptions=receptions)
    try:
        files = found[commit]
        tables, lacking = _tables(files, _named_then(files, catalogue), paths)
        lacking += _levels_no_more(files, catalogue)
    except (pa.ArrowInvalid, KeyError) as error:
        progress.warning("Nothing is compared with %s, whose files cannot be read: %s", tag, error)
        return _nothing(f"L’édition publiée {tag} ne se lit pas", receptions)
    motif = f"L’édition publiée {tag} ne permet pas de comparer {' ni '.join(lacking)}." if lacking else None
    return Published({**tables, "edition": _about(tag, motif, commit)}, receptions)


def _read(repository: GitRepository, commit: str, catalogue: Catalogue, paths: PublishedPaths) -> dict[str, bytes]:
    """Return what is read of a publication, by the paths of today: its files may begin with another prefix."""
    then = catalogue_then(repository, commit, catalogue)
    main = {path for table in _TABLES for path in paths(then, table).values()}
    wanted = {*main, MANIFEST, _AGREGATIONS, _INDICATEURS, _ENGAGEMENTS, _MAILLES}
    there = paths_of_today(repository.entries(commit), wanted, catalogue.general.prefixe)
    return {there[name]: content for name, content in repository.files(commit, list(there)).items()}


def _nothing(cause: str, receptions: Mapping[str, dt.date]) -> Published:
    return Published({"edition": _about(None, f"{cause} : {_NOTHING}.")}, receptions)


def _tables(
    files: Mapping[str, bytes], catalogue: Catalogue, paths: PublishedPaths
) -> tuple[dict[str, pa.Table], list[str]]:
    """Return the tables, and what the publication lacks: it may be of before these files were published."""
    tables = {name: _by_level(files, catalogue, paths(catalogue, name), _columns(name)) for name in _TABLES}
    manifest = _manifest(files)
    tables["vues"] = pa.Table.from_pylist(list(_seen(manifest)), schema=_columns("vues"))
    tables["livraisons"] = pa.Table.from_pylist(list(_deliveries(manifest)), schema=_columns("livraisons"))
    lacking = [] if tables["vues"].num_rows else ["la forme des livraisons"]
    if _INDICATEURS in files:
        tables["indicateurs"] = published_csv(files[_INDICATEURS], _columns("indicateurs"), {})
    else:
        tables["indicateurs"] = _indicators_of(files, paths(catalogue, "detail").values())
        lacking.append("la définition des indicateurs")
    if _AGREGATIONS in files:
        tables["agregations"] = published_csv(files[_AGREGATIONS], _columns("agregations"), {})
    else:
        lacking.append("la couverture des valeurs calculées")
    if _ENGAGEMENTS in files:  # a barometer without commitments publishes none
        tables["engagements"] = published_csv(files[_ENGAGEMENTS], _columns("engagements"), {})
    return tables, lacking


def _by_level(
    files: Mapping[str, bytes], catalogue: Catalogue, paths: Mapping[str, str], columns: pa.Schema
) -> pa.Table:
    """Return a published table, all levels together; KeyError where no level of it was published."""
    found = []
    for maille, path in paths.items():
        if path in files:
            heading = catalogue.maille(maille).colonnes.code
            headings = {"code": heading} if heading else {}
            rows = published_csv(files[path], columns, headings, headings)
            known = {"maille": maille} | ({} if heading else {"code": catalogue.territoires_of(maille)[0].code})
            for name, value in known.items():
                place = columns.get_field_index(name)
                rows = rows.set_column(place, name, pa.repeat(pa.scalar(value, pa.string()), rows.num_rows))
            found.append(rows)
    if not found:
        raise KeyError(f"none of {', '.join(paths.values())}")
    return pa.concat_tables(found)


def catalogue_then(repository: GitRepository, commit: str, catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with its levels named as the files of a published tree are, where the tree says it."""
    return _named_then(repository.files(commit, [_MAILLES]), catalogue)


def _named_then(files: Mapping[str, bytes], catalogue: Catalogue) -> Catalogue:
    names = {row.get("maille"): row["nom"] for row in _levels(files) if row.get("nom")}
    renamed = (m.model_copy(update={"nom": names.get(m.id, m.nom)}) for m in catalogue.mailles)
    return replace(catalogue, mailles=tuple(renamed))


def _levels_no_more(files: Mapping[str, bytes], catalogue: Catalogue) -> Iterator[str]:
    known = {m.id for m in catalogue.mailles}
    for row in _levels(files):
        if row.get("maille", "") not in known:
            yield f"le niveau « {row.get('libelle')} », que le catalogue n’a plus"


def _levels(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(files.get(_MAILLES, b"").decode(errors="replace").splitlines()))


def _indicators_of(files: Mapping[str, bytes], paths: Iterable[str]) -> pa.Table:
    """Return the indicators that the series name, each once."""
    columns = _columns("indicateurs")
    said = _SAID_OF_INDICATEURS
    read = [published_csv(files[path], columns, said, said) for path in paths if path in files]
    named = pa.concat_tables(read).group_by("id_indicateur", use_threads=False)
    others = [name for name in columns.names if name != "id_indicateur"]
    found = named.aggregate([(name, "first") for name in others])
    return found.rename_columns(["id_indicateur", *others]).select(columns.names)


def published_csv(
    content: bytes, columns: pa.Schema, headings: Mapping[str, str], required: Iterable[str] = ()
) -> pa.Table:
    """Return these columns of a published file, empty where it has none; KeyError for one that is `required`.

    `headings` are those that it has under another name.
    """
    named = [headings.get(name, name) for name in columns.names]
    header = next(csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", "replace", newline="")), [])
    for name in required:
        if (heading := headings.get(name, name)) not in header:
            raise KeyError(f"no column {heading}")
    options = pa_csv.ConvertOptions(
        column_types=dict(zip(named, columns.types, strict=True)),
        include_columns=named,
        include_missing_columns=True,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
        true_values=["vrai"],
        false_values=["faux"],
    )
    return pa_csv.read_csv(io.BytesIO(content), convert_options=options).rename_columns(columns.names)


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a manifest, {} where it cannot be read or is none."""
    try:
        return _Manifest.model_validate_json(files.get(MANIFEST, b"{}")).model_dump()
    except ValidationError:
        return {}


def _delivered(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for delivery in manifest.get("livraisons", []):
        for file in delivery["fichiers"]:
            yield delivery["livraison"], file


def _deliveries(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each delivery, with the contents of its files and the indicators that they speak of."""
    for delivery in manifest.get("livraisons", []):
        files = delivery["fichiers"]
        yield {
            "livraison": delivery["livraison"],
            "contenu": delivery["contenu"],
            "sha256": [file["sha256"] for file in files],
            "indicateurs": sorted({id_ for file in files for id_ in file["indicateurs"]}),
        }


def _receptions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dt.date]]:
    for _, file in _delivered(manifest):
        if file["recu_le"]:
            yield file["sha256"], file["recu_le"]


def _seen(manifest: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for livraison, file in _delivered(manifest):
        sheets = file["feuilles"]
        for nature, names in (
            ("feuille", sheets),
            ("colonne", [heading for headings in sheets.values() for heading in headings]),
            ("indicateur", file["indicateurs"]),
            ("territoire", file["territoires"]),
        ):
            for name in names:
                yield {"livraison": livraison, "nature": nature, "nom": name}


def _columns(table: str) -> pa.Schema:
    return RAW_TABLES[f"precedente.{table}"].columns


def _about(tag: str | None, motif: str | None, commit: str | None = None) -> pa.Table:
    about = {"edition": tag and tag.partition(".")[0], "publication": tag, "commit": commit, "motif": motif}
    return pa.Table.from_pylist([about], PREVIOUS)
