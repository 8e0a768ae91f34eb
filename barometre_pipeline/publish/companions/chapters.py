"""What the README says beside the files: what changed, what may be doubted, where each territory's files are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from barometre_pipeline.french import number
from barometre_pipeline.publish.companions.archive import archive_path
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.companions.news import compared_sentence, in_short
from barometre_pipeline.publish.tree.wording import capitalized

_MOST_ENTRIES = 200  # a level of 35,000 communes has its folder, and no list

Links = list[tuple[str, str]]  # word, path


@dataclass(frozen=True)
class Folder:
    """The files of the territories of a level: a link to each, or to the folders that have them."""

    title: str
    entries: list[tuple[str, Links]]


def chapters(contents: Contents, *, with_archive: bool = True) -> Mapping[str, object]:
    """Return what the README's template takes under these names."""
    changes = [compared_sentence(contents.provenance)]
    if contents.provenance.comparee_a:
        changes += in_short(contents.connection)
    return {
        "changes": "\n\n".join(changes),
        "with_target": _with_target(contents),
        "alerts": contents.connection.execute(_ALERTS).fetchall(),
        "folders": list(_folders(contents)),
        "archive": archive_path(contents.catalogue) if with_archive else None,
        "notes": unit_notes(contents),
    }


_ALERTS = "select phrase, count(*) from anomalies group by regle, phrase order by regle, phrase"


def _with_target(contents: Contents) -> str:
    """Say how many rows of the synthèse have a target."""
    ((rows, targets),) = contents.connection.execute("select count(*), count(cible) from synthese").fetchall()
    return f"Dans la synthèse, {number(targets)} lignes sur {number(rows)} ont une cible."


def unit_notes(contents: Contents) -> list[tuple[str, str, str]]:
    """Return each unit that has a mark, its indicator, and what the mark means, or whom to ask."""
    found = []
    for one in contents.catalogue.indicateurs.values():
        if one.note:
            contact = contents.catalogue.contact_of(one.id)
            asked = " ".join(filter(None, (contact.nom, contact.courriel)))
            note = one.note if one.note_unite else f"{one.note} Pour la demander : {asked}."
            found.append((one.unite, one.libelle, note))
    return found


def _folders(contents: Contents) -> Iterator[Folder]:
    files: dict[tuple[str, str], Links] = defaultdict(list)
    below: dict[str, dict[str, None]] = defaultdict(dict)
    for planned in contents.plan.files:
        (_, part, _), *_ = planned.parts
        if planned.format == "csv" and part.code is not None and part.maille is not None:
            if part.secteur is None:
                files[part.maille, part.code].append((contents.schema.tables[part.table].titre, planned.path))
            else:
                below[part.maille][planned.path.rsplit("/", 2)[0] + "/"] = None
    for maille in contents.catalogue.mailles:
        title = f"Par {maille.libelle}"
        own = [t for t in contents.catalogue.territoires_of(maille.id) if (maille.id, t.code) in files]
        if 0 < len(own) <= _MOST_ENTRIES:
            entries = [(f"{t.libelle} ({t.code})", files[maille.id, t.code]) for t in own]
            yield Folder(f"{title}, tous secteurs", entries)
        if below[maille.id]:
            named = partial(_sector_of, contents)
            yield Folder(f"{title}, dans chaque secteur", [(named(path), [(path, path)]) for path in below[maille.id]])


def _sector_of(contents: Contents, path: str) -> str:
    folders = {contents.schema.racine_secteur.format(dossier=s.dossier): s for s in contents.catalogue.secteurs}
    return next(capitalized(s.libelle) for folder, s in folders.items() if path.startswith(folder))
