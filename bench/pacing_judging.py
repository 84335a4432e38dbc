"""What is asked of the predictive controller, against what was measured."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from typing import Any

from bench.pacing_grid import (
    BASELINES,
    CEILING,
    FIRST_HOUR_POINTS,
    PLAIN,
    VARIATION_POINTS,
    WINDOW_CEILING,
)

_Row = Mapping[str, Any]
#: Departures that are measured, and promised nothing.
_NOT_ASKED = ("stationary", "second day", "machines to agents")
#: The exact optimum may be missed by this, in points.
_OPTIMUM_POINTS = 1.0


def judged(rows: Sequence[_Row], bounds: Sequence[_Row]) -> list[dict[str, Any]]:
    """Return each demand with how many rows keep it and the worst of them.

    Args:
        rows: of all controllers.
        bounds: what could be reached, by number of agents, answer rate and talk time.
    """
    own = [row for row in rows if row["controller"] == "predictive"]
    plain = {row["agents"]: row for row in own if _is_plain(row)}
    asked = [row for row in own if row["variation"] not in _NOT_ASKED]
    with_goal = [row for row in own if row["goal"] is not None and row["variation"] == "stationary"]
    return [
        *_against_others(own, rows, bounds),
        _judge(
            "utilisation reaches the goal",
            with_goal,
            lambda row: 100 * (row["utilisation"] - row["goal"]),
            0.0,
        ),
        *_departures(asked, plain),
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
        _first_hours(own),
        _judge(
            f"the first hour is at most {FIRST_HOUR_POINTS:g} points below the whole day",
            [row for row in own if row["variation"] == "stationary"],
            lambda row: 100 * (row["first_hour_utilisation"] - row["utilisation"]),
            -FIRST_HOUR_POINTS,
        ),
    ]


def _departures(asked: Sequence[_Row], plain: Mapping[int, _Row]) -> Iterator[dict[str, Any]]:
    rows = [row for row in asked if row["agents"] in plain]
    told = f"a departure costs at most {VARIATION_POINTS:g} point"
    yield _judge(
        told,
        rows,
        lambda row: 100 * (row["utilisation"] - plain[row["agents"]]["utilisation"]),
        -VARIATION_POINTS,
    )
    yield _judge(
        f"{told} besides the agents it takes away",
        rows,
        lambda row: 100 * (row["utilisation"] - usual(plain, row["agents_present"])),
        -VARIATION_POINTS,
    )


def usual(plain: Mapping[int, _Row], agents: float) -> float:
    """Return the utilisation, 0..1, of so many agents on the plain day.

    Between the numbers that were measured, and a little below the least, it is taken to go straight
    with their logarithm.
    """
    known = sorted(plain)
    if len(known) < 2:
        return float(plain[known[0]]["utilisation"])
    above = min(max(bisect_left(known, agents), 1), len(known) - 1)
    low, high = known[above - 1], known[above]
    share = log(agents / low) / log(high / low)
    first, second = plain[low]["utilisation"], plain[high]["utilisation"]
    return float(first + share * (second - first))


def _is_plain(row: _Row) -> bool:
    return (row["answer_rate"], row["talk_s"]) == PLAIN and row["variation"] == "stationary"


def _against_others(
    own: Sequence[_Row], rows: Sequence[_Row], bounds: Sequence[_Row]
) -> Iterator[dict[str, Any]]:
    """Judge against the exact optimum of the plain day, and against the rivals."""
    optimum = {one["agents"]: one["optimum"] for one in bounds if _kind(one) == PLAIN}
    plain = [row for row in own if _is_plain(row) and optimum.get(row["agents"])]
    yield _judge(
        f"within {_OPTIMUM_POINTS:g} point of the exact optimum",
        plain,
        lambda row: 100 * (row["utilisation"] - optimum[row["agents"]]),
        -_OPTIMUM_POINTS,
    )
    best: dict[str, float] = {}
    for row in rows:
        if row["controller"] in BASELINES and row["worst_seed_abandoned_share"] <= CEILING:
            name = row["scenario"]
            best[name] = max(best.get(name, 0.0), row["utilisation"])
    yield _judge(
        "busier than the best rival that keeps the ceiling",
        [row for row in own if row["scenario"] in best],
        lambda row: 100 * (row["utilisation"] - best[row["scenario"]]),
        0.0,
    )


def _first_hours(own: Sequence[_Row]) -> dict[str, Any]:
    """Judge the first hour without history by the same hour with yesterday's learning."""
    learned = {
        row["agents"]: row["first_hour_utilisation"]
        for row in own
        if row["variation"] == "second day"
    }
    return _judge(
        f"the first hour without history loses at most {FIRST_HOUR_POINTS:g} points",
        [row for row in own if _is_plain(row) and row["agents"] in learned],
        lambda row: 100 * (row["first_hour_utilisation"] - learned[row["agents"]]),
        -FIRST_HOUR_POINTS,
    )


def _kind(row: _Row) -> tuple[float, int]:
    return row["answer_rate"], row["talk_s"]


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
