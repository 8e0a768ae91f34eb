"""What an operator may choose about the publication to git, read from the environment.

Credentials are not among them: see `resources.git_command`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from barometre_pipeline.errors import UsageError
from barometre_pipeline.publish.depot.repository import check_branch_name

_AUTHOR = re.compile(r"[^<>\n]*[^<>\s][^<>\n]* <[^<>\s]+@[^<>\s]+>")
_DEFAULT_AUTHOR = "Baromètre des résultats <barometre@localhost>"
_DEFAULT_MESSAGE = (
    "Édition {edition} : {modifies} fichiers modifiés, {ajoutes} ajoutés, {supprimes} supprimés ({fichiers} en tout)"
)


@dataclass(frozen=True)
class GitOptions:
    """`branche` None: the depot's default one; `branche_revue`: pushed instead, for a review before merging."""

    branche: str | None = None
    branche_revue: str | None = None
    auteur: str = _DEFAULT_AUTHOR
    message: str = _DEFAULT_MESSAGE

    def __post_init__(self) -> None:
        for name in filter(None, (self.branche, self.branche_revue)):
            if not check_branch_name(name):
                raise UsageError(f"{name!r} is not the name of a git branch: write it as in main or revue/barometre.")
        if not _AUTHOR.fullmatch(self.auteur):
            raise UsageError(f"BAROMETRE_GIT_AUTEUR is {self.auteur!r}: write it as in « Nom <courriel@exemple.fr> ».")

    @classmethod
    def from_environment(cls) -> GitOptions:
        """Read BAROMETRE_GIT_BRANCHE, _BRANCHE_REVUE, _AUTEUR and _MESSAGE; UsageError when one is wrong."""
        return cls(
            branche=os.environ.get("BAROMETRE_GIT_BRANCHE") or None,
            branche_revue=os.environ.get("BAROMETRE_GIT_BRANCHE_REVUE") or None,
            auteur=os.environ.get("BAROMETRE_GIT_AUTEUR") or _DEFAULT_AUTHOR,
            message=os.environ.get("BAROMETRE_GIT_MESSAGE") or _DEFAULT_MESSAGE,
        )

    def written_message(self, figures: Mapping[str, object]) -> str:
        """Fill the message's {fields} with figures; UsageError names a field that there is not."""
        try:
            fields = [name for _, name, _, _ in Formatter().parse(self.message) if name is not None]
        except ValueError as error:
            raise UsageError(
                f"BAROMETRE_GIT_MESSAGE cannot be read ({error}): fields are written {{edition}}."
            ) from None
        unknown = [name for name in fields if name not in figures]
        if unknown:
            raise UsageError(
                f"BAROMETRE_GIT_MESSAGE has the field {{{unknown[0]}}}: the fields are {', '.join(sorted(figures))}."
            )
        return self.message.format_map(figures).strip()
