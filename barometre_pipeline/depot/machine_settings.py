"""What of the machine's git settings reaches the git that we run: how a depot is reached, and who we are there.

All else that a machine or a person may have set could change the bytes published or stop the run: it stays outside.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

_LET_THROUGH = re.compile(
    r"credential\..+"
    r"|http\.(.+\.)?(proxy.*|ssl.*|schannel.*|extraheader|cookiefile|emptyauth|delegation|pinnedpubkey|"
    r"curloptresolve|followredirects|useragent|version|postbuffer)"
    r"|core\.(sshcommand|gitproxy|askpass)|ssh\.variant"
    r"|url\..+\.(push)?insteadof|safe\.directory",
    re.DOTALL,
)

Settings = list[tuple[str, str]]


def let_through(listing: bytes) -> Settings:
    """Return what people need of the settings that `git config --list -z` printed, in their order."""
    found = (one.partition("\n") for one in listing.decode(errors="surrogateescape").split("\0"))
    # A key without `=` is true.
    return [(key, value if equals else "true") for key, equals, value in found if _LET_THROUGH.fullmatch(key)]


def numbered(settings: Settings) -> dict[str, str]:
    """Return the variables by which git takes settings: a command line is read by every account of the machine."""
    pairs = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        pairs |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return pairs


@contextmanager
def trust_file(settings: Settings) -> Iterator[str]:
    """Give the name of the only file of settings that git reads: the folders of other accounts that are trusted.

    The processes that serve a depot of this machine read no setting elsewhere.
    """
    trusted = [value for key, value in settings if key == "safe.directory"]
    if not trusted:
        yield os.devnull
        return
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in trusted)
    with NamedTemporaryFile("w", encoding="utf-8", errors="surrogateescape", suffix=".gitconfig") as file:
        file.write("[safe]\n" + "".join(f'\tdirectory = "{one}"\n' for one in quoted))
        file.flush()
        yield file.name


def programs(environment: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the variables that name the programs of ssh and of passwords, which ask nothing of a person."""
    chosen = dict(settings)
    ssh = environment.get("GIT_SSH_COMMAND") or chosen.get("core.sshcommand")
    return {
        "GIT_ASKPASS": environment.get("GIT_ASKPASS") or chosen.get("core.askpass") or "true",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_SSH_COMMAND": _without_questions(ssh or shlex.quote(environment.get("GIT_SSH") or "ssh")),
    }


def _without_questions(ssh: str) -> str:
    program = next((Path(word).name for word in ssh.split() if "=" not in word), "")
    # Another program may not know the options of OpenSSH.
    if program != "ssh" or "BatchMode" in ssh:
        return ssh
    return f"{ssh} -o BatchMode=yes -o ConnectTimeout=30"
