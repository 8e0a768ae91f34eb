"""What the settings say of the depot: its address, the credentials for it, and what an operator may choose of commits.

That an address holds no secret is a rule of the settings; how git is run is in `command`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from barometre_pipeline.catalogue.model import General
from barometre_pipeline.depot.process import SILENCE
from barometre_pipeline.resources.modes import user_umask
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.setting_rules import MESSAGE_FIELDS
from barometre_pipeline.settings import Settings

_NOBODY = "Baromètre des résultats <>"

# As the settings are named, for people; git's own processes know the credentials by these names too.
USER_VARIABLE = "BAROMETRE_GIT_UTILISATEUR"
TOKEN_VARIABLE = "BAROMETRE_GIT_JETON"
_USER = "git"  # where only the token counts


@dataclass(frozen=True)
class Credentials:
    """Who we are for an https depot; without a `jeton`, git uses what the machine has."""

    utilisateur: str | None = None
    jeton: SecretStr | None = None


@dataclass(frozen=True)
class Depot:
    """The address of the repository to publish to; `path` is None unless it is on this machine.

    `umask` is the one with which git writes there, that of the process where it is None; `silence` the longest time,
    in seconds, that it may say nothing.
    """

    url: str
    path: Path | None = None
    credentials: Credentials = field(default_factory=Credentials)
    secrets: Secrets = field(default_factory=Secrets, repr=False, compare=False)
    umask: int | None = None
    silence: float = SILENCE

    def __post_init__(self) -> None:
        if self.credentials.jeton:
            token = self.credentials.jeton.get_secret_value()
            self.secrets.register(token)
            sent = f"{self.credentials.utilisateur or _USER}:{token}"  # in a header, which a server may repeat
            self.secrets.register(b64encode(sent.encode()).decode())

    @classmethod
    def of(cls, settings: Settings) -> Depot:
        """Return the depot that the settings name, the home's own where they name none."""
        options = GitOptions.of(settings)
        given = {"credentials": options.credentials, "secrets": options.secrets, "umask": options.umask}
        return cls.parse(settings.depot or str(settings.home.default_depot), **given)

    @property
    def is_gone(self) -> bool:
        """Tell whether nothing is where a depot of this machine is, or is to be made."""
        return self.path is not None and not self.path.exists()

    def page_of(self, commit: str) -> str | None:
        """Return the page that forges (GitHub, GitLab, Forgejo) have for a commit, None where the depot is a folder."""
        found = None if self.path else re.fullmatch(r"(?:\w+://)?(?:[^/@]*@)?([^/:]+)(?::\d+)?[:/]+(.+)", self.url)
        return f"https://{found[1]}/{found[2].strip('/').removesuffix('.git')}/commit/{commit}" if found else None

    @classmethod
    def parse(cls, text: str, **more: Any) -> Depot:
        """Read a path or any git address, as the settings hold it."""
        if "://" in text:
            parts = urlsplit(text)
            return cls(text, Path(unquote(parts.path)) if parts.scheme == "file" else None, **more)
        if re.match(r"[^/\\]+:", text):  # user@host:path, as ssh writes it
            return cls(text, **more)
        path = Path(text).expanduser().absolute()
        return cls(str(path), path, **more)


def credential_settings(depot: Depot) -> list[tuple[str, str]]:
    """Return the settings (key, value) by which git is given the token, none without one."""
    if not credential_environment(depot):
        return []
    parts = urlsplit(depot.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    # Git asks this shell line, which reads the environment: no secret on a command line or in a file. The
    # empty helper first, so that no helper of the machine is given the token to keep.
    answer = (
        f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" '
        f'"${{{USER_VARIABLE}:-{_USER}}}" "${TOKEN_VARIABLE}"; }}; f'
    )
    return [("credential.helper", ""), (f"credential.{origin}.helper", ""), (f"credential.{origin}.helper", answer)]


def credential_environment(depot: Depot) -> Mapping[str, str]:
    """Return the variables of the processes that talk to the depot, and of no other: the credentials."""
    known = depot.credentials
    if not known.jeton or not depot.url.startswith("http"):
        return {}
    return {USER_VARIABLE: known.utilisateur or "", TOKEN_VARIABLE: known.jeton.get_secret_value()}


def _default(name: str) -> str:
    return str(Settings.model_fields[name].default)


@dataclass(frozen=True)
class GitOptions:
    """`branche` None: the depot's default one; `branche_revue`: pushed instead, for a review before merging.

    `branche_site` has the site of what the main branch has, at its root; None: there is no such branch.
    `umask` is the one with which git writes in a depot of this machine, that of the process where it is None.
    """

    branche: str | None = None
    branche_revue: str | None = None
    branche_site: str | None = None
    auteur: str = _NOBODY
    message: str = _default("git_message")
    credentials: Credentials = field(default_factory=Credentials)
    secrets: Secrets = field(default_factory=Secrets, repr=False, compare=False)
    umask: int | None = None

    @classmethod
    def of(cls, settings: Settings, general: General | None = None) -> GitOptions:
        """Return what the settings say, else what the catalogue does."""
        return cls(
            branche=settings.git_branche,
            branche_revue=settings.git_branche_revue,
            branche_site=settings.git_branche_site,
            auteur=settings.git_auteur or (_author(general) if general else _NOBODY),
            message=settings.git_message,
            credentials=Credentials(settings.git_utilisateur, settings.git_jeton),
            secrets=Secrets(*settings.secret_values),
            # A depot that somebody gives is theirs; ours, in the home, is as private as the home.
            umask=user_umask() if settings.depot else None,
        )

    def written_message(self, figures: Mapping[str, object]) -> str:
        """Fill the message's {fields} with figures, 0 where one is not given; a rule of the settings knows them all."""
        return self.message.format_map({**MESSAGE_FIELDS, **figures}).strip()


def _author(general: General) -> str:
    """Return who commits where no setting says it: the catalogue's producer, at its contact's address."""
    plain = (
        re.sub(r"[<>\x00-\x1f]", " ", text).strip() for text in (general.producteur, general.contact.courriel or "")
    )
    return "{} <{}>".format(*plain)
