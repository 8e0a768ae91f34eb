"""A whole barometer in miniature, on disk: a catalogue of three indicators, and deliveries in three formats.

For tests that run the true job from end to end in a second or two.
"""

from pathlib import Path

import pyarrow as pa
import pytest
from rustpy_xlsxwriter import write_worksheet

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.errors import CatalogueError

CATALOGUE = {
    "catalogue.yaml": """
titre: Baromètre d'essai
prefixe: essai
jeu_de_donnees: essai
producteur: Essai
licence: {id: lov2, libelle: Licence Ouverte 2.0, url: https://www.etalab.gouv.fr/licence-ouverte-open-licence}
contact: {nom: Essai, courriel: essai@example.org}
""",
    "secteurs.csv": "id,libelle,dossier,prefixe\neau,Eau,eau,eau\nair,Air,air,air\n",
    "territoires.csv": """maille,code,libelle,parent,zone_id
nationale,FR,Pays,,PAYS
regionale,01,Nord,FR,R01
regionale,02,Sud,FR,R02
departementale,01,Aval,01,D01
departementale,02,Amont,01,D02
departementale,2A,L'Île-Haute,02,D2A
""",
    "mesures/eau.yaml": """
id: EAU
libelle: Améliorer l'eau
secteur: eau
ordre: 1
indicateurs:
- {id: nb-puits, libelle: Nombre de puits, unite: puits, sens: hausse, lecture: derniere_valeur,
   agregation_territoriale: somme}
- {id: part-potable, libelle: Part d'eau potable, unite: '%', sens: hausse, lecture: derniere_valeur}
""",
    "mesures/air.yaml": """
id: AIR
libelle: Améliorer l'air
secteur: air
ordre: 2
indicateurs:
- {id: nb-alertes, libelle: Nombre d'alertes, unite: alertes, sens: baisse, lecture: cumul_annuel}
""",
    "livraisons/eau.yaml": """
ministere: Ministère de l'Eau
livraisons:
- id: puits
  contenu: valeurs
  url: eau/puits.csv
  encodage: cp1252
  separateur: ;
  decimale: ','
  format_date: '%d/%m/%Y'
  maille: departementale
  indicateur: nb-puits
  colonnes: {libelle: Département, date: Arrêté au, valeur: Nombre}
- id: potable
  contenu: valeurs
  url: eau/potable.xlsx
  feuille: Données
  colonnes: {indicateur: indicateur, maille: maille, territoire: code, date: date, valeur: valeur}
""",
    # Values and objectives of one indicator in the same file, one date column for all.
    "livraisons/air.yaml": """
ministere: Ministère de l'Air
commun: {url: air.csv, indicateur: nb-alertes}
livraisons:
- id: alertes
  contenu: valeurs
  colonnes: {zone: zone, date: date, valeur: va}
- id: alertes-objectifs
  contenu: objectifs
  colonnes: {zone: zone, valeur_initiale: vi, date_valeur_initiale: date, cible: vc, date_cible: date}
- id: objectifs
  contenu: objectifs
  url: objectifs.csv
  colonnes: {indicateur: id, maille: maille, territoire: code, valeur_initiale: vi, cible: cible, date_cible: fin}
""",
}

PUITS = """Département;Arrêté au;Nombre
aval;31/01/2022;1\u00a0000
aval;28/02/2022;1\u00a0100
AMONT;31/01/2022;200
AMONT;28/02/2022;250
L\u2019ile haute;28/02/2022;30,5
"""
AIR = """zone,date,va,vi,vc
PAYS,2017-12-31,,20,
PAYS,2021-11,9,,
PAYS,2022-01,4,,
PAYS,2022-02,5,,
PAYS,2025-12-31,,,5
"""
OBJECTIFS = """id,maille,code,vi,cible,fin
nb-puits,nationale,FR,1000,2000,2024-12-31
nb-puits,departementale,2A,10,50,2024-12-31
part-potable,regionale,1,50,100,2024-12-31
"""
POTABLE = [
    {"indicateur": "part-potable", "maille": "regionale", "code": 1.0, "date": "2022-01-31", "valeur": 80.5},
    {"indicateur": "part-potable", "maille": "regionale", "code": 2.0, "date": "2022-01-31", "valeur": 70.0},
]


def write_catalogue(folder: Path) -> Path:
    """Write the small catalogue, and return its folder."""
    for name, text in CATALOGUE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    """What is wrong in a catalogue."""
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(folder)
    return raised.value.problems


def write_deliveries(folder: Path) -> Path:
    """Write the small deliveries, and return their folder."""
    (folder / "eau").mkdir(parents=True, exist_ok=True)
    (folder / "eau" / "puits.csv").write_bytes(PUITS.encode("cp1252"))
    (folder / "air.csv").write_text(AIR, encoding="utf-8-sig")
    (folder / "objectifs.csv").write_text(OBJECTIFS, encoding="utf-8")
    sheet = pa.Table.from_pylist(POTABLE)
    write_worksheet(sheet, str(folder / "eau" / "potable.xlsx"), sheet_name="Données")
    return folder
