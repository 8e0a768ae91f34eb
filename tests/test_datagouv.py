"""The door to data.gouv.fr, against a small server: retries, and a key that goes nowhere else."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.errors import PortalError, UncertainUploadError
from tests.udata import a_portal

KEY = "cle-tres-secrete"


@contextmanager
def portal(*answers):
    """Serve these (status, headers, body) one after the other, the last for ever; yield (address, requests)."""
    seen, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path, self.headers.get("X-API-KEY")))
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - http.server's names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def door(address: str) -> Datagouv:
    return a_portal(address, "jeu", KEY, pause=0.01, connect=1, read=1)


def test_the_key_is_not_in_the_text_of_the_door():
    assert KEY not in repr(door("http://127.0.0.1:1"))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_request_that_does_no_harm_twice_is_sent_again(status):
    with portal((status, {"Retry-After": "0"}, b"{}"), (200, {}, b'{"id": "1"}')) as (address, seen):
        assert door(address).dataset().id == "1"
        assert len(seen) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
def test_a_refusal_is_not_sent_again(status):
    with portal((status, {}, b'{"message": "non, cle-tres-secrete"}')) as (address, seen):
        with pytest.raises(PortalError, match=f"{status}.*it says: non") as error:
            door(address).update({"tags": []})
        assert len(seen) == 1
        assert KEY not in str(error.value)


def test_an_upload_that_failed_is_not_sent_again(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    with portal((500, {}, b"{}")) as (address, seen):
        with pytest.raises(UncertainUploadError):
            door(address).upload(tmp_path / "a.csv", "a.csv")
        assert len(seen) == 1


def test_a_resource_that_is_gone_already_is_removed():
    with portal((404, {}, b"{}")) as (address, _):
        door(address).delete("r")


def test_a_moved_dataset_is_followed():
    with portal((308, {"Location": "/api/1/datasets/nouveau/"}, b""), (200, {}, b'{"id": "1"}')) as (address, seen):
        assert door(address).dataset().id == "1"
        assert seen[1][:2] == ("GET", "/api/1/datasets/nouveau/")


def test_the_key_is_not_taken_to_another_host():
    with portal((200, {}, b"{}")) as (elsewhere, seen), portal((302, {"Location": elsewhere}, b"")) as (address, _):
        with pytest.raises(PortalError, match="correct DATAGOUV_URL"):
            door(address).dataset()
        assert seen == []


def test_an_address_that_is_no_portal_is_a_plain_sentence():
    with portal((200, {}, b"<html>")) as (address, _), pytest.raises(PortalError, match="the address of a portal"):
        door(address).dataset()


def test_a_portal_that_cannot_be_reached_is_a_plain_sentence():
    with portal((200, {}, b"{}")) as (address, _):
        pass
    with pytest.raises(PortalError, match="cannot be reached: the server refuses the connection, 4 times in a row"):
        door(address).dataset()
