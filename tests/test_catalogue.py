import re
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.errors import CatalogueError
from tests.small_project import problems, write_catalogue


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(DEFAULT_CATALOGUE, tmp_path / "catalogue"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_the_default_catalogue_is_valid():
    catalogue = load_catalogue(DEFAULT_CATALOGUE)
    assert len(catalogue.indicateurs) > 50
    assert {t.maille for t in catalogue.territoires} == {"nationale", "regionale", "departementale"}


def test_official_catalogues_are_valid(editions):
    for edition in sorted(p for p in editions.iterdir() if p.is_dir()):
        assert load_catalogue(edition / "catalogue").livraisons


def test_indicators_are_in_the_order_of_their_policies():
    catalogue = load_catalogue(DEFAULT_CATALOGUE)
    order = {i.id: m.ordre for m in catalogue.mesures for i in m.indicateurs}
    assert [order[i] for i in catalogue.indicateurs] == sorted(order.values())


def test_pages_that_would_have_one_name_are_told(folder):
    change(folder, "mesures/ovq-apr.yaml", "id: nb-morts-routes", "id: nb.Heures-patrouille")
    change(folder, "territoires.csv", "departementale,2B,", "departementale,2a,")
    change(folder, "territoires.csv", "departementale,01,Ain", "departementale,6-9,Ain")
    change(folder, "territoires.csv", "departementale,69,", "departementale,6.9,")
    told = [one for one in problems(folder) if "gives its page the name" in one]
    shown = [re.sub(r", line \d+", "", one) for one in told]
    assert shown == [
        "mesures/ovq-rsq.yaml: indicateurs[1].id: 'nb-heures-patrouille' gives its page the name of that of "
        "'nb.Heures-patrouille' (mesures/ovq-apr.yaml: indicateurs[1].id).",
        "territoires.csv: code: '2a' gives its page the name of that of '2A' (territoires.csv: code).",
        "territoires.csv: code: '6.9' gives its page the name of that of '6-9' (territoires.csv: code).",
    ]


def test_every_problem_is_told_at_once_with_its_file_and_key(folder):
    change(folder, "mesures/ovq-app.yaml", "sens: hausse", "sens: monte")
    change(folder, "mesures/ovq-apr.yaml", "secteur: securite", "secteur: securitee")
    change(folder, "livraisons/culture.yaml", "contenu: valeurs", "contenu: valeurs\n  encodag: utf-8")
    change(folder, "catalogue.yaml", "titre:", "titres:")
    told = "\n".join(problems(folder))
    for place in (
        "mesures/ovq-app.yaml, line 9: indicateurs[1].sens: must be hausse, baisse (here: 'monte').",
        "mesures/ovq-apr.yaml, line 3: secteur: 'securitee' is not in secteurs.csv; the closest is 'securite'.",
        "livraisons/culture.yaml, line 5: livraisons[1] (culture-pass): encodag: unknown key; the closest is",
        "catalogue.yaml, line 1: titre: is required.",
        "catalogue.yaml, line 1: titres: unknown key; the closest is 'titre'.",
    ):
        assert place in told


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "livraisons/culture.yaml",
            "nb-utilisateurs-pass-culture",
            "nb-pass-culture",
            "the closest is 'nb-util",
        ),
        ("livraisons/culture.yaml", "valeur: inscriptions", "valeurs: inscriptions", "colonnes: valeurs is not one of"),
        ("livraisons/culture.yaml", "url: culture/pass-culture.parquet", "fichier: x.csv", "where is it?"),
        ("livraisons/culture.yaml", "format: parquet", "format: pdf", "must be csv, xlsx"),
        ("livraisons/culture.yaml", "format: parquet", "format: parquet\n  feuille: x", "a parquet file has no sheets"),
        ("livraisons/interieur.yaml", "separateur: ;", "separateur: ;;", "one character is needed"),
        ("livraisons/economie.yaml", "encodage: cp1252", "encodage: cp9999", "'cp9999' is not an encoding"),
        ("livraisons/sante.yaml", "entetes: indicateur", "ligne_entete: 1", "entetes: a large file needs"),
        ("territoires.csv", "departementale,01,Ain,84,D01", "departementale,01,Ain,85,D01", "parent: '85' is not"),
        ("territoires.csv", "departementale,02,", "departementale,01,", "is already used in territoires.csv, line"),
        ("territoires.csv", "departementale,01,Ain,84,D01", "departementale,01,Ain", "5 columns are needed"),
        ("secteurs.csv", "justice,Justice,justice", "justice,Justice,../justice", "only letters without accents"),
        (
            "secteurs.csv",
            "justice,Justice,justice",
            "justice,Justice,Agriculture",
            "the dossier 'agriculture' is already",
        ),
        ("mesures/ovq-app.yaml", "agregation_territoriale: somme", "agregation_territoriale: ratio", "needs poids"),
        ("mesures/ovq-apr.yaml", "id: nb-morts-routes", "id: nb-heures-patrouille", "identifiant_partage"),
        ("mesures/ovq-apr.yaml", "ordre: 23", "ordre: 23\nordre: 24", "the key 'ordre' is given twice"),
        ("mesures/ovq-apr.yaml", "ordre: 23", "ordre: [23", "mesures/ovq-apr.yaml, line"),
        ("mesures/ovq-apr.yaml", "  sens:", "  poids_avancement: -1\n  sens:", "poids_avancement: must be 0.0 or more"),
        (
            "mesures/ovq-apr.yaml",
            "  sens:",
            "  poids_avancement: {regional: 2}\n  sens:",
            "poids_avancement.regional: 'regional' is not a level; they are nationale, regionale, departementale",
        ),
        (
            "mesures/ovq-apr.yaml",
            "  sens:",
            "  territoires_non_concernes: [departementale/99]\n  sens:",
            "territoires_non_concernes[1]: 'departementale/99' is no maille/code of territoires.csv",
        ),
        (
            "mesures/ovq-apr.yaml",
            "  sens:",
            "  territoires_non_concernes: ['75']\n  sens:",
            "territoires_non_concernes[1]: a level and a code are needed, as in departementale/75 (here: '75').",
        ),
        (
            "catalogue.yaml",
            "licence:",
            "seuils: {retard_modere: 0.95}\nlicence:",
            "seuils.retard_modere: must be less than en_bonne_voie (0.95)",
        ),
        ("catalogue.yaml", "licence:", "seuils: {en_bonne_voie: 1.2}\nlicence:", "must be 1.0 or less (here: 1.2)"),
        ("territoires.csv", "parent,zone_id\n", "parent,zone_id,population\n", "6 columns are needed; here 5"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(folder, name, old, new, told):
    change(folder, name, old, new)
    found = [p for p in problems(folder) if told in p]
    assert found and found[0].startswith(name.split("/")[0])


def test_a_missing_file_is_told(folder):
    (folder / "secteurs.csv").unlink()
    assert "secteurs.csv: the file is missing." in problems(folder)


def test_a_misspelt_file_is_told(folder):
    (folder / "exception.yaml").write_text("[]", encoding="utf-8")
    assert any("exception.yaml: unknown file; the closest is 'exceptions.yaml'" in p for p in problems(folder))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("engagement", "engagement/: unknown folder; the closest is 'engagements'."),
        ("Mesure", "Mesure/: unknown folder; the closest is 'mesures'."),
    ],
)
def test_a_misspelt_folder_is_told_and_another_may_stand_there(folder, name, told):
    for one in ("archives", ".git"):
        (folder / one).mkdir()
    load_catalogue(folder)
    (folder / name).mkdir()
    assert problems(folder) == [told]


