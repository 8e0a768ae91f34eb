"""How a service is asked: method, headers, body, parameters, tokens; and that no secret shows or leaves its server."""

import json
import logging
from base64 import b64decode
from urllib.parse import parse_qs

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.asking import Asking
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.retries import HttpError
from barometre_pipeline.resources.secrets import Secrets
from tests.api_servers import ROWS, answer, asked, django_rest
from tests.loopback import loopback
from tests.small_deliveries import a_delivery

EDITION = Edition(2022, 1)
QUICK = Limits(connect=1, read=0.5, deadline=5, longest=10, attempts=3, pause=0.05)
JSON = {"format": "json", "maille": "departementale"}
SECRET = "tr3s-s3cr3t"


def fetched(tmp_path, url, **keys):
    [outcome] = fetch_deliveries(
        [a_delivery(**JSON | {"url": url} | keys)], None, tmp_path / "2022-T1", EDITION, door=HttpDoor(Secrets(), QUICK)
    )
    return outcome


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("CLE_ESSAI", SECRET)


@pytest.fixture
def watched(tmp_path, caplog):
    """Everything that a run writes and logs; a test ends with `watched(outcome)`."""
    caplog.set_level(logging.DEBUG)

    def has_no_secret(outcome, *secrets):
        written = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
        named = " ".join(str(path) for path in tmp_path.rglob("*"))
        shown = written + named + caplog.text + repr(outcome)
        assert [secret for secret in (SECRET, *secrets) if secret in shown] == []

    return has_no_secret


def documents(request):
    answer(request, ROWS[:3])


# -- what is sent


def test_headers_parameters_and_a_mapping_are_sent_with_their_secrets(tmp_path, watched):
    bodies = []

    def answers(request):
        bodies.append(request.rfile.read(int(request.headers["Content-Length"])))
        documents(request)

    requete = {
        "methode": "POST",
        "entetes": {"X-Api-Key": "${CLE_ESSAI}", "Accept": "application/json"},
        "corps": {"cle": "${CLE_ESSAI}", "filtres": [{"annee": 2022}]},
        "parametres": {"q": "a & b", "page_size": 3},
    }
    with loopback(answers) as server:
        outcome = fetched(tmp_path, server.url + "/donnees?format=json", requete=requete)
        [request] = server.seen
        assert (request.headers["X-Api-Key"], request.headers["Accept"]) == (SECRET, "application/json")
        assert request.headers["Content-Type"] == "application/json"
        assert asked(request) == {"format": "json", "q": "a & b", "page_size": "3"}
    assert json.loads(bodies[0]) == {"cle": SECRET, "filtres": [{"annee": 2022}]}
    assert outcome.failure is None
    watched(outcome)


def test_a_text_is_sent_as_it_is_written(tmp_path):
    bodies = []

    def answers(request):
        bodies.append(request.rfile.read(int(request.headers["Content-Length"])))
        documents(request)

    requete = {"methode": "POST", "corps": "<requete année='2022'/>", "entetes": {"Content-Type": "text/xml"}}
    with loopback(answers) as server:
        fetched(tmp_path, server.url + "/donnees", requete=requete)
        assert server.seen[0].headers["Content-Type"] == "text/xml"
    assert bodies == ["<requete année='2022'/>".encode()]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"requete": {"entetes": {"X-Api-Key": "${CLE_ABSENTE}"}}}, "requete.entetes.X-Api-Key"),
        ({"requete": {"parametres": {"cle": "${CLE_ABSENTE}"}}}, "requete.parametres.cle"),
        ({"requete": {"methode": "POST", "corps": {"a": {"b": "${CLE_ABSENTE}"}}}}, "requete.corps.a.b"),
        ({"oauth2": {"adresse": "https://h/", "client": "c", "secret": "${CLE_ABSENTE}"}}, "oauth2.secret"),
    ],
)
def test_a_variable_that_is_not_set_is_named_with_the_key_that_needs_it(tmp_path, keys, place):
    said = f"Delivery essai: its {place} needs the environment variable CLE_ABSENTE, which is not set."
    assert fetched(tmp_path, "http://127.0.0.1:9/", **keys).failure == said


