"""Pacing in virtual time, against baselines and bounds: ``python -m bench.pacing``.

What is finished is kept under ``.run``: a run that was cut goes on where it stopped.
"""

import argparse
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import Any

from bench import pacing_half_hours as half_hours
from bench import pacing_kept
from bench.engine import machine
from bench.pacing_grid import AGENTS, CEILING, PLAIN, WINDOW_CEILING, WRAP_S, Cell, cells
from bench.pacing_judging import judged
from bench.pacing_runs import CONTROLLERS, Progress, Task, known, rows, tasks
from bench.pacing_section import section
from bench.report import save, write_section
from dialer.simulator.pacing_lab.exponential_chain import ExponentialWorld
from dialer.simulator.pacing_lab.optimum import exact_optimum
from dialer.simulator.pacing_lab.queueing import blind_utilisation

#: The exact optimum takes two minutes with 100 agents: only for the plain day there.
_EXACT_AGENTS = 25
#: With more, the half hour bears many more people than come by chance.
_FEW_AGENTS = 10


def reference(cell: Cell) -> dict[str, Any]:
    """Return the bounds of a plain day's cell: exact optimum, and without looking."""
    service_s = float(cell.talk_s + WRAP_S)
    exact = cell.agents <= _EXACT_AGENTS or (cell.answer_rate, cell.talk_s) == PLAIN
    asked = {"agents": cell.agents, "answer_rate": cell.answer_rate, "talk_s": cell.talk_s}
    kept = pacing_kept.place("bounds with half hours", asked)
    former = pacing_kept.read(kept)
    if former is not None:
        return dict(former)
    world = ExponentialWorld(cell.agents, cell.answer_rate, service_s)
    found: dict[str, Any] = {
        **asked,
        "optimum": round(exact_optimum(world).utilisation, 5) if exact else None,
        "blind": round(blind_utilisation(cell.agents, service_s), 5),
    }
    if cell.agents <= _FEW_AGENTS:
        found["half_hours"] = half_hours.bound(world, CEILING, WINDOW_CEILING).as_json()
    pacing_kept.write(kept, found)
    return found


def references(chosen: Iterable[Cell], processes: int) -> list[dict[str, Any]]:
    """Return the bounds of every plain day's cell."""
    plain = [cell for cell in chosen if cell.variation == "stationary"]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(reference, plain[::-1]))


def measured(todo: Sequence[Task], processes: int) -> list[dict[str, Any]]:
    """Do every task; tells each row as it comes, and how long the rest will take."""
    found: list[dict[str, Any]] = []
    clock = _Clock(todo, processes)
    for done in rows(todo, processes):
        told = clock.told(done)
        if done.row is not None:
            row = done.row.as_json()
            row["goal"] = done.row.cell.goal if done.row.cell.variation == "stationary" else None
            found.append(row)
            told += (
                f" | {row['scenario']}: {row['controller']} {row['utilisation']:.2%},"
                f" abandoned {row['abandoned_share']:.2%}, worst seed"
                f" {row['worst_seed_abandoned_share']:.2%}, worst window"
                f" {row['worst_window_share']:.2%}"
            )
        print(told, flush=True)
    return sorted(found, key=lambda one: (one["variation"], one["scenario"], one["controller"]))


class _Clock:
    """Estimates how long the rest takes from how long the work so far did."""

    def __init__(self, todo: Sequence[Task], processes: int) -> None:
        self._fresh = {task for task in todo if known(task) is None}
        self._left_s = sum(task.load_s for task in self._fresh)
        self._done_s = 0.0
        self._began = perf_counter()
        self._count, self._of = 0, len(todo)
        self._processes = processes

    @property
    def minutes_left(self) -> float:
        took_s = perf_counter() - self._began
        pace = took_s / self._done_s if self._done_s > 0 else 1 / self._processes
        return pace * self._left_s / 60

    def told(self, done: Progress) -> str:
        self._count += 1
        if done.task in self._fresh:
            self._left_s -= done.task.load_s
            self._done_s += done.task.load_s
        return f"{self._count} of {self._of}, about {self.minutes_left:.0f} min left"


def main() -> None:
    """Run the bench and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small grid; writes no results")
    parser.add_argument("--controllers", nargs="+", default=list(CONTROLLERS))
    parser.add_argument("--dry", action="store_true", help="write no results")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs finished")
    parser.add_argument("--estimate", action="store_true", help="tell how long it takes, and end")
    parser.add_argument(
        "--agents", nargs="+", type=int, choices=AGENTS, help="only these; writes no results"
    )
    given = parser.parse_args()
    if given.fresh:
        shutil.rmtree(pacing_kept.FOLDER, ignore_errors=True)
    facts, began = machine(), perf_counter()
    agents = given.agents or ((5, 25) if given.quick else AGENTS)
    chosen = list(cells(agents, quick=given.quick))
    todo = tasks(chosen, given.controllers)
    if given.estimate:
        _tell_estimate(todo, given.processes)
        return
    found, bounds = measured(todo, given.processes), references(chosen, given.processes)
    figures: dict[str, Any] = {
        "rows": found,
        "judged": judged(found, bounds),
        "references": bounds,
        "machine": facts,
        "processes": given.processes,
    }
    figures["took_s"] = round(perf_counter() - began, 1)
    if given.dry or given.quick or given.agents:
        print(section(figures))
        return
    save("pacing", figures)
    write_section("pacing", section(figures))


def _tell_estimate(todo: Sequence[Task], processes: int) -> None:
    fresh = [task for task in todo if known(task) is None]
    minutes = sum(task.load_s for task in fresh) / processes / 60
    print(f"{len(fresh)} of {len(todo)} are to be done: about {minutes:.0f} minutes")


if __name__ == "__main__":
    main()
