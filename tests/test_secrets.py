"""Secrets masked however they are written: the texts that a server sends back are not those that it was sent."""

import json
import re
import time
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.api_servers import ROWS, answer, asked
from tests.loopback import loopback
from tests.small_deliveries import a_delivery

SECRET = "mot de passe+42/x"
QUICK = Limits(connect=1, read=1, deadline=5, longest=10, attempts=2, pause=0.05)


@pytest.mark.parametrize("secret", [SECRET, "aB!cd/ef", "ab/cd=", "clé-é~100%", "100%25sûr"])
@pytest.mark.parametrize(
    "written",
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(text, safe="!=+"),
        lambda text: re.sub("%..", lambda code: code[0].lower(), quote_plus(text)),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: quote(text.encode("latin-1"), safe=""),
        lambda text: text.encode().decode("latin-1"),
        lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
        lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode("latin-1")),
    ],
)
def test_a_secret_is_masked_whatever_is_encoded_of_it(secret, written):
    secrets = Secrets(secret)
    shown = secrets.scrub(f"https://h/a?k={written(secret)}&page=2")
    assert shown == "https://h/a?k=***&page=2"


def test_the_header_that_an_address_makes_is_masked(monkeypatch):
    monkeypatch.setenv("CLE", SECRET)
    (secrets := Secrets()).fill("https://moi:${CLE}@exemple.fr/a")
    assert secrets.scrub(f"Basic {b64encode(f'moi:{SECRET}'.encode()).decode()}") == "Basic ***"


def test_innocent_text_stays():
    assert Secrets("ab/cd=").scrub("ab/cd and ab%2Fce= of 100%") == "ab/cd and ab%2Fce= of 100%"


def test_masking_a_long_text_takes_no_time():
    secrets, began = Secrets("%" * 40, "2" * 40, "a b" * 20), time.perf_counter()
    secrets.scrub("%25252525" * 20_000 + "2" * 20_000 + "a+b" * 20_000)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("how", ["next", "redirect"])
@pytest.mark.parametrize("status", [200, 403])
def test_a_secret_that_a_server_writes_back_otherwise_is_nowhere(tmp_path, monkeypatch, caplog, how, status):
    monkeypatch.setenv("REV_CLE", SECRET)
    back = "/donnees?k=mot+de+passe%2B42%2Fx&page=2"

    def answers(request):
        if asked(request).get("page") == "2":
            return answer(request, ROWS[9:], status)
        if how == "redirect":
            return request.reply(302, Location=back)
        return answer(request, {"results": ROWS[:9], "next": back})

    with loopback(answers) as server:
        delivery = a_delivery(url=server.url + "/donnees?k=${REV_CLE}", format="json", maille="departementale")
        door = HttpDoor(Secrets(), QUICK)
        [outcome] = fetch_deliveries([delivery], None, tmp_path / "2022-T1", Edition(2022, 1), door=door)
    written = [path.read_text() for path in tmp_path.rglob("*.json")]
    shown = caplog.text + repr(outcome) + json.dumps(written)
    assert "passe" not in shown and "k=***" in shown
