"""Runs git the same way on every machine: no prompt, no hook, no personal setting, no secret shown.

The address of the depot and its credentials are in `options`, what is done with a repository in `repository`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from barometre_pipeline.depot.options import (
    TOKEN_VARIABLE,
    USER_VARIABLE,
    Depot,
    credential_environment,
    credential_settings,
)
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.resources.secrets import Secrets

_LOCAL_SECONDS = 120
_NETWORK_SECONDS = 300

# What a machine or a person may have set, and that would change the bytes published or stop the run.
_SETTINGS = {
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "core.excludesFile": os.devnull,
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.fileMode": "true",
    "core.quotePath": "false",
    "core.compression": "3",  # 2,700 files in half the time of the default, for 5 % more bytes
    "pack.window": "0",  # no search for deltas: workbooks have none, and the texts make a fifth of the bytes
    "init.templateDir": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "no",
    "fetch.unpackLimit": "1",  # everything stays in packs, which a new clone takes over by hard links
    "fastimport.unpackLimit": "0",
    "remote.origin.tagOpt": "--no-tags",
    "checkout.workers": "0",  # as many as there are cores
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}
_DROPPED = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|COMMON_DIR|PREFIX|"
    r"SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE|CEILING_DIRECTORIES|TEMPLATE_DIR|DEFAULT_HASH|EXTERNAL_DIFF|"
    r"QUARANTINE_PATH|PUSH_OPTION_.*|TRACE.*|CURL_VERBOSE|(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE))"
    r"|BAROMETRE_GIT_JETON|DATAGOUV_API_KEY"  # secrets, which only who needs them is given
)


class GitError(PublicationError):
    """Git failed; `detail` is what it said, without secrets."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        self.detail = detail
        super().__init__(sentence)


def run_git(
    *arguments: str,
    folder: Path | None = None,
    place: tuple[str, ...] = (),
    stdin: Iterable[bytes] | None = None,
    depot: Depot | None = None,
    umask: int | None = None,
) -> bytes:
    """Run one git command and return what it prints; with a `depot`, its credentials and longer deadline.

    `place` is where the repository is (`--git-dir=…`); `stdin` is made and read piece by piece, and what it raises
    is raised; `umask` is that of the process where it is None. GitError says in one sentence what went wrong.
    """
    settings = [*_SETTINGS.items(), *(credential_settings(depot) if depot else [])]
    options = [word for key, value in settings for word in ("-c", f"{key}={value}")]
    command = ["git", *options, *place, *arguments]
    process = _started(command, folder, stdin is not None, _environment(depot), -1 if umask is None else umask)
    seconds = _NETWORK_SECONDS if depot else _LOCAL_SECONDS
    with ThreadPoolExecutor(1) as beside:
        fed = beside.submit(_feed, process.stdin, stdin) if stdin is not None and process.stdin else None
        process.stdin = None  # its thread closes it
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} did not end within {seconds} s: is the depot reachable?") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    if fed:
        fed.result()
    if process.returncode:
        secrets = depot.secrets if depot else Secrets()
        detail = secrets.scrub((errors + output).decode(errors="replace"))
        raise GitError(_explain(arguments[0], detail, depot), detail)
    return output


def _started(
    command: list[str], folder: Path | None, with_input: bool, environment: dict[str, str], umask: int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            umask=umask,
            stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # its own group, so that a timeout ends git's children as well
        )
    except FileNotFoundError as error:
        if folder is not None and not folder.is_dir():
            raise GitError(f"{folder} is gone: run again.") from error
        raise GitError("git is not installed: install it, then run again.") from error


def _feed(stdin: IO[bytes], pieces: Iterable[bytes]) -> None:
    with suppress(BrokenPipeError), stdin:  # a process that ended says why itself
        stdin.writelines(pieces)


def _environment(depot: Depot | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    ssh = kept.get("GIT_SSH_COMMAND", "ssh")
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": kept.get("GIT_ASKPASS", "true"),
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_SSH_COMMAND": ssh if "BatchMode" in ssh else f"{ssh} -o BatchMode=yes -o ConnectTimeout=30",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_OPTIONAL_LOCKS": "0",
        **(credential_environment(depot) if depot else {}),
    }


_CAUSES = [
    (
        r"Authentication failed|could not read Username|terminal prompts disabled|Permission denied \(publickey|"
        r"error: 40[13]|HTTP 40[13]|Invalid username or",
        "it refused our identity: set {user} and {token}, a credential helper of git, or an ssh key that needs no "
        "passphrase",
    ),
    (r"Could not resolve host|Name or service not known", "its host is unknown here: check the address"),
    (r"Connection refused|Failed to connect|Could not connect|Connection timed out", "its host does not answer"),
    (r"Host key verification failed", "ssh does not know its host: add it to known_hosts first"),
    (
        r"does not appear to be a git repository|[Rr]epository.*not found|error: 404|not a git repository",
        "there is no git repository there: check the address",
    ),
    (r"checked out", "it is not a bare repository and that branch is checked out there: give a bare one"),
    (r"(pre-receive|update) hook declined|protected branch", "its rules refuse this push"),
    (r"No space left on device", "the disk is full"),
]


def _explain(action: str, detail: str, depot: Depot | None) -> str:
    said = " / ".join(line.strip() for line in detail.splitlines() if re.match(r"(fatal|error|remote|!)", line.strip()))
    where = f"the depot {depot.url}" if depot else "the clone of the depot"
    for pattern, cause in _CAUSES:
        if re.search(pattern, detail):
            cause = cause.format(user=USER_VARIABLE, token=TOKEN_VARIABLE)
            return f"git {action} failed with {where}: {cause} (git says: {said[:300] or detail.strip()[:300]})."
    return f"git {action} failed with {where} (git says: {said[:500] or detail.strip()[:500] or 'nothing'})."
