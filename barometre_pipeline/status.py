"""What is public where, what is under way or waiting, what is late: all that an operator asks in one look.

Everything is asked where it is, of the depot, the portal, the snapshot and Dagster; nothing is changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dagster import DagsterRunStatus, RunsFilter

from barometre_pipeline.builds import SUMS, recorded_origin
from barometre_pipeline.depot.changing import main_branch, published_branch
from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.reading import published_trees
from barometre_pipeline.depot.remote import Refs, remote_refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import MachineError, PublicationError
from barometre_pipeline.home import Home
from barometre_pipeline.publish.decision import (
    NOTHING,
    PUBLISHED,
    compared_with,
    outdated_sentence,
    public_publication,
)
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal.client import opened_portal
from barometre_pipeline.publish.portal.public import public_edition
from barometre_pipeline.publish.site_branch import data_branch_sentence
from barometre_pipeline.publish.tree.manifest import data_sums
from barometre_pipeline.resources.atomic import read_record
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.runs.holder import holder_of
from barometre_pipeline.runs.instance import opened_instance
from barometre_pipeline.runs.names import is_ours
from barometre_pipeline.runs.partitions import PARTITION, shown_edition
from barometre_pipeline.runs.postgres import check_postgres
from barometre_pipeline.settings import Settings

_SHOWN = 4  # editions, the latest first
_WAITING = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED]
_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class EditionStatus:
    """An edition: its publication in the depot, and what this home knows of its last run."""

    edition: str
    publication: str | None
    verdict: str | None
    alertes: int | None
    date: str | None


@dataclass(frozen=True)
class Status:
    """The whole state. `public` says which publication is public in each place; None: none, or not known.

    `inconnus` are the places that could not be asked. `disque` is in bytes, the home's own in the folder `accueil`.
    `remarques` are sentences about what keeps the places from agreeing.
    """

    editions: list[EditionStatus]
    public: dict[str, str | None]
    en_cours: str | None
    en_attente: list[str]
    en_retard: list[str]
    disque: dict[str, int]
    accueil: str
    remarques: list[str] = field(default_factory=list)
    inconnus: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Tell whether every place has the same publication, and nothing is to be done."""
        return not self.remarques

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {**asdict(self), "accord": self.agrees}

    def as_lines(self) -> str:
        """Return it for people, some ten lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for one in self.editions:
            known = f"{one.verdict}, {one.alertes} alerts" if one.verdict else "not built in this home"
            dated = f", {one.date}" if one.date else ""
            unpublished = "not known" if "depot" in self.inconnus else "not published"
            yield f"{one.edition}   {one.publication or unpublished:<14} {known}{dated}"
        without = {place: "not known" if place in self.inconnus else "none" for place in self.public}
        yield "public    " + ", ".join(f"{place} {where or without[place]}" for place, where in self.public.items())
        yield f"running   {self.en_cours or 'nothing'}"
        yield f"waiting   {', '.join(self.en_attente) or 'nothing'}"
        yield f"late      {', '.join(self.en_retard) or 'no delivery'}"
        free, home = (value // _MEGABYTE for value in self.disque.values())
        yield f"disk      {free:,} MB free, {home:,} MB in {self.accueil}"
        yield from self.remarques or ["All agree."]


def read_status(settings: Settings) -> Status:
    """Return the state of a home, its depot and its portal."""
    home, remarks, unknown = settings.home, list[str](), list[str]()
    publications, public = _of_the_depot(settings, remarks, unknown)
    portal, snapshot = _of_the_portal(settings, remarks, unknown), _of_the_snapshot(home, remarks, unknown)
    places = {"depot": public, "portail": portal, "entrepot": snapshot}
    asked = [p for p in places if p not in unknown and (p != "portail" or settings.datagouv_api_key)]
    if len({places[place] for place in asked}) > 1:
        told = ", ".join(f"{place} {places[place] or 'none'}" for place in asked)
        right = f" `barometre run {public.partition('.')[0]}` puts it right." if public else ""
        remarks.append(f"Not the same everywhere: {told}.{right}")
    editions = _editions(home, publications)
    return Status(
        editions=editions,
        public=places,
        en_cours=_running(settings),
        en_attente=_waiting(settings, remarks),
        en_retard=_late(home, editions),
        disque={"libre": shutil.disk_usage(_existing(home)).free, "home": _size(home)},
        accueil=str(home.root),
        remarques=remarks,
        inconnus=unknown,
    )


def _of_the_depot(settings: Settings, remarks: list[str], unknown: list[str]) -> tuple[Publications, str | None]:
    """Return what the depot's tags say, and the publication at which its branch is."""
    depot, home = Depot.of(settings), settings.home
    clone = home.publication
    try:
        if depot.is_gone:
            if GitRepository(clone, depot).is_of_its_depot():
                remarks.append(f"The depot {depot.url} is gone: put it back, or give another with --depot.")
            return Publications({}, frozenset()), None
        refs = remote_refs(depot)
        publications = Publications.of(refs.tags)
        options = GitOptions.of(settings)
        branch = published_branch(refs, options)
        head, last = refs.branches.get(branch), max(publications.standing, default=None)
        if head is None or last is None:
            return publications, None
        # Of an older edition a new comparison publishes nothing: it is for the report, where one was made.
        own = {one: publications.commits[one] for one in publications.standing if recorded_origin(home, one.edition)}
        read = {f"refs/tags/{one}": commit for one, commit in {**own, last: publications.commits[last]}.items()}
        seen = {branch, main_branch(refs, options), options.branche_site} & refs.branches.keys()
        read |= {f"refs/heads/{name}": refs.branches[name] for name in seen if name}
        with published_trees(depot, clone, read, until=PUBLISHED) as repository:
            public = public_publication(repository, head, publications)
            compared = {one: _compared_here(home, one.edition, repository, commit) for one, commit in own.items()}
            compared[last] = compared_with(repository, publications, head, last)
            remarks += _of_the_site(repository, refs, options, publications)
        if public in publications.withdrawn:
            remarks.append(
                f"{public} is withdrawn, and the branch {branch} is still at it: `barometre withdraw {public.edition}` "
                "with its --reason finishes that."
            )
        for one, found in sorted(compared.items()):
            if found and found != str(publications.before(one.edition) or NOTHING):
                remarks.append(outdated_sentence(one, found))
        return publications, str(public) if public else None
    except GitError as error:
        remarks.append(str(error))
        unknown.append("depot")
        return Publications({}, frozenset()), None


