"""The links by which readers write about a figure, or to suggest an indicator: the subject is already filled."""

from __future__ import annotations

from urllib.parse import quote

from barometre_pipeline.catalogue import Catalogue, Territoire
from barometre_pipeline.editions import Edition

DISCUSSIONS = "#/discussions"  # of a dataset's page on the portal


def question_link(
    catalogue: Catalogue, edition: Edition, indicateur: str, territoire: Territoire | None = None
) -> str | None:
    """Return the link of « Une question sur ce chiffre ? »; None where whom to write to has no address.

    Without `territoire`, the question is about the indicator everywhere.
    """
    contact = catalogue.contact_of(indicateur)
    said = [catalogue.indicateurs[indicateur].libelle, territoire.libelle if territoire else None, f"édition {edition}"]
    return mail_link(contact.courriel, f"{' – '.join(filter(None, said))} ({indicateur})")


def commitment_link(catalogue: Catalogue, edition: Edition, engagement: str, libelle: str | None) -> str | None:
    """Return the link by which a citizen writes about a commitment; None where the catalogue has no address."""
    subject = f"Engagement {engagement} : {libelle or ''} – édition {edition}"
    return mail_link(catalogue.general.contact.courriel, subject)


def suggestion_link(catalogue: Catalogue) -> str | None:
    """Return the link by which a citizen suggests an indicator; None where the catalogue's contact has no address."""
    return mail_link(catalogue.general.contact.courriel, f"Proposer un indicateur – {catalogue.general.titre}")


def discussion_link(catalogue: Catalogue) -> str | None:
    """Return where the dataset is discussed on the portal; None where the catalogue does not say where it is."""
    jeu = catalogue.general.liens.jeu
    return f"{jeu.rstrip('/')}/{DISCUSSIONS}" if jeu else None


def mail_link(address: str | None, subject: str) -> str | None:
    """Return a link that opens a mail with this subject."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}" if address else None
