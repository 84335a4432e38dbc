import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.simulator.pacing_lab.__main__ import main
from dialer.simulator.pacing_lab.baselines import ErlangPredictor, FixedRatio, Progressive
from dialer.simulator.pacing_lab.controllers import UnknownController, maker, policy_of
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import BadScenario
from dialer.simulator.pacing_lab.vicidial import VicidialAdaptive
from tests.pacing_lab import day

#: What whoever reads the JSON may count on, for each seed, overall and for each campaign.
PROMISED = {
    *("utilisation", "talk_share", "abandoned_share", "worst_window_share"),
    *("first_hour_utilisation", "abandoned", "answered", "dials", "cancelled"),
    *("decision_p50_us", "decision_p99_us"),
}


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A file with two campaigns."""
    path = tmp_path / "scenario.json"
    campaigns = [{"name": "a"}, {"name": "b", "weight": 2}]
    raw = {"agents": 6, "hours": 0.6, "answer_rate": 0.3, "campaigns": campaigns}
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def test_the_module_prints_json(scenario: Path) -> None:
    command = [sys.executable, "-m", "dialer.simulator.pacing_lab", "--scenario", str(scenario)]
    asked = [*command, "--json", "--controller", "progressive", "--seeds", "4,5"]
    done = subprocess.run(asked, capture_output=True, check=True, text=True)  # noqa: S603
    found = json.loads(done.stdout)
    assert [one["seed"] for one in found["seeds"]] == [4, 5]
    for figures in (found["overall"], *found["seeds"]):
        assert set(figures) >= PROMISED
        assert set(figures["campaigns"]) == {"a", "b"}
        assert all(set(one) >= PROMISED for one in figures["campaigns"].values())
    assert found["overall"]["dials"] == sum(one["dials"] for one in found["seeds"])


def test_seeds_side_by_side_are_the_same(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[Any] = []
    for processes in ("1", "2"):
        asked = ["--scenario", str(scenario), "--controller", "ratio:2", "--seeds", "1,2"]
        assert main([*asked, "--json", "--processes", processes]) == 0
        told.append([one["answered"] for one in json.loads(capsys.readouterr().out)["seeds"]])
    assert told[0] == told[1]


def test_a_table_for_people(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", str(scenario), "--controller", "progressive", "--seeds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[1:]] == ["seed 1", "overall", "a", "b"]


def test_each_minute_is_told_when_asked_for(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--scenario", str(scenario), "--controller", "progressive", "--seeds", "1"]
    assert main([*asked, "--json", "--series"]) == 0
    found = json.loads(capsys.readouterr().out)["seeds"][0]
    assert len(found["series"]["a"]["dials"]) == 36
    assert sum(found["series"]["a"]["answered"]) <= found["campaigns"]["a"]["answered"]


@pytest.mark.parametrize(
    ("text", "controller", "said"),
    [
        ('{"agents": 2}', "predictive", "missing required field `answer_rate`"),
        ('{"agents": 2, "answer_rate": 0.2}', "clever", "no controller 'clever'"),
        ('{"agents": 2, "answer_rate": 0.2}', "ratio:0", "between 1 and 100"),
        ('{"agents": 2, "answer_rate": 0.2}', "ratio:x", "no ratio"),
        ('{"agents": 2, "answer_rate": 0.2, "policy": {"x": 1}}', "predictive", "no field x"),
    ],
)
def test_what_cannot_be_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, controller: str, said: str
) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text, encoding="utf-8")
    assert main(["--scenario", str(path), "--controller", controller]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        *("predictive", "progressive", "ratio:1.5", "erlang", "vicidial"),
        *("vicidial:hard_limit", "vicidial:average"),
    ],
)
def test_every_controller_runs_and_keeps_to_its_limits(name: str) -> None:
    scenario = day(hours=0.5, lines=20, calls_per_second=3.0, list_size=300)
    found = run_day(scenario, maker(name), 1).total
    assert found.dials > 20
    assert found.refused_orders == 0


def test_unknown_modes_of_the_adaptive_level_are_refused() -> None:
    with pytest.raises(UnknownController):
        maker("vicidial:soft")


def asked(**keys: Any) -> PredictivePolicy:
    """The production policy of the first campaign of a day."""
    scenario = day(**keys)
    return policy_of(scenario, scenario.campaigns[0])


def test_the_production_policy_is_that_of_the_scenario() -> None:
    keys = {
        "patience_s": 3,
        "target": 0.01,
        "amd": {"delay_s": 0.5, "audited": 0.2},
        "cancels": False,
    }
    policy = asked(**keys, policy={"target_occupancy": 0.8})
    assert (policy.patience_s, policy.target_rate, policy.detection_s) == (3.0, 0.01, 0.5)
    assert policy.audit_share == 0.2
    assert (policy.cancels, policy.target_occupancy) == (False, 0.8)


def test_a_policy_that_contradicts_itself_is_refused() -> None:
    assert asked(ceiling=0.1).burst_ceiling == 0.2
    with pytest.raises(BadScenario, match="dial ratio"):
        asked(policy={"dial_ratio": 0.5})


@pytest.mark.parametrize(
    ("keys", "window"),
    [
        ({"hours": 2}, BudgetWindow(ends_at_s=7200.0)),
        ({"hours": 2, "to_h": 1.5}, BudgetWindow(ends_at_s=5400.0)),
        ({"hours": 2, "to_h": 3}, BudgetWindow(ends_at_s=7200.0)),
        ({"hours": 2, "clock_jumps": [{"at_h": 1, "by_s": -600}]}, BudgetWindow(ends_at_s=6600.0)),
        ({"hours": 2, "clock_jumps": [{"at_h": 1, "by_s": 600}]}, BudgetWindow(ends_at_s=7200.0)),
        ({"policy": {"window": {"length_s": 600}}}, BudgetWindow(600.0)),
        ({"policy": {"window": {}}}, BudgetWindow()),
    ],
)
def test_the_share_is_judged_at_the_end_unless_the_policy_says_otherwise(
    keys: dict[str, Any], window: BudgetWindow
) -> None:
    assert asked(**keys).window == window


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("progressive", Progressive),
        ("ratio:2", FixedRatio),
        ("erlang", ErlangPredictor),
        *((name, VicidialAdaptive) for name in ("vicidial", "vicidial:average")),
        ("predictive", Predictive),
    ],
)
def test_each_name_makes_its_own_controller(name: str, kind: type) -> None:
    scenario = day()
    assert type(maker(name)(scenario, scenario.campaigns[0], None)) is kind
