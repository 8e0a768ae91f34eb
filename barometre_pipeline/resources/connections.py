"""Connections to addresses that were judged: what is checked is what is connected to, so no name can change between.

TLS is as ever: the certificate must be that of the name. A proxy of the environment is connected to as it is, and
resolves names itself. What may be asked is told by `addresses`.
"""

from __future__ import annotations

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from barometre_pipeline.resources.addresses import Guard


def guarded_session(guard: Guard) -> requests.Session:
    """Build a session that asks nothing but what a guard allows; HttpError where it refuses."""
    session = requests.Session()
    session.headers.update({"User-Agent": "barometre-pipeline", "Accept-Encoding": "identity"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, _GuardedAdapter(guard))
    return session


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options)
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(self._guard)

    def send(self, request: requests.PreparedRequest, *given: Any, **options: Any) -> requests.Response:
        self._guard.check_url(request.url or "")
        return super().send(request, *given, **options)


def _guarded_pools(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, guard)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, guard)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _connected(wanted: HTTPConnection, guard: Guard) -> socket.socket:
    """Connect to the first judged address that answers, with the errors of urllib3's own connections."""
    try:
        addresses = guard.addresses(wanted._dns_host, wanted.port)
    except socket.gaierror as error:
        raise NameResolutionError(wanted.host, wanted, error) from error
    failure: Exception = NewConnectionError(wanted, "no address")
    for address in addresses:
        try:
            return create_connection(
                (address, wanted.port),
                wanted.timeout,
                source_address=wanted.source_address,
                socket_options=wanted.socket_options,
            )
        except TimeoutError as error:
            failure = ConnectTimeoutError(wanted, str(error))
        except OSError as error:
            failure = NewConnectionError(wanted, str(error))
            failure.__cause__ = error
    raise failure
