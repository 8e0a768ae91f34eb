"""`barometre delivery try` and `delivery propose`: what helps to write a delivery's YAML."""

import gzip
import json
import re
import shutil

import pytest
import yaml

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.demonstration import write_demonstration
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.trials.proposing import proposed_delivery
from tests.countries import Country, two_levels
from tests.loopback import loopback
from tests.projects import project  # noqa: F401 - it is a fixture
from tests.small_deliveries import zipped

# The file does not say what its numbers are, or says it in words that only people understand.
UNTOLD = {"ecologie-suivi", "culture-pass"}


def tried(project, *arguments):
    code, out, err = project.barometre(
        "delivery", "try", *arguments, "--catalogue", project.catalogue, "--home", project.home
    )
    assert not project.home.exists()
    return code, out, err


def test_a_delivery_is_tried_from_where_it_is_without_a_run(project):
    code, out, _ = tried(project, "puits", "--sources", project.deliveries, "--format", "json", "--rows", 1)
    told = json.loads(out)
    assert code == 0
    assert (told["lignes"], told["rejets"], told["filtrees"], told["ignorees"]) == (5, {}, 0, 0)
    (row,) = told["apercu"]
    assert (row["maille"], row["code"], row["date"], row["valeur"], row["ligne"]) == (
        "departementale",
        "01",
        "2022-01-31",
        1000.0,
        2,
    )


