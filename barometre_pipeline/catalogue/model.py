"""What a catalogue holds: pydantic models of the files that people edit.

Each model refuses unknown keys (they are typing mistakes). Rules that need several files at once
(an indicator's policy, a territory's parent) are in `rules`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAILLES = ("nationale", "regionale", "departementale")
FORMATS = ("csv", "xlsx", "xls", "ods", "json", "parquet")
COLUMNS_OF = {
    "valeurs": ("indicateur", "maille", "territoire", "libelle", "zone", "date", "valeur"),
    "objectifs": (
        "indicateur",
        "maille",
        "territoire",
        "libelle",
        "zone",
        "valeur_initiale",
        "date_valeur_initiale",
        "cible",
        "date_cible",
        "date_arret",
        "date_reference",
    ),
}
_EXTENSIONS = {"tsv": "csv", "txt": "csv", "geojson": "json", "xlsm": "xlsx"} | {f: f for f in FORMATS}

Maille = Literal["nationale", "regionale", "departementale"]


def _portable_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", text):
        raise ValueError("only letters without accents, digits, '-', '_' and '.', as it names files and assets")
    return text


def _edition(text: str) -> str:
    if not re.fullmatch(r"\d{4}-T[1-4]", text):
        raise ValueError("an edition is written as in 2022-T1")
    return text


def _as_text(value: Any) -> Any:
    """YAML reads an unquoted 01 or 75 as a number; an identifier is text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_character(text: str) -> str:
    if len(text) != 1:
        raise ValueError("one character is needed")
    return text


