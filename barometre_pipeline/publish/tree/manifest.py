"""Where an edition comes from, and what comes with the data to tell it to programs: the manifest and the checksums.

The texts for people are in `notices`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.builds import MANIFEST, SUMS, Origin, read_sums
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.package_files import code_identity, code_version

README, LICENCE = "README.md", "LICENCE.md"
NOTICES = (LICENCE, README, MANIFEST, SUMS)

# What of a tree is about its data, and not data: files at its root, and folders.
_NOTICE_FILES = {*NOTICES, "NOUVEAUTES.md", "METHODE.md", "REVISIONS.csv", "datapackage.json"}
_NOTICE_FOLDERS = {"reference", "avancement", "qualite", "documentation", "schema", "site", "flux"}

_DELIVERIES = """
    select livraison, ministere, contenu, adresse, fichiers, sha256, recus_le,
        coalesce(licences, [null for f in fichiers]), fichiers_lus, edition_origine
    from raw.livraisons
    order by livraison
"""
# What was seen in each file that was read: its sheets with their headings, its indicators, its territories.
_SHEETS = "select livraison, fichier, coalesce(feuille, ''), entetes from raw.feuilles"
_CONTENTS = """
    select livraison, fichier, list_sort(list(distinct id_indicateur)), list_sort(list(distinct maille || '/' || code))
    from (select livraison, fichier, id_indicateur, maille, code from raw.valeurs
        union all select livraison, fichier, id_indicateur, maille, code from raw.objectifs)
    group by livraison, fichier
"""


@dataclass(frozen=True)
class DeliveredFile:
    """A file as received: its name, its sha256 in hexadecimal, and what the next edition compares its own with.

    `recu_le` is the day in Paris on which that content was first received; `feuilles` are the headings by sheet, and
    `territoires` are written maille/code.
    """

    nom: str
    sha256: str
    recu_le: str
    licence: str | None = None  # as the portal that has it says
    feuilles: Mapping[str, list[str]] = field(default_factory=dict)
    indicateurs: Sequence[str] = ()
    territoires: Sequence[str] = ()


@dataclass(frozen=True)
class Delivery:
    """A delivery that the edition was built from; `edition` is the one that it was fetched for.

    `contenu` is what it brings (`valeurs`, `objectifs`, `explications`), `adresse` where it is, as the catalogue says.
    """

    livraison: str
    ministere: str
    fichiers: tuple[DeliveredFile, ...]
    edition: str
    contenu: str = "valeurs"
    adresse: str = ""


@dataclass(frozen=True)
class Provenance:
    """Where an edition comes from: deliveries, code, and what its readers must be told.

    `retards` are the deliveries (id, edition of origin) that an earlier edition's files stand for;
    `alertes` the quality rules that let the edition pass with a warning, and how many rows each; `non_compare` says in
    French which comparisons with the edition before were not made, `comparee_a` is the tag of its publication.
    """

    deliveries: tuple[Delivery, ...]
    demonstration: bool
    code_version: str
    retards: tuple[tuple[str, str], ...] = ()
    alertes: tuple[tuple[str, int], ...] = ()
    non_compare: str | None = None
    comparee_a: str | None = None


def provenance_of(connection: duckdb.DuckDBPyConnection, edition: Edition, report: Path) -> Provenance:
    """Return the provenance of the edition in this warehouse, its alerts read from its report's folder."""
    sheets: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for livraison, file, sheet, headings in connection.execute(_SHEETS).fetchall():
        sheets[livraison, file][sheet] = headings
    contents = {(key[0], key[1]): key[2:] for key in connection.execute(_CONTENTS).fetchall()}
    deliveries = tuple(
        Delivery(id_, ministere, tuple(_files(id_, received, read, sheets, contents)), origin, contenu, adresse or "")
        for id_, ministere, contenu, adresse, *received, read, origin in connection.execute(_DELIVERIES).fetchall()
    )
    ((reason, tag),) = connection.execute("select motif, publication from precedente.edition").fetchall()
    (demonstration,) = connection.execute("select demonstration from catalogue.edition").fetchall()[0]
    return Provenance(
        deliveries=deliveries,
        demonstration=demonstration,
        code_version=code_version(),
        retards=tuple((d.livraison, d.edition) for d in deliveries if d.edition != str(edition)),
        alertes=_alerts(report / "rapport.json"),
        non_compare=reason,
        comparee_a=tag,
    )