def test_a_file_that_is_given_is_tried_and_what_is_rejected_is_told_with_status_1(project, tmp_path):
    file = tmp_path / "essai.csv"
    file.write_bytes(
        "Département;Arrêté au;Nombre;Note\naval;31/01/2022;5;x\nnulle part;31/01/2022;6;\n".encode("cp1252")
    )
    code, out, _ = tried(project, "puits", "--file", file, "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert told["rejets"] == {"territoire_inconnu": 1}
    assert told["colonnes_inutilisees"] == ["Note"]
    _, out, _ = tried(project, "puits", "--file", file)
    assert "Columns that nothing uses: Note." in out
    assert "row 3: « nulle part » n'est pas un territoire" in out and "`valeurs_territoire`" in out


def test_contradictions_are_rejects_as_in_a_run(project, tmp_path):
    file = tmp_path / "essai.csv"
    file.write_bytes("Département;Arrêté au;Nombre\naval;31/01/2022;5\naval;31/01/2022;6\n".encode("cp1252"))
    code, out, _ = tried(project, "puits", "--file", file, "--format", "json")
    assert (code, json.loads(out)["rejets"]) == (1, {"valeurs_contradictoires": 2})


def test_what_cannot_be_tried_is_told(project, tmp_path):
    code, _, err = tried(project, "puit")
    assert code == 2 and "'puit' is not a delivery of the catalogue" in err
    code, _, err = tried(project, "puits", "--file", tmp_path / "rien.csv")
    assert code == 2 and "--file: there is no file" in err
    (tmp_path / "autre.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    code, _, err = tried(project, "puits", "--file", tmp_path / "autre.csv")
    assert code == 1 and "'Département'" in err


def test_the_demonstration_serves_where_no_source_is_given(project):
    code, out, _ = tried(project, "alertes-objectifs", "--format", "csv")
    assert code == 0
    assert out.startswith("id_indicateur,maille,code,valeur_initiale,")


def test_a_proposal_is_printed_and_pasted_as_it_is(project, tmp_path):
    file = tmp_path / "Nb puits.csv"
    file.write_text(
        "Relevé des puits;;;\nCode département;Arrêté au;Nombre;Remarque\n"
        "01;31/01/2022;1 000,5;ok\n2A;28/02/2022;n.d.;\n",
        encoding="utf-8",
    )
    code, out, _ = project.barometre("delivery", "propose", file, "--catalogue", project.catalogue)
    assert code == 0
    (project.catalogue / "livraisons" / "propose.yaml").write_text(out, encoding="utf-8")
    livraison = load_catalogue(project.catalogue).livraison("nb-puits")
    assert livraison.colonnes == {"territoire": "Code département", "date": "Arrêté au", "valeur": "Nombre"}
    assert (livraison.ligne_entete, livraison.separateur, livraison.decimale) == (2, ";", ",")
    assert (livraison.format_date, livraison.manquants, livraison.maille) == ("%d/%m/%Y", ("n.d.",), "departementale")
    code, out, _ = tried(project, "nb-puits", "--file", file, "--format", "json")
    assert (code, json.loads(out)["lignes"]) == (0, 1)


def test_bare_numbers_are_codes_where_the_heading_names_a_level_of_the_catalogue(tmp_path):
    nation = two_levels()
    numbered = ("24", "35", "59")
    places = [nation.territoires[0], *(("province", code, f"Province {code}", "CA") for code in numbered)]
    Country(nation.mailles, tuple(places), "province").write(tmp_path)
    catalogue = load_catalogue(tmp_path / "catalogue")
    for heading, taken in (("Province", True), ("Nation", False), ("Rang", False)):
        file = tmp_path / "export.csv"
        rows = "".join(f"{code};31/03/2022;{code}.5\n" for code in numbered)
        file.write_text(f"{heading};Jour;Nombre\n{rows}", encoding="utf-8")
        (proposed,) = yaml.safe_load(proposed_delivery(file, catalogue))["livraisons"]
        assert ("territoire" in proposed["colonnes"]) == taken, heading


def test_a_proposal_needs_a_file(project, tmp_path):
    code, _, err = project.barometre("delivery", "propose", tmp_path / "rien", "--catalogue", project.catalogue)
    assert code == 2 and "There is no file" in err


def test_a_folder_in_the_place_of_a_file_and_a_file_in_that_of_a_catalogue_are_told(project, tmp_path):
    _, _, err = project.barometre("delivery", "propose", tmp_path, "--catalogue", project.catalogue)
    assert f"{tmp_path} is a folder" in err
    _, _, err = project.barometre("catalogue", "check", "--catalogue", project.catalogue / "catalogue.yaml")
    assert "catalogue.yaml: this is a file; a catalogue is a folder" in err


def check_proposals(folder, catalogue_folder, paths):
    """Paste what is proposed for each file into a catalogue, which is valid, and read the files with it."""
    catalogue = load_catalogue(catalogue_folder)
    whole = shutil.copytree(catalogue_folder, folder / "catalogue")
    for d in catalogue.livraisons:
        text = proposed_delivery(paths[d.id], catalogue)
        pasted = re.sub(r"^- id: .*", f"- id: zz-{d.id}", text, flags=re.MULTILINE)
        (whole / "livraisons" / f"zz-{d.id}.yaml").write_text(pasted, encoding="utf-8")
    valid = load_catalogue(whole)
    for d in catalogue.livraisons:
        reading = read_delivery(valid.livraison(f"zz-{d.id}"), [paths[d.id]], valid)
        if d.id in UNTOLD or list(paths.values()).count(paths[d.id]) > 1:
            continue
        expected = read_delivery(d, [paths[d.id]], catalogue)
        assert reading.rejects.num_rows == 0, d.id
        assert reading.rows.drop(["livraison"]) == expected.rows.drop(["livraison"]), d.id


@pytest.mark.long
def test_every_official_file_is_proposed_so_that_the_catalogue_is_valid_and_most_are_read_the_same(tmp_path, editions):
    folder = editions / "2022-T1"
    catalogue = load_catalogue(folder / "catalogue")
    check_proposals(tmp_path, folder / "catalogue", {d.id: folder / "livraisons" / d.url for d in catalogue.livraisons})


@pytest.mark.long
def test_every_file_of_the_demonstration_is_proposed_too(tmp_path):
    paths = write_demonstration(load_catalogue(DEFAULT_CATALOGUE), Edition(2022, 1), tmp_path / "demonstration")
    check_proposals(tmp_path, DEFAULT_CATALOGUE, {id_: tmp_path / "demonstration" / p for id_, p in paths.items()})


def test_a_service_in_pages_is_tried_whole(project):
    rows = [{"Département": "aval", "Arrêté au": f"01/{month:02}/2021", "Nombre": month} for month in range(1, 8)]

    def answers(request):
        page = int(request.path.partition("page=")[2] or 1)
        following = f"/puits?page={page + 1}" if page * 3 < len(rows) else None
        document = {"count": len(rows), "next": following, "results": rows[page * 3 - 3 : page * 3]}
        request.reply(body=json.dumps(document).encode())

    with loopback(answers) as server:
        written = project.catalogue / "livraisons/eau.yaml"
        place = f"url: {server.url}/puits\n  format: json"
        written.write_text(written.read_text().replace("url: eau/puits.csv\n  encodage: cp1252", place))
        code, out, err = tried(project, "puits", "--format", "json", "--rows", 1, "--sources", project.deliveries)
    assert (code, err) == (0, "")
    assert json.loads(out)["lignes"] == 7


def test_a_service_of_a_host_that_is_not_listed_is_not_tried(project):
    general = project.catalogue / "catalogue.yaml"
    general.write_text(general.read_text() + "hotes_autorises: [exemple.fr]\n")
    code, _, err = tried(project, "puits", "--sources", "http://127.0.0.1:9/")
    assert code == 1
    assert "leads to 127.0.0.1, which `hotes_autorises` of catalogue.yaml does not list: refused" in err


def proposed(project, file, content: bytes):
    file.write_bytes(content)
    return project.barometre("delivery", "propose", file, "--catalogue", project.catalogue)


def test_a_year_and_its_quarter_are_one_date_and_words_that_may_tell_rows_apart_are_told(project, tmp_path):
    text = b"code,annee,trimestre,type_valeur,valeur\n01,2022,1,va,5\n02,2022,2,vc,6\n"
    code, out, _ = proposed(project, tmp_path / "f.csv", text)
    assert code == 0
    assert "date: [annee, trimestre]" in out and "format_date" not in out
    assert "type_valeur : si certaines lignes seulement comptent, `filtre` le dirait" in out
    assert proposed(project, tmp_path / "f.csv.gz", gzip.compress(text))[1] == out.replace("f.csv ", "f.csv.gz ")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("f.json", b"[" * 200_000, "nested too deep"),
        ("f.zip", zipped({"a.csv": "code,valeur\n01,1\n" * 100})[:-30], "is not a whole zip file"),
        ("f.csv", b"<!DOCTYPE html><html><body>connexion</body></html>", "is a web page"),
        ("f.parquet", b"PAR1" + bytes(200) + b"PAR1", "is not a readable Parquet file"),
    ],
)
def test_a_file_that_cannot_be_looked_at_is_told_in_a_sentence(project, tmp_path, name, content, said):
    code, out, err = proposed(project, tmp_path / name, content)
    assert (code in (1, 2), out) == (True, "")
    assert said in err and "defect" not in err


