"""Where a run works, and what it was told: the home and its folders, and every setting of the project, read once.

The command line's options are settings too, and are put back into the environment for the processes that Dagster
starts: a run from the UI and a run from a terminal have the same settings. What each setting must be is in
`setting_rules`. The `${VARIABLE}` of the catalogue's addresses are no settings: see `resources.secrets`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    SettingsConfigDict,
)
from pydantic_settings import PydanticBaseSettingsSource as Source

from barometre_pipeline import setting_rules as rules
from barometre_pipeline.catalogue import DEFAULT_CATALOGUE
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError

DOTENV = ".env"
PORTAL = "https://www.data.gouv.fr"


@dataclass(frozen=True)
class BuildFolder:
    """The folder of what an edition is built into; each property names one part of it, or what tells of it."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """Return the DuckDB file of the edition."""
        return self.root / "edition.duckdb"

    @property
    def taken(self) -> Path:
        """Return the mark, in a build under way, that the one in place is taken as it is."""
        return self.root / "reprise.txt"

    @property
    def reading(self) -> Path:
        """Return the folder of what was read and is not in the warehouse yet; there is none afterwards."""
        return self.root / "lecture"

    @property
    def files(self) -> Path:
        """Return the tree of the edition's files, ready to be published."""
        return self.root / "publication"

    @property
    def parquet(self) -> Path:
        """Return the folder of the edition's Parquet files, for the portal."""
        return self.root / "parquet"

    @property
    def report(self) -> Path:
        """Return the folder of the quality report, as the gate wrote it."""
        return self.root / "rapport"

    @property
    def facts(self) -> Path:
        """Return the facts of the quality report, which stand for it."""
        return self.report / "rapport.json"

    @property
    def record(self) -> Path:
        """Return the record of the build: what it holds, what it was made from."""
        return self.root / "construction.json"

    @property
    def journal(self) -> Path:
        """Return the journal of what happened to the build since: commit, tag, portal."""
        return self.root / "publication.json"


@dataclass(frozen=True)
class Home:
    """The folder where everything lives; each method names one place in it."""

    root: Path

    def deliveries(self, edition: Edition) -> Path:
        """Return the folder of an edition's files as received, one subfolder a delivery."""
        return self.root / "livraisons" / str(edition)

    def editions_before(self, edition: Edition) -> list[Edition]:
        """Return the earlier editions that have received or built files here, the latest first."""
        names = {p.name for folder in ("livraisons", "editions") for p in (self.root / folder).glob("*") if p.is_dir()}
        return sorted((e for e in map(_edition_named, names) if e and e < edition), reverse=True)

    def demonstration(self, edition: Edition) -> Path:
        """Return the folder of the fictitious deliveries of an edition."""
        return self.root / "demonstration" / str(edition)

    def build(self, edition: Edition) -> BuildFolder:
        """Return the last whole build of an edition."""
        return BuildFolder(self.root / "editions" / str(edition))

    def building(self, edition: Edition) -> BuildFolder:
        """Return the build under way of an edition, which takes the place of the last one when it is whole."""
        return BuildFolder(self.root / "editions" / f".{edition}.en-cours")

    def report(self, edition: Edition) -> Path:
        """Return the folder of an edition's last quality report, whether the edition passed or not."""
        return self.root / "rapports" / str(edition)

    @property
    def warehouse(self) -> Path:
        """Return the analysts' snapshot, replaced whole by rename."""
        return self.root / "entrepot" / "barometre.duckdb"

    @property
    def publication(self) -> Path:
        """Return the clone of the depot, at what was last published."""
        return self.root / "publication"

    @property
    def default_depot(self) -> Path:
        """Return the bare repository that stands for the depot where none is given."""
        return self.root / "depot.git"

    @property
    def portal(self) -> Path:
        """Return the folder of what was sent to data.gouv.fr, kept from one edition to the next."""
        return self.root / "portail"

    @property
    def dagster(self) -> Path:
        """Return DAGSTER_HOME."""
        return self.root / "dagster"