def test_a_file_of_a_folder_that_would_not_be_read_is_told(folder):
    (folder / "mesures" / "eau.YAML").write_text("", encoding="utf-8")
    assert problems(folder) == ["mesures/eau.YAML: unknown file; the name must end in .yaml."]


def test_an_exception_names_a_known_indicator_and_territory(folder):
    text = "- {regle: date_future, indicateur: inconnu, territoire: 999, motif: essai, jusqu_a: 2022-T1}\n"
    (folder / "exceptions.yaml").write_text(text, encoding="utf-8")
    told = problems(folder)
    assert any("exceptions.yaml, line 1: [1]: indicateur: 'inconnu'" in p for p in told)
    assert any("exceptions.yaml, line 1: [1]: territoire: '999'" in p for p in told)


def test_unquoted_codes_and_years_are_read_as_text(folder):
    text = "- {indicateur: nb-morts-routes, maille: departementale, territoire: 75, date: 2022-01-31,"
    text += " attendu: 5, valeur: null, motif: essai}\n"
    (folder / "corrections.yaml").write_text(text, encoding="utf-8")
    assert load_catalogue(folder).corrections[0].territoire == "75"


def test_the_version_changes_with_any_byte_of_the_catalogue(folder):
    before = load_catalogue(folder).version
    change(folder, "catalogue.yaml", "Équipe du baromètre", "Équipe du Baromètre")
    assert load_catalogue(folder).version != before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_arbitrary_bytes_in_a_file_are_problems_and_nothing_else(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("c") / "catalogue"
    shutil.copytree(DEFAULT_CATALOGUE, folder)
    (folder / "catalogue.yaml").write_bytes(content)
    assert problems(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "mesures/eau.yaml",
            "somme}",
            "somme, date_cible: 2021-02-30}",
            "line 7: date_cible: 2021-02-30 is not a day of the calendar; write one that exists, as in 2021-02-28.",
        ),
        ("mesures/eau.yaml", "ordre: 1", "ordre: " + "9" * 6000, "line 4: ordre: must be a whole number, and not so"),
        ("mesures/eau.yaml", "ordre: 1", "ordre: " + "[" * 20000, "line 4: more than 50 levels of brackets"),
        ("mesures/eau.yaml", "Améliorer", "\0Améliorer", "line 2: holds U+0000, which no text holds; remove it."),
        ("mesures/eau.yaml", "secteur", "\tsecteur", "line 3: is not YAML: a tab: indent with spaces."),
        ("mesures/eau.yaml", "somme}", "somme, multiplicateur: .inf}", "multiplicateur: must be a number, as in 12.5"),
        ("mesures/eau.yaml", "somme}", "somme, multiplicateur: 1e999}", "must be a number, neither infinite nor NaN"),
        ("mesures/eau.yaml", "somme}", "somme, contact: {courriel: x@exemple.fr}}", "contact.nom: is required."),
        (
            "mesures/eau.yaml",
            "somme}",
            "somme, description: 2021}",
            "must be a text; put it between quotes (here: 2021)",
        ),
        ("territoires.csv", "Pays", "P" * 200_000, "line 2: a cell of more than 131,072 characters"),
        ("territoires.csv", "Pays", "P\0", "line 2: holds U+0000"),
        ("territoires.csv", "Pays", '"Pays', "line 2: a quote is opened here and not closed."),
        ("territoires.csv", "Pays", "Pays,", "line 2: 5 columns are needed; here 6."),
        ("territoires.csv", "libelle", "libele", "line 1: unknown column 'libele'; the closest is 'libelle'."),
        ("territoires.csv", "zone_id", "code", "line 1: the column 'code' is written twice."),
        ("territoires.csv", ",", ";", "line 1: the columns are separated by commas, as in maille,code,libelle."),
    ],
)
def test_an_unlucky_file_is_one_sentence_with_its_line(tmp_path, name, old, new, told):
    folder = write_catalogue(tmp_path)
    change(folder, name, old, new)
    (problem,) = problems(folder)
    assert problem.startswith(f"{name}, line ") and told in problem


