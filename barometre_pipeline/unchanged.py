"""Is there anything new? A build that a run takes as it is; an edition for which nobody delivered anything.

A build is taken where its deliveries, catalogue, code, and the edition that it was compared with, are those of the run,
whatever engine made it: all give the same cells.
The steps that would have made it find a mark in the place of the build under way.
"""

from __future__ import annotations

from barometre_pipeline.builds import Build, Origin, recorded_origin, whole_build
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError, PublicationError
from barometre_pipeline.home import Home
from barometre_pipeline.package_files import code_identity
from barometre_pipeline.resources.atomic import read_record
from barometre_pipeline.resources.deliveries import valid_snapshot
from barometre_pipeline.setting_rules import DUCKDB
from barometre_pipeline.settings import Settings
from barometre_pipeline.trees import verified_entries


def may_be_unchanged(home: Home, edition: Edition, catalogue: Catalogue) -> bool:
    """Tell whether a build in place was made by this program from this catalogue: what is delivered will decide."""
    origin = recorded_origin(home, edition)
    return origin is not None and (origin.catalogue, origin.code) == (catalogue.version, code_identity())


def present_origin(
    settings: Settings, edition: Edition, catalogue: Catalogue, compared: tuple[str | None, str | None]
) -> Origin | None:
    """Return what a build made now would be made from; None where a delivery is not stored whole.

    `compared` is the tag of the publication that it would be compared with, and its commit.
    """
    folder = settings.home.deliveries(edition)
    stored = [valid_snapshot(folder, id_) for id_ in sorted(d.id for d in catalogue.livraisons)]
    manifests = [snapshot.manifest for snapshot in stored if snapshot]
    if len(manifests) < len(stored):
        return None
    return Origin(
        livraisons={m.livraison: {f.nom: f.sha256 for f in m.fichiers} for m in manifests},
        retards={m.livraison: m.edition for m in manifests if m.edition != str(edition)},
        demonstration=settings.sources is None,
        catalogue=catalogue.version,
        code=code_identity(),
        comparee_a=compared[0],
        commit_compare=compared[1],
        archive=settings.git_zip,
    )


def same_build(home: Home, edition: Edition, origin: Origin | None) -> Build | None:
    """Return the build in place where it is whole, to the last file of its tree, and of this origin."""
    try:
        build = whole_build(home, edition)
        if origin is None or build.record.origine.identity != origin.identity:
            return None
        verified_entries(build.folder.files)
    except (BuildError, PublicationError):
        return None
    return build


def take_as_it_is(home: Home, edition: Edition, build: Build) -> None:
    """Leave the mark that says that the build in place is taken."""
    building = home.building(edition)
    building.root.mkdir()
    building.taken.write_text(told(build), "utf-8")


def told(build: Build) -> str:
    """Say that a build is taken, as the UI shows it, and which engine made it, where that is not the usual one."""
    made = "" if build.record.moteur == DUCKDB else f" (moteur : {build.record.moteur})"
    return f"construction du {build.record.fait_le:%Y-%m-%d}{made}, reprise telle quelle"


def taken_as_it_is(home: Home, edition: Edition) -> dict[str, str] | None:
    """Return what a step says in its metadata where the build in place is taken as it is, None where one is made."""
    mark = home.building(edition).taken
    return {"rien_de_nouveau": mark.read_text("utf-8")} if mark.is_file() else None


def nothing_since(home: Home, edition: Edition, origin: Origin) -> Edition | None:
    """Return the last edition published before, where what is delivered for this one is what it was made from."""
    if _is_published(home, edition):
        return None
    last = next((e for e in home.editions_before(edition) if _is_published(home, e)), None)
    before = recorded_origin(home, last) if last else None
    return last if before and _contents(before) == _contents(origin) else None


def _is_published(home: Home, edition: Edition) -> bool:
    return "push" in read_record(home.build(edition).journal)


def _contents(origin: Origin) -> dict[str, list[str]]:
    """Return the sha256 of what each delivery holds: the names of its files may tell the quarter."""
    return {livraison: list(files.values()) for livraison, files in origin.livraisons.items()}
