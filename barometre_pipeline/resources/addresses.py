"""Which addresses may be asked: public ones, and others only where a delivery's own host is one itself.

Ministries' servers, and whoever may change what they answer, must not lead this machine to what only it can reach: its
own services, its network's, a cloud's metadata. A `Guard` judges hosts and addresses; the connections that it guards
are in `connections`. Behind a proxy, names are resolved there: only hosts and literal addresses are judged here.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from barometre_pipeline.resources.hosts import is_listed
from barometre_pipeline.resources.retries import RefusedAddressError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

# IANA's registries of special-purpose addresses. Written out: what `is_global` says differs from a Python to the next,
# and multicast is global for it.
_SPECIAL = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    # 168.63.129.16 is public by its number, and the metadata of Azure's machines by its use.
    "metadata": ("168.63.129.16/32",),
    "unspecified": ("0.0.0.0/8", "::/128"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": (
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20"),
    ),
}
_NETWORKS = [(ipaddress.ip_network(one), kind) for kind, several in _SPECIAL.items() for one in several]
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is public in IPv6, beside the special ones
# An IPv4 address in an IPv6 one (mapped, translated, NAT64, compatible; 6to4): how far its last bit is from the right.
_EMBEDDING = {f"{prefix}/96": 0 for prefix in ("::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "::")} | {"2002::/16": 80}
# Names that no public server has (RFC 6761, 6762 and its appendix G, 8375; ICANN's .internal).
_INNER = ("localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa")
_ANY_FORM = re.compile(r"[0-9a-fx.]+")


def kind_of(address: Address) -> str | None:
    """Return why an address is not on the public internet, in a word; None where it is."""
    for network, kind in _NETWORKS:
        if address in network:
            return kind
    if isinstance(address, ipaddress.IPv4Address):
        return None
    for embedding, bits in _EMBEDDING.items():
        if address in ipaddress.IPv6Network(embedding):
            return kind_of(ipaddress.IPv4Address(int(address) >> bits & 0xFFFFFFFF))
    return None if address in _UNICAST else "reserved"


def literal(host: str) -> Address | None:
    """Return the address that a host is, in any form (`[::1]`, `127.1`, `0x7f.1`, `0177.0.0.1`, `2130706433`)."""
    text = host.strip("[]").partition("%")[0].rstrip(".").lower()
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text)) if _ANY_FORM.fullmatch(text) else None
    except OSError:
        return None


def host_of(url: str) -> str:
    """Return the host of a URL as it is asked for, '' where it has none."""
    try:
        return (parse_url(url).host or "").lower().rstrip(".")
    except LocationParseError:
        return ""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which they are to be tried; socket.gaierror where it has none."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@dataclass(frozen=True)
class Guard:
    """What one delivery may ask: `own` is its own host, as the catalogue or `--sources` writes it.

    `allowed` are the only hosts, where given: names, or `*.name` for those below a name and not itself. A name that
    cannot be public, that `allowed` holds in full, or that is `trusted`, may be that of an internal server.
    """

    own: str
    allowed: tuple[str, ...] | None = None
    resolve: Resolve = resolve
    trusted: tuple[str, ...] = ()

    def check_url(self, url: str) -> None:
        """Raise RefusedAddressError where the host of a URL may not be asked, whatever its name leads to."""
        host = host_of(url)
        if self.allowed is not None and not is_listed(host, self.allowed):
            raise RefusedAddressError(
                f"leads to {host}, which `hotes_autorises` of catalogue.yaml does not list: refused"
            )
        if address := literal(host):
            self._check(host, address)

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, each of which may be asked; RefusedAddressError where one may not."""
        found = self.resolve(host, port)
        for one in found:
            self._check(host, _parsed(one))
        return found

    def _check(self, host: str, address: Address) -> None:
        kind = kind_of(address)
        if kind is None or kind in self._own_kinds(host):
            return
        shown = f"{host.strip('[]')} ({address})" if literal(host) != address else str(address)
        advice = "; where it is an internal server, list it in `hotes_autorises`" if self._is_own(host) else ""
        raise RefusedAddressError(f"leads to {shown}, which is no public address ({kind}): refused{advice}")

    def _is_own(self, host: str) -> bool:
        return host.lower().rstrip(".") == self.own

    def _own_kinds(self, host: str) -> set[str | None]:
        """Return the kinds of addresses that are no danger: those of the own host, where that one is internal."""
        if address := literal(self.own):
            return {kind_of(address)}
        inner = "." not in self.own or self.own.endswith(tuple(f".{name}" for name in _INNER))
        if not self.own or not (inner or self.own in (*(self.allowed or ()), *self.trusted)):
            return set()
        if self._is_own(host):
            return {*_SPECIAL}
        with suppress(socket.gaierror):
            return {kind_of(_parsed(one)) for one in self.resolve(self.own, 0)}
        return set()


def _parsed(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])  # without the interface of a link-local one
