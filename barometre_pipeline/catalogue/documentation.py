"""What the catalogue says of a policy and of its indicators in words: the documentation, in the official sheets' terms.

All of it is optional: nothing here is needed to make an edition. Which of it is still to be written is told by
`missing_texts`; how it is shown is the publication's business.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from barometre_pipeline.documents.prose import Prose
from barometre_pipeline.fields import Label, Link, Mail, Strict, Text

Statut = Literal["proposee", "validee"]


class Contact(Strict):
    """Whom readers may write to."""

    nom: Label
    courriel: Mail | None = None


class Metadonnees(Strict):
    """What the documentation says of a series beside its description."""

    frequence: Label | None = None
    couverture_temporelle: str | None = None
    couverture_spatiale: str | None = None
    granularite: str | None = None
    nature: str | None = None


class Origine(Strict):
    """Why an indicator is followed: the kind of request that it comes from, and where that is told.

    `citoyenne` is an indicator that citizens asked for.
    """

    type: Text
    demarche: str | None = None
    date: dt.date | None = None
    lien: Link | None = None


class Lien(Strict):
    """A page elsewhere, with the words that lead to it."""

    titre: Text
    lien: Link


class Liens(Strict):
    """Where the barometer is elsewhere: its site, its documentation, its code, its dataset, what others made of it."""

    site: Link | None = None
    documentation: Link | None = None
    code: Link | None = None
    jeu: Link | None = None
    reutilisations: tuple[Lien, ...] = ()


class RendezVous(Strict):
    """A meeting about a policy with those whom it is for."""

    date: dt.date
    lieu: Text
    lien: Link | None = None
    compte_rendu: Link | None = None


class DocumentationIndicateur(Strict):
    """What is said in words of an indicator.

    `question` is what a survey asks, `perimetre` lists what is counted (the networks, the bodies), `precautions` is
    what the figure leaves out.
    """

    description: Prose | None = None
    production: Prose | None = None
    precautions: Prose | None = None
    question: Prose | None = None
    perimetre: tuple[Text, ...] = ()
    metadonnees: Metadonnees | None = None
    lexique: dict[Text, Prose] | None = None
    contact: str | Contact | None = None
    origine: Origine | None = None
    mots_cles: tuple[Text, ...] = ()
    statut_documentation: Statut | None = None


class DocumentationMesure(Strict):
    """What is said in words of a policy, and the meetings that it has with citizens."""

    description: Prose | None = None
    contact: str | Contact | None = None
    rendez_vous: tuple[RendezVous, ...] = ()
    statut_documentation: Statut | None = None