def _edition_named(name: str) -> Edition | None:
    """Return the edition of a folder, None where its name is that of no edition: it is somebody else's."""
    try:
        return Edition.parse(name)
    except UsageError:
        return None


def _rule(rule: Callable[[str], str]) -> AfterValidator:
    """Hold a text to a rule; where there is none, there is nothing to hold."""
    return AfterValidator(lambda text: text if text is None else rule(text))


def _home(given: object) -> Home:
    return given if isinstance(given, Home) else Home(Path(str(given)).absolute())


class Settings(BaseSettings):
    """Every setting: the option where there is one, else the environment, else the file `.env`, else the default.

    Secrets are of a type that never prints. `sources` is None for the demonstration deliveries.
    """

    model_config = SettingsConfigDict(
        frozen=True, populate_by_name=True, case_sensitive=True, env_ignore_empty=True, extra="ignore"
    )

    home: Annotated[Home, NoDecode, BeforeValidator(_home)] = Field(
        "var", alias="BAROMETRE_HOME", validate_default=True, description="Where everything lives."
    )
    catalogue: Annotated[Path, AfterValidator(Path.absolute), AfterValidator(rules.folder)] = Field(
        DEFAULT_CATALOGUE,
        alias="BAROMETRE_CATALOGUE",
        description="What is measured and where the files are; {edition} in it may stand for the edition. Default: the "
        "package's own.",
    )
    sources: Annotated[str | None, _rule(rules.address)] = Field(
        None,
        alias="BAROMETRE_SOURCES",
        description="Folder, file:// or http(s):// base of relative delivery URLs; {edition} in it may stand for the "
        "edition. Default: demonstration deliveries.",
    )
    depot: Annotated[str | None, _rule(rules.depot)] = Field(
        None,
        alias="BAROMETRE_DEPOT",
        description="Git repository to publish to, a path or a URL. Default: a bare repository in the home.",
    )
    wait: Annotated[float, BeforeValidator(rules.seconds)] = Field(
        0.0, alias="BAROMETRE_ATTENTE", description="Seconds to wait for another run in the same home."
    )
    git_branche: Annotated[str | None, _rule(rules.branch)] = Field(
        None, alias="BAROMETRE_GIT_BRANCHE", description="Branch to publish to. Default: the depot's own."
    )
    git_branche_revue: Annotated[str | None, _rule(rules.branch)] = Field(
        None, alias="BAROMETRE_GIT_BRANCHE_REVUE", description="Branch to push instead, for a review before merging."
    )
    git_auteur: Annotated[str, _rule(rules.author)] = Field(
        "Baromètre des résultats <barometre@localhost>",
        alias="BAROMETRE_GIT_AUTEUR",
        description="Author of the commits: Name <mail>.",
    )
    git_message: Annotated[str, _rule(rules.message)] = Field(
        "Édition {edition} : {modifies} fichiers modifiés, {ajoutes} ajoutés, {supprimes} supprimés "
        "({fichiers} en tout)",
        alias="BAROMETRE_GIT_MESSAGE",
        description="Message of the commits, with fields such as {edition} and {fichiers}.",
    )
    git_utilisateur: str | None = Field(
        None, alias="BAROMETRE_GIT_UTILISATEUR", description="User name for an https depot."
    )
    git_jeton: SecretStr | None = Field(None, alias="BAROMETRE_GIT_JETON", description="Token for an https depot.")
    datagouv_api_key: SecretStr | None = Field(
        None, alias="DATAGOUV_API_KEY", description="The portal's key; without it nothing is sent there."
    )
    datagouv_jeu: str | None = Field(
        None, alias="DATAGOUV_JEU", validate_default=True, description="The dataset's id or slug."
    )
    datagouv_url: Annotated[str, _rule(rules.portal_address)] = Field(
        PORTAL, alias="DATAGOUV_URL", description="The portal to publish to."
    )
    datagouv_source: Annotated[str | None, _rule(rules.read_address)] = Field(
        None,
        alias="BAROMETRE_DATAGOUV_URL",
        description="The portal that deliveries are fetched from. Default: the one to publish to.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        env_settings: Source,
        dotenv_settings: Source,
        file_secret_settings: Source,
    ) -> tuple[Source, ...]:
        """Say where settings come from, the first one that has it wins: what is given, the environment, the file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _dotenv(cls, Path(DOTENV)))

    @field_validator("datagouv_api_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        stripped = value.get_secret_value().strip() if value else ""
        return SecretStr(rules.key(stripped)) if stripped else None

    @field_validator("datagouv_jeu")
    @classmethod
    def _goes_with_the_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        value = (value or "").strip() or None
        if info.data.get("datagouv_api_key") and not value:
            raise ValueError(
                "is not set, and DATAGOUV_API_KEY is: give the id or the slug of the dataset to publish to, or unset "
                "the key to send nothing."
            )
        return value

    @classmethod
    def read(cls, options: Mapping[str, object] | None = None) -> Settings:
        """Read the settings, with `options` by field as the command line has them; UsageError tells all that is wrong.

        A home or a catalogue that is a relative path is below the working folder.
        """
        try:
            return cls(**_given(options))
        except ValidationError as error:
            raise UsageError("\n".join(_told(cls, one) for one in error.errors())) from None

    @property
    def portal_read(self) -> str:
        """Return the address of the portal that deliveries are fetched from."""
        return self.datagouv_source or self.datagouv_url

    @property
    def secret_values(self) -> tuple[str, ...]:
        """Return the values that nobody may see, for the one scrubber."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))

    def export(self) -> None:
        """Put the command line's settings into the environment, where the processes of Dagster find them."""
        given: dict[str, object] = {"BAROMETRE_HOME": self.home.root, "BAROMETRE_CATALOGUE": self.catalogue}
        given |= {"BAROMETRE_SOURCES": self.sources, "BAROMETRE_DEPOT": self.depot, "BAROMETRE_ATTENTE": self.wait}
        os.environ.update({name: str(value) for name, value in given.items() if value})


