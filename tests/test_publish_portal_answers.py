"""Whatever answers in the portal's place, publishing ends in one plain sentence, and no secret is in it."""

import copy
import html
import json
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometre_pipeline.catalogue.model import Licence
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.portal import sync as module
from barometre_pipeline.publish.portal.actions import KEY
from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.errors import PortalError
from barometre_pipeline.publish.portal.public import public_edition
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.portal.sync import sync_dataset
from tests.loopback import loopback
from tests.projects import project  # noqa: F401 - a fixture
from tests.published_trees import CATALOGUE, SCHEMA, write_tree
from tests.udata import a_portal

SECRET = "udt_cLe/tr+s.se=crete"
DEEP = b"[" * 100_000
DATASET = {
    "id": "5ef0",
    "title": "Leur titre",
    "tags": ["etiquette"],
    "extras": {"leur": {"cle": [1]}},
    "temporal_coverage": {"start": "2020-01-01", "end": None},
    "spatial": {"zones": ["country:fr"], "granularity": "other", "geom": None},
    "contact_points": [{"id": "c1", "name": "Eux", "email": "eux@example.org"}],
    "organization": {"id": "o1"},
    "license": "lov2",
    "resources": [
        {
            "id": "r1",
            "title": "Ancien",
            "filetype": "file",
            "checksum": {"type": "sha1", "value": "0"},
            "extras": {KEY: "csv/ancien"},
        },
    ],
}
ANSWERS = {
    ("GET", "/api/1/datasets/jeu/"): DATASET,
    ("GET", "/api/1/datasets/extensions/"): ["csv", "json", "xlsx", "zip", "md"],
    ("GET", "/api/1/datasets/licenses/"): [{"id": "lov2"}],
    ("GET", "/api/1/spatial/zones/suggest/"): [{"id": "country:fr", "name": "France", "code": "fr"}],
    ("GET", "/api/1/spatial/granularities/"): [{"id": "fr:departement", "name": "Départements"}],
    ("POST", "/api/1/contacts/"): {"id": "c2"},
    ("POST", "/api/1/datasets/jeu/upload/"): {"id": "r2"},
}
SHAPES = [None, True, 3, 1e300, "", "x\ud800\x1b[31m", [], [[]], [None], ["x"], [{}], {}, {"x": {"y": [1]}}]
QUESTIONS = {
    "dataset": Datagouv.dataset,
    "extensions": Datagouv.extensions,
    "licences": Datagouv.licences,
    "zones": lambda door: door.zones("France"),
    "granularities": Datagouv.granularities,
    "contact": lambda door: door.contact({}),
    "upload": lambda door: door.upload(Path(__file__), "a.csv"),
}


@contextmanager
def portal(where=None, body=b"", status=200, **headers):
    """Serve a portal that answers well but for one question, a (method, path); None is every question."""

    def answers(request):
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        asked = request.command, request.path.partition("?")[0].replace(f"/{DATASET['id']}/", "/jeu/")
        if where in (None, asked):
            request.reply(status, body, **headers)
        else:
            request.reply(200, json.dumps(ANSWERS.get(asked, {})).encode())

    with loopback(answers) as server:
        yield a_portal(server.url, "jeu", SECRET, pause=0.01, connect=2, read=2)


def refused(door) -> str:
    """Publish a small tree; return the sentence of the refusal, "" where there is none."""
    with TemporaryDirectory() as folder:
        tree = write_tree(Path(folder) / "tree", "1")
        try:
            sync_dataset(tree, CATALOGUE, SCHEMA, Edition(2022, 1), door, date(2010, 1, 31), Path(folder) / "portail")
        except PublicationError as error:
            return sentence(error)
    return ""


def sentence(error: PublicationError) -> str:
    said = str(error)
    assert said.isprintable() and len(said) < 1000
    return said


@pytest.fixture(autouse=True, scope="module")
def one_resource():
    """Publish one file, without waiting between two attempts."""

    def first(*arguments):
        wanted, refused = wanted_resources(*arguments)
        return wanted[:1], refused

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "wanted_resources", first)
        patch.setattr(module, "_BETWEEN_UPLOADS", 0)
        yield


