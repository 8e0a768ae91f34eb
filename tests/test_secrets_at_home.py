"""No secret reaches the home: not Dagster's database, no log, no manifest, no record, no clone; in any form."""

from base64 import b64encode
from urllib.parse import quote, unquote

import pytest

from tests.api_servers import answer
from tests.loopback import loopback
from tests.projects import Project, project  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

# Where each may stand: an address, its user, a header, a parameter, a body, OAuth, the base, the depot, the portal.
PLACES = ("JETON", "UTILISATEUR", "ENTETE", "PARAMETRE", "CORPS", "CLIENT", "OAUTH", "BASE", "DEPOT", "PORTAIL")
SECRETS = {place: f"s3cr3t+{place.lower()}/x" for place in PLACES}
GIVEN = {"OBTENU": "t0k3n-obtenu-du-serveur", "SIGNATURE": "s1gnature-d-une-redirection"}  # by the servers
DELIVERIES = """
ministere: Ministère de l'Eau
livraisons:
- id: puits
  contenu: valeurs
  url: "{url}/eau/puits.csv?token=${{S_JETON}}"
  requete: {{entetes: {{X-Api-Key: "${{S_ENTETE}}"}}, parametres: {{cle: "${{S_PARAMETRE}}"}}}}
  encodage: cp1252
  separateur: ;
  decimale: ','
  format_date: '%d/%m/%Y'
  maille: departementale
  indicateur: nb-puits
  colonnes: {{libelle: Département, date: Arrêté au, valeur: Nombre}}
- id: potable
  contenu: valeurs
  url: "{url}/eau/potable.xlsx"
  requete: {{methode: POST, corps: {{cle: "${{S_CORPS}}"}}}}
  oauth2: {{adresse: "{url}/token", client: "${{S_CLIENT}}", secret: "${{S_OAUTH}}"}}
  feuille: Données
  colonnes: {{indicateur: indicateur, maille: maille, territoire: code, date: date, valeur: valeur}}
"""


def forms(secret: str) -> list[bytes]:
    """The ways in which a secret may be written."""
    whole = b64encode(secret.encode()).decode().rstrip("=")
    return [form.encode() for form in {secret, quote(secret, safe=""), quote(secret), whole[:-1]}]


def found_in(folder) -> list[str]:
    """The files below a folder, or their names, that hold a secret."""
    found = []
    for path in folder.rglob("*"):
        content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        found += [f"{path}: {place}" for place, s in (SECRETS | GIVEN).items() if any(f in content for f in forms(s))]
    return found


def with_secrets(project: Project, url: str) -> str:
    """Have the project's deliveries asked with secrets everywhere; return the base of the others."""
    for place, secret in SECRETS.items():
        project.monkeypatch.setenv(f"S_{place}", secret)
    (project.catalogue / "livraisons" / "eau.yaml").write_text(DELIVERIES.format(url=url), encoding="utf-8")
    air = project.catalogue / "livraisons" / "air.yaml"
    host = url.partition("//")[2]
    text = air.read_text(encoding="utf-8").replace(
        "url: air.csv", f'url: "http://moi:${{S_UTILISATEUR}}@{host}/air.csv"'
    )
    air.write_text(text, encoding="utf-8")
    return f"http://moi:{quote(SECRETS['BASE'], safe='')}@{host}/"


def serving(project: Project, *refused: str):
    """Serve the deliveries, some behind a token or a redirect; at a path that is refused, repeat what was sent."""

    def answers(request):
        path = request.path.partition("?")[0]
        sent = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if path in refused:
            request.reply(401, f"{request.path} {request.headers} {sent.decode()}".encode())
        elif path == "/token":
            answer(request, {"access_token": GIVEN["OBTENU"], "token_type": "Bearer", "expires_in": 600})
        elif path == "/eau/puits.csv" and "Signature" not in request.path:
            request.reply(302, Location=f"{request.path}&X-Amz-Signature={GIVEN['SIGNATURE']}")
        elif path.endswith("potable.xlsx") and request.headers["Authorization"] != f"Bearer {GIVEN['OBTENU']}":
            request.reply(401)
        else:
            request.reply(body=(project.deliveries / path.lstrip("/")).read_bytes())

    return answers


def test_a_run_that_uses_secrets_everywhere_leaves_none_at_home(project):
    with loopback(serving(project)) as server:
        base = with_secrets(project, server.url)
        status, output, errors = project.run("--sources", base)
    assert status == 0, errors
    sent = unquote("".join(f"{request.path} {request.headers}" for request in server.seen))
    assert all(SECRETS[place] in sent for place in ("JETON", "ENTETE", "PARAMETRE"))
    assert found_in(project.home) == []
    assert not [secret for secret in SECRETS.values() if secret in output + errors]


def test_a_run_whose_secrets_are_refused_leaves_none_at_home(project):
    refused = ("/eau/puits.csv", "/eau/potable.xlsx", "/air.csv", "/objectifs.csv")
    with loopback(serving(project, *refused)) as server:
        base = with_secrets(project, server.url)
        status, output, errors = project.run("--sources", base)
    assert status == 1 and "401" in errors
    assert found_in(project.home) == []
    assert not [secret for secret in SECRETS.values() if secret in output + errors]


@pytest.mark.parametrize("which", ["depot", "portal"])
def test_a_publication_whose_secrets_are_refused_leaves_none_at_home(project, which):
    def answers(request):
        if request.path.startswith(("/api/", "/depot.git")):
            request.reply(401, f"{request.path} {request.headers}".encode())
        else:
            serving(project)(request)

    with loopback(answers) as server:
        base = with_secrets(project, server.url)
        depot = project.depot
        if which == "portal":
            project.monkeypatch.setenv("DATAGOUV_API_KEY", SECRETS["PORTAIL"])
            project.monkeypatch.setenv("DATAGOUV_JEU", "essai")
            project.monkeypatch.setenv("DATAGOUV_URL", server.url)
        else:
            project.monkeypatch.setenv("BAROMETRE_GIT_UTILISATEUR", "moi")
            project.monkeypatch.setenv("BAROMETRE_GIT_JETON", SECRETS["DEPOT"])
            depot = f"{server.url}/depot.git"
        status, output, errors = project.run("--sources", base, "--depot", depot)
    assert status == 1, errors
    assert found_in(project.home) == []
    assert not [secret for secret in SECRETS.values() if secret in output + errors]
