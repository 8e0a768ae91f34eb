"""What the files of `livraisons/` say of a delivery: where it is, how it is written, which column holds what.

Each model refuses unknown keys (they are typing mistakes). What a delivery says of levels and indicators is held
against the other files in `delivery_rules`; how it is read is in `readers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from barometre_pipeline.catalogue.api_keys import ApiKeys, api_problems
from barometre_pipeline.catalogue.cell_keys import CellKeys, cell_problems
from barometre_pipeline.catalogue.commitment_keys import COLUMNS_OF_COMMITMENTS, CommitmentKeys, commitment_problems
from barometre_pipeline.catalogue.words import Word, listed, pattern_problem, twice
from barometre_pipeline.documents.sentences import RefusedKeysError
from barometre_pipeline.editions import Edition
from barometre_pipeline.fields import Label, Mail, Name, Strict, Text, as_text
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.gzip_files import inner_name
from barometre_pipeline.formats.sources import Address
from barometre_pipeline.placeholders import placeholder_in
from barometre_pipeline.resources.schemes import unread_scheme

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
    "explications": ("indicateur", "maille", "territoire", "libelle", "zone", "date_cible", "texte", "date", "lien"),
    **COLUMNS_OF_COMMITMENTS,
}
_OF_AN_EDITION = ("url", "datagouv", "fichier", "feuille", "requete")  # where placeholders are filled
# A service is asked by http; a relative url may turn out to be one.
_OF_A_SERVICE = re.compile(r"(?i)https?://|(?![a-z][a-z0-9+.-]*://)")
# The reasons why a row is kept aside, which `rejets_toleres` may allow one by one.
REJECT_RULES = ("valeur_illisible", "date_illisible", "territoire_inconnu", "valeurs_contradictoires")


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"must be {', '.join(FORMATS)}")
    return name


class Datagouv(Strict):
    """Where a delivery is on data.gouv.fr: a dataset, and one resource or those whose title matches."""

    jeu: Address
    ressource: Address | None = None
    ressources: Address | None = None
    choix: Literal["toutes", "derniere"] = "toutes"  # of those that match

    def at(self, edition: Edition) -> Datagouv:
        """Return the place as it is for an edition: without placeholders."""
        texts = {key: value for key, value in self if isinstance(value, str)}
        return self.model_copy(update={key: edition.fill(text) for key, text in texts.items()})

    @model_validator(mode="after")
    def _one_way(self) -> Datagouv:
        if (self.ressource is None) == (self.ressources is None):
            raise ValueError("ressource (a title or an id) or ressources (a regular expression), one of the two")
        if self.choix == "derniere" and self.ressources is None:
            raise ValueError("choix: only ressources are several")
        if self.ressources is not None and (problem := pattern_problem(self.ressources)):
            raise ValueError(f"ressources: {problem}")
        return self


class Ignorer(Strict):
    """What of a file is not followed: counted and told, where nothing else recognised it."""

    colonnes: tuple[Word, ...] = ()
    territoires: tuple[Word, ...] = ()
    indicateurs: tuple[Word, ...] = ()


def _one_or_several(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _by_reason(value: Any) -> Any:
    if isinstance(value, dict):
        unknown = [reason for reason in value if reason not in REJECT_RULES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a reason that can be allowed; they are {', '.join(REJECT_RULES)}")
    return value


Words_ = Annotated[tuple[Word, ...], BeforeValidator(_one_or_several), Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class Livraison(CellKeys, ApiKeys, CommitmentKeys):
    """One delivery: where its file is, how it is written, which column holds what."""

    contenu: Literal["valeurs", "objectifs", "explications", "engagements", "actions"]
    ministere: Label
    contact: Mail | None = None  # who is told that the delivery is late
    url: Address | None = None
    datagouv: Datagouv | None = None
    priorite: Literal["la_plus_recente"] | None = None  # of several files, the newer one's values hold
    tolerance: Literal["derniere_valide"] | None = None
    taille_maximale: int | None = Field(default=None, gt=0)  # bytes
    duree_maximale: int | None = Field(default=None, gt=0)  # seconds that reading it may take; else by its size
    # Rejected rows that do not stop the publication: in all, or by reason so that it hides nothing else.
    rejets_toleres: Annotated[Count | dict[str, Count], BeforeValidator(_by_reason)] = 0
    format: Annotated[str, AfterValidator(_known_format)] | None = None
    disposition: Literal["longue", "large"] = "longue"
    entetes: Literal["date", "indicateur"] | None = None
    colonnes: dict[str, Text | Annotated[tuple[Text, ...], Field(min_length=2)]]
    indicateur: Name | None = None
    maille: Name | None = None
    valeurs_maille: dict[Annotated[str, BeforeValidator(as_text)], Name] = Field(default_factory=dict)
    valeurs_indicateur: dict[Word, Name] = Field(default_factory=dict)
    valeurs_territoire: dict[Word, Text] = Field(default_factory=dict)  # a code, or maille/code
    filtre: dict[Text, Words_] = Field(default_factory=dict)  # a column, and the words of the rows that are kept
    ignorer: Ignorer = Ignorer()
    remplir: tuple[Text, ...] = ()  # columns where the value above holds
    cible_retenue: Literal["finale", "prochaine"] | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Livraison:
        problems = list(_delivery_problems(self))
        if problems:
            raise RefusedKeysError(problems)
        return self

    def at(self, edition: Edition) -> Livraison:
        """Return the delivery as it is for an edition: without placeholders."""
        own = {key: edition.fill(text) for key in ("url", "fichier", "feuille") if (text := getattr(self, key))}
        asked = {"datagouv": self.datagouv and self.datagouv.at(edition), "requete": self.requete.at(edition)}
        return self.model_copy(update={**own, **asked})

    @property
    def column_names(self) -> list[str]:
        """Return the headings that the catalogue names."""
        named = [name for names in self.columns.values() for name in names]
        return list(dict.fromkeys([*named, *self.filtre, *self.remplir]))

    @property
    def reads_untitled(self) -> bool:
        """Tell whether what stands under no heading is looked at."""
        return listed(self.ignorer.colonnes).get("") is None

    @property
    def file_format(self) -> str:
        """Return the declared format, or the one that the file's name tells ('' where it tells none)."""
        if self.format:
            return self.format
        name = self.fichier or self.url or (self.datagouv.ressource if self.datagouv else None) or ""
        extension = inner_name(name.split("?")[0]).rsplit(".", 1)[-1].lower()
        return next((f.name for f in FORMATS.values() if extension in f.extensions), "")

    @property
    def address(self) -> str:
        """Return where it is, as the catalogue writes it: neither the base of --sources nor a secret is in it."""
        if self.datagouv:
            return f"datagouv: {self.datagouv.jeu}, {self.datagouv.ressource or self.datagouv.ressources}"
        return self.url or ""

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Return the headings of each role: several where a date is written in several columns."""
        return {role: (said,) if isinstance(said, str) else said for role, said in self.colonnes.items()}

    @property
    def rejects_allowed(self) -> int:
        """Return how many rejected rows do not stop the publication, whatever their reasons."""
        return sum(self.rejets_toleres.values()) if isinstance(self.rejets_toleres, dict) else self.rejets_toleres

    @property
    def is_of_commitments(self) -> bool:
        """Tell whether its rows are commitments or their actions, which are of no indicator and no territory."""
        return self.contenu in COLUMNS_OF_COMMITMENTS

    @property
    def names_territories(self) -> bool:
        """Tell whether a column says which territory a row speaks of."""
        return not {"territoire", "libelle", "zone"}.isdisjoint(self.colonnes)

    @property
    def tells_levels(self) -> bool:
        """Tell whether the level of each row is said: by a key, by a column, or by the zone that it speaks of."""
        return bool(self.maille or self.feuilles) or not {"maille", "zone"}.isdisjoint(self.colonnes)


def _delivery_problems(d: Livraison) -> Iterator[str]:
    for key in sorted(d.model_fields_set.difference(_OF_AN_EDITION)):
        if placeholder := placeholder_in(d.model_dump_json(include={key})):
            yield f"{key}: {placeholder} is filled only in {', '.join(_OF_AN_EDITION[:-1])} and {_OF_AN_EDITION[-1]}"
    if problem := unread_scheme(d.url or ""):
        yield f"url: {problem}"
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
    format_ = FORMATS.get(d.file_format)
    if sheets and format_ and not format_.has_sheets:
        yield f"{sheets[0]}: a {format_.name} file has no sheets"
    if d.racine and format_ and not format_.has_root:
        yield f"racine: only a {' or '.join(f.name for f in FORMATS.values() if f.has_root)} file has one"
    yield from api_problems(d, bool(d.url and _OF_A_SERVICE.match(d.url)), d.file_format == "json" and not d.fichier)
    if d.priorite and not (d.datagouv and d.datagouv.ressources and d.datagouv.choix == "toutes"):
        yield "priorite: only all the ressources of datagouv are several files"
    if d.priorite and d.contenu not in ("valeurs", "objectifs"):
        yield f"priorite: {d.contenu} have no values that others replace"
    yield from commitment_problems(d, d.contenu, d.colonnes)
    yield from _shape_problems(d)
    yield from cell_problems(d)
    yield from _date_problems(d)
    yield from _selection_problems(d)


def _date_problems(d: Livraison) -> Iterator[str]:
    several = sorted(role for role, headings in d.columns.items() if len(headings) > 1 and role != "date")
    if several:
        yield f"colonnes.{several[0]}: one column; only date may be written in several"
    if d.date_constante is None:
        return
    if d.contenu == "objectifs":
        if "cible" not in d.colonnes:
            yield "date_constante: of objectifs it is the day of `cible`, which no column holds"
        elif "date_cible" in d.colonnes:
            yield "date_constante and colonnes.date_cible exclude one another"
    elif d.contenu != "valeurs":
        yield "date_constante: only valeurs and objectifs have it"
    elif "date" in d.colonnes:
        yield "date_constante and colonnes.date exclude one another"
    elif d.entetes == "date":
        yield "date_constante: the headings are dates (entetes: date)"


def _shape_problems(d: Livraison) -> Iterator[str]:
    wide = d.disposition == "large"
    if wide and d.contenu != "valeurs":
        yield f"disposition: {d.contenu} are always longue"
    if wide and d.entetes is None:
        yield "entetes: a large file needs date or indicateur"
    if not wide and d.entetes:
        yield "entetes: only a large file has it (disposition: large)"
    in_headings = d.entetes if wide else None
    if d.contenu == "valeurs":
        if in_headings != "date" and "date" not in d.colonnes and d.date_constante is None:
            yield "colonnes: which one holds the date? (or date_constante, where it is in no column)"
        if not wide and "valeur" not in d.colonnes:
            yield "colonnes: which one holds the valeur?"
        if wide and "valeur" in d.colonnes:
            yield "colonnes: a large file has no valeur column"
    elif d.contenu == "explications":
        if "texte" not in d.colonnes:
            yield "colonnes: which one holds the texte?"
    elif d.is_of_commitments:
        yield from _keys_of_no_commitment(d)
        return
    elif not {"valeur_initiale", "cible"} & set(d.colonnes):
        yield "colonnes: which one holds valeur_initiale or cible?"
    if not (in_headings == "indicateur" or "indicateur" in d.colonnes or d.indicateur or d.feuilles_indicateur):
        yield "which indicator? give indicateur, colonnes.indicateur or feuilles_indicateur"


def _keys_of_no_commitment(d: Livraison) -> Iterator[str]:
    keys = ("indicateur", "maille", "valeurs_maille", "feuilles", "feuilles_indicateur")
    for key in (key for key in keys if getattr(d, key)):
        yield f"{key}: {d.contenu} are of no indicator and no territory"


def _selection_problems(d: Livraison) -> Iterator[str]:
    if d.ligne_entete and d.lignes_entete:
        yield "ligne_entete and lignes_entete exclude one another"
    if list(d.lignes_entete) != sorted(set(d.lignes_entete)):
        yield "lignes_entete: each row once, from the highest to the lowest, as in [4, 5]"
    format_ = FORMATS.get(d.file_format)
    if d.lignes_entete and format_ and not format_.has_rows:
        yield f"lignes_entete: a {format_.name} file has no rows of headings"
    if d.cible_retenue and d.contenu != "objectifs":
        yield "cible_retenue: only objectifs have targets"
    for key in ("valeurs_indicateur", "valeurs_territoire"):
        if word := twice(getattr(d, key)):
            yield f"{key}: {word!r} is there twice"
    used = {"indicateur"} & set(d.colonnes) or d.entetes == "indicateur"
    for key, words in (("valeurs_indicateur", d.valeurs_indicateur), ("ignorer.indicateurs", d.ignorer.indicateurs)):
        if words and not used:
            yield f"{key}: no column and no heading says the indicator"
    for key, words in (("valeurs_territoire", d.valeurs_territoire), ("ignorer.territoires", d.ignorer.territoires)):
        if words and not d.names_territories:
            yield f"{key}: no column says the territory"
