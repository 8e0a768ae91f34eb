import csv
import json
import re
from pathlib import Path

import duckdb
import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.manifest import NOTICES
from barometre_pipeline.publish.tree.writing import write_files
from tests.marts_to_publish import CATALOGUE, PROVENANCE, SCHEMA, a_row, small_marts

TYPES = {"texte": "VARCHAR", "nombre": "DOUBLE", "date": "DATE"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    numbers = dict.fromkeys((c.nom for t in SCHEMA.tables for c in SCHEMA.columns(t, "nationale")
                             if c.type == "nombre"), 12.5)  # fmt: skip
    dates = dict.fromkeys(("date_valeur_actuelle", "date_valeur_initiale", "progression_derniere_maj_date"), None)
    rows = [
        a_row(m, c, **numbers, **dates) for m, c in (("nationale", "FR"), ("regionale", "01"), ("departementale", "2A"))
    ]
    write_files(small_marts(*rows), CATALOGUE, SCHEMA, Edition(2022, 1), folder, PROVENANCE)
    return folder


def _patterns() -> list[tuple[str, str]]:
    """Each path of the schema as a regular expression."""
    sector = SCHEMA.racine_secteur.format(dossier="[a-z]+")
    tables, mailles = "|".join(SCHEMA.tables), "|".join(m.nom for m in SCHEMA.mailles.values())
    blanks = {"racine": f"({sector})?", "p": "essai(-[a-z]+)?", "code": "[0-9A-Z]+"}
    blanks |= {"k": f"({tables})", "m": f"({mailles})"}
    blanks |= {"territoires": "(departements|regions)", "territoire": "(departement|region)"}
    found = []
    for name, kind in SCHEMA.fichiers.items():
        pieces = re.findall(r"([^{]*)(?:\{(\w+)\})?", kind.chemin)
        pattern = "".join(re.escape(text) + blanks.get(blank, "") for text, blank in pieces)
        found.append((name, pattern))
    return found


def test_every_published_file_has_a_path_of_the_schema_and_each_path_serves(tree):
    kinds = set()
    for file in (p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file()):
        matching = [name for name, pattern in _patterns() if re.fullmatch(pattern, file)]
        assert len(matching) == 1 or file in NOTICES, (file, matching)
        kinds |= set(matching)
    assert kinds == set(SCHEMA.fichiers)


def test_every_csv_has_the_columns_of_the_schema_in_their_order(tree):
    for file in tree.rglob("*.csv"):
        name = file.name
        table = next(t for t in SCHEMA.tables if f"-{t}-" in name)
        maille = next(k for k, m in SCHEMA.mailles.items() if f"-{m.nom}" in name or f"-{m.territoire or '?'}-" in name)
        with file.open(newline="", encoding="utf-8") as lines:
            assert next(csv.reader(lines)) == SCHEMA.header(table, maille), name


@pytest.mark.parametrize(("table", "maille"), SCHEMA.frames)
def test_every_column_holds_its_type(tree, table, maille):
    file = tree / f"essai-{table}-{SCHEMA.mailles[maille].nom}.csv"
    columns = {c.nom: TYPES[c.type] for c in SCHEMA.columns(table, maille)}
    found = duckdb.execute("select * from read_csv(?, header = true, columns = ?)", [str(file), columns]).fetchall()
    assert len(found) == 1
    record = json.loads((tree / "json" / file.name.replace(".csv", ".json")).read_text(encoding="utf-8"))[0]
    assert list(record) == list(columns)
    assert all(isinstance(record[n], float) for n, type_ in columns.items() if type_ == "DOUBLE")


def test_the_published_columns_are_those_that_were_announced():
    # Written a second time on purpose: a change of the public schema is announced, never an accident.
    synthese = (
        "mesure indicateur id_indicateur maille_geographique valeur_actuelle date_valeur_actuelle valeur_initiale "
        "date_valeur_initiale progression pourcentage_progression progression_derniere_maj "
        "pourcentage_progression_derniere_maj progression_derniere_maj_date cible pourcentage_cible date_cible unite"
    )
    assert SCHEMA.header("synthese", "nationale") == synthese.split()
    assert SCHEMA.header("detail", "regionale") == (
        ["mesure", "indicateur", "id_indicateur", "code_region", "libelle_region", "date", "valeur", "unite"]
    )
    assert SCHEMA.header("detail", "departementale")[3:5] == ["code_departement", "libelle_departement"]


def test_every_column_and_file_is_described():
    columns = [c for table, maille in SCHEMA.frames for c in SCHEMA.columns(table, maille)]
    assert all(c.description.endswith(".") and c.type in TYPES for c in columns)
    assert all(kind.description.endswith(".") for kind in SCHEMA.fichiers.values())


def test_the_readme_describes_the_schema_and_how_its_changes_are_announced(tree):
    readme = (tree / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{c.nom}` | {c.type} |" in readme for t, m in SCHEMA.frames for c in SCHEMA.columns(t, m))
    assert "Aucun changement n'est annoncé" in readme and f"Version du schéma : {SCHEMA.version}" in readme
