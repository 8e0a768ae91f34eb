"""The JSON feeds of the site, held against those that the official site read for 2022-T1, entry by entry."""

import json
from pathlib import Path

import pytest

from barometre_pipeline.editions import Edition
from tests.official_home import backfilled  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

ENTRIES = {"national": 57, "regional": 1026, "departemental": 5757}


def entries(feed: list) -> dict:
    """Return the entry of each territory, policy and indicator; the first of a duplicate."""
    found = {}
    for territory in feed:
        code, name = territory.get("dep") or territory.get("reg"), territory.get("libelle")
        for policy in territory["ovq"]:
            for indicator in policy["indicateurs"]:
                ((id_, (entry,)),) = indicator.items()
                found.setdefault((code, name, policy["id_ovq"], id_), entry)
    return found


@pytest.fixture
def feeds(backfilled) -> Path:
    return backfilled.home.build(Edition.parse("2022-T1")).files / "flux"


@pytest.mark.parametrize("level", ENTRIES)
def test_the_feeds_are_the_official_ones_entry_by_entry(editions, feeds, level):
    name = f"territoire-{level}-global-light.json"
    official = entries(json.loads((editions.parent / "feeds" / "2022-T1" / name).read_text("utf-8")))
    ours = entries(json.loads((feeds / name).read_text("utf-8")))
    assert len(ours) == ENTRIES[level]
    assert ours == official
    assert all(len(entry) == (12 if level == "national" else 14) for entry in ours.values())


def test_the_feeds_of_the_sectors_are_those_of_all_in_parts(feeds):
    for level, count in ENTRIES.items():
        whole = entries(json.loads((feeds / f"territoire-{level}-global-light.json").read_text("utf-8")))
        parts = {}
        for path in (feeds / "secteurs").glob(f"*/territoire-{level}-light.json"):
            parts |= entries(json.loads(path.read_text("utf-8")))
        assert (len(parts), parts) == (count, whole)


def test_territories_policies_and_indicators_are_in_their_order(editions, feeds):
    feed = json.loads((feeds / "territoire-departemental-global-light.json").read_text("utf-8"))
    rows = (editions / "2022-T1" / "catalogue" / "territoires.csv").read_text("utf-8").splitlines()
    assert [t["dep"] for t in feed] == [r.split(",")[1] for r in rows if r.startswith("departementale,")]
    assert len({tuple(p["id_ovq"] for p in t["ovq"]) for t in feed}) == 1
    assert [p["id_ovq"] for p in feed[0]["ovq"]][:2] == ["OVQ-REP", "OVQ-LEC"]
