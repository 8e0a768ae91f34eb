"""Deliveries on an SFTP server: OpenSSH's own, with its faults and those of the way to it."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.extract.stores import SftpKeys
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import CSV, delivery, write_all
from tests.proxy import Proxy, proxy
from tests.sftp_server import Sftp, new_key, sftp

EDITION = Edition(2022, 1)
QUICK = Limits(connect=2, read=3, deadline=12, longest=15, pause=0.05, attempts=3)
IMPATIENT = Limits(connect=1, read=1, deadline=4, longest=6, pause=0.05, attempts=3)
BIG = 5_000_000


@pytest.fixture(scope="module")
def sshd(tmp_path_factory) -> Iterator[Sftp]:
    with sftp(tmp_path_factory.mktemp("sshd")) as server:
        write_all(server.files, "a.csv", "mars/données de mars.csv")
        write_all(server.files, "gros.csv", content=CSV + b" " * BIG)
        (server.files / "lien.csv").symlink_to("a.csv")
        os.mkfifo(server.files / "tube.csv")
        yield server


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No agent, and a user who has no keys."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "maison"))


@pytest.fixture
def way(sshd) -> Iterator[Proxy]:
    """The way to the server, which a test may spoil."""
    with proxy(sshd.port) as one:
        sshd.knows(one.port)
        yield one


def fetch(folder, keys, *livraisons, base=None, limits=QUICK, hosts=None):
    door = HttpDoor(Secrets(), limits, hosts)
    return fetch_deliveries(livraisons, base, folder / "2022-T1", EDITION, door=door, keys=keys)


def keys_of(server: Sftp) -> SftpKeys:
    return SftpKeys(server.known_hosts, server.key)


def failure(folder, keys, url, limits=QUICK, **given):
    [outcome] = fetch(folder, keys, delivery("a", url, **given), limits=limits)
    assert outcome.manifest is None and outcome.failure.startswith("Delivery a: sftp://")
    return outcome.failure


def test_a_file_is_fetched_by_its_address_with_what_the_server_says_of_it(sshd, tmp_path):
    [a] = fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url}/mars/donn%C3%A9es de mars.csv"))
    assert a.failure is None
    [fichier] = a.manifest.fichiers
    assert (tmp_path / "2022-T1/a/données de mars.csv").read_bytes() == CSV
    assert (fichier.nom, fichier.taille, fichier.statut_http) == ("données de mars.csv", len(CSV), None)
    assert fichier.etag and fichier.derniere_modification.endswith("GMT")
    assert fichier.url.startswith("sftp://") and "@127.0.0.1" in fichier.url  # a user is no secret


def test_a_relative_url_is_below_a_folder_of_the_server(sshd, tmp_path):
    livraisons = delivery("a", "données de mars.csv"), delivery("b", "../a.csv"), delivery("c", "%2e%2e/a.csv")
    a, b, c = fetch(tmp_path, keys_of(sshd), *livraisons, base=f"{sshd.url}/mars")
    assert a.failure is None
    assert "leads outside of the base" in b.failure and "leads outside of the base" in c.failure


def test_a_link_is_followed(sshd, tmp_path):
    fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url}/lien.csv"))
    kept = tmp_path / "2022-T1/a/lien.csv"
    assert (kept.read_bytes(), kept.is_symlink()) == (CSV, False)


def test_a_file_that_did_not_change_is_not_downloaded_again(sshd, way, tmp_path):
    one = delivery("a", f"{sshd.url_at(way.port)}/gros.csv")
    fetch(tmp_path, keys_of(sshd), one)
    assert way.sent > BIG
    way.sent = 0
    [a] = fetch(tmp_path, keys_of(sshd), one)
    assert (a.reused, way.sent < 20_000) == (True, True)


@pytest.mark.parametrize("change", ["date", "size"])
def test_a_file_of_another_date_or_size_is_downloaded_again(change, sshd, way, tmp_path):
    file = sshd.files / f"{change}.csv"
    file.write_bytes(CSV)
    os.utime(file, (1_600_000_000, 1_600_000_000))
    one = delivery("a", f"{sshd.url_at(way.port)}/{file.name}")
    fetch(tmp_path, keys_of(sshd), one)
    new = CSV.replace(b"01,", b"02,") if change == "date" else CSV + b"2A,2022-01-31,1\n"
    file.write_bytes(new)
    if change == "size":
        os.utime(file, (1_600_000_000, 1_600_000_000))
    [a] = fetch(tmp_path, keys_of(sshd), one)
    assert not a.reused and (tmp_path / "2022-T1/a" / file.name).read_bytes() == new


@pytest.mark.parametrize(
    "path, told",
    [
        ("/absent.csv", "there is no such file there; correct its url in the catalogue."),
        ("/absent/a.csv", "there is no such file there; correct its url in the catalogue."),
        ("/mars", "is a folder, not a file."),
        ("/tube.csv", "is not a file."),
    ],
)
def test_an_address_that_leads_to_no_file_is_told(path, told, sshd, tmp_path):
    assert failure(tmp_path, keys_of(sshd), sshd.url + path, format="csv").endswith(told)


def test_a_file_that_may_not_be_read_is_told(sshd, tmp_path):
    told = failure(tmp_path, keys_of(sshd), f"{sshd.url_at(sshd.closed_port)}/a.csv")
    assert "may not be read by " in told and told.endswith(": the server's permissions forbid it.")


def test_a_file_that_is_too_big_is_refused_before_it_is_downloaded(sshd, way, tmp_path):
    url = f"{sshd.url_at(way.port)}/gros.csv"
    told = failure(tmp_path, keys_of(sshd), url, taille_maximale=1_000_000)
    assert told.endswith("is bigger than the 1 MB allowed (taille_maximale).")
    assert way.sent < 20_000


# -- who the server is, and who asks


def test_a_server_that_the_catalogue_does_not_list_is_not_connected_to(sshd, way, tmp_path):
    one, base = delivery("a", "a.csv"), sshd.url_at(way.port)
    [refused] = fetch(tmp_path, keys_of(sshd), one, base=base, hosts=("www.data.gouv.fr",))
    assert "leads to 127.0.0.1, which `hotes_autorises` of catalogue.yaml does not list: refused" in refused.failure
    assert way.accepted == 0
    [taken] = fetch(tmp_path, keys_of(sshd), one, base=base, hosts=("127.0.0.1",))
    assert (taken.failure, way.accepted) == (None, 1)


def test_a_server_that_is_not_known_is_refused_with_its_key_and_what_to_do(sshd, tmp_path):
    told = failure(tmp_path, SftpKeys(None, sshd.key), f"{sshd.url}/a.csv")
    shown = asyncssh.read_public_key(sshd.folder / "host.pub").get_fingerprint()
    assert f"is refused: the server's key is unknown (it shows {shown}); compare it with the one that its" in told
    assert told.endswith(f"then add it to ~/.ssh/known_hosts (ssh-keyscan -p {sshd.port} 127.0.0.1).")


def test_a_server_whose_key_changed_is_refused_with_what_to_do(sshd, tmp_path):
    other = new_key(tmp_path / "autre").with_suffix(".pub").read_text()
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    told = failure(tmp_path, SftpKeys(known_hosts, sshd.key), f"{sshd.url}/a.csv")
    assert f"is refused: the server's key is not the one in {known_hosts} (it shows SHA256:" in told
    assert told.endswith(f"take the old one out (ssh-keygen -R [127.0.0.1]:{sshd.port}), add theirs.")


def test_the_users_own_known_hosts_and_key_serve_where_no_other_is_given(sshd, tmp_path):
    folder = tmp_path / "maison/.ssh"
    folder.mkdir(parents=True)
    (folder / "known_hosts").write_text(sshd.known_hosts.read_text())
    (folder / "id_ed25519").write_text(sshd.key.read_text())
    [a] = fetch(tmp_path, SftpKeys(), delivery("a", f"{sshd.url}/a.csv"))
    assert a.failure is None


@pytest.mark.parametrize(
    "known_hosts, told",
    [(None, r"\(No such file or directory\)"), ("n'importe", r"\(Invalid known hosts entry: n'importe\)")],
)
def test_a_file_of_known_servers_that_cannot_be_read_is_told(known_hosts, told, sshd, tmp_path):
    path = tmp_path / "known_hosts"
    if known_hosts:
        path.write_text(known_hosts)
    found = failure(tmp_path, SftpKeys(path, sshd.key), f"{sshd.url}/a.csv")
    assert found.endswith(f"neither can the file of known servers {path} {told}.".replace("\\", ""))


@pytest.mark.parametrize("given", ["another", "none"])
def test_a_key_that_the_server_does_not_take_is_told_with_what_to_give(given, sshd, tmp_path):
    key = new_key(tmp_path / "autre") if given == "another" else None
    told = failure(tmp_path, SftpKeys(sshd.known_hosts, key), f"{sshd.url}/a.csv")
    assert "the server takes neither key nor password of " in told and "BAROMETRE_SFTP_CLE" in told


@pytest.mark.parametrize(
    "wrong, told",
    [
        ("absent", "there is no private key {}."),
        ("passphrase", "neither can the private key {}; one with a passphrase needs an agent."),
        ("no key", "neither can the private key {}; one with a passphrase needs an agent."),
    ],
)
def test_a_private_key_that_cannot_be_read_is_told(wrong, told, sshd, tmp_path):
    key = new_key(tmp_path / "cle", "phrase secrète") if wrong == "passphrase" else tmp_path / "cle"
    if wrong == "no key":
        key.write_text("pas une clé")
    assert failure(tmp_path, SftpKeys(sshd.known_hosts, key), f"{sshd.url}/a.csv").endswith(told.format(key))


def test_a_server_that_refuses_a_key_is_asked_once_for_all_deliveries(sshd, way, tmp_path):
    keys = SftpKeys(sshd.known_hosts, new_key(tmp_path / "autre"))
    outcomes = fetch(tmp_path, keys, *map(delivery, "abcde"), base=sshd.url_at(way.port))
    assert (len({one.failure.partition("cannot")[2] for one in outcomes}), way.accepted) == (1, 1)


@pytest.fixture
def agent(tmp_path, monkeypatch) -> Iterator[None]:
    """An agent of the test's own."""
    address = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", address], stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                if address.exists():
                    break
                time.sleep(0.02)
            monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
            yield
        finally:
            process.terminate()


