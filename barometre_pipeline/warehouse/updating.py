"""Brings the history to what the depot's tags say: only what changed is put again, in a copy of the last file.

The same for a publication, a withdrawal and a rebuilding, which only differ by what they find there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import duckdb

from barometre_pipeline.builds import sound_warehouse
from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.reading import published_trees
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError, CatalogueError
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.settings import Settings
from barometre_pipeline.warehouse.definition import HISTORY, Definition, create_tables, make_views
from barometre_pipeline.warehouse.examples import fill_examples
from barometre_pipeline.warehouse.filling import Filling
from barometre_pipeline.warehouse.plan import Taken, editions_table, plan_history
from barometre_pipeline.warehouse.snapshot import opened_work, put_in_place, write_parquet
from barometre_pipeline.warehouse.trees import read_tree

progress = logging.getLogger("barometre.warehouse")

PARQUET = "parquet"  # the folder beside the file


@dataclass(frozen=True)
class Updated:
    """What was done: the editions whose rows were put again, and the rows of each table."""

    editions: list[str]
    rows: dict[str, int]


def update_history(
    settings: Settings,
    catalogues: Catalogues,
    definition: Definition,
    refs: Refs,
    public: Publication | None,
    afresh: bool = False,
) -> Updated:
    """Make the analysts' file hold every publication of these tags, with `public` as the latest one.

    `afresh` keeps nothing of the file that is there. GitError where the depot lacks what its tags name.
    """
    publications = Publications.of(refs.tags)
    commits = {f"refs/tags/{one}": commit for one, commit in publications.commits.items()}
    with published_trees(Depot.of(settings), settings.home.publication, commits) as repository:
        plan = plan_history(repository, publications, settings.home, definition.identity)
        there = Known() if afresh else known_of(settings.home.warehouse)
        job = _Job(settings, catalogues, repository, definition, publications, public)
        mailles = job.levels(plan, there)
        if mailles != there.mailles or not any(there.has(t) for t in plan):
            there = Known()
        return job.update(plan, there, mailles)


@dataclass(frozen=True)
class Known:
    """What the file in place holds: the identity of each publication's rows, levels, comparisons, the latest."""

    empreintes: dict[str, str] = field(default_factory=dict)
    mailles: tuple[str, ...] = ()
    pairs: frozenset[tuple[str, str]] = frozenset()
    latest: str | None = None

    def has(self, taken: Taken) -> bool:
        """Tell whether it has the rows of a publication, as they would be put now."""
        return self.empreintes.get(str(taken.publication)) == taken.empreinte


def known_of(snapshot: Path) -> Known:
    """Return what the analysts' file holds; nothing where there is none, or one of an earlier program."""
    if not snapshot.is_file() or snapshot.with_name(f"{snapshot.name}.wal").exists():
        return Known()
    try:
        with read_warehouse(snapshot) as connection:
            empreintes = dict(connection.execute("select publication, empreinte from editions").fetchall())
            ((mailles,),) = connection.execute("select enum_range(null::maille)").fetchall()
            pairs = connection.execute("select distinct edition_avant, edition_apres from revisions").fetchall()
            latest = connection.execute("select publication from editions_derniere").fetchall()
    except duckdb.Error:
        return Known()
    return Known(empreintes, tuple(mailles), frozenset(pairs), latest[0][0] if latest else None)


@dataclass(frozen=True)
class _Job:
    settings: Settings
    catalogues: Catalogues
    repository: GitRepository
    definition: Definition
    publications: Publications
    public: Publication | None

    def update(self, plan: list[Taken], there: Known, mailles: Sequence[str]) -> Updated:
        """Put what the file lacks, compare what is to be compared, and put the file in its place."""
        snapshot, public = self.settings.home.warehouse, str(self.public) if self.public else None
        gone = set(there.empreintes) - {str(t.publication) for t in plan}
        stale = {t.publication.edition for t in plan if not there.has(t)}
        stale |= {one.edition for one in map(Publication.parse, gone) if one}
        if there.empreintes and not stale and public == there.latest and snapshot.with_name(PARQUET).is_dir():
            return Updated([], {})
        with opened_work(snapshot, HISTORY, afresh=not there.empreintes) as connection:
            if not there.empreintes:
                create_tables(connection, self.definition, mailles)
                make_views(connection, self.definition)
            filling = Filling(connection, self.definition)
            for edition in sorted(stale):
                filling.forget(str(edition))
            taken = [self._put(filling, t) if t.publication.edition in stale else t for t in plan]
            filling.set_editions(editions_table(taken, self.public))
            pairs = [(str(a.edition), str(b.edition)) for a, b in pairwise(self.publications.standing)]
            names = set(map(str, stale))
            filling.compare([p for p in pairs if names & set(p) or p not in there.pairs], pairs)
            fill_examples(connection, HISTORY, self.definition.examples)
            counts = filling.counts()
            write_parquet(connection, filling.pieces(), snapshot.with_name(PARQUET))
        put_in_place(snapshot, counts, str(self.public.edition) if self.public else None)
        return Updated(sorted(map(str, stale)), counts)

    def levels(self, plan: list[Taken], there: Known) -> tuple[str, ...]:
        """Return the levels of all that is in the history: in the order of the catalogue, then those that it had."""
        latest = [m.id for m in self.catalogues.latest.mailles]
        others = set(there.mailles)
        for taken in (t for t in plan if t.is_in_force and not there.has(t)):
            others |= {m.id for m in self._catalogue(taken.publication.edition).mailles}
        return (*latest, *sorted(others - set(latest)))

    def _put(self, filling: Filling, taken: Taken) -> Taken:
        """Put the rows of a publication; return from where they are."""
        one, edition = taken.publication, str(taken.publication.edition)
        if taken.build:
            try:
                lacking = filling.take_build(sound_warehouse(self.settings.home, one.edition))
            except BuildError as error:
                progress.warning("%s is taken from the depot: %s", one, error)
                taken = taken.from_depot
            else:
                if lacking:
                    progress.info("%s has no %s: its build is of an earlier program", one, ", ".join(lacking))
                return taken
        catalogue = self._catalogue(one.edition)
        tables = read_tree(self.repository, taken.commit, catalogue)
        if taken.is_in_force:
            filling.take_tree(edition, tables, catalogue_tables(catalogue, one.edition))
        else:
            filling.take_publication(edition, str(one), tables)
        return taken

    def _catalogue(self, edition: Edition) -> Catalogue:
        try:
            return self.catalogues.of(edition)
        except CatalogueError:  # of an edition that was made elsewhere
            return self.catalogues.latest
