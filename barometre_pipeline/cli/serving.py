"""`barometre ui` and `barometre serve`: Dagster's own programs, on the prepared instance and with our settings."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from barometre_pipeline.cli.options import CatalogueOption, DepotOption, HomeOption, SourcesOption, read_settings
from barometre_pipeline.cli.running import prepare
from barometre_pipeline.package_files import WORKSPACE_FILE
from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.runs.dead_runs import OURS, end_dead_runs
from barometre_pipeline.runs.instance import choose_instance, one_at_a_time, opened_instance
from barometre_pipeline.settings import Settings

# A run of the schedule waits for the one that somebody started in a terminal.
_WAIT_SECONDS = 600.0
_MODULE = "barometre_pipeline.definitions"


class Part(StrEnum):
    """What runs on a server: the code that the two others ask, the UI, and what launches and watches."""

    code = "code"
    webserver = "webserver"
    daemon = "daemon"


HostOption = Annotated[str, typer.Option(help="Address to listen on; Dagster's UI asks nobody who they are.")]
PortOption = Annotated[int, typer.Option(help="Port on this machine.")]
ReadOnlyOption = Annotated[bool, typer.Option("--read-only", help="Show everything, launch nothing.")]


def ui(
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 3000,
    read_only: ReadOnlyOption = False,
) -> None:
    """Open the Dagster UI on this home: its runs, its checks, the job and its schedule.

    Example: barometre ui --port 3001
    """
    _prepared(read_settings(catalogue=catalogue, sources=sources, depot=depot, home=home))
    where = ["--workspace", str(WORKSPACE_FILE), "--host", host, "--port", str(port)]
    if read_only:
        _become("dagster-webserver", "--read-only", *where)
    _become("dagster", "dev", *where)


def serve(
    part: Part,
    home: HomeOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
    code: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the code is served.")] = "127.0.0.1:4266",
    read_only: ReadOnlyOption = False,
) -> None:
    """Run one part of a lasting installation; its settings are those of the environment. See deploy/.

    Example: barometre serve daemon
    """
    settings = _prepared(read_settings(home=home))
    code_host, _, code_port = code.rpartition(":")
    if part is Part.code:
        _become("dagster", "code-server", "start", "--module-name", _MODULE, "--host", code_host, "--port", code_port)
    workspace = settings.instance / "serveur.yaml"
    served = f"{{host: {code_host}, port: {code_port}, location_name: {OURS}}}"
    with one_at_a_time(settings.instance):
        write_file(workspace, f"load_from:\n- grpc_server: {served}\n")
    if part is Part.daemon:
        _become("dagster-daemon", "run", "--workspace", str(workspace))
    shown = ["--read-only"] if read_only else []
    _become("dagster-webserver", *shown, "--workspace", str(workspace), "--host", host, "--port", str(port))


def _prepared(settings: Settings) -> Settings:
    """Make the instance ready, and tell what died; the processes of Dagster find the settings in the environment."""
    prepare(settings)
    if "wait" not in settings.model_fields_set:
        settings = settings.model_copy(update={"wait": _WAIT_SECONDS})
    settings.export()
    choose_instance(settings.instance)
    with one_at_a_time(settings.instance), opened_instance(settings.instance) as instance:
        end_dead_runs(instance, settings.home.root)
    return settings


def _become(program: str, *arguments: str) -> None:
    path = str(Path(sys.executable).with_name(program))
    os.execv(path, [path, *arguments])