@dataclass(frozen=True)
class Shown:
    """A setting as people see it: its variable, its value (a secret is masked), and where that comes from."""

    nom: str
    valeur: str
    origine: str  # option, environnement, fichier or defaut
    secret: bool


def shown_settings(settings: Settings, options: Mapping[str, object] | None = None) -> Iterator[Shown]:
    """Yield every setting, in the order of their fields."""
    file, given = _dotenv(type(settings), Path(DOTENV)), _given(options)
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        value = value.root if isinstance(value, Home) else value
        variable = _variable(type(settings), name)
        places = {"option": name in given, "environnement": os.environ.get(variable), "fichier": variable in file}
        origin = next((place for place, there in places.items() if there), "defaut")
        yield Shown(variable, "" if value is None else str(value), origin, "SecretStr" in str(field.annotation))


def _given(options: Mapping[str, object] | None) -> dict[str, Any]:
    return {name: value for name, value in (options or {}).items() if value not in (None, "")}


def _variable(cls: type[Settings], name: str) -> str:
    """Return the variable of a field: each has one."""
    return cls.model_fields[name].alias or name


def _dotenv(cls: type[Settings], path: Path) -> dict[str, str]:
    """Return the settings that a file gives, by variable; they are taken as written, as `${VARIABLE}` is no setting."""
    if not path.exists():
        return {}
    try:
        found = dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path.absolute()} cannot be read ({error}): write a line VARIABLE=value for each.") from None
    variables = (_variable(cls, name) for name in cls.model_fields)
    return {variable: value for variable in variables if (value := found.get(variable))}


def _told(cls: type[Settings], error: Any) -> str:
    name, cause = str(error["loc"][0]), error.get("ctx", {}).get("error")
    variable = _variable(cls, name) if name in cls.model_fields else name
    return f"{variable} {cause}" if cause else f"{variable} is not valid: {error['msg']}."
