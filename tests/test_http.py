"""The door to HTTP, against real servers on loopback that lie, trickle, redirect and explode."""

import datetime as dt
import email.utils
import gzip
import logging
import shutil
import ssl
import subprocess
import time
import zlib

import pytest

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.redirects import refuse_target, same_server
from barometre_pipeline.resources.retries import HttpError, retry_after
from barometre_pipeline.resources.secrets import Secrets
from tests.loopback import loopback

QUICK = Limits(connect=1, read=0.5, deadline=3, longest=5, attempts=3)


@pytest.fixture
def door():
    with HttpDoor(Secrets(), QUICK) as door:
        yield door


def download(door, url, tmp_path, *, limit=1_000_000, headers=None):
    target = tmp_path / "body"
    answer = door.download(url, target, limit=limit, deadline=door.deadline(), headers=headers)
    return answer, target


def refusal_of(door, url, tmp_path, **options) -> str:
    with pytest.raises(SourceError) as caught:
        download(door, url, tmp_path, **options)
    return str(caught.value)


def in_turn(*answers):
    """Build a server's function that gives one answer after the other, the last one for ever."""
    left = list(answers)

    def answer(request):
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def test_a_body_is_written_as_it_was_sent(door, tmp_path):
    with loopback(lambda r: r.reply(body=b"a;b\n1;2\n", ETag='"x"', Content_Type="text/csv")) as server:
        answer, target = download(door, server.url + "/a.csv", tmp_path)
    assert (target.read_bytes(), answer.etag, answer.content_type) == (b"a;b\n1;2\n", '"x"', "text/csv")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_tried_again(status, door, tmp_path):
    with loopback(in_turn(lambda r: r.reply(status), lambda r: r.reply(body=b"ok"))) as server:
        _, target = download(door, server.url, tmp_path)
        assert (target.read_bytes(), len(server.seen)) == (b"ok", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206])
def test_a_status_that_will_not_pass_is_told_at_once(status, door, tmp_path):
    with loopback(lambda r: r.reply(status)) as server:
        assert f"answers {status}" in refusal_of(door, server.url, tmp_path)
        assert len(server.seen) == 1


def test_retry_after_is_honoured(door, tmp_path):
    with loopback(in_turn(lambda r: r.reply(429, Retry_After="1"), lambda r: r.reply(body=b"ok"))) as server:
        began = time.monotonic()
        download(door, server.url, tmp_path)
    assert 1 <= time.monotonic() - began < 2


def test_retry_after_may_be_a_date():
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    assert 28 < retry_after(email.utils.format_datetime(then, usegmt=True)) <= 30


@pytest.mark.parametrize("header", [None, "", "soon", "²", "-5"])
def test_a_retry_after_that_means_nothing_is_ignored(header):
    assert retry_after(header) is None


def test_a_server_that_asks_to_come_back_tomorrow_is_not_waited_for(door, tmp_path):
    with loopback(lambda r: r.reply(503, Retry_After="86400")) as server:
        began = time.monotonic()
        assert "come back in 86,400 s" in refusal_of(door, server.url, tmp_path)
    assert time.monotonic() - began < 1


def test_a_server_that_is_not_there_is_told(door, tmp_path):
    with loopback(lambda r: r.reply()) as server:
        url = server.url
    assert "refuses the connection" in refusal_of(door, url, tmp_path)


def test_a_name_that_does_not_exist_is_told(door, tmp_path):
    assert "the name of its server is unknown" in refusal_of(door, "http://ministere.invalid/a.csv", tmp_path)


@pytest.mark.parametrize("url", ["http://", "http://[::1/a", "http://a..b/", "http://ex ample/"])
def test_a_url_that_is_none_is_told(url, door, tmp_path):
    assert url.split("/")[2] in refusal_of(door, url, tmp_path)


# -- what a server says of its body is not believed


def test_a_truncated_download_is_tried_again(door, tmp_path):
    def half(request):
        request.reply(body=b"12345", Content_Length="10")
        request.close_connection = True

    with loopback(in_turn(half, lambda r: r.reply(body=b"1234567890"))) as server:
        _, target = download(door, server.url, tmp_path)
    assert target.read_bytes() == b"1234567890"


def test_a_download_that_stays_truncated_is_told(door, tmp_path):
    def half(request):
        request.reply(body=b"12345", Content_Length="10")
        request.close_connection = True

    with loopback(half) as server:
        assert "is truncated" in refusal_of(door, server.url, tmp_path)


def test_a_truncated_chunked_body_is_told(door, tmp_path):
    def half(request):
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"5\r\n12345\r\n")
        request.close_connection = True

    with loopback(half) as server:
        assert "is truncated" in refusal_of(door, server.url, tmp_path)