Name = Annotated[str, AfterValidator(_portable_name)]
Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
EditionName = Annotated[str, AfterValidator(_edition)]
Character = Annotated[str, AfterValidator(_one_character)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Licence(Strict):
    id: Text
    libelle: Text
    url: str | None = None


class Contact(Strict):
    nom: Text
    courriel: str | None = None


class General(Strict):
    """`catalogue.yaml`: what the barometer is called, who produces it."""

    titre: Text
    prefixe: Name
    jeu_de_donnees: Text
    producteur: Text
    licence: Licence
    contact: Contact
    date_plancher: dt.date = dt.date(2000, 1, 1)


class Secteur(Strict):
    id: Text
    libelle: Text
    dossier: Name
    prefixe: Name


class Territoire(Strict):
    maille: Maille
    code: Name
    libelle: Text
    parent: str | None = None
    zone_id: str | None = None


class Metadonnees(Strict):
    frequence: str | None = None
    couverture_temporelle: str | None = None
    couverture_spatiale: str | None = None
    granularite: str | None = None
    nature: str | None = None


class Indicateur(Strict):
    """One indicator of a policy; `unite`, `sens` and `lecture` say how its series is read."""

    id: Name
    libelle: Text
    unite: Text
    sens: Literal["hausse", "baisse"]
    lecture: Literal["derniere_valeur", "cumul_annuel"]
    # From the delivered series to the published one (methodology.md, 1 and 3).
    serie: Literal["telle_quelle", "cumul", "cumul_annuel", "decumul", "decumul_annuel"] = "telle_quelle"
    multiplicateur: float = 1.0
    premieres_valeurs_ecartees: int = Field(default=0, ge=0, le=2)
    premiere_date: dt.date | None = None
    mailles: tuple[Maille, ...] | None = Field(default=None, min_length=1)
    agregation_territoriale: Literal["somme", "moyenne_ponderee", "ratio"] | None = None
    poids: Name | None = None
    recopie_maille_superieure: bool = False
    arrondi: int | None = Field(default=None, ge=0, le=6)
    periode: Literal["mois", "trimestre", "semestre", "annee"] | None = None
    # What the objectives may leave to the indicator.
    date_initiale: dt.date | None = None
    valeur_initiale_nulle: bool = False
    date_arret: dt.date | None = None
    date_reference: dt.date | None = None
    date_cible: dt.date | None = None
    # For the checks.
    bornes: tuple[float, float] | None = None
    tolerance_somme: float | None = Field(default=None, ge=0)
    # Documentation.
    description: str | None = None
    production: str | None = None
    metadonnees: Metadonnees | None = None
    lexique: dict[str, str] | None = None
    contact: str | Contact | None = None

    @model_validator(mode="after")
    def _weights(self) -> Indicateur:
        weighted = self.agregation_territoriale in ("moyenne_ponderee", "ratio")
        if weighted and not self.poids:
            raise ValueError(
                f"agregation_territoriale: {self.agregation_territoriale} needs poids, the indicator that weighs"
            )
        if self.poids and not weighted:
            raise ValueError("poids serves only agregation_territoriale: moyenne_ponderee or ratio")
        if self.bornes and self.bornes[0] >= self.bornes[1]:
            raise ValueError("bornes: the lower bound comes first, as in [0, 100]")
        return self


class Mesure(Strict):
    """One policy, a file of `mesures/`: its indicators in the order in which they are published."""

    id: Text
    libelle: Text
    secteur: Text
    ordre: int
    description: str | None = None
    indicateurs: tuple[Indicateur, ...] = Field(min_length=1)


class Datagouv(Strict):
    """Where a delivery is on data.gouv.fr: a dataset, and one resource or those whose title matches."""

    jeu: Text
    ressource: Text | None = None
    ressources: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Datagouv:
        if (self.ressource is None) == (self.ressources is None):
            raise ValueError("ressource (a title or an id) or ressources (a regular expression), one of the two")
        if self.ressources is not None:
            try:
                re.compile(self.ressources)
            except re.error as error:
                raise ValueError(f"ressources: {self.ressources!r} is not a regular expression ({error})") from None
        return self


class Livraison(Strict):
    """One delivery: where its file is, how it is written, which column holds what."""

    id: Name
    contenu: Literal["valeurs", "objectifs"]
    ministere: Text
    url: Text | None = None
    datagouv: Datagouv | None = None
    tolerance: Literal["derniere_valide"] | None = None
    taille_maximale: int | None = Field(default=None, gt=0)  # bytes
    rejets_toleres: int = Field(default=0, ge=0)  # rejected rows that do not stop the publication
    format: Literal["csv", "xlsx", "xls", "ods", "json", "parquet"] | None = None
    fichier: Text | None = None
    encodage: str | None = None
    separateur: Character = ","
    decimale: Literal[".", ","] = "."
    format_date: str | None = None
    manquants: tuple[Text, ...] = ()
    feuille: Text | None = None
    feuilles: dict[str, Maille] | None = None
    feuilles_indicateur: dict[str, Name] | None = None
    ligne_entete: int | None = Field(default=None, ge=1)
    racine: str | None = None
    disposition: Literal["longue", "large"] = "longue"
    entetes: Literal["date", "indicateur"] | None = None
    colonnes: dict[str, Text]
    indicateur: Name | None = None
    maille: Maille | None = None
    valeurs_maille: dict[Annotated[str, BeforeValidator(_as_text)], Maille] = {}

    @model_validator(mode="after")
    def _coherent(self) -> Livraison:
        problems = list(_delivery_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def file_format(self) -> str:
        """Return the declared format, or the one that the file's name tells ('' where it tells none)."""
        if self.format:
            return self.format
        name = self.fichier or self.url or (self.datagouv.ressource if self.datagouv else None) or ""
        return _EXTENSIONS.get(name.split("?")[0].rsplit(".", 1)[-1].lower(), "")


def _delivery_problems(d: Livraison):
    if (d.url is None) == (d.datagouv is None):
        yield "where is it? give url or datagouv, one of the two"
    if not d.file_format:
        yield f"format: the name does not tell it; give one of {', '.join(FORMATS)}"
    if d.encodage:
        try:
            "".encode(d.encodage)
        except LookupError:
            yield f"encodage: {d.encodage!r} is not an encoding (utf-8, cp1252, utf-16…)"
    unknown = sorted(set(d.colonnes) - set(COLUMNS_OF[d.contenu]))
    if unknown:
        yield f"colonnes: {', '.join(unknown)} is not one of {', '.join(COLUMNS_OF[d.contenu])}"
    sheets = [k for k in ("feuille", "feuilles", "feuilles_indicateur") if getattr(d, k) is not None]
    if len(sheets) > 1:
        yield f"{' and '.join(sheets)} exclude one another"
    if sheets and d.file_format not in ("xlsx", "xls", "ods"):
        yield f"{sheets[0]}: a {d.file_format} file has no sheets"
    if d.racine and d.file_format != "json":
        yield "racine: only a json file has one"
    yield from _shape_problems(d)


def _shape_problems(d: Livraison):
    wide = d.disposition == "large"
    if wide and d.contenu == "objectifs":
        yield "disposition: objectifs are always longue"
    if wide and d.entetes is None:
        yield "entetes: a large file needs date or indicateur"
    if not wide and d.entetes:
        yield "entetes: only a large file has it (disposition: large)"
    in_headings = d.entetes if wide else None
    if d.contenu == "valeurs":
        if in_headings != "date" and "date" not in d.colonnes:
            yield "colonnes: which one holds the date?"
        if not wide and "valeur" not in d.colonnes:
            yield "colonnes: which one holds the valeur?"
        if wide and "valeur" in d.colonnes:
            yield "colonnes: a large file has no valeur column"
    elif not {"valeur_initiale", "cible"} & set(d.colonnes):
        yield "colonnes: which one holds valeur_initiale or cible?"
    if not (in_headings == "indicateur" or "indicateur" in d.colonnes or d.indicateur or d.feuilles_indicateur):
        yield "which indicator? give indicateur, colonnes.indicateur or feuilles_indicateur"
    if (
        not {"territoire", "libelle", "zone"} & set(d.colonnes)
        and d.maille != "nationale"
        and not (d.feuilles and set(d.feuilles.values()) == {"nationale"})
    ):
        yield "which territory? give colonnes.territoire, colonnes.libelle or colonnes.zone"
    if "zone" not in d.colonnes and not ("maille" in d.colonnes or d.maille or d.feuilles):
        yield "which maille? give maille, colonnes.maille or feuilles"


class Exception_(Strict):  # noqa: N801 - `Exception` is Python's
    """A deviation that is known and accepted, until an edition."""

    regle: Text
    indicateur: Name
    maille: Maille | None = None
    territoire: Annotated[str | None, BeforeValidator(_as_text)] = None
    date: dt.date | None = None
    motif: Text
    jusqu_a: EditionName


class Correction(Strict):
    """A delivered value known to be wrong: what is expected there, and the right one (None removes it)."""

    indicateur: Name
    maille: Maille
    territoire: Annotated[str, BeforeValidator(_as_text)]
    date: dt.date
    attendu: float
    valeur: float | None
    motif: Text
    reference: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """A whole catalogue, valid: every reference between its files holds."""

    general: General
    secteurs: tuple[Secteur, ...]
    territoires: tuple[Territoire, ...]
    mesures: tuple[Mesure, ...]
    livraisons: tuple[Livraison, ...]
    exceptions: tuple[Exception_, ...] = ()
    corrections: tuple[Correction, ...] = ()
    version: str = field(default="", compare=False)  # sha256 of its files

    @cached_property
    def indicateurs(self) -> dict[str, Indicateur]:
        """Return the indicators by id, in the order of publication."""
        ordered = sorted(self.mesures, key=lambda m: (m.ordre, m.id))
        return {i.id: i for m in ordered for i in m.indicateurs}

    def livraison(self, id_: str) -> Livraison:
        """Return the delivery of this id; KeyError where there is none."""
        return {d.id: d for d in self.livraisons}[id_]