def _files(
    livraison: str,
    received: Sequence[Sequence[str]],
    read: Sequence[str],
    sheets: Mapping[tuple[str, str], Mapping[str, list[str]]],
    contents: Mapping[tuple[str, str], tuple[Sequence[str], Sequence[str]]],
) -> Iterator[DeliveredFile]:
    """Yield the files of a delivery; what was read under another name, a zip's member, is that of its rank."""
    for rank, (name, digest, day, right) in enumerate(zip(*received, strict=True)):
        key = livraison, read[rank] if rank < len(read) else name
        yield DeliveredFile(name, digest, day, right, sheets.get(key, {}), *contents.get(key, ((), ())))


def origin_of(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, provenance: Provenance, archive: bool
) -> Origin:
    """Return what the build of this warehouse is made from; `archive`: with the zip of all data files."""
    ((commit,),) = connection.execute("select commit from precedente.edition").fetchall()
    return Origin(
        livraisons={d.livraison: {f.nom: f.sha256 for f in d.fichiers} for d in provenance.deliveries},
        retards=dict(provenance.retards),
        demonstration=provenance.demonstration,
        catalogue=catalogue.version,
        code=code_identity(),
        comparee_a=provenance.comparee_a,
        commit_compare=commit,
        archive=archive,
    )


def is_data(path: str) -> bool:
    """Tell whether a file of a tree is data: an edition whose data did not change is the same publication."""
    first, _, below = path.partition("/")
    return first not in (_NOTICE_FOLDERS if below else _NOTICE_FILES)


def data_sums(sums: str) -> dict[str, str]:
    """Return the sha256 of the data files that a SHA256SUMS lists, by path: the same for the same data."""
    return {path: digest for path, digest in read_sums(sums).items() if is_data(path)}


def _alerts(facts: Path) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for rule in json.loads(facts.read_text(encoding="utf-8"))["regles"]:
        if rule["statut"] == "alerte":
            counts[rule["regle"]] = counts.get(rule["regle"], 0) + rule["nombre"]
    return tuple(sorted(counts.items()))


def manifest(
    catalogue: Catalogue,
    edition: Edition,
    provenance: Provenance,
    schema: str,
    files: int,
    rows: dict[str, int],
) -> bytes:
    """Return the manifest: what the edition is made of, its schema's version, its data files, rows of its main ones."""
    content = {
        "titre": catalogue.general.titre,
        "edition": str(edition),
        "demonstration": provenance.demonstration,
        "schema": schema,
        "catalogue": catalogue.version,
        "code": provenance.code_version,
        "fichiers": files,
        "lignes": dict(sorted(rows.items())),
        "livraisons": [
            {
                "livraison": d.livraison,
                "ministere": d.ministere,
                "contenu": d.contenu,
                "edition": d.edition,
                "fichiers": [asdict(f) for f in d.fichiers],
            }
            for d in sorted(provenance.deliveries, key=lambda d: d.livraison)
        ],
        "retards": [{"livraison": id_, "edition": origin} for id_, origin in sorted(provenance.retards)],
        "alertes": dict(sorted(provenance.alertes)),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def checksums(digests: dict[str, str]) -> bytes:
    """Return the SHA256SUMS file of these paths and digests, as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def is_demonstration(files: Path) -> bool:
    """Tell whether a built tree says that its numbers are fictitious."""
    return bool(_manifest(files)["demonstration"])


def _manifest(files: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((files / MANIFEST).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError) as error:
        raise PublicationError(f"{files / MANIFEST}: cannot be read ({error}); build the edition again.") from None
