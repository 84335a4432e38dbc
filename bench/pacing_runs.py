"""Runs of the pacing bench: every cell with every controller, on two processes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Any

from bench.pacing_grid import CEILING, Cell
from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.figures import Figures, together
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import read

CONTROLLERS = ("predictive", "progressive", "best ratio", "vicidial")
_RATIOS = (
    1.0,
    1.25,
    1.5,
    1.75,
    2.0,
    2.5,
    3.0,
    3.5,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
    10.0,
    12.0,
    15.0,
    20.0,
    30.0,
)

_KEPT = (
    *("utilisation", "talk_share", "abandoned_share", "worst_seed_abandoned_share"),
    *("worst_window_share", "worst_half_hour_share", "first_hour_utilisation"),
    *("worst_seed_utilisation", "abandoned", "answered", "dials", "cancelled"),
    *("refused_orders", "decision_p50_us", "decision_p99_us"),
)


@dataclass(frozen=True)
class Task:
    """One thing for a process to do; without a seed, all of the cell's."""

    cell: Cell
    controller: str
    seed: int | None

    @property
    def load(self) -> float:
        """How long it takes, in no unit; only the order matters."""
        cost = {"predictive": 10.0, "best ratio": 4.0 + 2.0 * len(self.cell.seeds)}
        return self.cell.load * cost.get(self.controller, 1.0)


@dataclass(frozen=True)
class Row:
    """One cell with one controller, over its seeds."""

    cell: Cell
    controller: str
    figures: dict[str, Any]
    ratio: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        cell = asdict(self.cell)
        cell.pop("seeds")
        head = {"scenario": self.cell.name, "controller": self.controller, **cell}
        kept = {name: _rounded(self.figures[name]) for name in _KEPT}
        ratio = {} if self.ratio is None else {"ratio": self.ratio}
        return {**head, **ratio, **kept, "seeds": len(self.cell.seeds)}


def tasks(cells: Sequence[Cell], controllers: Sequence[str]) -> list[Task]:
    """Everything there is to do, the longest first."""
    found = [
        Task(cell, controller, seed)
        for cell in cells
        for controller in controllers
        for seed in ((None,) if controller == "best ratio" else cell.seeds)
    ]
    return sorted(found, key=lambda task: -task.load)


def rows(cells: Sequence[Cell], controllers: Sequence[str], processes: int) -> Iterator[Row]:
    """Run everything; yields a row when its last seed is done."""
    gathered: dict[tuple[Cell, str], dict[int, Figures]] = {}
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(run, task): task for task in tasks(cells, controllers)}
        for done in as_completed(waiting):
            task, (ratio, days) = waiting[done], done.result()
            known = gathered.setdefault((task.cell, task.controller), {})
            known.update(days)
            if len(known) == len(task.cell.seeds):
                figures = together([known[seed] for seed in task.cell.seeds])
                yield Row(task.cell, task.controller, figures, ratio)


def run(task: Task) -> tuple[float | None, dict[int, Figures]]:
    """Do one task: the ratio that was found best, if one was looked for, and each seed's figures."""
    if task.seed is None:
        return _best_ratio(task.cell)
    return None, {task.seed: _day(task.cell, task.controller, task.seed)}


def _day(cell: Cell, controller: str, seed: int) -> Figures:
    return run_day(read(cell.raw()), maker(controller), seed).total


def _best_ratio(cell: Cell) -> tuple[float, dict[int, Figures]]:
    """The highest of the ratios that keeps the ceiling with every seed.

    It is looked for with the first seed, by halving; the other seeds may send it further down.
    """
    first, *rest = cell.seeds

    def day(index: int, seed: int) -> Figures:
        return _day(cell, f"ratio:{_RATIOS[index]:g}", seed)

    best, high = 0, len(_RATIOS)
    while high - best > 1:
        middle = (best + high) // 2
        if day(middle, first).abandoned_share <= CEILING:
            best = middle
        else:
            high = middle
    while True:
        days = {first: day(best, first)}
        for seed in rest:
            days[seed] = day(best, seed)
            if days[seed].abandoned_share > CEILING and best:
                break
        else:
            return _RATIOS[best], days
        best -= 1


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 5)
