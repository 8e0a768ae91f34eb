"""Runs git the same way on every machine: no prompt, no hook, no personal setting, no secret shown.

The address of the depot and its credentials are in `options`, what is done with a repository in `repository`; which of
the machine's settings count is decided in `machine_settings`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from barometre_pipeline.depot.causes import explain, is_passing, what_it_says
from barometre_pipeline.depot.machine_settings import Settings, let_through, numbered, programs, trust_file
from barometre_pipeline.depot.options import Depot, credential_environment, credential_settings
from barometre_pipeline.depot.process import SILENCE, run_program
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.resources.secrets import Secrets

_SETTINGS = [
    ("core.hooksPath", os.devnull),
    ("core.excludesFile", os.devnull),  # or git reads one in the person's own folder
    ("core.attributesFile", os.devnull),
    ("core.compression", "3"),  # 2,700 files in half the time of the default, for 5 % more bytes
    ("pack.window", "0"),  # no search for deltas: workbooks have none, and the texts make a fifth of the bytes
    ("init.templateDir", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.unpackLimit", "1"),  # everything stays in packs, which a new clone takes over by hard links
    ("fastimport.unpackLimit", "0"),
    ("remote.origin.tagOpt", "--no-tags"),
    ("checkout.workers", "0"),  # as many as there are cores
    ("http.lowSpeedLimit", "1"),  # byte a second: silence, not slowness
]
# Of git's own variables, those that say how a depot is reached.
_KEPT = re.compile(r"(?!GIT_).*|GIT_(ASKPASS|EXEC_PATH|(HTTP_)?PROXY_.*|SSH|SSH_COMMAND|SSH_VARIANT|SSL_.*)")
_OF_SETTINGS = re.compile(r"GIT_CONFIG(_.*)?")
_SECRETS = {"BAROMETRE_GIT_JETON", "DATAGOUV_API_KEY"}  # which only who needs them is given


class GitError(PublicationError):
    """Git failed; `said` is what it says of it, line by line, without secrets."""

    def __init__(self, sentence: str, said: str = "", may_pass: bool = False) -> None:
        self.said, self.may_pass = said, may_pass
        super().__init__(sentence)


def run_git(
    *arguments: str,
    folder: Path | None = None,
    place: tuple[str, ...] = (),
    stdin: Iterable[bytes] | None = None,
    depot: Depot | None = None,
    umask: int | None = None,
    silence: float = SILENCE,
    variables: Mapping[str, str] | None = None,
) -> bytes:
    """Run one git command and return what it prints; with a `depot`, its credentials and its own limit of silence.

    `place` is where the repository is (`--git-dir=…`); `stdin` is made and read piece by piece, and what it raises
    is raised; `umask` is that of the process where it is None; `variables` are more of the environment. GitError says
    in one sentence what went wrong, also when git says and takes nothing for `silence` seconds.
    """
    silence = depot.silence if depot else silence
    with _environment(depot, silence) as environment:
        try:
            command = ["git", *place, *arguments]
            with _found(folder):
                ended = run_program(command, {**environment, **(variables or {})}, silence, stdin, folder, umask)
        except TimeoutError:
            told = f"the depot {depot.url} said" if depot else "it said and did"
            raise GitError(
                f"git {arguments[0]} was stopped: {told} nothing for {silence:g} s. Run again.", may_pass=True
            ) from None
    if ended.status:
        secrets = depot.secrets if depot else Secrets()
        printed = secrets.scrub((ended.errors + ended.output).decode(errors="replace"))
        where = f"the depot {depot.url}" if depot else "the clone of the depot"
        raise GitError(explain(arguments[0], printed, where), what_it_says(printed), is_passing(printed))
    return ended.output


@contextmanager
def _found(folder: Path | None = None) -> Iterator[None]:
    """Say what is not there: the folder in which git is to run, or git."""
    try:
        yield
    except FileNotFoundError as error:
        if folder is not None and not folder.is_dir():
            raise GitError(f"{folder} is gone: run again.") from error
        raise GitError("git is not installed: install it, then run again.") from error


@contextmanager
def _environment(depot: Depot | None, silence: float) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name) and name not in _SECRETS}
    theirs = _machine_settings() if depot else []
    ours = [*_SETTINGS, ("http.lowSpeedTime", f"{silence:.0f}"), *(credential_settings(depot) if depot else [])]
    with trust_file(theirs if depot and depot.path else []) as trusted:
        yield {
            **kept,
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": trusted,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "GIT_OPTIONAL_LOCKS": "0",
            **programs(kept, theirs),
            **numbered([*theirs, *ours]),
            **(credential_environment(depot) if depot else {}),
        }


def _machine_settings() -> Settings:
    # Not those of a repository in which we happen to run: they are its own.
    read = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name) or _OF_SETTINGS.fullmatch(name)}
    with _found():
        ended = run_program(["git", "config", "--list", "-z"], {**read, "LC_ALL": "C", "GIT_DIR": os.devnull}, SILENCE)
    if ended.status:
        said = what_it_says(ended.errors.decode(errors="replace"))
        raise GitError(f"git's settings on this machine cannot be read: correct them (git says: {said}).")
    return let_through(ended.output)
