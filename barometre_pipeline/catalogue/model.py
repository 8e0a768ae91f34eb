"""What a catalogue holds beside its deliveries: pydantic models of the files that people edit.

Each model refuses unknown keys (they are typing mistakes). Deliveries are in `deliveries`, levels in `levels`, texts
in `documentation`, commitments in `commitments`; the rules that need several files at once (an indicator's policy, a
territory's parent) are in `rules`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from barometre_pipeline.catalogue.commitments import Engagement
from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.documentation import Contact, DocumentationIndicateur, DocumentationMesure, Liens
from barometre_pipeline.catalogue.levels import Maille, default_levels
from barometre_pipeline.catalogue.maps import Outlines
from barometre_pipeline.documents.prose import Prose
from barometre_pipeline.editions import Edition
from barometre_pipeline.fields import EditionName, FileWord, Host, Label, Link, Name, Strict, Text, as_text


def _level_and_code(text: str) -> str:
    if not all(text.partition("/")):
        raise ValueError("a level and a code are needed, as in departementale/75")
    return text


Weight = Annotated[float, Field(ge=0)]
PlaceName = Annotated[str, AfterValidator(_level_and_code)]


class Licence(Strict):
    """The licence of the publication; `id` is the one that the portal knows it by."""

    id: Text
    libelle: Text
    url: str | None = None


class Seuils(Strict):
    """From which pace (way done over time gone) a target is on track, and from which a delay is a moderate one."""

    en_bonne_voie: float = Field(default=0.95, gt=0, le=1)
    retard_modere: float = Field(default=0.60, gt=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> Seuils:
        if self.retard_modere >= self.en_bonne_voie:
            raise ValueError(f"retard_modere: must be less than en_bonne_voie ({self.en_bonne_voie})")
        return self


class Site(Strict):
    """How the site looks; `dsfr` is the folder of the State's design system, from the catalogue's own: see dsfr."""

    theme: Literal["neutre", "dsfr"] = "neutre"
    dsfr: Text | None = None

    @model_validator(mode="after")
    def _a_folder_for_the_theme(self) -> Site:
        if self.theme == "dsfr" and not self.dsfr:
            raise ValueError("theme: dsfr needs dsfr, the folder of the npm package @gouvfr/dsfr that you installed")
        if self.dsfr and self.theme != "dsfr":
            raise ValueError("dsfr: serves only theme: dsfr")
        return self


class General(Strict):
    """`catalogue.yaml`: what the barometer is called, who produces it."""

    titre: Text
    prefixe: FileWord
    jeu_de_donnees: Text
    producteur: Text
    licence: Licence
    contact: Contact
    presentation: Prose | None = None  # what the barometer is, in a few sentences
    liens: Liens = Liens()
    date_plancher: dt.date = dt.date(2000, 1, 1)
    premiere_edition: EditionName | None = None  # absent: see launches.first_edition
    hotes_autorises: tuple[Host, ...] | None = None  # where given, no other host is asked for deliveries
    seuils: Seuils = Seuils()
    site: Site = Site()


class Secteur(Strict):
    """A row of `secteurs.csv`; `dossier` and `prefixe` name its published files."""

    id: Label
    libelle: Label
    dossier: FileWord
    prefixe: FileWord


class Territoire(Strict):
    """A row of `territoires.csv`; `parent` is the code of the territory that holds it, one level up."""

    maille: Name
    code: FileWord
    libelle: Label
    parent: str | None = None
    zone_id: str | None = None
    population: int | None = Field(default=None, ge=0)


class Indicateur(DocumentationIndicateur):
    """One indicator of a policy; `unite`, `sens` and `lecture` say how its series is read."""

    id: Name
    libelle: Label
    unite: Label
    note_unite: Label | None = None  # what the mark behind the unit stands for
    sens: Literal["hausse", "baisse"]
    lecture: Literal["derniere_valeur", "cumul_annuel"]
    # From the delivered series to the published one.
    serie: Literal["telle_quelle", "cumul", "cumul_annuel", "decumul", "decumul_annuel"] = "telle_quelle"
    multiplicateur: float = 1.0
    premieres_valeurs_ecartees: int = Field(default=0, ge=0, le=2)
    premiere_date: dt.date | None = None
    mailles: tuple[Name, ...] | None = Field(default=None, min_length=1)
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
    cible_retenue: Literal["finale", "prochaine"] | None = None  # of several targets; before what the delivery says
    # For the rollups.
    poids_avancement: Weight | dict[Name, Weight] = 1.0  # for all levels, or by level (1 where it is not said)
    territoires_non_concernes: tuple[PlaceName, ...] = ()
    # For the checks.
    bornes: tuple[float, float] | None = None
    tolerance_somme: float | None = Field(default=None, ge=0)

    @property
    def is_marked(self) -> bool:
        """Tell whether the unit ends with the mark of a note."""
        return self.unite.rstrip().endswith("*")

    @property
    def note(self) -> str | None:
        """Return the note behind the unit; where it has a mark and nobody gave its note, a sentence that says so."""
        unsaid = "Le fournisseur n'a pas donné la note que signale « * »." if self.is_marked else None
        return self.note_unite or unsaid

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


class Mesure(DocumentationMesure):
    """One policy, a file of `mesures/`: its indicators in the order in which they are published."""

    id: Text
    libelle: Label
    secteur: Text
    ordre: int
    indicateurs: tuple[Indicateur, ...] = Field(min_length=1)


class Exception_(Strict):  # noqa: N801 - `Exception` is Python's
    """A deviation that is known and accepted, until an edition."""

    regle: Text
    indicateur: Name
    maille: Name | None = None
    territoire: Annotated[str | None, BeforeValidator(as_text)] = None
    date: dt.date | None = None
    motif: Text
    jusqu_a: EditionName


class Correction(Strict):
    """A delivered value known to be wrong: what is expected there, and the right one (None removes it)."""

    indicateur: Name
    maille: Name
    territoire: Annotated[str, BeforeValidator(as_text)]
    date: dt.date
    attendu: float
    valeur: float | None
    motif: Text
    reference: str | None = None


class Explication(Strict):
    """Why a target was missed, in the words of those who answer for it; without `territoire`, in all of the level."""

    indicateur: Name
    maille: Name
    territoire: Annotated[str | None, BeforeValidator(as_text)] = None
    date_cible: dt.date | None = None
    texte: Text
    date: dt.date | None = None
    lien: Link | None = None


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
    explications: tuple[Explication, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    mailles: tuple[Maille, ...] = field(default_factory=default_levels)
    cartes: Mapping[str, Outlines] = field(default_factory=dict)  # by level: see maps
    theme: Mapping[str, bytes] = field(default_factory=dict)  # the files of the site's look, by name: see dsfr
    version: str = field(default="", compare=False)  # sha256 of its files

    def at(self, edition: Edition) -> Catalogue:
        """Return the catalogue with each delivery as it is for an edition."""
        return replace(self, livraisons=tuple(d.at(edition) for d in self.livraisons))

    @cached_property
    def indicateurs(self) -> dict[str, Indicateur]:
        """Return the indicators by id, in the order of publication."""
        return {i.id: i for m in self.mesures_ordonnees for i in m.indicateurs}

    @cached_property
    def mesures_ordonnees(self) -> tuple[Mesure, ...]:
        """Return the policies in the order of publication."""
        return tuple(sorted(self.mesures, key=lambda m: (m.ordre, m.id)))

    @cached_property
    def by_secteur(self) -> tuple[tuple[Secteur, tuple[Mesure, ...]], ...]:
        """Return the sectors that have policies, each with its own in the order of publication."""
        of_each = ((s, tuple(m for m in self.mesures_ordonnees if m.secteur == s.id)) for s in self.secteurs)
        return tuple(one for one in of_each if one[1])

    @cached_property
    def secteur_of(self) -> dict[str, Secteur]:
        """Return the sector of each policy, by the policy's id."""
        return {m.id: s for s, policies in self.by_secteur for m in policies}

    @cached_property
    def indicateurs_citoyens(self) -> tuple[Indicateur, ...]:
        """Return the indicators that citizens asked for, in the order of publication."""
        return tuple(i for i in self.indicateurs.values() if i.origine and i.origine.type == "citoyenne")

    @cached_property
    def definitions(self) -> tuple[tuple[str, str], ...]:
        """Return each term that the indicators define, with its definition, once."""
        return tuple({pair: None for i in self.indicateurs.values() for pair in (i.lexique or {}).items()})

    @cached_property
    def mesure_of(self) -> dict[str, Mesure]:
        """Return the policy of each indicator, by the indicator's id."""
        return {i.id: m for m in self.mesures for i in m.indicateurs}

    def contact_of(self, indicateur: str) -> Contact:
        """Return whom to write to about an indicator: its own contact, else its policy's, else the catalogue's."""
        return self.contacts_of(indicateur)[0]

    def contacts_of(self, indicateur: str) -> list[Contact]:
        """Return all whom one may write to about an indicator, the nearest to it first."""
        said = (self.indicateurs[indicateur].contact, self.mesure_of[indicateur].contact, self.general.contact)
        return [Contact(nom=one) if isinstance(one, str) else one for one in said if one]

    @property
    def maille_racine(self) -> Maille:
        """Return the level of the whole, the one without a parent."""
        return next(m for m in self.mailles if m.parent is None)

    @property
    def territoire_racine(self) -> Territoire:
        """Return the only territory of the level of the whole."""
        (whole,) = self.territoires_of(self.maille_racine.id)
        return whole

    def maille(self, id_: str) -> Maille:
        """Return the level of this id; KeyError where there is none."""
        return {m.id: m for m in self.mailles}[id_]

    def levels_above(self, id_: str) -> tuple[str, ...]:
        """Return the ids of the levels that hold this one, the nearest first."""
        above: list[str] = []
        while parent := self.maille(above[-1] if above else id_).parent:
            above.append(parent)
        return tuple(above)

    def territoires_of(self, maille: str) -> tuple[Territoire, ...]:
        """Return the territories of a level, in the order of territoires.csv."""
        return self._territoires_by_level.get(maille, ())

    @cached_property
    def _territoires_by_level(self) -> dict[str, tuple[Territoire, ...]]:
        found: dict[str, list[Territoire]] = {}
        for t in self.territoires:
            found.setdefault(t.maille, []).append(t)
        return {maille: tuple(ts) for maille, ts in found.items()}

    def livraison(self, id_: str) -> Livraison:
        """Return the delivery of this id; KeyError where there is none."""
        return {d.id: d for d in self.livraisons}[id_]