def test_a_secret_on_several_lines_is_told_and_not_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("CLE_ESSAI", f"{SECRET}\nX-Autre: 1")
    failure = fetched(tmp_path, "http://127.0.0.1:9/", requete={"entetes": {"X-Api-Key": "${CLE_ESSAI}"}}).failure
    assert "CLE_ESSAI, which holds more than one line" in failure and SECRET not in failure


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "keys",
    [
        {"requete": {"entetes": {"Authorization": "Bearer ${CLE_ESSAI}"}}},
        {"requete": {"parametres": {"jeton": "${CLE_ESSAI}"}}},
        {"requete": {"methode": "POST", "corps": "jeton=${CLE_ESSAI}"}},
        {"path": "/a?k=${CLE_ESSAI}"},
    ],
)
def test_a_refusal_names_the_variable_and_not_its_value(tmp_path, status, keys, watched):
    keys = dict(keys)
    with loopback(lambda request: request.reply(status)) as server:
        outcome = fetched(tmp_path, server.url + keys.pop("path", "/a"), **keys)
    assert f"answers {status}" in outcome.failure
    assert "it refuses what the environment variable CLE_ESSAI holds" in outcome.failure
    watched(outcome)


def test_a_refusal_where_no_variable_is_used_says_that_one_is_missing(tmp_path):
    with loopback(lambda request: request.reply(401)) as server:
        failure = fetched(tmp_path, server.url + "/a").failure
    assert "the key that it needs is missing: give it as ${VARIABLE}" in failure


# -- sent again: the POST of a delivery only reads


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_post_is_sent_again_after_a_failure_that_may_pass(tmp_path, status):
    with loopback(lambda request: request.reply(status)) as server:
        fetched(tmp_path, server.url + "/a", requete={"methode": "POST", "corps": "a"})
        assert len(server.seen) == 3


def test_a_post_that_is_cut_is_sent_again(tmp_path):
    def cut_once(request):
        if len(server.seen) > 1:
            documents(request)
        else:
            request.reply(body=b"[", Content_Length="10")
            request.close_connection = True

    with loopback(cut_once) as server:
        outcome = fetched(tmp_path, server.url + "/a", requete={"methode": "POST", "corps": "a"})
        assert (outcome.failure, len(server.seen)) == (None, 2)


# -- secrets stay on their server


@pytest.mark.parametrize(
    "requete",
    [
        {"entetes": {"X-Api-Key": "${CLE_ESSAI}"}},
        {"methode": "POST", "corps": {"cle": "${CLE_ESSAI}"}},
    ],
)
def test_a_redirect_takes_no_secret_to_another_server(tmp_path, requete, watched):
    with loopback(documents) as other, loopback(lambda request: request.reply(307, Location=other.url)) as server:
        outcome = fetched(tmp_path, server.url + "/a", requete=requete)
        assert other.seen == []
    assert "which is not followed" in outcome.failure
    watched(outcome)


def test_a_redirect_on_the_same_server_keeps_the_headers(tmp_path):
    def answers(request):
        request.reply(302, Location="/b") if request.path == "/a" else documents(request)

    with loopback(answers) as server:
        assert fetched(tmp_path, server.url + "/a", requete={"entetes": {"X-Api-Key": "${CLE_ESSAI}"}}).failure is None
        assert [request.headers["X-Api-Key"] for request in server.seen] == [SECRET, SECRET]


def test_a_next_page_takes_no_secret_to_another_server(tmp_path, watched):
    with loopback(documents) as other:
        pages = {"results": ROWS[:3], "next": other.url + "/b"}
        with loopback(lambda request: answer(request, pages)) as server:
            outcome = fetched(tmp_path, server.url + "/a", requete={"entetes": {"X-Api-Key": "${CLE_ESSAI}"}})
        assert other.seen == []
    assert "leads its next page to another server (http://127.0.0.1), which is not followed" in outcome.failure
    watched(outcome)


