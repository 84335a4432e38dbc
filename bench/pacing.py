"""Pacing in virtual time, against baselines and bounds: ``python -m bench.pacing``."""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import Any

from bench.engine import machine
from bench.pacing_grid import AGENTS, Cell, cells
from bench.pacing_judging import judged
from bench.pacing_runs import CONTROLLERS, rows
from bench.pacing_section import section
from bench.report import save, write_section
from dialer.simulator.pacing_lab.exponential_chain import ExponentialWorld
from dialer.simulator.pacing_lab.optimum import exact_optimum
from dialer.simulator.pacing_lab.queueing import blind_utilisation

PROCESSES = 2
#: The exact optimum takes two minutes with 100 agents: only for the plain day there.
_EXACT_AGENTS = 25


def reference(cell: Cell) -> dict[str, Any]:
    """Return the bounds of a plain day's cell: exact optimum, and without looking."""
    service_s = float(cell.talk_s + 15)
    exact = cell.agents <= _EXACT_AGENTS or (cell.answer_rate, cell.talk_s) == (0.25, 60)
    world = ExponentialWorld(cell.agents, cell.answer_rate, service_s)
    return {
        "agents": cell.agents,
        "answer_rate": cell.answer_rate,
        "talk_s": cell.talk_s,
        "optimum": round(exact_optimum(world).utilisation, 5) if exact else None,
        "blind": round(blind_utilisation(cell.agents, service_s), 5),
    }


def references(chosen: Iterable[Cell]) -> list[dict[str, Any]]:
    """Return the bounds of every plain day's cell."""
    plain = [cell for cell in chosen if cell.variation == "stationary"]
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(reference, plain[::-1]))


def measured(chosen: Sequence[Cell], controllers: Sequence[str]) -> list[dict[str, Any]]:
    """Run every cell with every controller; tells each row as it comes."""
    found: list[dict[str, Any]] = []
    for row in rows(chosen, controllers, PROCESSES):
        told = row.as_json()
        told["goal"] = row.cell.goal if row.cell.variation == "stationary" else None
        found.append(told)
        print(
            f"{told['scenario']}: {told['controller']} {told['utilisation']:.2%},"
            f" abandoned {told['abandoned_share']:.2%}, worst seed"
            f" {told['worst_seed_abandoned_share']:.2%}, worst window"
            f" {told['worst_window_share']:.2%}",
            flush=True,
        )
    return sorted(found, key=lambda one: (one["variation"], one["scenario"], one["controller"]))


def main() -> None:
    """Run the bench and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small grid; writes no results")
    parser.add_argument("--controllers", nargs="+", default=list(CONTROLLERS))
    parser.add_argument("--dry", action="store_true", help="write no results")
    parser.add_argument(
        "--agents", nargs="+", type=int, choices=AGENTS, help="only these; writes no results"
    )
    given = parser.parse_args()
    facts, began = machine(), perf_counter()
    agents = given.agents or ((5, 25) if given.quick else AGENTS)
    chosen = list(cells(agents, quick=given.quick))
    found = measured(chosen, given.controllers)
    figures: dict[str, Any] = {
        "rows": found,
        "judged": judged(found),
        "references": references(chosen),
        "seeds_few": max(len(cell.seeds) for cell in chosen),
        "seeds_many": min(len(cell.seeds) for cell in chosen),
        "machine": facts,
    }
    figures["took_s"] = round(perf_counter() - began, 1)
    if given.dry or given.quick or given.agents:
        print(section(figures))
        return
    save("pacing", figures)
    write_section("pacing", section(figures))


if __name__ == "__main__":
    main()
