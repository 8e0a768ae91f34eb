"""Other countries than France, on disk: catalogues whose levels are their own, with deliveries computed beside them."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from barometre_pipeline.catalogue import Maille

CATALOGUE = """
titre: Baromètre d'ailleurs
prefixe: ailleurs
jeu_de_donnees: ailleurs
producteur: Ailleurs
licence: {id: lov2, libelle: Licence Ouverte 2.0}
contact: {nom: Ailleurs, courriel: ailleurs@example.org}
"""
MESURE = """
id: ARBRES
libelle: Planter des arbres
secteur: nature
ordre: 1
indicateurs:
- {id: nb-arbres, libelle: Nombre d'arbres plantés, unite: arbres, sens: hausse, lecture: derniere_valeur,
   agregation_territoriale: somme}
- {id: part-forets, libelle: Part de forêts, unite: '%', sens: hausse, lecture: derniere_valeur,
   recopie_maille_superieure: true}
"""
LIVRAISONS = """
ministere: Ministère de la Nature
livraisons:
- {id: arbres, contenu: valeurs, url: arbres.csv, indicateur: nb-arbres, maille: MAILLE,
   colonnes: {territoire: code, date: date, valeur: valeur}}
- {id: forets, contenu: valeurs, url: forets.csv, indicateur: part-forets, maille: RACINE,
   colonnes: {date: date, valeur: valeur}}
- {id: cibles, contenu: objectifs, url: cibles.csv, indicateur: nb-arbres,
   colonnes: {maille: maille, territoire: code, valeur_initiale: vi, date_valeur_initiale: dvi, cible: cible,
              date_cible: dc}}
"""


def level(id_: str, parent: str | None = None, **more) -> dict:
    """One level of mailles.yaml, named after its id, with a file by territory unless told otherwise."""
    files = {"territoires": f"{id_}s", "territoire": id_}
    columns = {"code": f"{id_}_code", "libelle": f"{id_}_name"}
    base = {"id": id_, "libelle": id_, "libelle_pluriel": f"{id_}s", "nom": id_, "colonnes": columns, **files, **more}
    if parent:
        base["parent"] = parent
    return {key: value for key, value in base.items() if value is not None}


def a_level(id_: str, parent: str | None = None, **more) -> Maille:
    """The same as a model, without files by territory unless told otherwise."""
    return Maille.model_validate(level(id_, parent, **{"territoires": None, "territoire": None, **more}))


@dataclass(frozen=True)
class Country:
    """Levels, territories (maille, code, libelle, parent), and the level that the deliveries give."""

    mailles: tuple[dict, ...]
    territoires: tuple[tuple[str, str, str, str], ...]
    delivered: str

    def write(self, folder: Path) -> None:
        """Write catalogue/ and livraisons/ in this folder, in the place of those that are there."""
        for name in ("catalogue", "livraisons"):
            shutil.rmtree(folder / name, ignore_errors=True)
        root = self.mailles[0]["id"]
        files = {
            "catalogue.yaml": CATALOGUE,
            "secteurs.csv": "id,libelle,dossier,prefixe\nnature,Nature,nature,nature\n",
            "mailles.yaml": yaml.safe_dump(list(self.mailles), allow_unicode=True),
            "territoires.csv": _csv(("maille", "code", "libelle", "parent"), self.territoires),
            "mesures/arbres.yaml": MESURE,
            "livraisons/nature.yaml": LIVRAISONS.replace("MAILLE", self.delivered).replace("RACINE", root),
        }
        for name, text in files.items():
            path = folder / "catalogue" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"), encoding="utf-8")
        self.deliver(folder / "livraisons")

    def deliver(self, folder: Path) -> None:
        """Write the deliveries: each territory of the delivered level plants as many trees as its rank."""
        folder.mkdir(exist_ok=True)
        places = [code for maille, code, _, _ in self.territoires if maille == self.delivered]
        values = [(code, day, rank) for rank, code in enumerate(places, 1) for day in ("2021-12-31", "2022-03-31")]
        (folder / "arbres.csv").write_text(_csv(("code", "date", "valeur"), values), encoding="utf-8")
        (folder / "forets.csv").write_text("date,valeur\n2022-03-31,31.5\n", encoding="utf-8")
        columns = ("maille", "code", "vi", "dvi", "cible", "dc")
        root = self.territoires[0]
        targets = [(root[0], root[1], 1, "2020-12-31", 1000000, "2024-12-31")]
        (folder / "cibles.csv").write_text(_csv(columns, targets), encoding="utf-8")


def _csv(header: tuple, rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue()


def two_levels() -> Country:
    """A nation and its provinces, in other words and under other headings."""
    mailles = (
        level("nation", territoires=None, territoire=None, colonnes={"constante": {"area": "whole country"}}),
        level("province", "nation", a_la_racine=True),
    )
    places = [("nation", "CA", "Canada", "")]
    places += [("province", code, name, "CA") for code, name in (("ON", "Ontario"), ("QC", "Québec"), ("NB", "N.-B."))]
    return Country(mailles, tuple(places), "province")


def with_communities() -> Country:
    """A tree: communities of communes beside départements, both below régions, and communes below départements."""
    mailles = (
        level("etat", territoires=None, territoire=None, colonnes={"constante": {"etendue": "etat"}}),
        level("region", "etat", a_la_racine=False),
        level("dep", "region"),
        level("epci", "region"),
        level("commune", "dep", territoires=None, territoire=None),
    )
    places = [("etat", "X", "Pays de X", ""), ("region", "A", "Amont", "X"), ("region", "B", "Aval", "X")]
    places += [("dep", f"{n:02d}", f"Département {n}", "AB"[n % 2]) for n in range(1, 5)]
    places += [("epci", f"E{n}", f"Communauté {n}", "AB"[n % 2]) for n in range(1, 4)]
    places += [("commune", f"{n:05d}", f"Commune {n}", f"{n % 4 + 1:02d}") for n in range(1, 41)]
    return Country(mailles, tuple(places), "commune")


def with_communes(count: int) -> Country:
    """Four levels, the last one of this many communes, which have no files of their own."""
    mailles = (
        level(
            "nationale",
            libelle="pays",
            nom="national",
            colonnes={"constante": {"maille_geographique": "national"}},
            **_NO_FILES,
        ),
        level("regionale", "nationale", nom="regional"),
        level("departementale", "regionale", nom="departemental"),
        level("communale", "departementale", libelle="commune", nom="communal", **_NO_FILES),
    )
    places = [("nationale", "FR", "France", "")]
    places += [("regionale", f"{n:02d}", f"Région {n}", "FR") for n in range(1, 19)]
    places += [("departementale", f"{n:03d}", f"Département {n}", f"{n % 18 + 1:02d}") for n in range(1, 102)]
    places += [("communale", f"{n:05d}", f"Commune {n}", f"{n % 101 + 1:03d}") for n in range(1, count + 1)]
    return Country(mailles, tuple(places), "communale")


_NO_FILES = {"territoires": None, "territoire": None}
