"""The rules between a delivery and the other files: its indicators and levels exist, and each row's territory is told.

Each problem is a sentence with its file, line and key. What a delivery must say on its own is in `deliveries`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.levels import Maille
from barometre_pipeline.catalogue.model import Catalogue, Mesure, Territoire
from barometre_pipeline.catalogue.named import Named, unknown_indicator, unknown_level
from barometre_pipeline.documents.places import Place
from barometre_pipeline.resources.hosts import is_listed, written_host
from barometre_pipeline.resources.schemes import BUCKETS, scheme_of


def delivery_problems(c: Catalogue, named: Named, where: dict[int, Place]) -> Iterator[str]:
    """Yield every broken rule; `where` tells the place of each delivery by its id()."""
    levels = named.levels(c.mailles)
    counts = Counter(maille for maille, _ in named.territoires)
    alone = [maille for maille in levels if counts[maille] == 1]
    for d in c.livraisons:
        problems = list(_unknown_names(d, named, levels))
        if Territoire not in named.incomplete and not d.is_of_commitments:
            problems += _unknown_territories(d, named, levels)
            problems += (((), problem) for problem in _untold_territories(d, levels, alone))
        problems += _hosts_not_listed(d, c)
        yield from (f"{where[id(d)].at(*path)}: {problem}" for path, problem in problems)
    if named.lacks(Livraison, "valeurs", named.contenus):
        yield "livraisons/: no delivery has contenu: valeurs."


def _hosts_not_listed(d: Livraison, c: Catalogue) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the addresses of hosts that the catalogue does not allow; those that variables tell are judged later.

    So is that of an object store, where an address names a bucket.
    """
    allowed = c.general.hotes_autorises if c.general else None  # None where catalogue.yaml is wrong
    addresses = [(("url",), d.url)] + ([(("oauth2", "adresse"), d.oauth2.adresse)] if d.oauth2 else [])
    for path, url in addresses if allowed is not None else ():
        if scheme_of(url or "") not in BUCKETS and (host := written_host(url)) and not is_listed(host, allowed or ()):
            yield path, f"{host} is not in `hotes_autorises` of catalogue.yaml."


def _unknown_names(d: Livraison, named: Named, levels: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each unknown name with the keys that lead to it."""
    indicators: list[tuple[tuple[str, ...], str]] = [(("indicateur",), d.indicateur)] if d.indicateur else []
    indicators += [(("feuilles_indicateur", sheet), name) for sheet, name in (d.feuilles_indicateur or {}).items()]
    indicators += [(("valeurs_indicateur", word), name) for word, name in d.valeurs_indicateur.items()]
    for path, name in indicators:
        if named.lacks(Mesure, name, named.indicateurs):
            yield path, unknown_indicator(name, named)
    said: list[tuple[tuple[str, ...], str]] = [(("maille",), d.maille)] if d.maille else []
    for key, words in (("feuilles", d.feuilles or {}), ("valeurs_maille", d.valeurs_maille)):
        said += [((key, word), maille) for word, maille in words.items()]
    for path, maille in said:
        if named.lacks(Maille, maille, set(levels)):
            yield path, unknown_level(maille, levels)


def _unknown_territories(d: Livraison, named: Named, levels: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each translation to a territory that is none, or to one of several: a code alone is of the row's level."""
    for word, ours in d.valeurs_territoire.items():
        path = ("valeurs_territoire", word)
        maille, _, code = ours.rpartition("/")
        having = [m for m in levels if (m, code) in named.territoires]
        if maille and maille not in levels:
            yield path, unknown_level(maille, levels)
        elif not having or (maille or d.maille or having[0]) not in having:
            where = f" of the level {maille or d.maille!r}" if maille or d.maille else ""
            yield path, f"{ours!r} is not a territory{where} in territoires.csv{_elsewhere(code, having)}."
        elif len(having) > 1 and not maille and not d.tells_levels:
            yield path, f"{ours!r} stands in several levels; write {_elsewhere(code, having, '')}."


def _elsewhere(code: str, levels: list[str], before: str = "; write ") -> str:
    return before + " or ".join(f"{maille}/{code}" for maille in levels) if levels else ""


def _untold_territories(d: Livraison, levels: list[str], alone: list[str]) -> Iterator[str]:
    """Hold that a row without a territory is that of a level with one territory, which must then be said."""
    if "maille" in d.colonnes:
        said = set(d.valeurs_maille.values())
    else:
        said = {d.maille} if d.maille else set((d.feuilles or {}).values())
    told = said and said.isdisjoint(set(levels) - set(alone))
    if not d.names_territories and not told:
        yield (
            "which territory? give colonnes.territoire, colonnes.libelle or colonnes.zone; only a file of a level with "
            f"one territory needs none (maille: {' or '.join(alone) or 'there is no such level'})."
        )
