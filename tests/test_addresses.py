"""Nobody leads this machine where only it can go: addresses in every form, names that change, redirects."""

import ipaddress
import shutil
import ssl
import subprocess

import pytest

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.addresses import Guard, kind_of, literal
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.retries import HttpError
from barometre_pipeline.resources.secrets import Secrets
from tests.loopback import loopback

QUICK = Limits(connect=1, read=1, deadline=3, longest=5, attempts=1)

FORBIDDEN = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"],
    "private by IPv6": ["fc00::1", "fd00:ec2::254", "fec0::1"],
    "link-local": ["169.254.169.254", "169.254.0.1", "fe80::1", "[fe80::1%25eth0]", "2852039166", "0xa9fea9fe"],
    "unspecified": ["0.0.0.0", "0", "0.1.2.3", "::"],
    "metadata": ["168.63.129.16"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1"],
    "reserved": ["192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"],
    "reserved by IPv6": ["2001:db8::1", "2001::1", "3fff::1", "100::1", "64:ff9b:1::1", "5f00::1", "4000::1"],
    "broadcast": ["255.255.255.255"],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "::127.0.0.1", "::a00:1"],
    "NAT64 and 6to4": ["64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1"],
}
PUBLIC = [
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "2a01:cb00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("host", [host for several in FORBIDDEN.values() for host in several])
def test_an_address_that_is_not_public_is_refused_however_it_is_written(host):
    written = f"[{host}]" if ":" in host and "[" not in host else host
    with pytest.raises(HttpError, match="which is no public address"):
        Guard("exemple.fr").check_url(f"http://{written}/a.csv")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_asked(address):
    assert kind_of(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("host", ["exemple.fr", "1.2.3.4.5", "face", "0x", "", "256.1.1.1", "1e3.fr"])
def test_a_name_is_no_address(host):
    assert literal(host) is None


@pytest.mark.parametrize(
    ("own", "target", "allowed"),
    [
        ("127.0.0.1", "127.0.0.2", True),
        ("127.0.0.1", "169.254.169.254", False),
        ("127.0.0.1", "10.0.0.1", False),
        ("10.0.0.1", "192.168.1.1", True),
        ("10.0.0.1", "127.0.0.1", False),
        ("169.254.169.254", "169.254.169.254", True),
        ("8.8.8.8", "10.0.0.1", False),
        ("2130706433", "127.0.0.1", True),
    ],
)
def test_an_internal_host_leads_to_its_own_kind_only(own, target, allowed):
    guard = Guard(own)
    if allowed:
        guard.check_url(f"http://{target}/")
    else:
        with pytest.raises(HttpError, match="refused"):
            guard.check_url(f"http://{target}/")


# -- names, judged by what they resolve to at the connection


class Names:
    """A resolver of the test's own: each name's answers in turn, the last one for ever."""

    def __init__(self, **answers):
        self.left = {name.replace("_", "."): list(several) for name, several in answers.items()}

    def __call__(self, host, port):
        several = self.left[host]
        return [several.pop(0) if len(several) > 1 else several[0]]


def told(url, tmp_path, resolve=None, allowed=None, own=None, **options):
    options |= {"resolve": resolve} if resolve else {}
    with HttpDoor(Secrets(), QUICK, allowed, **options) as door:
        try:
            request = Request(own=own)
            door.download(url, tmp_path / "body", limit=1000, deadline=door.deadline(), request=request)
        except SourceError as error:
            return str(error)
    return (tmp_path / "body").read_text()


def by_name(server, name):
    return server.url.replace("127.0.0.1", name)


def test_a_public_name_that_leads_inside_is_refused_before_any_connection(tmp_path):
    with loopback(lambda r: r.reply(body=b"secret")) as server:
        said = told(by_name(server, "donnees.exemple.fr"), tmp_path, Names(donnees_exemple_fr=["127.0.0.1"]))
        assert server.seen == []
    assert "leads to donnees.exemple.fr (127.0.0.1), which is no public address (loopback): refused" in said
    assert "where it is an internal server, list it in `hotes_autorises`" in said


def test_one_answer_among_several_is_enough_to_refuse(tmp_path):
    said = told("http://donnees.exemple.fr/", tmp_path, lambda host, port: ["8.8.8.8", "10.0.0.1"])
    assert "(10.0.0.1), which is no public address (private)" in said


def test_a_name_that_changes_between_two_requests_is_judged_at_each_connection(tmp_path):
    names = Names(depot_local=["127.0.0.1"], exemple_fr=["8.8.8.8", "127.0.0.1"])
    guard = Guard("exemple.fr", resolve=names)
    assert guard.addresses("exemple.fr", 80) == ["8.8.8.8"]
    with loopback(lambda r: r.reply(body=b"secret")) as server:
        assert "which is no public address (loopback)" in told(by_name(server, "exemple.fr"), tmp_path, names)
        assert server.seen == []


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(tmp_path):
    """The name would resolve to nothing at all by the system: nobody asks it again."""
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        names = Names(serveur_internal=["127.0.0.1", "169.254.169.254"])
        assert told(by_name(server, "serveur.internal"), tmp_path, names) == "ok"
        assert server.seen[0].headers["Host"].startswith("serveur.internal:")


@pytest.mark.parametrize("own", ["localhost", "minio", "depot.interieur.local", "x.home.arpa"])
def test_a_name_that_cannot_be_public_is_an_internal_server(own, tmp_path):
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        assert told(by_name(server, own), tmp_path, lambda host, port: ["127.0.0.1"]) == "ok"


def test_a_public_name_may_be_internal_where_the_catalogue_lists_it_in_full(tmp_path):
    names = Names(donnees_exemple_fr=["127.0.0.1"])
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        url = by_name(server, "donnees.exemple.fr")
        assert told(url, tmp_path, names, ("donnees.exemple.fr",)) == "ok"
        assert "which is no public address (loopback)" in told(url, tmp_path, names, ("*.exemple.fr",))


def test_a_portal_that_the_settings_name_may_be_internal(tmp_path):
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        url = by_name(server, "portail.exemple.fr")
        assert told(url, tmp_path, lambda host, port: ["127.0.0.1"], trusted=("portail.exemple.fr",)) == "ok"


def test_a_redirect_to_a_name_that_leads_inside_is_refused(tmp_path):
    names = Names(depot_local=["127.0.0.1"], pirate_fr=["10.1.2.3"])
    with loopback(lambda r: r.reply(302, Location="http://pirate.fr/latest/meta-data")) as server:
        said = told(by_name(server, "depot.local"), tmp_path, names)
    assert "leads to pirate.fr (10.1.2.3), which is no public address (private)" in said


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data", "http://[::ffff:a9fe:a9fe]/", "http://0/"]
)
def test_a_redirect_to_an_address_of_another_kind_is_refused(target, tmp_path):
    with loopback(lambda r: r.reply(302, Location=target)) as server:
        assert "which is no public address" in told(server.url, tmp_path)


def test_a_connection_that_one_delivery_may_use_is_not_lent_to_another(tmp_path):
    """Kept alive, it would take the second delivery where its own host may not lead."""
    names = Names(depot_local=["127.0.0.1"], exemple_fr=["8.8.8.8"])
    with loopback(lambda r: r.reply(body=b"ok")) as server, HttpDoor(Secrets(), QUICK, resolve=names) as door:
        url, body = by_name(server, "depot.local"), tmp_path / "body"
        door.download(url, body, limit=10, deadline=door.deadline())
        with pytest.raises(SourceError, match=r"depot\.local \(127\.0\.0\.1\), which is no public address"):
            door.download(url, body, limit=10, deadline=door.deadline(), request=Request(own="http://exemple.fr/a"))


# -- the hosts that a catalogue lists


@pytest.mark.parametrize(
    ("allowed", "host", "asked"),
    [
        (("exemple.fr",), "exemple.fr", True),
        (("exemple.fr",), "EXEMPLE.fr.", True),
        (("exemple.fr",), "www.exemple.fr", False),
        (("exemple.fr",), "pirate-exemple.fr", False),
        (("*.exemple.fr",), "a.b.exemple.fr", True),
        (("*.exemple.fr",), "exemple.fr", False),
        (("*.exemple.fr",), "pirateexemple.fr", False),
        ((), "exemple.fr", False),
    ],
)
def test_only_the_hosts_that_are_listed_are_asked(allowed, host, asked):
    guard = Guard("exemple.fr", allowed)
    if asked:
        guard.check_url(f"https://{host}/a")
    else:
        with pytest.raises(HttpError, match=r"which `hotes_autorises` of catalogue\.yaml does not list: refused"):
            guard.check_url(f"https://{host}/a")


def test_a_redirect_to_a_host_that_is_not_listed_is_refused(tmp_path):
    with loopback(lambda r: r.reply(302, Location=f"http://127.0.0.2:{r.server.server_port}/b")) as server:
        said = told(server.url, tmp_path, allowed=("127.0.0.1",))
    assert "leads to 127.0.0.2, which `hotes_autorises` of catalogue.yaml does not list" in said


# -- what stays as it was


def test_a_proxy_of_the_environment_is_trusted_with_names_but_not_with_addresses(tmp_path, monkeypatch):
    with loopback(lambda r: r.reply(body=r.path.encode())) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        assert told("http://donnees.exemple.fr/a", tmp_path) == "http://donnees.exemple.fr/a"
        assert "leads to 169.254.169.254" in told("http://169.254.169.254/a", tmp_path, own="http://exemple.fr/")
        assert len(proxy.seen) == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl, which makes the certificate, is not installed")
@pytest.mark.parametrize(("name", "said"), [("depot.local", "ok"), ("autre.local", "a certificate that cannot")])
def test_a_certificate_must_be_that_of_the_name(name, said, tmp_path, monkeypatch):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=depot.local -out {} -keyout {}"
    made = [*command.format(certificate, key).split(), "-addext", "subjectAltName=DNS:depot.local"]
    subprocess.run(made, check=True, capture_output=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with loopback(lambda r: r.reply(body=b"ok")) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = by_name(server, name).replace("http:", "https:")
        assert said in told(url, tmp_path, lambda host, port: ["127.0.0.1"])
