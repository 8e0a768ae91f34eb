"""The JSON feeds that the barometer's own pages read: `flux/territoire-{nom}-global-light.json`, and one a sector.

In a territory, an indicator is given from its own row of the synthèse, else from that of the nearest territory above
that has one: `from_level` and `from_code` say which. An indicator that has none anywhere above is left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from barometre_pipeline.catalogue import Maille, Mesure, Territoire
from barometre_pipeline.publish.site.beside import short
from barometre_pipeline.publish.site.data import Figure, SiteData

FOLDER = "flux"
_LETTERS = 3  # of a level's name that make its key


def level_keys(mailles: Sequence[Maille]) -> dict[str, str]:
    """Return the key of each level in the feeds: dep, reg, nat; the whole word of those that begin alike."""
    words = {m.id: m.territoire or m.nom for m in mailles}
    alike = Counter(word[:_LETTERS] for word in words.values())
    return {id_: word[:_LETTERS] if alike[word[:_LETTERS]] == 1 else word for id_, word in words.items()}


def json_feeds(data: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield the feed of each level, all sectors together, then those of each sector."""
    catalogue = data.catalogue
    for maille in data.levels:
        yield f"{FOLDER}/territoire-{maille.nom}-global-light.json", _feed(data, maille, catalogue.mesures_ordonnees)
    for secteur, policies in catalogue.by_secteur:
        for maille in data.levels:
            path = f"{FOLDER}/secteurs/{secteur.dossier}/territoire-{maille.nom}-light.json"
            yield path, _feed(data, maille, policies)


def _feed(data: SiteData, maille: Maille, policies: Sequence[Mesure]) -> bytes:
    territories = [
        (_named(data, maille, t) | {"ovq": _policies(data, t, policies)})
        for t in data.catalogue.territoires_of(maille.id)
    ]
    return json.dumps(territories, ensure_ascii=False, separators=(",", ":")).encode()


def _named(data: SiteData, maille: Maille, territoire: Territoire) -> dict[str, Any]:
    if not maille.parent:
        return {}
    return {level_keys(data.catalogue.mailles)[maille.id]: territoire.code, "libelle": territoire.libelle}


def _policies(data: SiteData, territoire: Territoire, policies: Sequence[Mesure]) -> list[dict[str, Any]]:
    above = list(data.lineage(territoire))
    found = []
    for mesure in policies:
        entries = [{i.id: [entry]} for i in mesure.indicateurs if (entry := _entry(data, i.id, above))]
        if entries:
            found.append({"id_ovq": mesure.id, "indicateurs": entries})
    return found


def _entry(data: SiteData, indicateur: str, above: Sequence[Territoire]) -> dict[str, Any] | None:
    for place in above:
        figure = data.figure(indicateur, place)
        if figure and figure.suivi:
            maille = data.catalogue.maille(place.maille)
            level = level_keys(data.catalogue.mailles)[maille.id]
            # The official feeds give the whole no code: its level's name stands there.
            origin = {"from_level": level, "from_code": place.code if maille.parent else maille.nom}
            return _fields(figure, {} if len(above) == 1 else origin)
    return None


def _fields(f: Figure, origin: dict[str, str]) -> dict[str, Any]:
    return {
        "latest_value": short(f.valeur_actuelle),
        "latest_value_date": _day(f.date_valeur_actuelle),
        "initial_value": short(f.valeur_initiale),
        "initial_value_date": _day(f.date_valeur_initiale),
        "progression_last_update_percentage": short(f.pourcentage_progression_derniere_maj),
        "progression_last_update_date": _day(f.progression_derniere_maj_date),
        "progression_last_update": short(f.progression_derniere_maj),
        "progression_percentage": short(f.pourcentage_progression),
        "progression": short(f.progression),
        **origin,
        "target": short(f.cible),
        "target_percentage": short(f.pourcentage_cible),
        "target_date": _day(f.date_cible),
    }


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None
