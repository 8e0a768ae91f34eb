"""The links by which readers write about a figure, or to suggest an indicator: the subject is already filled."""

from __future__ import annotations

import re
from urllib.parse import quote

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition

DISCUSSIONS = "#/discussions"  # of a dataset's page on the portal


def question_link(catalogue: Catalogue, edition: Edition, indicateur: str, territoire: str | None = None) -> str | None:
    """Return the link of « Une question sur ce chiffre ? »; None where nobody whom to write to has an address.

    Without the name of a `territoire`, the question is about the indicator everywhere.
    """
    said = [catalogue.indicateurs[indicateur].libelle, territoire, f"édition {edition}"]
    return mail_link(address_of(catalogue, indicateur), f"{' – '.join(filter(None, said))} ({indicateur})")


def address_of(catalogue: Catalogue, indicateur: str) -> str | None:
    """Return the address that questions about an indicator go to: that of its nearest contact that has one."""
    return next((contact.courriel for contact in catalogue.contacts_of(indicateur) if contact.courriel), None)


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


def mail_link(address: str | None, subject: str, *, letters: bool = False) -> str | None:
    """Return a link that opens a mail with this subject, made one line: a line more would be another header.

    With `letters`, those of every alphabet stay as they are, which HTML allows and PDF does not.
    """
    if not address:
        return None
    kept = r"[^\w.,’…-]+" if letters else r"[^A-Za-z0-9_.~-]+"
    written = re.sub(kept, lambda found: quote(found[0], safe=""), " ".join(subject.split()))
    return f"mailto:{quote(address, safe='@')}?subject={written}"
