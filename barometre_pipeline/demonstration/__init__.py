"""Fictitious deliveries of a whole catalogue, each in its own format and shape: the first run needs no network.

    series, objectives    plausible numbers, always the same for the same catalogue and edition
    sharing               which delivery carries which indicator
    tables                a delivery's rows under its own headings, words and dates
    writers, workbooks    the bytes of each format

Everything written says that it is fictitious. Nothing here reads a delivery or computes an edition.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from barometre_pipeline.catalogue import Catalogue, Indicateur, Livraison
from barometre_pipeline.demonstration.notices import NOTICE
from barometre_pipeline.demonstration.objectives import objective
from barometre_pipeline.demonstration.series import Fiction, delivered_mailles
from barometre_pipeline.demonstration.sharing import Shares, share_out
from barometre_pipeline.demonstration.tables import Row, Table, fitting, tables_of, territories
from barometre_pipeline.demonstration.writers import file_of, zip_of
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers.cells import tells_only_the_year

__all__ = ["write_demonstration"]

_README = f"""{NOTICE}

Ces fichiers imitent, dans leurs formats, les livraisons que décrit le catalogue ; les séries sont tirées des
identifiants des indicateurs et des territoires. Ils servent à essayer la chaîne de production sans réseau.
"""


def write_demonstration(catalogue: Catalogue, edition: Edition, folder: Path) -> dict[str, str]:
    """Write every delivery of the catalogue, fictitious; return the path of each in the folder, by delivery id.

    A relative URL is the path; what is fetched from elsewhere is written at the root, named by the delivery's id.
    """
    rows = _rows(catalogue, edition)
    paths = {d.id: _path(d) for d in catalogue.livraisons}
    together: dict[str, list[Livraison]] = defaultdict(list)
    for d in catalogue.livraisons:
        together[paths[d.id]].append(d)
    for path, deliveries in together.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_file(deliveries, rows))
    (folder / "LISEZMOI.txt").write_text(_README, encoding="utf-8")
    return paths


def _path(livraison: Livraison) -> str:
    parts = urlsplit(livraison.url or "https://")
    path = PurePosixPath(parts.path)
    elsewhere = parts.scheme or parts.netloc or parts.query or parts.fragment or "%" in parts.path
    if livraison.url and not elsewhere and not path.is_absolute() and ".." not in path.parts and path.name:
        return str(path)
    return f"{livraison.id}.{'zip' if livraison.fichier else livraison.file_format}"


def _file(deliveries: list[Livraison], rows: dict[str, list[Row]]) -> bytes:
    """Return one file: several deliveries may read the same one, each its member, its sheet or its columns."""
    members: dict[str | None, tuple[Livraison, dict[str | None, Table]]] = {}
    for d in deliveries:
        _, tables = members.setdefault(d.fichier, (d, {}))
        for table in tables_of(d, rows[d.id]):
            tables.setdefault(table.name, Table(table.name)).add(table.headings, table.rows)
    files = {name: file_of(d, list(tables.values())) for name, (d, tables) in members.items()}
    if None in files:
        return files[None]
    return zip_of({name: content for name, content in files.items() if name})


def _rows(catalogue: Catalogue, edition: Edition) -> dict[str, list[Row]]:
    """Return the rows that each delivery carries, by its id."""
    values, targets = _value_shares(catalogue), _target_shares(catalogue)
    fiction, places = Fiction(catalogue, edition), territories(catalogue)
    rows: dict[str, list[Row]] = {d.id: [] for d in catalogue.livraisons}
    for id_, indicator in catalogue.indicateurs.items():
        paced = _at_the_pace_of(indicator, [d for d in catalogue.livraisons if id_ in values.get(d.id, ())])
        for key, series in fiction.series(paced).items():
            base = {"indicateur": id_, "territoire": places[key]}
            for delivery in _carriers(values, id_, key[0]):
                dated = zip(series.dates, series.livree, strict=True)
                rows[delivery] += [base | {"date": day, "valeur": value} for day, value in dated]
            if not series.dates:
                continue
            for delivery in _carriers(targets, id_, key[0]):
                rows[delivery].append(base | vars(objective(paced, series, edition)))
    return {d.id: fitting(d, rows[d.id]) for d in catalogue.livraisons}


def _value_shares(catalogue: Catalogue) -> Shares:
    deliveries = [d for d in catalogue.livraisons if d.contenu == "valeurs"]
    return share_out(deliveries, {id_: delivered_mailles(i, catalogue) for id_, i in catalogue.indicateurs.items()})


def _target_shares(catalogue: Catalogue) -> Shares:
    """Share out the objectives; initial values and targets may be in different deliveries."""
    everywhere = {t.maille for t in catalogue.territoires}
    needs = {id_: set(i.mailles or everywhere) for id_, i in catalogue.indicateurs.items()}
    shares: Shares = {}
    for role in ("valeur_initiale", "cible"):
        able = [d for d in catalogue.livraisons if d.contenu == "objectifs" and role in d.colonnes]
        for delivery, share in share_out(able, needs).items():
            mine = shares.setdefault(delivery, {})
            for indicator, mailles in share.items():
                mine.setdefault(indicator, set()).update(mailles)
    return shares


def _at_the_pace_of(indicator: Indicateur, deliveries: list[Livraison]) -> Indicateur:
    """Return the indicator as yearly, where one of its deliveries writes years only."""
    yearly = any(tells_only_the_year(d.format_date) for d in deliveries)
    return indicator.model_copy(update={"periode": "annee"}) if yearly else indicator


def _carriers(shares: Shares, indicator: str, maille: str) -> list[str]:
    return [delivery for delivery, share in shares.items() if maille in share.get(indicator, ())]