def test_the_stand_in_answers_as_a_portal_does():
    with portal(("GET", "/api/1/datasets/licenses/"), b"[]") as door:
        assert "still differs after 5 attempts" in refused(door)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (DEEP, "did not answer with JSON"),
        (b'{"a":' * 100_000, "did not answer with JSON"),
        (b"", "did not answer with JSON"),
        (b"<html>", "did not answer with JSON"),
        ("é".encode("latin-1"), "did not answer with JSON"),
        (b"9" * 5_000, "did not answer with JSON"),
        (b"null", "does not answer as a portal does"),
        (b"3", "does not answer as a portal does"),
        (b'"x"', "does not answer as a portal does"),
        (b'[{"x": 1}]', "does not answer as a portal does"),
        (b'{"title": []}', "does not answer as a portal does"),
    ],
)
def test_what_is_no_answer_of_a_portal_is_refused_in_a_sentence(question, body, said):
    with portal(None, body) as door, pytest.raises(PortalError, match=said):
        question(door)


@pytest.mark.parametrize("errors", [*SHAPES, {"tags": ["trop court", 3]}, [["a"]] * 9], ids=repr)
@pytest.mark.parametrize("status", [400, 403, 418, 302])
def test_an_error_of_any_shape_is_a_sentence(errors, status):
    for content in ({"errors": errors, "message": errors}, errors):
        with portal(None, json.dumps(content).encode(), status) as door, pytest.raises(PortalError) as error:
            door.update({})
        assert f"answered {status}" in sentence(error.value)


def test_an_error_says_what_the_portal_says():
    said = {"errors": {"tags": ["trop court", "trop\x1b[31m long"]}, "message": "Non."}
    for body, told in (
        (json.dumps(said).encode(), " (it says: tags: trop court; trop[31m long / Non)."),
        (b'{"errors": ' + DEEP, "."),
    ):
        with portal(None, body, 400) as door, pytest.raises(PortalError) as error:
            door.update({})
        assert sentence(error.value).endswith(f"answered 400: the portal does not accept what was sent{told}")


def places(document, path=()):
    """Every place of a document, from the root on."""
    yield path
    for key in document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ():
        yield from places(document[key], (*path, key))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.long
@settings(max_examples=50, deadline=None)
@given(st.sampled_from([*places(DATASET)]), st.sampled_from(SHAPES) | json_values)
def test_a_dataset_of_any_shape_ends_in_a_sentence_of_ours(place, value):
    document = copy.deepcopy({"": DATASET})
    inner, path = document, ("", *place)
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with portal(("GET", "/api/1/datasets/jeu/"), json.dumps(document[""]).encode()) as door:
        refused(door)


def test_extras_as_deep_as_json_allows_are_refused():
    body = json.dumps(DATASET).replace("[1]", "[" * 900 + "]" * 900).encode()
    with portal(("GET", "/api/1/datasets/jeu/"), body) as door:
        assert "does not answer as a portal does (extras" in refused(door)


def test_a_huge_answer_is_refused_before_it_is_whole():
    with portal(("GET", "/api/1/datasets/jeu/"), b"[" + b"1," * 11_000_000 + b"1]") as door:
        assert "is bigger than the 20 MB allowed" in refused(door)


@pytest.mark.parametrize(
    "asked",
    ["-5", "9" * 30, "9" * 5_000, "nan", "inf", "demain", "", "²", "1e9", "Mon, 01 Jan 1900 00:00:00 GMT"]
    + ["Mon, 01 Jan 9999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 +" + "9" * 20, "Mon, 99 Foo 0000 99:99:99", "1;2"],
    ids=lambda text: text[:40],
)
def test_an_odd_retry_after_is_no_wait_without_end(asked):
    began = time.perf_counter()
    with portal(("GET", "/api/1/datasets/jeu/"), b"{}", 503, Retry_After=asked) as door:
        assert "answered 503: the portal is unavailable" in refused(door)
    assert time.perf_counter() - began < 5


def test_what_is_public_is_asked_of_any_portal_in_a_sentence():
    for body in (b"[]", DEEP, b"{}"):
        with portal(None, body) as door, pytest.raises(PublicationError, match="not answer"):
            public_edition(door)
    for extras in ({}, None, {"barometre:publication": 3, "barometre:edition": []}):
        with portal(None, json.dumps({**DATASET, "extras": extras}).encode()) as door:
            assert public_edition(door) is None


