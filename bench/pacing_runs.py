"""Runs of the pacing bench: every cell with every controller, on several processes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Any

from bench import pacing_kept
from bench.pacing_grid import BASELINES, CEILING, Cell
from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.figures import Figures, together
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import read

CONTROLLERS = ("predictive", *BASELINES, "clairvoyant")
_RATIOS = (
    *(1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0),
    *(6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0),
)
#: Seconds of a decision with its part of the world, on the machine of the bench: for estimates.
_COST_S = {"predictive": 1.8e-4, "clairvoyant": 2.0e-4}
_RIVAL_COST_S = 2.0e-5
#: Days that the search for the best ratio simulates besides one for each seed.
_SEARCH_DAYS = 4

_KEPT = (
    *("utilisation", "talk_share", "abandoned_share", "worst_seed_abandoned_share"),
    *("worst_window_share", "worst_half_hour_share", "first_hour_utilisation"),
    *("worst_seed_utilisation", "abandoned", "answered", "dials", "cancelled"),
    *("refused_orders", "decision_p50_us", "decision_p99_us"),
)


@dataclass(frozen=True)
class Task:
    """One thing for a process to do; without a seed, all that the controller has in the cell."""

    cell: Cell
    controller: str
    seed: int | None

    @property
    def load_s(self) -> float:
        """Return about how long it takes one idle core, seconds."""
        days = 1 if self.seed is not None else _SEARCH_DAYS + len(self.cell.seeds_of("best ratio"))
        cost_s = _COST_S.get(self.controller, _RIVAL_COST_S)
        return days * cost_s * self.cell.decisions

    @property
    def asked(self) -> list[Any]:
        """Return what is asked, as JSON values."""
        seeds = self.cell.seeds_of(self.controller) if self.seed is None else (self.seed,)
        return [self.cell.raw(), list(seeds)]


@dataclass(frozen=True)
class Found:
    """What a task came to."""

    ratio: float | None  #: the best one, where it was looked for
    days: dict[int, Figures]  #: by seed

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        days = {str(seed): asdict(figures) for seed, figures in self.days.items()}
        return {"ratio": self.ratio, "days": days}

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Found":
        """Read what ``as_json`` returned."""
        days = {int(seed): Figures(**figures) for seed, figures in raw["days"].items()}
        return cls(raw["ratio"], days)


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
        seeds = len(self.cell.seeds_of(self.controller))
        present = self.figures["agent_hours"] / (seeds * self.cell.hours)
        return {**head, **ratio, **kept, "seeds": seeds, "agents_present": round(present, 3)}


@dataclass(frozen=True)
class Progress:
    """A task has been done."""

    task: Task
    row: Row | None  #: if it was the row's last one


def tasks(cells: Sequence[Cell], controllers: Sequence[str]) -> list[Task]:
    """Return everything there is to do, the longest first."""
    found = []
    for cell in cells:
        for controller in controllers:
            seeds = cell.seeds_of(controller)
            if controller == "best ratio":
                found += [Task(cell, controller, None)] if seeds else []
            else:
                found += [Task(cell, controller, seed) for seed in seeds]
    return sorted(found, key=lambda task: -task.load_s)


def known(task: Task) -> Found | None:
    """Return what an earlier run found, if the code is the same."""
    kept = pacing_kept.read(pacing_kept.place(task.controller, task.asked))
    return None if kept is None else Found.of(kept)


def run(task: Task) -> Found:
    """Do one task, and keep what it came to."""
    if task.seed is None:
        found = _best_ratio(task.cell)
    else:
        found = Found(None, {task.seed: _day(task.cell, task.controller, task.seed)})
    pacing_kept.write(pacing_kept.place(task.controller, task.asked), found.as_json())
    return found


def rows(todo: Sequence[Task], processes: int) -> Iterator[Progress]:
    """Do all tasks, those of earlier runs first: they are done."""
    gathered: dict[tuple[Cell, str], dict[int, Figures]] = {}
    with ProcessPoolExecutor(processes) as pool:
        waiting = {}
        for task in todo:
            former = known(task)
            if former is None:
                waiting[pool.submit(run, task)] = task
            else:
                yield Progress(task, _row(gathered, task, former))
        for done in as_completed(waiting):
            yield Progress(waiting[done], _row(gathered, waiting[done], done.result()))


def _row(
    gathered: dict[tuple[Cell, str], dict[int, Figures]], task: Task, found: Found
) -> Row | None:
    days = gathered.setdefault((task.cell, task.controller), {})
    days.update(found.days)
    seeds = task.cell.seeds_of(task.controller)
    if len(days) < len(seeds):
        return None
    return Row(task.cell, task.controller, together([days[seed] for seed in seeds]), found.ratio)


def _day(cell: Cell, controller: str, seed: int) -> Figures:
    return run_day(read(cell.raw()), maker(controller), seed).total


def _best_ratio(cell: Cell) -> Found:
    """The highest of the ratios that keeps the ceiling with every seed.

    It is looked for with the first seed, by halving; the other seeds may send it further down.
    """
    first, *rest = cell.seeds_of("best ratio")

    def day(index: int, seed: int) -> Figures:
        return _day(cell, f"ratio:{_RATIOS[index]:g}", seed)

    best, high, found = 0, len(_RATIOS), None
    while high - best > 1:
        middle = (best + high) // 2
        tried = day(middle, first)
        if tried.abandoned_share <= CEILING:
            best, found = middle, tried
        else:
            high = middle
    while True:
        days = {first: found or day(best, first)}
        for seed in rest:
            days[seed] = day(best, seed)
            if days[seed].abandoned_share > CEILING and best:
                break
        else:
            return Found(_RATIOS[best], days)
        best, found = best - 1, None


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 5)
