"""The address of the depot, and the credentials that the environment holds for it.

An address with a secret in it is refused: git would write it in `.git/config` and in its messages.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from barometre_pipeline.errors import UsageError

USER_VARIABLE = "BAROMETRE_GIT_UTILISATEUR"
TOKEN_VARIABLE = "BAROMETRE_GIT_JETON"

_SECRET_IN_URL = re.compile(r"(\w[\w+.-]*://)[^/\s@']+@")


@dataclass(frozen=True)
class Depot:
    """The address of the repository to publish to; `path` is None unless it is on this machine."""

    url: str
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Depot:
        """Read a path or any git address; UsageError when it holds a secret or is none."""
        if "://" in text:
            return cls._from_url(text)
        if text.startswith("-") or "::" in text or not text.strip():
            raise UsageError("The depot is not an address of git: give a path, https://…, ssh://… or user@host:path.")
        if re.match(r"[^/\\]+:", text):  # user@host:path, as ssh writes it
            return cls(text)
        path = Path(text).expanduser().absolute()
        return cls(str(path), path)

    @classmethod
    def _from_url(cls, text: str) -> Depot:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https", "ssh", "git", "file"):
            raise UsageError(f"The depot's address begins with {parts.scheme}://: give https://, ssh:// or file://.")
        named = parts.username is not None and parts.scheme != "ssh"
        if named or parts.password is not None or parts.query:
            raise UsageError(
                f"The depot's address on {parts.hostname} holds a user name, a password or a token, which would be "
                f"written in logs and in .git/config: give the address without it, and put the user name in "
                f"{USER_VARIABLE} and the token in {TOKEN_VARIABLE}, or use a credential helper of git."
            )
        return cls(text, Path(unquote(parts.path)) if parts.scheme == "file" else None)


def credential_settings(depot: Depot) -> list[tuple[str, str]]:
    """Return the settings (key, value) by which git is given the token of the environment, none without one."""
    if not os.environ.get(TOKEN_VARIABLE) or not depot.url.startswith("http"):
        return []
    parts = urlsplit(depot.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    # Git asks this shell line, which reads the environment: no secret on a command line or in a file. The
    # empty helper first, so that no helper of the machine is given the token to keep.
    answer = (
        f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" '
        f'"${{{USER_VARIABLE}:-git}}" "${TOKEN_VARIABLE}"; }}; f'
    )
    return [("credential.helper", ""), (f"credential.{origin}.helper", ""), (f"credential.{origin}.helper", answer)]


def scrub(text: str) -> str:
    """Return the text without the token and without the user part of any address."""
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        text = text.replace(token, "***")
    return _SECRET_IN_URL.sub(r"\1", text)