def forms_of(secret: str) -> dict[str, str]:
    data = secret.encode()
    return {
        "plain": secret,
        "percent": quote(secret, safe=""),
        "percent, every byte": "".join(f"%{byte:02x}" for byte in data),
        "percent, twice": quote(quote(secret, safe=""), safe=""),
        "json": secret.replace("/", "\\/"),
        "json, every character": "".join(f"\\u{ord(c):04x}" for c in secret),
        "html": html.escape(secret.replace("=", "&#61;")),
        "html, every character": "".join(f"&#x{ord(c):X};" for c in secret),
        "hex": data.hex(),
        "HEX": data.hex().upper(),
        "upper case": secret.upper(),
        "backwards": secret[::-1],
        "control characters": "\x00".join(secret),
        **{f"base64 after {n}": b64encode(b"x" * n + data).decode() for n in range(3)},
        **{f"base64 between {n} and 2": b64encode(b"x" * n + data + b"yz").decode().rstrip("=") for n in range(3)},
    }


FORMS = forms_of(SECRET)


def leaked(text: str, form: str) -> bool:
    """Tell whether a form is in a text, the characters aside that it shares with what stands beside it."""
    return form[4:-4].replace("\x00", "") in text or SECRET[4:-4] in text


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_key_comes_back_in_no_refusal_and_no_report(tmp_path, caplog, form):
    caplog.set_level("DEBUG")
    document = copy.deepcopy(DATASET) | {"license": form, "extras": {"barometre:publication": form}}
    document["resources"][0]["title"] = form
    tree = write_tree(tmp_path / "tree", "1")
    with portal(("GET", "/api/1/datasets/jeu/"), json.dumps(document).encode()) as door:
        options = (SCHEMA, Edition(2022, 1), door, date(2010, 1, 31), tmp_path / "portail")
        odd = replace(CATALOGUE, general=CATALOGUE.general.model_copy(update={"licence": Licence(id="x", libelle="x")}))
        report = sync_dataset(tree, odd, *options, dry_run=True)
        said = f"{report}{public_edition(door)}"
    assert "***" in str(report.done) and "***" in report.remarks[-1]
    for content in ({"message": "x" * 270 + form}, {"errors": {form: [form]}}, {"id": form, "title": [form]}):
        for status in (200, 400):
            with portal(("GET", "/api/1/datasets/jeu/"), json.dumps(content).encode(), status) as door:
                said += refused(door)
    assert not leaked(said + caplog.text, form)


@pytest.mark.parametrize("header", ["Content_Length", "Content_Encoding", "Retry_After", "Location", "Link"])
@pytest.mark.parametrize("status", [200, 302, 503])
def test_the_key_comes_back_in_no_sentence_about_a_header(caplog, header, status):
    caplog.set_level("DEBUG")
    with portal(None, b"[]", status, **{header: "/" + "x" * 30 + SECRET}) as door, door.door:
        said = refused(door)
    assert said and SECRET[:8] not in said + caplog.text


@pytest.mark.long
def test_the_key_comes_back_nowhere_in_a_home_nor_on_the_terminal(project):
    every = " ".join(FORMS.values())
    document = copy.deepcopy(DATASET)
    document["resources"][0]["title"] = every
    answers = {**ANSWERS, ("GET", "/api/1/datasets/jeu/"): document}

    def answer(request):
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        asked = request.command, request.path.partition("?")[0].replace("/5ef0/", "/jeu/")
        status = 200 if request.command == "GET" else 403
        request.reply(status, json.dumps(answers[asked] if status == 200 else {"message": every}).encode())

    with loopback(answer) as server:
        project.monkeypatch.setenv("DATAGOUV_URL", server.url)
        project.monkeypatch.setenv("DATAGOUV_JEU", "jeu")
        project.monkeypatch.setenv("DATAGOUV_API_KEY", SECRET)
        code, out, errors = project.run()
        shown = out + errors
        assert code == 1 and "it says: ***" in errors and "Traceback" not in shown
        options = ["--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home]
        code, out, errors = project.barometre("publish", "2022-T1", "--dry-run", *options)
        shown += out + errors
        assert code == 0 and "delete « ***" in errors
    written = b"".join(file.read_bytes() for file in project.home.rglob("*") if file.is_file())
    assert b"it says: ***" in written  # the event log
    assert [name for name, form in FORMS.items() if leaked(shown + written.decode("latin-1"), form)] == []