@pytest.mark.parametrize(
    ("numbers", "decimale", "milliers"),
    [
        (["1.234,5", "12.345", "2.345"], ",", "."),
        (["1'234.5", "12'345", "7"], None, "'"),
        (["1,5", "12,25", "7"], ",", None),
        (["1.5", "12.25", "7"], None, None),
    ],
)
def test_the_marks_of_numbers_are_proposed_and_no_number_as_a_mark_of_absence(
    project, tmp_path, numbers, decimale, milliers
):
    rows = "".join(f"departementale;0{rank};2022-03;{number}\n" for rank, number in enumerate(numbers, 1))
    text = f"maille;code;date;valeur\n{rows}departementale;2A;2022-03;n.d.\n"
    code, out, _ = proposed(project, tmp_path / "f.csv", text.encode())
    (found,) = yaml.safe_load(out)["livraisons"]
    assert (code, found.get("decimale"), found.get("milliers")) == (0, decimale, milliers)
    assert found["manquants"] == ["n.d."]


def test_a_comma_that_may_be_a_mark_of_thousands_is_told(project, tmp_path):
    text = b"maille;code;date;valeur\ndepartementale;01;2022-03;1,234\ndepartementale;02;2022-03;12,345\n"
    assert "marque des milliers" in proposed(project, tmp_path / "f.csv", text)[1]
