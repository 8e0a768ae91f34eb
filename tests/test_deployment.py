"""A lasting installation, by its own units: three programs of Dagster, a run killed, and all started again."""

import json
import re
import time
from itertools import pairwise

import pytest

from tests.installation import UNITS, installed, wait_until

GUIDE = (UNITS.parents[1] / "docs" / "exploitation.md").read_text("utf-8")
CHECKS = """query($id: ID!) { runOrError(runId: $id) { ... on Run {
  eventConnection { events { ... on AssetCheckEvaluationEvent {
    evaluation { checkName success partition } } } } } } }"""

pytestmark = [pytest.mark.long, pytest.mark.servers]


def test_after_a_cut_no_run_seems_to_go_on_and_the_edition_is_made_again(tmp_path):
    with installed(tmp_path) as installation:
        refused = installation.launch("2127-01-01")
        wait_until(lambda: installation.status(refused) == "FAILURE", 120)
        assert not (tmp_path / "home" / "editions").exists()

        cut = installation.launch("2022-01-01")
        wait_until(lambda: installation.status(cut) == "STARTED", 120)
        wait_until(lambda: any((tmp_path / "home" / "editions").glob(".*")), 60)
        waiting = installation.launch("2022-04-01")
        installation.kill()

        installation.start()
        wait_until(lambda: installation.status(cut) == "FAILURE", 180)
        wait_until(lambda: installation.status(waiting) in ("SUCCESS", "FAILURE"), 180)
        assert installation.status(waiting) == "SUCCESS"
        again = installation.launch("2022-01-01")
        wait_until(lambda: installation.status(again) in ("SUCCESS", "FAILURE"), 180)
        assert installation.status(again) == "SUCCESS"

        # One check of a partition, which the UI itself refuses, as the guide says to launch it.
        (asked,) = re.findall(r"<<'FIN'\n(.+?)\nFIN\n", GUIDE, re.DOTALL)
        one = installation.answers(**json.loads(asked))["launchRun"]["run"]["runId"]
        wait_until(lambda: installation.status(one) in ("SUCCESS", "FAILURE"), 120)
        events = installation.answers(CHECKS, id=one)["runOrError"]["eventConnection"]["events"]
        evaluated = [event["evaluation"] for event in events if event]
        assert evaluated == [{"checkName": "cle_unique", "success": True, "partition": "2022-01-01"}]


def test_launches_wait_in_order_and_hold_nothing_meanwhile(tmp_path):
    # Those that are refused hold as much as the others: what judges is started with each run.
    ends = {"2022-04-01": "SUCCESS", "2127-01-01": "FAILURE", "2022-01-01": "SUCCESS", "2019-01-01": "FAILURE"}
    ends["2126-01-01"] = "FAILURE"
    with installed(tmp_path) as installation:
        runs = [installation.launch(key) for key in ends]
        judges, under_way = [], []

        def have_ended() -> bool:
            judges.append(installation.processes_of("barometre_pipeline.quality.judge"))
            statuses = [installation.status(run) for run in runs]
            under_way.append(sum(status in ("STARTING", "STARTED") for status in statuses))
            return all(status in ("SUCCESS", "FAILURE") for status in statuses)

        wait_until(have_ended, 400)
        assert max(judges) == max(under_way) == 1
        times = [installation.times(run) for run in runs]
        assert all(ended <= began for (_, ended), (began, _) in pairwise(times))
        assert [installation.status(run) for run in runs] == list(ends.values())


def test_a_pipeline_that_does_not_load_stops_the_heartbeat(tmp_path):
    beat = tmp_path / "battement"
    with installed(tmp_path, BAROMETRE_ALERTES_BATTEMENT=str(beat)) as installation:
        wait_until(beat.exists, 120)
        next_one = time.monotonic() + 65  # what is due each minute
        installation.kill()
        (tmp_path / "catalogue" / "mesures" / "eau.yaml").write_text("id: [\n", "utf-8")
        beat.unlink()
        installation.start(refused="eau.yaml")
        time.sleep(max(10, next_one - time.monotonic()))
        assert not beat.exists()
