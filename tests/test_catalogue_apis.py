"""The keys of services (requete, oauth2, pagination, hotes_autorises): each mistake told with its file and line."""

import pytest
import yaml

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.errors import CatalogueError
from tests.countries import two_levels

BASE = {
    "id": "d",
    "contenu": "valeurs",
    "url": "https://api.exemple.fr/donnees?n=50",
    "format": "json",
    "indicateur": "nb-arbres",
    "maille": "province",
    "colonnes": {"territoire": "code", "date": "date", "valeur": "valeur"},
}
TOKEN = {"adresse": "https://jetons.exemple.fr/token", "client": "c", "secret": "${SECRET}"}


def problems(folder, hosts=None, **keys):
    """The problems of a catalogue with one delivery of these keys, without what leads to each."""
    two_levels().write(folder)
    delivery = {key: value for key, value in {**BASE, **keys}.items() if value is not None}
    document = {"ministere": "Ministère", "livraisons": [delivery]}
    (folder / "catalogue/livraisons/nature.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    general = folder / "catalogue/catalogue.yaml"
    if hosts is not None:
        general.write_text(general.read_text() + f"\nhotes_autorises: {hosts}\n")
    try:
        load_catalogue(folder / "catalogue")
    except CatalogueError as error:
        return [problem.split(": ", 1) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "keys",
    [
        {"pagination": "auto"},
        {"pagination": {"maximum": 5}},
        {"pagination": {"suivant": "liens.suite", "total": "meta.total"}},
        {"pagination": {"decalage": "skip", "limite": "n"}},
        {"pagination": {"page": "n"}},
        {"pagination": {"page": "p"}, "requete": {"parametres": {"p": 0}}},
        {"pagination": {"page": "p"}, "requete": {"methode": "POST", "corps": {"p": 1}}},
        {"pagination": {"suivant": "suite", "limite": "n"}},
        {"pagination": {"curseur": {"lire": "@odata.x", "ecrire": "curseur"}}},
        {
            "requete": {
                "methode": "POST",
                "corps": {"a": [1, {"b": "${SECRET}"}]},
                "entetes": {"X-Api-Key": "${SECRET}"},
            }
        },
        {"requete": {"parametres": {"annee": 2022, "cle": "${SECRET}"}}, "oauth2": TOKEN | {"portee": "lire"}},
        {"format": "csv", "pagination": {"maximum": 5}},
        {"requete": {"methode": "POST", "corps": {"query": "{ stations { nom } }", "le": "{annee}-{mois}"}}},
    ],
)
def test_what_is_right_is_taken(tmp_path, keys):
    assert problems(tmp_path, **keys) == []


@pytest.mark.parametrize(
    ("keys", "place", "said"),
    [
        ({"requete": {"methode": "PUT"}}, "requete.methode", "must be GET, POST (here: 'PUT')."),
        ({"requete": {"entete": {}}}, "requete.entete", "unknown key; the closest is 'entetes'."),
        ({"requete": {"parametres": {"q": "{ edition }"}}}, "requete.parametres.q", "{ edition } stands for nothing;"),
        ({"requete": {"entetes": {"X-A": "{editon}"}}}, "requete.entetes.X-A", "{editon} stands for nothing;"),
        ({"requete": {"parametres": {"{mois}": "a"}}}, "requete.parametres", "{mois} is not filled: write it as in"),
        (
            {"requete": {"methode": "POST", "corps": {"a": [{"b": "{ Annee }"}]}}},
            "requete.corps",
            "{ Annee } is not filled: write it as in {edition}",
        ),
        ({"oauth2": TOKEN | {"portee": "{edition}"}}, "oauth2", "{edition} is filled only in url, datagouv, fichier,"),
        (
            {"url": "abc://seau/a.json"},
            "url",
            "abc:// is not read; only http, https, s3, gs, sftp and the base folder are.",
        ),
        (
            {"url": "az://seau/a.json"},
            "url",
            "az:// is not read; only http, https, s3, gs, sftp and the base folder are: of a store",
        ),
        ({"requete": {"corps": "a"}}, "requete.corps", "a GET has none; methode: POST sends it."),
        ({"requete": {"entetes": {"X Cle": "a"}}}, "requete.entetes", "'X Cle' is not the name of a header."),
        ({"requete": {"entetes": {"Host": "a"}}}, "requete.entetes", "Host is not for the catalogue to say."),
        ({"requete": {"entetes": {"X-A": "a\nb"}}}, "requete.entetes", "X-A must stand on one line."),
        (
            {"requete": {"entetes": {"Authorization": "Bearer abc"}}},
            "requete.entetes",
            "Authorization holds a secret: ",
        ),
        (
            {"requete": {"entetes": {"X-Api-Key": "abc"}}},
            "requete.entetes",
            "X-Api-Key holds a secret: write ${VARIABLE}",
        ),
        ({"requete": {"parametres": {"a": "${MA CLE}"}}}, "requete.parametres.a", "'${MA CLE}' is no variable: "),
        ({"requete": {"methode": "POST", "corps": {"a": ["${}"]}}}, "requete.corps", "'${}' is no variable: "),
        (
            {"oauth2": TOKEN | {"secret": "abc"}},
            "oauth2.secret",
            "write ${VARIABLE}, and the value in the environment.",
        ),
        ({"oauth2": TOKEN | {"adresse": "jetons"}}, "oauth2.adresse", "must be written as ^https?://"),
        ({"oauth2": {"client": "a", "secret": "${A}"}}, "oauth2.adresse", "is required."),
        (
            {"oauth2": TOKEN, "requete": {"entetes": {"Authorization": "${A}"}}},
            "oauth2",
            "gives the header Authorization",
        ),
        ({"pagination": "aucune"}, "pagination", "must be auto, or keys such as suivant, "),
        ({"pagination": {"page": "p", "suivant": "a"}}, "pagination.page", "excludes suivant; "),
        ({"pagination": {"limite": "n"}}, "pagination.limite", "serves only beside decalage, page, suivant or "),
        (
            {"pagination": {"page": "n", "limite": "taille"}},
            "pagination",
            "limite is the parameter 'taille': give its number",
        ),
        (
            {"pagination": {"page": "p"}},
            "pagination",
            "page is the parameter 'p': give the number of the first page (0 or 1), in url or requete.parametres.",
        ),
        ({"pagination": {"suivant": "a..b"}}, "pagination.suivant", "must be the keys that lead there, joined by dots"),
        ({"pagination": {"maximum": 0}}, "pagination.maximum", "must be 1 or more"),
        ({"pagination": {"curseur": {"lire": "a"}}}, "pagination.curseur.ecrire", "is required."),
        ({"format": "csv", "pagination": {"page": "p"}}, "pagination", "only json tells of its pages in its body; "),
        (
            {"url": None, "datagouv": {"jeu": "j", "ressource": "r"}, "requete": {}},
            "requete",
            "only a delivery with an http url has one.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, keys, place, said):
    [[where, what]] = [(where, what.partition(": ")[2]) for where, what in problems(tmp_path, **keys)]
    assert where.startswith("livraisons/nature.yaml, line ")
    assert what.startswith(f"{place}: {said}")


def test_the_line_is_that_of_the_key(tmp_path):
    [[where, _]] = problems(tmp_path, pagination={"suivant": "a", "page": "b"})
    lines = (tmp_path / "catalogue/livraisons/nature.yaml").read_text().splitlines()
    assert lines[int(where.rpartition(" ")[2]) - 1].strip() == "page: b"


# -- the hosts that may be asked


@pytest.mark.parametrize("hosts", ["[api.exemple.fr]", "['*.exemple.fr']", "[API.Exemple.FR., autre.fr]"])
def test_a_delivery_of_a_host_that_is_listed_is_taken(tmp_path, hosts):
    assert problems(tmp_path, hosts) == []


def test_an_sftp_server_must_be_listed(tmp_path):
    [[_, said]] = problems(tmp_path, "[exemple.fr]", url="sftp://u@depot.exemple.fr/a.json")
    assert said.endswith("url: depot.exemple.fr is not in `hotes_autorises` of catalogue.yaml.")


def test_a_delivery_of_another_host_is_told(tmp_path):
    [[where, said]] = problems(tmp_path, "[exemple.fr]")
    assert where == "livraisons/nature.yaml, line 5"
    assert said.endswith("url: api.exemple.fr is not in `hotes_autorises` of catalogue.yaml.")


def test_the_server_of_tokens_must_be_listed_too(tmp_path):
    [[_, said]] = problems(tmp_path, "[api.exemple.fr]", oauth2=TOKEN)
    assert said.endswith("oauth2.adresse: jetons.exemple.fr is not in `hotes_autorises` of catalogue.yaml.")


@pytest.mark.parametrize("url", ["donnees.json", "https://${HOTE}/a.json", "s3://seau/a.json", "gs://seau/a.json"])
def test_what_the_catalogue_does_not_tell_is_judged_when_it_is_asked(tmp_path, url):
    assert problems(tmp_path, "[exemple.fr]", url=url) == []


@pytest.mark.parametrize("host", ["https://exemple.fr", "exemple.fr/a", "exemple.fr:443", "a.*.fr", "*", ""])
def test_what_is_no_host_is_told(tmp_path, host):
    [[where, said]] = problems(tmp_path, f"['{host}']", url="donnees.json")
    assert where.startswith("catalogue.yaml, line ")
    assert "must be the name of a host, as data.gouv.fr, or *.gouv.fr for those below it" in said
