import json
from pathlib import Path
from typing import Any

import pytest

from dialer.simulator.pacing_lab.scenario import BadScenario, load, read
from tests.pacing_lab import day


def test_keys_at_the_top_are_those_of_every_campaign() -> None:
    scenario = day(patience_s=3, campaigns=[{"name": "a"}, {"answer_rate": 0.5}])
    assert [one.name for one in scenario.campaigns] == ["a", "campaign 2"]
    assert [one.answer_rate for one in scenario.campaigns] == [0.25, 0.5]
    assert {one.patience_s for one in scenario.campaigns} == {3.0}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"agnets": 5}, "unknown field `agnets`"),
        ({"talk": {"mean": 5}}, "unknown field `mean` - at `$.campaigns[0].talk`"),
        ({"answer_rate": 1.5}, "< 1.0"),
        ({"answer_rate": {}}, "either `rate` or `shape`"),
        ({"answer_rate": {"rate": 0.2, "shape": [[0, 0.2]]}}, "either `rate` or `shape`"),
        ({"answer_rate": {"shape": [[2, 0.2], [1, 0.3]]}}, "must ascend"),
        ({"agents": -1}, ">= 0"),
        ({"agents": 6000}, "more than 5000 agents"),
        ({"agents": [{"agents": 2, "from_h": 3, "to_h": 2}]}, "a shift must end"),
        ({"hours": 1000}, "<= 168"),
        ({"tick_s": 5}, "at most 1"),
        ({"target": 0.05}, "`target` must not exceed `ceiling`"),
        ({"ring": {"mean_s": 40}}, "between `ring.least_s` and `ring_limit_s`"),
        ({"fast_failures": 0.7, "machines": 0.5}, "more than all dials"),
        ({"list_order": "sequential"}, "needs `segments` and `list_size`"),
        ({"amd": {"delay_s": 2}}, "leaves nothing"),
        ({"outages": [{"from_h": 2, "to_h": 1}]}, "an outage must end"),
        ({"campaigns": [{"name": "a"}, {"name": "a"}]}, "different names"),
        ({"campaigns": []}, "length >= 1"),
        ({"campaigns": [5]}, "a list of objects"),
        ({"from_h": 2, "to_h": 1}, "`to_h` must be after"),
    ],
)
def test_what_cannot_be_meant_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(BadScenario) as caught:
        day(**keys)
    assert said in str(caught.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(BadScenario, match="missing required field `agents`"):
        read({"answer_rate": 0.2})
    with pytest.raises(BadScenario, match="missing required field `answer_rate`"):
        read({"agents": 2})
    with pytest.raises(BadScenario, match="object"):
        read([])


@pytest.mark.parametrize("text", ['{"agents": NaN}', "{", '{"agents": Infinity}'])
def test_a_file_without_proper_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadScenario, match="no JSON"):
        load(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    raw = {"agents": 3, "answer_rate": {"rate": 0.3, "drift": {"sd": 0.35}}, "name": "drifting"}
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert load(path).name == "drifting"