def test_a_chunked_body_is_read(door, tmp_path):
    def chunked(request):
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n")

    with loopback(chunked) as server:
        _, target = download(door, server.url, tmp_path)
    assert target.read_bytes() == b"12345678"


def test_an_announced_length_over_the_limit_is_refused_unread(door, tmp_path):
    with loopback(lambda r: r.reply(Content_Length="999999999999")) as server:
        assert "bigger than" in refusal_of(door, server.url, tmp_path)


@pytest.mark.parametrize("length", ["abc", "-1", "1e3"])
def test_a_length_that_is_no_number_is_refused(length, door, tmp_path):
    def lie(request):
        request.reply(body=b"1", Content_Length=length)
        request.close_connection = True

    with loopback(lie) as server:
        assert "not a number" in refusal_of(door, server.url, tmp_path)


def test_an_endless_body_is_cut_off(door, tmp_path):
    def endless(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"0" * 65536)

    with loopback(endless) as server:
        assert "bigger than the 3 MB" in refusal_of(door, server.url, tmp_path, limit=3_000_000)
    assert (tmp_path / "body").stat().st_size <= 3_000_000


def test_a_body_that_trickles_without_an_announced_end_is_cut_off(door, tmp_path):
    def trickle(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"0")
            time.sleep(0.1)

    with loopback(trickle) as server:
        began = time.monotonic()
        assert "takes too long" in refusal_of(door, server.url, tmp_path)
    assert time.monotonic() - began < QUICK.deadline + 1


def test_a_slow_body_that_will_end_is_waited_for_beyond_the_deadline(tmp_path):
    def slow(request):
        request.send_response(200)
        request.send_header("Content-Length", "20")
        request.end_headers()
        for _ in range(20):
            request.wfile.write(b"0")
            time.sleep(0.1)

    with loopback(slow) as server, HttpDoor(Secrets(), Limits(read=1, deadline=1, longest=6)) as door:
        _, target = download(door, server.url, tmp_path)
    assert target.stat().st_size == 20


def test_a_server_that_never_answers_is_given_up(door, tmp_path):
    with loopback(lambda r: time.sleep(6)) as server:
        began = time.monotonic()
        refusal_of(door, server.url, tmp_path)
    assert time.monotonic() - began < QUICK.deadline + 1


# -- compression that nobody asked for


def test_a_body_compressed_although_not_asked_for_is_unpacked(door, tmp_path):
    with loopback(lambda r: r.reply(body=gzip.compress(b"a,b\n" * 1000), Content_Encoding="gzip")) as server:
        _, target = download(door, server.url, tmp_path)
        assert server.seen[0].headers["Accept-Encoding"] == "identity"
    assert target.read_bytes() == b"a,b\n" * 1000


def test_a_gzip_bomb_is_cut_off(door, tmp_path):
    bomb = gzip.compress(bytes(50_000_000))
    with loopback(lambda r: r.reply(body=bomb, Content_Encoding="gzip")) as server:
        assert "bigger than" in refusal_of(door, server.url, tmp_path)
    assert (tmp_path / "body").stat().st_size <= 1_000_000


def test_a_gzip_without_its_end_is_told(door, tmp_path):
    cut = gzip.compress(b"a,b\n" * 1000)[:-20]
    with loopback(lambda r: r.reply(body=cut, Content_Encoding="gzip")) as server:
        assert "have no end" in refusal_of(door, server.url, tmp_path)


def test_a_compression_that_is_unknown_is_refused(door, tmp_path):
    with loopback(lambda r: r.reply(body=zlib.compress(b"x"), Content_Encoding="br")) as server:
        assert "compressed as 'br'" in refusal_of(door, server.url, tmp_path)


# -- redirects


def test_a_redirect_is_followed_and_the_final_url_told(door, tmp_path):
    def answer(request):
        if request.path == "/b.csv":
            request.reply(body=b"ok")
        else:
            request.reply(302, Location="/b.csv")

    with loopback(answer) as server:
        answered, _ = download(door, server.url + "/a.csv", tmp_path)
        assert answered.final_url == server.url + "/b.csv"


def test_a_redirect_in_circles_ends(door, tmp_path):
    with loopback(lambda r: r.reply(302, Location=r.path)) as server:
        assert "redirects more than 5 times" in refusal_of(door, server.url + "/a", tmp_path)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "FILE:///etc/passwd", "ftp://a/b", "data:,x", "gopher://a/"])
def test_a_redirect_to_another_scheme_is_not_followed(target, door, tmp_path):
    with loopback(lambda r: r.reply(302, Location=target)) as server:
        assert "is not followed" in refusal_of(door, server.url, tmp_path)