def test_a_key_of_the_agent_serves_where_no_other_is_given(sshd, agent, tmp_path):
    subprocess.run(["ssh-add", "-q", sshd.key], check=True)
    [a] = fetch(tmp_path, SftpKeys(sshd.known_hosts), delivery("a", f"{sshd.url}/a.csv"))
    assert a.failure is None


class _Doorkeeper(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("depot", "mot de passe/secret")


@contextmanager
def server_with_a_password(host_key: Path) -> Iterator[int]:
    """A server that takes a password: sshd would ask the machine's own accounts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listening() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(_Doorkeeper, "127.0.0.1", 0, server_host_keys=[host_key], sftp_factory=True)

    listener = asyncio.run_coroutine_threadsafe(listening(), loop).result(10)
    try:
        yield listener.get_port()
    finally:
        loop.call_soon_threadsafe(listener.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@pytest.mark.parametrize("password", ["mot de passe/secret", "un autre"])
def test_a_password_comes_from_the_environment_and_is_written_nowhere(password, sshd, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MOT_DE_PASSE", password)
    with server_with_a_password(sshd.folder / "host") as port:
        sshd.knows(port)
        url = f"sftp://depot:${{MOT_DE_PASSE}}@127.0.0.1:{port}{sshd.files}"
        names = ("a", "absent")
        outcomes = fetch(tmp_path, SftpKeys(sshd.known_hosts), *(delivery(n, f"{url}/{n}.csv") for n in names))
    assert (outcomes[0].failure is None) == (password == "mot de passe/secret") and outcomes[1].failure
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "asyncssh" in {record.name for record in caplog.records}
    assert password not in written + repr(outcomes) + caplog.text


# -- the way there


def test_a_connection_that_is_cut_in_the_middle_is_made_again(sshd, way, tmp_path):
    way.faults = ["cut:1000000"]
    [a] = fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url_at(way.port)}/gros.csv"))
    assert a.manifest.fichiers[0].taille == len(CSV) + BIG


@pytest.mark.parametrize(
    "fault, told",
    [
        ("cut:1000000", "is cut: the server closed the connection without a whole answer, 3 times in a row"),
        ("cut:10", "is cut: the server closed the connection without a whole answer, 3 times in a row"),
        ("silent:1000000", "does not answer: nothing came for 1 s, "),
        ("silent:0", "does not answer: nothing came for 1 s, "),
        ("slow:100000", "takes too long: it was given up after 4 s."),
    ],
)
def test_a_bad_way_is_told_in_bounded_time(fault, told, sshd, way, tmp_path):
    way.always = fault
    # What has its own limit may take its time on a machine that does much else; only what drips meets the deadline.
    deadline = 4 if fault.startswith("slow") else 40
    limits = Limits(connect=10, read=1, deadline=deadline, longest=deadline + 2, pause=0.05, attempts=3)
    began = time.monotonic()
    assert told in failure(tmp_path, keys_of(sshd), f"{sshd.url_at(way.port)}/gros.csv", limits)
    assert time.monotonic() - began < 60


def test_a_file_that_is_being_written_is_read_again_until_it_stays(sshd, way, tmp_path):
    file = sshd.files / "en-cours.csv"
    file.write_bytes(CSV + b" " * BIG)
    way.faults = [f"slow:{BIG}"]
    writing = threading.Timer(0.8, lambda: file.write_bytes(CSV + b" " * (BIG + 1)))
    writing.start()
    [a] = fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url_at(way.port)}/{file.name}"))
    writing.join()
    assert a.manifest.fichiers[0].taille == len(CSV) + BIG + 1


def test_a_server_that_is_not_there_is_told(sshd, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told = failure(tmp_path, keys_of(sshd), f"sftp://127.0.0.1:{port}/a.csv", IMPATIENT)
    assert "cannot be reached: the server refuses the connection, 3 times in a row" in told


def test_deliveries_side_by_side_share_one_connection(sshd, way, tmp_path):
    names = [f"a{n}" for n in range(20)]
    write_all(sshd.files, *(f"{name}.csv" for name in names[1:]))
    before = way.accepted
    outcomes = fetch(tmp_path, keys_of(sshd), *map(delivery, names), base=sshd.url_at(way.port))
    assert [one.livraison for one in outcomes if one.failure] == ["a0"]
    assert way.accepted - before == 1


def test_no_thread_is_left(sshd, tmp_path):
    fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url}/a.csv"))
    before = set(threading.enumerate())
    fetch(tmp_path, keys_of(sshd), delivery("a", f"{sshd.url}/a.csv"), delivery("b", f"{sshd.url}/absent.csv"))
    time.sleep(0.2)
    assert set(threading.enumerate()) - before == set()


def test_a_library_that_is_not_installed_is_told_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    told = failure(tmp_path, SftpKeys(), "sftp://exemple.invalid/a.csv")
    assert told.endswith("cannot be read: asyncssh is not installed; pip install 'barometre-pipeline[sftp]'.")
