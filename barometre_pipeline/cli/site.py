"""`barometre site`: the site of a built edition, served on this machine alone, to be looked at."""

from __future__ import annotations

import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from barometre_pipeline.cli.options import HomeOption, read_settings
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.home import Home

_LOOPBACK = "127.0.0.1"
_FIRST_PAGE = Path("site") / "index.html"


def site(
    edition: Annotated[str | None, typer.Argument(help="As in 2022-T1. Default: the last one built.")] = None,
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.")] = 8017,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser too.")] = False,
) -> None:
    """Serve the last edition's site on this machine, until Ctrl-C.

    Example: barometre site --open
    """
    tree = _built(read_settings(home=home).home, Edition.parse(edition) if edition else None)
    try:
        server = ThreadingHTTPServer((_LOOPBACK, port), partial(_Quiet, directory=str(tree)))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"--port {port}: cannot be listened on ({error}); give another one, or 0 for a free one."
        ) from None
    with server:
        address = f"http://{_LOOPBACK}:{server.server_port}/{_FIRST_PAGE.as_posix()}"
        typer.echo(f"{address}\nCtrl-C ends it.")
        if open_:
            webbrowser.open(address)
        server.serve_forever()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Leave the terminal alone."""


def _built(home: Home, wanted: Edition | None) -> Path:
    """Return the tree of an edition that has a site, by default of the greatest one; UsageError says what to run."""
    editions = [wanted] if wanted else home.editions
    trees = [home.build(edition).files for edition in editions]
    found = next((tree for tree in trees if (tree / _FIRST_PAGE).is_file()), None)
    if found is None:
        raise UsageError(f"{home.root} has no site{f' of {wanted}' if wanted else ''}: run `barometre run` first.")
    return found
