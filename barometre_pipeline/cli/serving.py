"""`barometre ui` and `barometre serve`: Dagster's own programs, on the prepared instance and with our settings."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from barometre_pipeline.cli.options import CatalogueOption, DepotOption, HomeOption, SourcesOption, read_settings
from barometre_pipeline.cli.running import prepare
from barometre_pipeline.errors import UsageError
from barometre_pipeline.package_files import WORKSPACE_FILE
from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.runs.dead_runs import end_dead_runs
from barometre_pipeline.runs.instance import choose_instance, one_at_a_time, opened_instance
from barometre_pipeline.setting_rules import served_code
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
CodeOption = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Where the code is served. Also BAROMETRE_CODE.")
]
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
    settings = _prepared(read_settings(catalogue=catalogue, sources=sources, depot=depot, home=home))
    workspace = WORKSPACE_FILE
    if settings.nom:
        module = {"module_name": _MODULE, "location_name": settings.location}
        workspace = _workspace(settings, f"espace-{settings.nom}.yaml", [{"python_module": module}])
    where = ["--workspace", str(workspace), "--host", host, "--port", str(port)]
    if read_only:
        _become("dagster-webserver", "--read-only", *where)
    _become("dagster", "dev", *where)


def serve(
    part: Part,
    home: HomeOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
    code: CodeOption = None,
    read_only: ReadOnlyOption = False,
) -> None:
    """Run one part of a lasting installation; its settings are those of the environment. See deploy/.

    Example: barometre serve daemon
    """
    settings = read_settings(home=home, code=code)
    served = served_code(settings.code, alone=settings.location)
    if part is Part.code and settings.location not in served:
        raise UsageError(f"BAROMETRE_CODE does not say where the code of {settings.location} is served: add it there.")
    settings = _prepared(settings, several=len(served) > 1)
    if part is Part.code:
        where = ["--host", served[settings.location][0], "--port", served[settings.location][1]]
        _become("dagster", "code-server", "start", "--module-name", _MODULE, *where)
    places = [
        {"grpc_server": {"host": host, "port": int(number), "location_name": name}}
        for name, (host, number) in served.items()
    ]
    workspace = _workspace(settings, "serveur.yaml", places)
    if part is Part.daemon:
        _become("dagster-daemon", "run", "--workspace", str(workspace))
    shown = ["--read-only"] if read_only else []
    _become("dagster-webserver", *shown, "--workspace", str(workspace), "--host", host, "--port", str(port))


def _workspace(settings: Settings, name: str, places: list[dict[str, Any]]) -> Path:
    """Write, in the instance, from where Dagster's programs load the code; return that file."""
    file = settings.instance / name
    with one_at_a_time(settings.instance):
        write_file(file, yaml.safe_dump({"load_from": places}, sort_keys=False))
    return file


def _prepared(settings: Settings, *, several: bool = False) -> Settings:
    """Make the instance ready, and tell what died; the processes of Dagster find the settings in the environment."""
    prepare(settings, several=several)
    if "wait" not in settings.model_fields_set:
        settings = settings.model_copy(update={"wait": _WAIT_SECONDS})
    settings.export()
    choose_instance(settings.instance)
    with one_at_a_time(settings.instance), opened_instance(settings.instance) as instance:
        end_dead_runs(instance, settings)
    return settings


def _become(program: str, *arguments: str) -> None:
    path = str(Path(sys.executable).with_name(program))
    os.execv(path, [path, *arguments])
