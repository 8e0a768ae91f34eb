"""An alert as people read it: what happened to which edition, the sentence, what to do, where to look."""

from __future__ import annotations

from dataclasses import dataclass

from barometre_pipeline.french import counted


@dataclass(frozen=True)
class Alert:
    """One thing to tell. `key` identifies it for ever: it is sent once; `to` are addresses beside the usual ones."""

    key: str
    subject: str
    sentence: str
    to_do: str
    edition: str | None = None
    ministry: str | None = None
    link: str | None = None
    to: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the body of the message."""
        about = {"Édition": self.edition, "Ministère": self.ministry}
        lines = [f"{name} : {value}" for name, value in about.items() if value]
        lines += ["", self.sentence, "", f"À faire : {self.to_do}"]
        return "\n".join([*lines, f"Voir : {self.link}"] if self.link else lines).strip()


def failed(run: str, edition: str, sentence: str, ministry: str, link: str | None, *, blocked: bool) -> Alert:
    """Return what is told of a run that failed, or that its quality gate stopped; `ministry` where one is to blame."""
    if blocked:
        subject = f"Édition {edition} bloquée par les contrôles"
        to_do = "lire le rapport de qualité, corriger le catalogue ou faire relivrer, puis relancer l’édition."
    else:
        subject = f"Échec de l’édition {edition}"
        to_do = "corriger ce que dit la phrase, puis relancer l’édition ; rien n’a été publié de plus."
    return Alert(f"{run}/echec", subject, sentence, to_do, edition, ministry, link)


def published(
    run: str, edition: str, publication: str, figures: dict[str, int], link: str | None, review: str | None = None
) -> Alert:
    """Return what is told of a publication, with its figures; `review`: the branch where it waits to be read."""
    values = {"valeurs_ajoutees": "ajoutée", "valeurs_revisees": "révisée", "valeurs_retirees": "retirée"}
    done = f"attend sa relecture sur la branche {review}" if review else "est publiée"
    told = (
        f"{publication} {done} : {counted(figures.get('indicateurs', 0), 'indicateur')} mis à jour ; valeurs : "
        f"{', '.join(counted(figures.get(name, 0), noun) for name, noun in values.items())} ; "
        f"{counted(figures.get('cibles_deplacees', 0), 'cible déplacée', 'cibles déplacées')}, "
        f"{counted(figures.get('alertes', 0), 'alerte')} de qualité."
    )
    subject = f"Édition {edition} {'à relire' if review else 'publiée'}"
    to_do = "relire le rapport et la branche, puis la fusionner." if review else "relire le rapport."
    return Alert(f"{run}/publication", subject, told, to_do, edition, link=link)


def withdrawn(
    edition: str, publication: str, public: str, reason: str, outdated: str | None, review: str | None
) -> Alert:
    """Return what is told of a publication that was withdrawn: why, what is public now, what was compared with it.

    `review`: the branch where that waits to be read.
    """
    now = (
        f"ce qui la remplace, {public}, attend sa relecture sur la branche {review}"
        if review
        else f"{public} est publique"
    )
    told = f"{publication} est retirée ; {now}. Motif : {reason}"
    to_do = "prévenir ceux qui ont repris ses chiffres, corriger, puis refaire l’édition."
    if review:
        to_do = f"relire la branche et la fusionner ; {to_do}"
    if outdated:
        to_do = f"{to_do} {outdated} lui était comparée : la refaire aussi."
    return Alert(f"{publication}/retrait", f"Édition {edition} retirée", told, to_do, edition)


def late(edition: str, delivery: str, ministry: str, since: str, link: str | None, to: tuple[str, ...]) -> Alert:
    """Return what is told of a delivery that an earlier one stands for."""
    told = f"La livraison « {delivery} » n’est pas arrivée pour {edition} : celle de {since} en tient lieu."
    to_do = "déposer le fichier à l’endroit convenu, ou dire quand il le sera ; l’édition sera alors refaite."
    key = f"{edition}/{delivery}/retard"
    return Alert(key, f"Livraison en retard : {delivery}, {edition}", told, to_do, edition, ministry, link, to)


def waiting(run: str, edition: str, minutes: int, link: str | None, *, started: bool) -> Alert:
    """Return what is told of a run that waits, or lasts, for too long."""
    doing = "dure" if started else "attend"
    return Alert(
        f"{run}/{doing}",
        f"L’édition {edition} {doing} depuis {minutes} minutes",
        f"L’exécution de {edition} {doing} depuis {minutes} minutes.",
        "voir ce qui la retient dans Dagster ; l’arrêter et la relancer si rien n’avance.",
        edition,
        link=link,
    )


def missed_tick(schedule: str, expected: str) -> Alert:
    """Return what is told of a schedule that did not fire."""
    return Alert(
        f"{schedule}/{expected}",
        f"Le calendrier {schedule} n’a rien lancé",
        f"Le calendrier {schedule} devait lancer une édition le {expected} et ne l’a pas fait.",
        "vérifier que le démon de Dagster tourne, et ce que dit le déclenchement s’il a échoué, puis lancer l’édition "
        "à la main.",
    )


def not_loaded(key: str, sentence: str) -> Alert:
    """Return what is told of a pipeline that Dagster cannot load, `key` standing for the reason and the day."""
    return Alert(
        f"chargement/{key}",
        "Le baromètre ne se charge plus dans Dagster",
        sentence,
        "corriger ce que dit la phrase (`barometre catalogue check` ou `barometre settings` la redit), puis redémarrer "
        "barometre-code ; d’ici là rien ne se lance et le battement cesse.",
    )


TRIAL = Alert(
    "essai",
    "Essai des alertes du baromètre",
    "Ce message vérifie que les alertes arrivent.",
    "rien.",
)