@pytest.mark.parametrize("target", ["http://[", "http://a..b/", "https://:x/"])
def test_a_redirect_to_no_address_is_told(target, door, tmp_path):
    with loopback(lambda r: r.reply(302, Location=target)) as server:
        assert "is not a URL that can be asked for" in refusal_of(door, server.url, tmp_path)


def test_a_server_is_the_same_by_its_usual_port():
    assert same_server("https://h.fr/a", "https://h.fr:443/b") and not same_server("https://h.fr/", "https://h.fr:80/")


def test_credentials_do_not_follow_to_another_host(door, tmp_path):
    with (
        loopback(lambda r: r.reply(body=b"ok")) as other,
        loopback(lambda r: r.reply(302, Location=other.url + "/b")) as server,
    ):
        download(door, server.url.replace("//", "//user:motdepasse@"), tmp_path)
        assert server.seen[0].headers["Authorization"]
        assert other.seen[0].headers["Authorization"] is None


def test_credentials_follow_to_the_same_host(door, tmp_path):
    def answer(request):
        if request.path == "/b":
            request.reply(body=b"ok")
        else:
            request.reply(302, Location="/b")

    with loopback(answer) as server:
        download(door, server.url.replace("//", "//user:motdepasse@") + "/a", tmp_path)
        assert server.seen[1].headers["Authorization"] == server.seen[0].headers["Authorization"]


# -- conditional requests


def test_an_unchanged_file_is_not_sent_again(door, tmp_path):
    with loopback(lambda r: r.reply(304) if r.headers["If-None-Match"] == '"x"' else r.reply(body=b"ok")) as server:
        answer, target = download(door, server.url, tmp_path, headers={"If-None-Match": '"x"'})
    assert (answer.status, target.exists()) == (304, False)


def test_an_answer_not_modified_to_an_unconditional_request_is_refused(door, tmp_path):
    with loopback(lambda r: r.reply(304)) as server:
        assert "answers 304" in refusal_of(door, server.url, tmp_path)


# -- secrets


def test_the_key_of_a_url_is_in_no_message_and_no_log(tmp_path, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CLE_MINISTERE", "s3cr3t/tres secret")
    secrets = Secrets()
    with loopback(lambda r: r.reply(503)) as server, HttpDoor(secrets, QUICK) as door:
        url = secrets.fill(server.url + "/a.csv?token=${CLE_MINISTERE}&ref=${CLE_MINISTERE}")
        message = refusal_of(door, url, tmp_path)
        assert "token=s3cr3t%2Ftres%20secret" in server.seen[0].path
    assert "s3cr3t" not in message + caplog.text
    assert "/a.csv" in caplog.text  # the requests were logged


def test_a_key_that_a_redirect_adds_is_masked():
    shown = Secrets().scrub("https://h/a?X-Amz-Signature=abc123&x=1&access_token=zzz (see https://u:p@h/)")
    assert shown == "https://h/a?X-Amz-Signature=***&x=1&access_token=*** (see https://***@h/)"


def test_a_placeholder_is_shown_as_it_is_written():
    template = "https://${USER}:${PASS}@h/a?token=${CLE}"
    assert Secrets().scrub(template) == template


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("CLE_ABSENTE", raising=False)
    with pytest.raises(SourceError, match="CLE_ABSENTE, which is not set"):
        Secrets().fill("https://h/?token=${CLE_ABSENTE}")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl, which makes the certificate, is not installed")
def test_a_certificate_that_nobody_vouches_for_is_refused(door, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -out {} -keyout {}"
    subprocess.run(command.format(certificate, key).split(), check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        assert "certificate" in refusal_of(door, server.url.replace("http:", "https:"), tmp_path)


@pytest.mark.parametrize("target", ["http://h/a", "http://other/a"])
def test_https_is_never_left_for_http(target):
    with pytest.raises(HttpError, match="from https to http"):
        refuse_target("https://h/a", target)


# -- a connection that may still hold the rest of a request


@pytest.mark.parametrize("status", [200, 401, 503])
def test_an_upload_that_was_answered_before_it_was_read_does_not_spoil_the_next_request(status, door, tmp_path):
    """The server keeps the connection, and takes what is left of the body for a request: it would answer 400."""
    with loopback(lambda r: r.reply(status if r.command == "POST" else 200, b"ok")) as server:
        for _ in range(3):
            content = {"files": {"file": ("a.csv", b"x" * 200_000)}}
            assert door.call("POST", server.url, headers={}, once=True, **content).status == status
            assert door.call("GET", server.url, headers={}).status == 200


def test_a_refused_call_is_followed_by_another_connection(door, tmp_path):
    with loopback(lambda r: r.reply(409 if r.command == "POST" else 200, b"ok")) as server:
        assert door.call("POST", server.url, headers={}, json={"a": 1}).status == 409
        assert door.call("GET", server.url, headers={}).status == 200