def _of_the_site(
    repository: GitRepository, refs: Refs, options: GitOptions, publications: Publications
) -> Iterator[str]:
    """Say where the branch of the site is not at the publication of the main one; what is under review has no site."""
    if (name := options.branche_site) is None:
        return
    if name in (main_branch(refs, options), published_branch(refs, options)):
        yield data_branch_sentence(name)
        return
    heads = refs.branches.get(main_branch(refs, options)), refs.branches.get(name)
    wanted, found = (public_publication(repository, head, publications) for head in heads)
    if wanted is not None and found != wanted:
        yield (
            f"The branch {name} has the site of {found or 'no publication'}, not of {wanted}, the public one: "
            f"`barometre run {wanted.edition}` puts it right."
        )


def _compared_here(home: Home, edition: Edition, repository: GitRepository, commit: str) -> str:
    """Return what the build of this home was compared with; '' where its data are not those of this commit."""
    origin, sums = recorded_origin(home, edition), home.build(edition).files / SUMS
    published = repository.files(commit, [SUMS]).get(SUMS)
    if origin is None or published is None or not sums.is_file():
        return ""
    is_published = data_sums(sums.read_text("utf-8")) == data_sums(published.decode())
    return (origin.comparee_a or NOTHING) if is_published else ""


def _of_the_portal(settings: Settings, remarks: list[str], unknown: list[str]) -> str | None:
    if settings.datagouv_api_key is None:
        return None
    try:
        with opened_portal(settings, settings.datagouv_api_key) as portal:
            found: str | None = public_edition(portal)
            return found
    except PublicationError as error:
        remarks.append(str(error))
        unknown.append("portail")
        return None


def _of_the_snapshot(home: Home, remarks: list[str], unknown: list[str]) -> str | None:
    """Return the publication that is the latest one for those who query the warehouse."""
    if not home.warehouse.is_file():
        return None
    try:
        with read_warehouse(home.warehouse) as connection:
            found = connection.execute("select publication from editions_derniere").fetchall()
    except duckdb.Error as error:
        remarks.append(f"{home.warehouse} cannot be read ({str(error).splitlines()[0]}): run again.")
        unknown.append("entrepot")
        return None
    return str(found[0][0]) if found else None


def _editions(home: Home, publications: Publications) -> list[EditionStatus]:
    standing = {one.edition: str(one) for one in publications.standing}
    known = sorted({*standing, *home.editions}, reverse=True)
    return [_edition(home, edition, standing.get(edition)) for edition in known[:_SHOWN]]


def _edition(home: Home, edition: Edition, publication: str | None) -> EditionStatus:
    facts = read_record(home.report(edition) / home.build(edition).facts.name)
    pushed = Journal(home.build(edition).journal).read().get("push", {})
    if not facts:
        return EditionStatus(str(edition), publication, None, None, None)
    verdict = "publiable" if facts.get("publiable") else "bloquée"
    alerts = sum(rule["nombre"] for rule in facts.get("regles", []) if rule["statut"] == "alerte")
    return EditionStatus(str(edition), publication, verdict, alerts, str(pushed.get("done_at", ""))[:10] or None)


def _late(home: Home, editions: list[EditionStatus]) -> list[str]:
    """Return the deliveries that an earlier edition's files stand for, in the last edition of this home."""
    last = next((Edition.parse(one.edition) for one in editions if one.verdict), None)
    facts = read_record(home.report(last) / home.build(last).facts.name) if last else {}
    return [d["livraison"] for d in facts.get("livraisons", []) if d.get("en_retard")]


def _running(settings: Settings) -> str | None:
    """Return the run that holds the home; that a database does not answer is told of those that wait."""
    with suppress(MachineError):
        return holder_of(settings)
    return None


def _waiting(settings: Settings, remarks: list[str]) -> list[str]:
    """Return the editions of the runs that wait in Dagster's queue."""
    if not (settings.instance / "dagster.yaml").is_file():
        return []
    try:
        if settings.postgres_address:
            check_postgres(settings.postgres_address)
    except MachineError as error:
        remarks.append(str(error))
        return []
    with opened_instance(settings.instance) as instance:
        waiting = [run for run in instance.get_runs(RunsFilter(statuses=_WAITING)) if is_ours(run, settings.nom)]
    return sorted(shown_edition(run.tags.get(PARTITION, "?")) for run in waiting)


def _existing(home: Home) -> Path:
    return next(path for path in (home.root, *home.root.parents) if path.exists())


def _size(home: Home) -> int:
    """Return the bytes of the files of the home; those with two names count once."""
    sizes = {}
    for path in home.root.rglob("*"):
        with suppress(OSError):  # a run may be under way
            found = path.lstat()
            sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())