def test_a_link_that_forgets_the_key_of_the_address_is_given_it_on_its_own_server_only(tmp_path, watched):
    def elsewhere(request):
        answer(request, {"results": ROWS[6:9], "next": f"{other.url}/d" if request.path == "/c" else None})

    with loopback(elsewhere) as other:

        def answers(request):
            if asked(request).get("jeton") != SECRET:
                request.reply(401)
            elif request.path.startswith("/a"):
                answer(request, {"results": ROWS[:3], "next": "/b?page=2"})
            else:
                answer(request, {"results": ROWS[3:6], "next": other.url + "/c"})

        with loopback(answers) as server:
            outcome = fetched(
                tmp_path, server.url + "/a?taille=3", requete={"parametres": {"jeton": "${CLE_ESSAI}", "page": "1"}}
            )
            assert asked(server.seen[1]) == {"page": "2", "jeton": SECRET}
        assert [request.path for request in other.seen] == ["/c", "/d"]
    assert "is the same as page 3" in outcome.failure  # the other server repeats itself
    watched(outcome)


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("http://h.fr/b?page=2", "https://h.fr/b?page=2"),  # behind its proxy, the service takes itself for http
        ("?page=2", "https://h.fr/a?page=2"),
        ("//h.fr/b", "https://h.fr/b"),
        ("http://autre.fr/b", None),
        ("https://autre.fr/b", "https://autre.fr/b"),
    ],
)
def test_https_is_kept_from_page_to_page(link, followed):
    asking = Asking("https://h.fr/a", Request(own="https://h.fr/a"))
    if followed:
        assert asking.turned_to("https://h.fr/a", link).url == followed
    else:
        with pytest.raises(HttpError, match="leads its next page from https to http"):
            asking.turned_to("https://h.fr/a", link)


def test_a_user_of_the_address_is_the_same_on_every_page(tmp_path, watched):
    def answers(request):
        django_rest(request, ROWS[:50]) if request.headers["Authorization"] else request.reply(401)

    with loopback(answers) as server:
        url = server.url.replace("//", "//u:${CLE_ESSAI}@") + "/donnees"
        outcome = fetched(tmp_path, url)
        assert len(server.seen) == 2 and outcome.failure is None
    watched(outcome)


# -- OAuth 2


class TokenServer:
    """A server of tokens and of what they open: `life` is what it says of them, in seconds."""

    def __init__(self, life=3600, basic=True):
        self.life, self.basic, self.given, self.refused = life, basic, [], set()
        self.forms = []

    def __call__(self, request):
        if request.path == "/token":
            self.give(request)
        elif request.headers["Authorization"] in {f"Bearer {t}" for t in self.given} - self.refused:
            django_rest(request)
        else:
            request.reply(401, WWW_Authenticate='Bearer error="invalid_token"')

    def give(self, request):
        form = {
            k: v[0] for k, v in parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode()).items()
        }
        self.forms.append(form)
        kind, _, value = (request.headers["Authorization"] or "").partition(" ")
        who = b64decode(value).decode() if kind == "Basic" else f"{form.get('client_id')}:{form.get('client_secret')}"
        if who != f"moi:{SECRET}" or (kind == "Basic") != self.basic:
            answer(request, {"error": "invalid_client"}, 401)
            return
        self.given.append(f"jeton-{len(self.given)}-secret")
        document = {"access_token": self.given[-1], "token_type": "Bearer"}
        answer(request, document | ({"expires_in": self.life} if self.life is not None else {}))


