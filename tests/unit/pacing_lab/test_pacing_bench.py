"""The pacing bench: a run that was cut goes on, and demands are judged as they were made."""

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import pacing_kept, pacing_runs
from bench.pacing import measured
from bench.pacing_300 import judged as judged_300
from bench.pacing_300_section import picture, section
from bench.pacing_grid import BASELINES, Cell
from bench.pacing_judging import judged
from bench.pacing_runs import CONTROLLERS, Task, run, tasks

SHORT = Cell(agents=5, answer_rate=0.25, talk_s=60, hours=0.2, seeds=(1, 2, 3))


@pytest.fixture(autouse=True)
def _kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing_kept, "FOLDER", tmp_path)


def test_what_is_finished_is_not_done_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    todo = tasks([SHORT], ["progressive", "predictive"])
    assert [task.controller for task in todo].count("progressive") == 2
    for task in todo[:4]:
        run(task)
    (last,) = todo[4:]
    ran: list[Task] = []

    def one(task: Task) -> pacing_runs.Found:
        ran.append(task)
        return run(task)

    monkeypatch.setattr(pacing_runs, "run", one)
    monkeypatch.setattr(pacing_runs, "ProcessPoolExecutor", _Here)
    whole = measured(todo, processes=1)
    assert ran == [last]
    assert [row["controller"] for row in whole] == ["predictive", "progressive"]
    assert [row["seeds"] for row in whole] == [3, 2]
    assert "5 of 5, about 0 min left" in capsys.readouterr().out
    ran.clear()
    assert measured(todo, processes=1) == whole
    assert ran == []


class _Here:
    """Runs what is submitted at once, in this process."""

    def __init__(self, processes: int) -> None:
        assert processes == 1

    def __enter__(self) -> "_Here":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def submit(self, do: Any, task: Task) -> Any:
        """Do it."""
        future: Future[Any] = Future()
        future.set_result(do(task))
        return future


def test_a_change_of_the_controller_leaves_the_rivals_days_valid() -> None:
    """Fingerprints are of the files on disk; the two kinds of controllers do not share one."""
    assert pacing_kept.code_of("progressive") == pacing_kept.code_of("vicidial")
    assert pacing_kept.code_of("predictive") == pacing_kept.code_of("clairvoyant")
    assert pacing_kept.code_of("predictive") != pacing_kept.code_of("progressive")
    one, other = (Task(replace(SHORT, hours=hours), "progressive", 1) for hours in (0.2, 0.3))
    assert pacing_kept.place("progressive", one.asked) != pacing_kept.place(
        "progressive", other.asked
    )


def test_rivals_have_fewer_seeds_and_fewer_days() -> None:
    pauses = replace(SHORT, variation="pauses")
    for name in BASELINES:
        assert SHORT.seeds_of(name) == (1, 2)
        assert pauses.seeds_of(name) == ()
    assert SHORT.seeds_of("clairvoyant") == (1, 2)
    assert replace(SHORT, talk_s=180).seeds_of("clairvoyant") == ()
    assert pauses.seeds_of("predictive") == (1, 2, 3)
    assert {task.controller for task in tasks([SHORT], CONTROLLERS)} == set(CONTROLLERS)


def row(controller: str = "predictive", **told: Any) -> dict[str, Any]:
    """A row of the plain day with 10 agents."""
    return {
        **{"scenario": "x", "controller": controller, "agents": 10, "answer_rate": 0.25},
        **{"talk_s": 60, "variation": "stationary", "goal": 0.805, "utilisation": 0.805},
        **{"worst_seed_abandoned_share": 0.029, "worst_window_share": 0.05},
        "first_hour_utilisation": 0.78,
        "agents_present": 10.0,
        **told,
    }


def test_the_optimum_the_rivals_and_the_learned_hour_are_judged() -> None:
    rows = [
        row(),
        row("progressive", utilisation=0.46),
        row("best ratio", utilisation=0.81),
        row("vicidial", utilisation=0.9, worst_seed_abandoned_share=0.04),
        row(variation="second day", scenario="y", first_hour_utilisation=0.85),
    ]
    bounds = [{"agents": 10, "answer_rate": 0.25, "talk_s": 60, "optimum": 0.814}]
    found = {one["asked"]: one for one in judged(rows, bounds)}
    assert found["within 1 point of the exact optimum"]["kept"] == 1
    rival = found["busier than the best rival that keeps the ceiling"]
    assert (rival["kept"], rival["worst"]) == (0, "-0.50 (x)")  # the adaptive level breaks the law
    first = found["the first hour without history loses at most 6 points"]
    assert (first["kept"], first["of"]) == (0, 1)


CURVE = [{"s": s, "busy": 0.9, "ringing": 10.0, "answered": 4, "abandoned": 1} for s in (-10, 0)]
JUMP = {
    **{"from_rate": 0.1, "to_rate": 0.4, "judged": "at the end", "seed": 1, "settled_s": 30.0},
    **{"recovered_s": 80.0, "share_back_s": 40.0, "abandoned_90_s": 9, "answered_90_s": 300},
    **{"busy_before": 0.99, "busy_after": 0.98, "least_busy_minute": 0.95, "curve": CURVE},
    **{"worst_share": 0.031, "day_share": 0.029},
}
FIGURES: dict[str, Any] = {
    "steady": {
        **{"decision_p50_us": 100.0, "decision_p99_us": 400.0, "utilisation": 0.99},
        **{"abandoned_share": 0.029, "in_flight_mean": 300.0, "in_flight_sd": 30.0},
        **{"autocorrelation": {1: 0.9, 60: -0.1}, "busy_autocorrelation": {1: 0.8, 60: 0.0}},
        **{"later_peak": 0.05, "strongest_period_s": 40.0, "strongest_share": 0.1},
    },
    "live": None,
    "jumps": [JUMP, {**JUMP, "judged": "at every moment", "recovered_s": 270.0}],
    "machine": {
        **{"cores": 2, "memory_gb": 8, "system": "Linux", "python": "3", "load_1m_before": 0}
    },
    "took_s": 60.0,
}


def test_what_is_asked_of_300_agents_is_judged_by_policy() -> None:
    kept = {one["asked"]: one["kept"] for one in judged_300(FIGURES)}
    assert kept["10 to 40 %, share judged at the end: recovered within 90 s"]
    assert kept["10 to 40 %, share judged at the end: at most 3 % then"]  # the day's
    assert not kept["10 to 40 %, share judged at every moment: recovered within 90 s"]
    assert not kept["10 to 40 %, share judged at every moment: at most 3 % then"]
    assert kept["no later peak of the autocorrelation above 0.2"]


def test_the_section_and_the_picture_show_both_policies() -> None:
    told = {**FIGURES, "judged": judged_300(FIGURES)}
    text = section(told)
    assert "| 10% to 40% | at every moment | 1 | 270 |" in text
    assert "images/pacing-300.svg" in text
    drawn = picture(told)
    assert drawn.startswith("<svg")
    assert drawn.count("<polyline") == 5
