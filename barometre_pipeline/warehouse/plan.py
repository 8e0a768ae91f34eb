"""What the history is made of: each publication of the depot, and from where its rows are taken.

An edition in force has its rows from the home's build where that is what was published, else from the depot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa

from barometre_pipeline.builds import MANIFEST, SUMS, recorded_origin
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.home import BuildFolder, Home
from barometre_pipeline.publish.tree.manifest import data_sums
from barometre_pipeline.warehouse.definition import DEPOT_TABLES


@dataclass(frozen=True)
class Taken:
    """A publication, with what its rows are taken from: the home's build, else (`build` is None) the depot's tree.

    `source` identifies that, `definition` the tables that the rows are put into.
    """

    publication: Publication
    commit: str
    in_force: Publication | None
    sha256_catalogue: str | None
    definition: str
    source: str
    build: BuildFolder | None = None
    retiree: bool = False

    @property
    def is_in_force(self) -> bool:
        """Tell whether it is the last of its edition that is not withdrawn."""
        return self.publication == self.in_force

    @property
    def empreinte(self) -> str:
        """Return the sha256 of what its rows are made of, and of how."""
        said = f"{self.definition} {self.publication} {self.is_in_force} {self.retiree} {self.source}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def from_depot(self) -> Taken:
        """Return the same, its rows taken from the depot."""
        return replace(self, build=None, source=self.commit)


def plan_history(repository: GitRepository, publications: Publications, home: Home, definition: str) -> list[Taken]:
    """Return what is to be in the history, in the order of the publications; `definition` is that of its tables."""
    return [_taken(repository, publications, home, definition, one) for one in sorted(publications.commits)]


def _taken(
    repository: GitRepository, publications: Publications, home: Home, definition: str, one: Publication
) -> Taken:
    commit = publications.commits[one]
    files = repository.files(commit, [MANIFEST, SUMS])
    catalogue = _catalogue_of(files.get(MANIFEST, b"{}"))
    retiree = one in publications.withdrawn
    taken = Taken(one, commit, publications.last(one.edition), catalogue, definition, commit, retiree=retiree)
    if taken.is_in_force and (found := _build_of(home, one, files.get(SUMS, b"").decode())):
        return replace(taken, build=found[0], source=found[1])
    return taken


def _build_of(home: Home, one: Publication, sums: str) -> tuple[BuildFolder, str] | None:
    """Return the home's build of a publication and what it was made from, where its data are those published."""
    build, origin = home.build(one.edition), recorded_origin(home, one.edition)
    listed = build.files / SUMS
    if origin is None or not sums or not listed.is_file():
        return None
    return (build, origin.identity) if data_sums(listed.read_text("utf-8")) == data_sums(sums) else None


def _catalogue_of(manifest: bytes) -> str | None:
    try:
        said = json.loads(manifest)
    except ValueError:
        return None
    found = said.get("catalogue") if isinstance(said, dict) else None
    return str(found) if found else None


def editions_table(plan: Iterable[Taken], public: Publication | None) -> pa.Table:
    """Return the publications as the model `editions` reads them; `public` is the one that the public sees."""
    rows = [
        {
            "edition": str(t.publication.edition),
            "publication": str(t.publication),
            "commit": t.commit,
            "sha256_catalogue": t.sha256_catalogue,
            "en_vigueur": str(t.in_force) if t.in_force else None,
            "debut": t.publication.edition.start,
            "fin": t.publication.edition.end,
            "correction": t.publication.correction,
            "correction_en_vigueur": t.in_force.correction if t.in_force else None,
            "retiree": t.retiree,
            "publique": t.publication == public,
            "provenance": "construction" if t.build else "depot",
            "empreinte": t.empreinte,
        }
        for t in plan
    ]
    return pa.Table.from_pylist(rows, schema=DEPOT_TABLES["publications"])
