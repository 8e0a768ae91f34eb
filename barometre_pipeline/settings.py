"""What a run was told: every setting of the project, read once.

The command line's options are settings too, and are put back into the environment for the processes that Dagster
starts: a run from the UI and a run from a terminal have the same settings. What each setting must be is in
`setting_rules`, where each one comes from in `setting_origins`. The `${VARIABLE}` of the catalogue's addresses are no
settings: see `resources.secrets`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
from barometre_pipeline.errors import UsageError
from barometre_pipeline.home import Home

DOTENV = ".env"
PORTAL = "https://www.data.gouv.fr"


def _rule(rule: Callable[[str], str]) -> AfterValidator:
    """Hold a text to a rule; where there is none, there is nothing to hold."""
    return AfterValidator(lambda text: text if text is None else rule(text))


_expanded = AfterValidator(lambda path: path and path.expanduser().absolute())


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
        "var", alias="BAROMETRE_HOME", validate_default=True, description="Where everything lives. Default: ./var."
    )
    nom: Annotated[str | None, _rule(rules.short_name)] = Field(
        None,
        alias="BAROMETRE_NOM",
        description="Short name of this barometer among several of one Dagster instance: its assets are below it, its "
        "code location has it. Default: it is alone there, or the first.",
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
        description="Folder, or file://, http(s)://, s3://, gs:// or sftp:// base of relative delivery URLs; {edition} "
        "in it may stand for the edition. Default: demonstration deliveries.",
    )
    engine: Annotated[str, _rule(rules.engine)] = Field(
        rules.DUCKDB,
        alias="BAROMETRE_ENGINE",
        description="Where the SQL models run: duckdb, or an address of Apache Spark such as local[*], "
        "spark://host:7077 or sc://host:15002, whose workers share BAROMETRE_SPARK_DOSSIER.",
    )
    spark_dossier: Annotated[str | None, _rule(rules.shared_folder)] = Field(
        None,
        alias="BAROMETRE_SPARK_DOSSIER",
        description="Folder, or file://, s3:// or gs:// address, where Spark and this machine exchange tables: both "
        "read and write there. One for each home. Default: spark in the home.",
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
    git_branche_site: Annotated[str | None, _rule(rules.branch)] = Field(
        None,
        alias="BAROMETRE_GIT_BRANCHE_SITE",
        description="Branch that has the site at its root, as gh-pages. Default: none.",
    )
    git_auteur: Annotated[str | None, _rule(rules.author)] = Field(
        None,
        alias="BAROMETRE_GIT_AUTEUR",
        description="Author of the commits: Name <mail>. Default: the catalogue's producer and contact.",
    )
    git_message: Annotated[str, _rule(rules.message)] = Field(
        "Édition {edition} : {indicateurs} indicateurs mis à jour\n\nValeurs : {valeurs_ajoutees} ajoutées, "
        "{valeurs_revisees} révisées, {valeurs_retirees} retirées. Cibles déplacées : {cibles_deplacees}.\n"
        "Livraisons en retard : {retards}. Alertes : {alertes}.",
        alias="BAROMETRE_GIT_MESSAGE",
        description="Message of the commits, with fields such as {edition} and {fichiers}.",
    )
    git_utilisateur: str | None = Field(
        None, alias="BAROMETRE_GIT_UTILISATEUR", description="User name for an https depot."
    )
    git_jeton: SecretStr | None = Field(None, alias="BAROMETRE_GIT_JETON", description="Token for an https depot.")
    git_zip: Annotated[bool, BeforeValidator(rules.yes)] = Field(
        True, alias="BAROMETRE_GIT_ZIP", description="non: the zip of all data files is for the portal alone."
    )
    datagouv_jeu: str | None = Field(None, alias="DATAGOUV_JEU", description="The dataset's id or slug.")
    datagouv_api_key: SecretStr | None = Field(
        None, alias="DATAGOUV_API_KEY", description="The portal's key; without it nothing is sent there."
    )
    datagouv_url: Annotated[str, _rule(rules.portal_address)] = Field(
        PORTAL, alias="DATAGOUV_URL", description="The portal to publish to."
    )
    datagouv_source: Annotated[str | None, _rule(rules.read_address)] = Field(
        None,
        alias="BAROMETRE_DATAGOUV_URL",
        description="The portal that deliveries are fetched from. Default: the one to publish to.",
    )

    alertes_smtp: Annotated[str | None, _rule(rules.mail_server)] = Field(
        None, alias="BAROMETRE_ALERTES_SMTP", description="Server that sends alerts: smtp[s]://user@host:port."
    )
    alertes_smtp_mot_de_passe: SecretStr | None = Field(
        None, alias="BAROMETRE_ALERTES_SMTP_MOT_DE_PASSE", description="Password of that server's user."
    )
    alertes_expediteur: Annotated[str | None, _rule(rules.mail_addresses)] = Field(
        None, alias="BAROMETRE_ALERTES_EXPEDITEUR", description="Sender of alerts. Default: the first recipient."
    )
    alertes_destinataires: Annotated[str | None, _rule(rules.mail_addresses)] = Field(
        None, alias="BAROMETRE_ALERTES_DESTINATAIRES", description="Who receives alerts: addresses with commas between."
    )
    alertes_webhook: SecretStr | None = Field(
        None,
        alias="BAROMETRE_ALERTES_WEBHOOK",
        description="Address that takes alerts in JSON, as Slack's, Mattermost's and Tchap's bots do.",
    )
    alertes_lien: Annotated[str | None, _rule(rules.read_address)] = Field(
        None, alias="BAROMETRE_ALERTES_LIEN", description="Address of the Dagster UI, for the links of alerts."
    )
    alertes_battement: Annotated[str | None, _rule(rules.heartbeat)] = Field(
        None,
        alias="BAROMETRE_ALERTES_BATTEMENT",
        description="File written, or address asked, at each minute that the daemon lives.",
    )
    rapports_lien: Annotated[str | None, _rule(rules.read_address)] = Field(
        None,
        alias="BAROMETRE_RAPPORTS_LIEN",
        description="Address where the folder `rapports` of the home is served, for the links to the quality reports.",
    )

    calendrier: Annotated[str | None, _rule(rules.day_and_time)] = Field(
        None,
        alias="BAROMETRE_CALENDRIER",
        description="Day of the month after the quarter, and time in Paris, at which the edition is made, as in "
        "15 06:00: the schedule is then on. Default: it is off.",
    )
    veille: Annotated[bool, BeforeValidator(rules.yes)] = Field(
        False,
        alias="BAROMETRE_VEILLE",
        description="oui: each day, what changed at the deliveries' addresses is read again, without publishing, and "
        "each delivery's freshness is judged.",
    )
    code: Annotated[str, _rule(rules.code_servers)] = Field(
        "127.0.0.1:4266",
        alias="BAROMETRE_CODE",
        description="Where the code is served, HOST:PORT; that of other barometers after it, as in "
        "HOST:PORT,lyon=HOST:PORT.",
    )
    dagster_home: Annotated[Path | None, _expanded] = Field(
        None, alias="DAGSTER_HOME", description="Folder of the Dagster instance. Default: dagster in the home."
    )
    postgres: SecretStr | None = Field(
        None,
        alias="BAROMETRE_POSTGRES",
        description="Database of Dagster's history: postgresql://user:password@host/base. Default: files of SQLite.",
    )
    historique_jours: Annotated[int, BeforeValidator(rules.days)] = Field(
        400, alias="BAROMETRE_HISTORIQUE_JOURS", description="Days for which Dagster keeps a run; 0: for ever."
    )

    sftp_hotes: Annotated[Path | None, _expanded] = Field(
        None,
        alias="BAROMETRE_SFTP_HOTES",
        description="File of the keys of known SFTP servers. Default: ~/.ssh/known_hosts.",
    )
    sftp_cle: Annotated[Path | None, _expanded] = Field(
        None,
        alias="BAROMETRE_SFTP_CLE",
        description="Private key for SFTP servers. Default: those of the agent and of ~/.ssh.",
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
        found = dotenv_variables()
        named = {variable: found[variable] for variable in map(cls.variable, cls.model_fields) if variable in found}
        return init_settings, env_settings, InitSettingsSource(settings_cls, named)

    @field_validator("datagouv_jeu")
    @classmethod
    def _stripped(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    @field_validator("datagouv_api_key")
    @classmethod
    def _goes_with_a_dataset(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        stripped = value.get_secret_value().strip() if value else ""
        key = SecretStr(rules.key(stripped)) if stripped else None
        if key and not info.data.get("datagouv_jeu"):
            raise ValueError(
                "is set, and DATAGOUV_JEU is not: give there the id or the slug of the dataset to publish to, or unset "
                "the key to send nothing."
            )
        return key

    @field_validator("alertes_webhook")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            rules.webhook(value.get_secret_value())
        return value

    @field_validator("postgres")
    @classmethod
    def _names_its_driver(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(rules.postgres(value.get_secret_value()))

    @classmethod
    def read(cls, options: Mapping[str, object] | None = None) -> Settings:
        """Read the settings, with `options` by field as the command line has them; UsageError tells all that is wrong.

        A home or a catalogue that is a relative path is below the working folder.
        """
        settings, problems = cls.read_what_is_right(options)
        if problems:
            raise UsageError("\n".join(problems.values()))
        return settings

    @classmethod
    def read_what_is_right(cls, options: Mapping[str, object] | None = None) -> tuple[Settings, dict[str, str]]:
        """Read the settings, the default standing for each wrong one; return them, and a sentence by wrong field."""
        given: dict[str, Any] = {name: value for name, value in (options or {}).items() if value is not None}
        # As where a shell variable that is not set stands for the value: no default is what was wanted.
        problems = {
            name: f"--{name} is empty: give a value, or leave the option out."
            for name, value in given.items()
            if not str(value).strip()
        }
        given |= {name: cls.model_fields[name].default for name in problems}
        try:
            return cls(**given), problems
        except ValidationError as error:
            problems |= dict(_told(cls, one) for one in error.errors())
        return cls(**given | {name: cls.model_fields[name].default for name in problems}), problems

    @classmethod
    def variable(cls, name: str) -> str:
        """Return the variable of a field: each has one."""
        return cls.model_fields[name].alias or name

    @property
    def instance(self) -> Path:
        """Return the folder of the Dagster instance: the operator's own, else that of the home."""
        return self.dagster_home or self.home.dagster

    @property
    def location(self) -> str:
        """Return the name of this barometer's code location in Dagster."""
        return self.nom or rules.LOCATION

    @property
    def postgres_address(self) -> str | None:
        """Return the address of the database of Dagster's history, None where files of SQLite keep it."""
        return self.postgres.get_secret_value() if self.postgres else None

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
        given |= {"BAROMETRE_ENGINE": self.engine, "BAROMETRE_NOM": self.nom}
        # Dagster reads it there, with its driver in it.
        given["BAROMETRE_POSTGRES"] = self.postgres_address
        os.environ.update({name: str(value) for name, value in given.items() if value})


def dotenv_variables() -> dict[str, str]:
    """Return what the file `.env` of the working folder gives, as it is written: `${VARIABLE}` is no setting."""
    path = Path(DOTENV)
    if not path.exists():
        return {}
    try:
        found = dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path.absolute()} cannot be read ({error}): write a line VARIABLE=value for each.") from None
    return {variable: value for variable, value in found.items() if value}


def _told(cls: type[Settings], error: Any) -> tuple[str, str]:
    """Return the field that is wrong, and the sentence; pydantic calls it as whoever gave it does."""
    called, cause = str(error["loc"][0]), error.get("ctx", {}).get("error")
    name = next(name for name in cls.model_fields if called in (name, cls.variable(name)))
    return name, f"{cls.variable(name)} {cause}" if cause else f"{cls.variable(name)} is not valid: {error['msg']}."