def oauth2(server):
    return {"adresse": server.url + "/token", "client": "moi", "secret": "${CLE_ESSAI}", "portee": "lire"}


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize("life", [3600, None])
def test_a_token_is_asked_once_for_all_the_pages(tmp_path, basic, life, watched):
    tokens = TokenServer(life, basic)
    with loopback(tokens) as server:
        outcome = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server))
    assert (outcome.failure, len(outcome.manifest.fichiers), len(tokens.given)) == (None, 6, 1)
    assert tokens.forms[0] == {"grant_type": "client_credentials", "scope": "lire"}
    watched(outcome, *tokens.given)


def test_a_token_that_expires_in_the_middle_is_renewed_before_it_is_refused(tmp_path):
    tokens = TokenServer(life=0)
    with loopback(tokens) as server:
        outcome = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server))
    assert (outcome.failure, len(tokens.given)) == (None, 6)


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(tmp_path, watched):
    tokens = TokenServer()

    def answers(request):
        if "page=3" in request.path and len(tokens.given) == 1:
            tokens.refused.add("Bearer " + tokens.given[0])
        tokens(request)

    with loopback(answers) as server:
        outcome = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server))
    assert (outcome.failure, len(tokens.given)) == (None, 2)
    watched(outcome, *tokens.given)


def test_a_token_that_stays_refused_is_told_with_its_variables(tmp_path, watched):
    tokens = TokenServer()

    def answers(request):
        tokens(request) if request.path == "/token" else request.reply(401)

    with loopback(answers) as server:
        outcome = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server))
    assert len(tokens.given) == 2
    assert "answers 401" in outcome.failure and "the environment variable CLE_ESSAI holds" in outcome.failure
    watched(outcome, *tokens.given)


def test_a_token_server_that_refuses_is_told_with_the_variable(tmp_path, monkeypatch, watched):
    monkeypatch.setenv("CLE_ESSAI", "une-autre-valeur")
    with loopback(TokenServer()) as server:
        outcome = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server))
    assert f"the token server {server.url}/token answers 401 (invalid_client) and gives no token" in outcome.failure
    assert "it may refuse what CLE_ESSAI holds" in outcome.failure
    watched(outcome, "une-autre-valeur")


def test_a_token_server_that_fails_is_not_said_to_refuse_the_secret(tmp_path):
    with loopback(lambda request: request.reply(500)) as server:
        failure = fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server)).failure
    assert "answers 500 and gives no token; run it again later" in failure and "CLE_ESSAI" not in failure


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"access_token": 3}', b'{"access_token": "a\\nb"}', b"{}"])
def test_a_token_server_that_answers_something_else_is_told(tmp_path, body):
    def answers(request):
        request.rfile.read(int(request.headers["Content-Length"]))
        request.reply(body=body)

    with loopback(answers) as server:
        assert "gives no token" in fetched(tmp_path, server.url + "/donnees", oauth2=oauth2(server)).failure


def test_two_deliveries_of_one_client_share_a_token(tmp_path):
    tokens = TokenServer()
    with loopback(tokens) as server:
        several = [a_delivery(**JSON, id=n, url=f"{server.url}/{n}", oauth2=oauth2(server)) for n in ("a", "b", "c")]
        door = HttpDoor(Secrets(), QUICK)
        outcomes = fetch_deliveries(several, None, tmp_path / "2022-T1", EDITION, door=door)
    assert [one.failure for one in outcomes] == [None] * 3
    assert len(tokens.given) == 1


# -- two deliveries of one address


def test_deliveries_that_ask_the_same_address_otherwise_are_fetched_apart(tmp_path):
    def answers(request):
        answer(request, [ROWS[int(asked(request)["rang"])]])

    with loopback(answers) as server:
        keys = [{"requete": {"parametres": {"rang": rank}}} for rank in (1, 2, 2)]
        several = [a_delivery(**JSON, id=f"d{n}", url=server.url + "/a", **one) for n, one in enumerate(keys)]
        fetch_deliveries(several, None, tmp_path, EDITION, door=HttpDoor(Secrets(), QUICK))
        assert len(server.seen) == 2
    assert [json.loads((tmp_path / f"d{n}/a").read_text())[0]["valeur"] for n in range(3)] == [1, 2, 2]
