"""How a figure is shown, in French: numbers, dates, status, rank, whom to ask; each text is made once.

What changed of it is told in `changes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from barometre_pipeline.catalogue import Territoire
from barometre_pipeline.french import NO_BREAK_SPACE, day, number
from barometre_pipeline.publish.documentation.dialogue import address_of, mail_link
from barometre_pipeline.publish.site.changes import changes
from barometre_pipeline.publish.site.data import Figure, Key, SiteData
from barometre_pipeline.publish.site.drawing import small_line

# Each status of `progression`: its word, and the class that gives it its shape and colour.
STATUTS = {
    "atteint": ("atteint", "at"),
    "en bonne voie": ("en bonne voie", "bv"),
    "en retard": ("en retard", "re"),
    "recule": ("en recul", "rc"),
    "sans cible": ("sans cible", "sc"),
    "non calculable": ("non calculable", "nc"),
    None: ("sans objectif", "sc"),
}
_DELAYS = {"modere": "retard modéré", "fort": "retard important"}
DUE = "échéance dépassée, valeur attendue"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure in words; "" where there is nothing to say. `chiffre` is what it was made of, `classe` its status's."""

    chiffre: Figure
    lieu: Territoire
    ancre: str
    valeur: str
    le: str
    depart: str
    depart_le: str
    cible: str
    cible_le: str
    taux: str
    largeur: int
    mot: str
    classe: str
    precision: str
    rang: str
    ligne: str
    serie: str
    pas: str  # of the line, where its values are not what the current value is
    change: str
    question: str


class Display:
    """The figures of an edition as they are shown, by indicator, level and code: those of the levels with pages."""

    def __init__(self, data: SiteData) -> None:
        self.data = data
        levels = {m.id for m in data.levels}
        self._shown: Mapping[Key, Shown] = {f.key: self._show(f) for f in data.figures if f.maille in levels}

    @property
    def everything(self) -> Collection[Shown]:
        """Return every figure, in the order of the data."""
        return self._shown.values()

    def question_about(self, what: str) -> str | None:
        """Return the link of a question about counts and averages, which the barometer's own people answer for."""
        general = self.data.catalogue.general
        return mail_link(general.contact.courriel, f"{what}, {self.data.edition}", letters=True)

    def of(self, indicateur: str, lieu: Territoire) -> Shown | None:
        """Return how an indicator is shown in a territory, None where nothing is known of it."""
        return self._shown.get((indicateur, lieu.maille, lieu.code))

    def _show(self, f: Figure) -> Shown:
        data = self.data
        lieu = data.territory[f.maille, f.code]
        mot, classe = STATUTS[f.statut]
        # The current value is the sum of the year: its line, of months or quarters, goes nowhere near it.
        pas = "par période" if data.catalogue.indicateurs[f.id_indicateur].lecture == "cumul_annuel" else ""
        return Shown(
            chiffre=f,
            lieu=lieu,
            ancre=f"{f.maille}-{f.code}",
            valeur=number(f.valeur_actuelle),
            le=day(f.date_valeur_actuelle) if f.date_valeur_actuelle else "",
            depart=number(f.valeur_initiale),
            depart_le=day(f.date_valeur_initiale) if f.date_valeur_initiale else "",
            cible=number(f.cible),
            cible_le=day(f.date_cible) if f.cible is not None and f.date_cible else "",
            taux="" if f.pourcentage_cible is None else f"{number(f.pourcentage_cible)}{NO_BREAK_SPACE}%",
            largeur=int(f.pourcentage_cible or 0),
            mot=mot,
            classe=classe,
            precision=" ; ".join(_about(f)),
            rang=_rank(f),
            ligne=small_line(f.valeurs),
            serie=_series(f, pas),
            pas=pas,
            change=" ; ".join(changes(f)),
            question=self._question(f, lieu),
        )

    def _question(self, f: Figure, lieu: Territoire) -> str:
        catalogue = self.data.catalogue
        # An id says which figure it is, where the first words of a label do not and all of them are 68 letters: twelve
        # thousand such links are a tenth of the site.
        subject = f"{f.id_indicateur}, {lieu.libelle}, {self.data.edition}"
        return mail_link(address_of(catalogue, f.id_indicateur), subject, letters=True) or ""


def _about(f: Figure) -> Iterator[str]:
    if f.retard:
        yield _DELAYS[f.retard]
    if f.echeance == "a_constater" and f.statut != "atteint":
        yield DUE
    if f.fraicheur == "ancienne":
        yield "donnée ancienne"


def _rank(f: Figure) -> str:
    if f.rang is None or not f.n:
        return ""
    ordinal = "1er" if f.rang == 1 else f"{f.rang}e"
    return f"{ordinal}{' ex æquo' if f.ex_aequo else ''} sur {f.n}"


def _series(f: Figure, step: str) -> str:
    """Say what the small line shows: « 12 valeurs depuis 2019, de 98 à 100 »."""
    if len(f.valeurs) < 2:
        return ""
    values = f"{len(f.valeurs)} valeurs {step}".rstrip()
    return f"{values} depuis {f.dates[0].year}, de {number(f.valeurs[0])} à {number(f.valeurs[-1])}"
