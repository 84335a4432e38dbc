"""What is asked of the predictive controller, against what was measured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.pacing_grid import (
    CEILING,
    FIRST_HOUR_POINTS,
    VARIATION_POINTS,
    WINDOW_CEILING,
)

_Row = Mapping[str, Any]
#: Departures that are measured, and promised nothing.
_NOT_ASKED = ("stationary", "second day", "machines to agents")


def judged(rows: Sequence[_Row]) -> list[dict[str, Any]]:
    """Return each demand with how many rows keep it and the worst of them."""
    own = [row for row in rows if row["controller"] == "predictive"]
    plain = {row["agents"]: row for row in own if _is_plain(row)}
    asked = [row for row in own if row["variation"] not in _NOT_ASKED]
    with_goal = [row for row in own if row["goal"] is not None and row["variation"] == "stationary"]
    return [
        _judge(
            "utilisation reaches the goal",
            with_goal,
            lambda row: 100 * (row["utilisation"] - row["goal"]),
            0.0,
        ),
        _judge(
            f"a departure costs at most {VARIATION_POINTS:g} point",
            [row for row in asked if row["agents"] in plain],
            lambda row: 100 * (row["utilisation"] - plain[row["agents"]]["utilisation"]),
            -VARIATION_POINTS,
        ),
        _judge(
            f"at most {CEILING:.1%} abandoned in every seed",
            own,
            lambda row: -100 * row["worst_seed_abandoned_share"],
            -100 * CEILING,
        ),
        _judge(
            f"at most {WINDOW_CEILING:.0%} abandoned in every 30 minutes",
            own,
            lambda row: -100 * row["worst_window_share"],
            -100 * WINDOW_CEILING,
        ),
        _judge(
            f"the first hour loses at most {FIRST_HOUR_POINTS:g} points",
            [row for row in own if row["variation"] == "stationary"],
            lambda row: 100 * (row["first_hour_utilisation"] - row["utilisation"]),
            -FIRST_HOUR_POINTS,
        ),
    ]


def _is_plain(row: _Row) -> bool:
    kind = (row["answer_rate"], row["talk_s"], row["variation"])
    return kind == (0.25, 60, "stationary")


def _judge(
    asked: str, rows: Sequence[_Row], value: Callable[[_Row], float], least: float
) -> dict[str, Any]:
    """Count the rows whose value is at least ``least``."""
    # The figures are rounded to 0.001 %.
    values = {row["scenario"]: value(row) for row in rows}
    kept = sum(one >= least - 1e-3 for one in values.values())
    worst = min(values, key=lambda name: values[name], default="")
    told = f"{abs(values[worst]) if least < -2 else values[worst]:.2f} ({worst})" if worst else ""
    failed = sorted(name for name, one in values.items() if one < least - 1e-3)
    return {"asked": asked, "kept": kept, "of": len(values), "worst": told, "failed": failed}
