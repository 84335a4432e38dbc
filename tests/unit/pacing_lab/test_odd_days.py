"""Odd days: every file can be simulated, and the table tells the worst campaign of the worst seed."""

from pathlib import Path
from typing import Any

import pytest

from bench import pacing_kept
from bench import pacing_odd_days as odd
from dialer.simulator.pacing_lab.scenario import read


def test_every_day_can_be_read_and_has_a_name_of_its_own() -> None:
    found = odd.days()
    assert len(found) >= 18
    assert len({raw["name"] for raw in found.values()}) == len(found)
    for raw in found.values():
        read(raw)


def test_a_day_is_simulated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing_kept, "FOLDER", tmp_path)
    short: Any = {"name": "short", "hours": 0.2, "agents": 4, "answer_rate": 0.3}
    monkeypatch.setattr(odd, "days", lambda: {"short": short})
    first = odd.one_day(("short", "progressive", 1))
    monkeypatch.delattr(odd, "run_day")
    assert odd.one_day(("short", "progressive", 1)) == first
    assert first["worst_campaign_share"] == first["figures"]["abandoned_share"] == 0.0


def test_the_table_tells_the_worst_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odd, "days", lambda: {"x": {"name": "x-ray"}})
    row: dict[str, Any] = {"name": "x-ray", "utilisation": 0.8, "abandoned_share": 0.0288}
    row |= {"worst_campaign_share": 0.0312, "worst_window_share": 0.05}
    rows = [row | {"controller": name} for name in odd.CONTROLLERS]
    told = odd.section({"rows": rows, "machine": {"cores": 2, "python": "3.11"}})
    assert "| x-ray | 80.0 / 2.88 (3.12, 5.0) | 80.0 / 2.88 |" in told
    assert "by every seed on 0 of 1 days" in told
