"""Fictitious deliveries of a whole catalogue, each in its own format and shape: the first run needs no network.

    branches              how the territories are made of one another
    series, objectives    plausible numbers, always the same for the same catalogue and edition
    sharing               which delivery carries which indicator
    tables, date_columns  a delivery's rows under its own headings, words and dates

The bytes are each format's business. Everything written says that it is fictitious. Nothing here reads a delivery or
computes an edition.
"""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.demonstration.date_columns import at_the_pace_of
from barometre_pipeline.demonstration.objectives import objective
from barometre_pipeline.demonstration.series import Fiction
from barometre_pipeline.demonstration.sharing import Carriers, share_targets, share_values
from barometre_pipeline.demonstration.tables import Part, fitting, merged, tables_of
from barometre_pipeline.editions import Edition
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.format import Table
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.resources.zips import add_member

__all__ = ["write_demonstration"]

_NOTICE = "Données fictives, produites pour la démonstration : aucun de ces nombres n'est réel."
_NOTICE_FILE = "LISEZMOI.txt"
_README = f"""{_NOTICE}

Ces fichiers imitent, dans leurs formats, les livraisons que décrit le catalogue ; les séries sont tirées des
identifiants des indicateurs et des territoires. Ils servent à essayer la chaîne de production sans réseau.
"""


def write_demonstration(catalogue: Catalogue, edition: Edition, folder: Path) -> dict[str, str]:
    """Write every delivery of the catalogue, fictitious; return the path of each in the folder, by delivery id.

    A relative URL is the path; what is fetched from elsewhere is written at the root, named by the delivery's id.
    """
    parts = _parts(catalogue, edition)
    paths = {d.id: _path(d) for d in catalogue.livraisons}
    together: dict[str, list[Livraison]] = defaultdict(list)
    for d in catalogue.livraisons:
        together[paths[d.id]].append(d)
    for path, deliveries in together.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_file({d.id: parts.pop(d.id) for d in deliveries}, deliveries))
    (folder / _NOTICE_FILE).write_text(_README, encoding="utf-8")
    return paths


def _path(livraison: Livraison) -> str:
    parts = urlsplit(livraison.url or "https://")
    path = PurePosixPath(parts.path)
    elsewhere = parts.scheme or parts.netloc or parts.query or parts.fragment or "%" in parts.path
    if livraison.url and not elsewhere and not path.is_absolute() and ".." not in path.parts and path.name:
        return str(path)
    return f"{livraison.id}.{'zip' if livraison.fichier else livraison.file_format}"


def _file(parts: dict[str, list[Part]], deliveries: list[Livraison]) -> bytes:
    """Return one file: several deliveries may read the same one, each its member, its sheet or its columns."""
    members: dict[str | None, tuple[Livraison, dict[str | None, list[Table]]]] = {}
    for d in deliveries:
        _, sheets = members.setdefault(d.fichier, (d, defaultdict(list)))
        for table in tables_of(d, parts[d.id]):
            sheets[table.name].append(table)
    files = {name: file_of(d, [merged(tables) for tables in sheets.values()]) for name, (d, sheets) in members.items()}
    return files[None] if None in files else _zip_of({name: content for name, content in files.items() if name})


def file_of(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return these tables as the file of a delivery, without the zip around it."""
    above = (livraison.ligne_entete or 1) - 1
    for table in tables if above else ():
        table.above = (_NOTICE, *[""] * (above - 1))
        table.below = (f"Source : {livraison.ministere}, données fictives",)
    return FORMATS[livraison.file_format].write(tables, livraison, _NOTICE)


def _zip_of(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {_NOTICE_FILE: _NOTICE.encode() + b"\n", **members}.items():
            add_member(archive, name, content)
    return file.getvalue()


def _parts(catalogue: Catalogue, edition: Edition) -> dict[str, list[Part]]:
    """Return what each delivery says, by its id."""
    index = TerritoryIndex(catalogue)
    carriers = Carriers(catalogue, index)
    values, targets = share_values(carriers), share_targets(carriers)
    fiction = Fiction(catalogue, edition)
    territories = {(t.maille, t.code): t for t in catalogue.territoires}
    parts: dict[str, list[Part]] = {d.id: [] for d in catalogue.livraisons}
    for id_, indicator in catalogue.indicateurs.items():
        paced = at_the_pace_of(indicator, [d for d in catalogue.livraisons if id_ in values.get(d.id, ())])
        for key, series in fiction.series(paced).items():
            for delivery in _carrying(values, id_, key[0]):
                cells = {"date": series.dates, "valeur": series.livree}
                parts[delivery].append(Part(id_, territories[key], cells))
            for delivery in _carrying(targets, id_, key[0]) if series.dates else ():
                six = {role: (cell,) for role, cell in vars(objective(paced, series, edition)).items()}
                parts[delivery].append(Part(id_, territories[key], six))
    return {d.id: fitting(d, parts[d.id], index) for d in catalogue.livraisons}


def _carrying(shares: dict[str, dict[str, set[str]]], indicator: str, maille: str) -> list[str]:
    return [delivery for delivery, share in shares.items() if maille in share.get(indicator, ())]
