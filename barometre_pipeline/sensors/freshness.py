"""How fresh each delivery is, by the frequency that the catalogue announces of what it brings: a check of its asset.

It is late where its last new contents are older than one and a half times that. No edition is blocked by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from dagster import (
    AssetCheckEvaluation,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import Home
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.names import own_key
from barometre_pipeline.runs.partitions import TIMEZONE
from barometre_pipeline.settings import Settings

NAME = "fraicheur"
_DAYS_A_MONTH = 30.44 * 1.5
_READ = """
select l.livraison, list_max(l.recus_le)::date, min(f.mois_annonces)
from raw.livraisons as l
join (select distinct livraison, id_indicateur, maille from stg_valeurs) as v on v.livraison = l.livraison
join int_frequences as f on f.id_indicateur = v.id_indicateur and f.maille = v.maille
where f.mois_annonces is not null and len(l.recus_le) > 0
group by all
order by all
"""


@dataclass(frozen=True)
class Freshness:
    """When a delivery last brought something new, and how often it is announced to, in months."""

    livraison: str
    received: date
    months: int

    @property
    def due(self) -> date:
        """Return the day before which something new is expected."""
        return self.received + timedelta(days=round(self.months * _DAYS_A_MONTH))

    def verdict(self, today: date, nom: str | None = None) -> dict[str, Any]:
        """Return what a check of the barometer of this name says of it."""
        return {
            "asset_key": own_key(nom, _key(self.livraison)),
            "check_name": NAME,
            "passed": today <= self.due,
            "severity": AssetCheckSeverity.ERROR,
            "description": f"Dernier contenu nouveau reçu le {self.received:%d/%m/%Y} ; fréquence annoncée : "
            f"{self.months} mois ; attendu avant le {self.due:%d/%m/%Y}.",
        }


def build_freshness(settings: Settings, catalogues: Catalogues) -> AssetChecksDefinition:
    """Build the checks of the deliveries, which people may run when they like; each day has their verdicts anyway."""
    ids = [livraison.id for livraison in catalogues.livraisons]

    @multi_asset_check(
        name=NAME,
        specs=[
            AssetCheckSpec(NAME, asset=_key(one), description="Le fournisseur livre-t-il comme annoncé ?")
            for one in ids
        ],
        can_subset=True,
    )
    def fraicheur() -> Iterator[AssetCheckResult]:
        with told_plainly():
            known = known_freshness(settings.home)
        for one in known:
            if one.livraison in ids:
                yield AssetCheckResult(**one.verdict(today(), settings.nom))

    return fraicheur


def evaluations(settings: Settings) -> list[AssetCheckEvaluation]:
    """Return today's verdicts, as they are recorded without a run."""
    return [
        AssetCheckEvaluation(**one.verdict(today(), settings.nom), metadata={})
        for one in known_freshness(settings.home)
    ]


def known_freshness(home: Home) -> list[Freshness]:
    """Return what the last build says of the deliveries whose frequency is announced; BuildError where it cannot."""
    built = next((home.build(e).warehouse for e in home.editions if home.build(e).warehouse.is_file()), None)
    if built is None:
        return []
    try:
        with read_warehouse(built) as connection:
            return [Freshness(*row) for row in connection.execute(_READ).fetchall()]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise BuildError(
            f"How fresh the deliveries are is not known: {built} cannot be read ({reason}). Close what holds it; where "
            "it is damaged, build the edition again."
        ) from error


def today() -> date:
    """Return the day that it is in Paris."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


def _key(livraison: str) -> AssetKey:
    return AssetKey(["livraisons", livraison])