@pytest.mark.parametrize("content", ["- a list\n", "a text\n", "12\n", ""])
@pytest.mark.parametrize("name", ["catalogue.yaml", "mesures/eau.yaml", "livraisons/eau.yaml"])
def test_a_file_that_holds_something_else_is_told_and_nothing_that_follows_from_it(tmp_path, name, content):
    folder = write_catalogue(tmp_path)
    (folder / name).write_text(content, encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith(f"{name}, line 1: ")


def test_a_key_of_the_supplier_is_told_where_it_is_written(tmp_path):
    folder = write_catalogue(tmp_path)
    change(folder, "livraisons/air.yaml", "commun: {url: air.csv,", "commun: {url: air.csv, encodage: latin99,")
    assert "livraisons/air.yaml, line 2: livraisons[1] (alertes): encodage: 'latin99' is not an encoding" in str(
        problems(folder)
    )


def test_thousands_of_rows_that_are_wrong_in_one_way_hide_nothing_else(tmp_path):
    folder = write_catalogue(tmp_path)
    with (folder / "territoires.csv").open("a", encoding="utf-8") as rows:
        rows.writelines(f"communale,c{n},Commune {n},01,Z{n}\n" for n in range(2_000))
        rows.writelines(f"departementale,d{n},Canton {n},99,Y{n}\n" for n in range(2_000))
    told = problems(folder)
    assert sum("'communale' is not a level" in p for p in told) == 1
    assert str(CatalogueError(told)).endswith("… and 1801 more.")


def test_35000_territories_are_read_in_a_moment(tmp_path):
    folder = write_catalogue(tmp_path)
    with (folder / "territoires.csv").open("a", encoding="utf-8") as rows:
        rows.writelines(f"departementale,c{n},Commune {n},01,Z{n}\n" for n in range(35_000))
    start = time.process_time()
    assert len(load_catalogue(folder).territoires) == 35_006
    assert time.process_time() - start < 10  # 0.8 s on two cores; what grows with the square takes minutes
