"""Days of other shapes than the grid's, one file each in ``odd_days``: ``python -m bench.pacing_odd_days``.

Nothing was tuned on them. Like the grid, a run that was cut goes on where it stopped.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import pacing_kept
from bench.engine import machine
from bench.pacing_grid import CEILING
from bench.report import save, write_section
from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.figures import Figures, together
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import read

FOLDER = Path(__file__).parent / "odd_days"
CONTROLLERS = ("predictive", "progressive", "vicidial", "erlang")
SEEDS = (1, 2, 3)
#: Of the day's figures, what is written down.
_TOLD = (
    *("utilisation", "abandoned_share", "worst_seed_abandoned_share", "worst_window_share"),
    *("answered", "abandoned"),
)

_Task = tuple[str, str, int]  #: file's name, controller, seed


def days() -> dict[str, Any]:
    """Return every day's scenario as plain values, by its file's name."""
    return {one.stem: json.loads(one.read_text("utf-8")) for one in sorted(FOLDER.glob("*.json"))}


def one_day(task: _Task) -> dict[str, Any]:
    """Simulate a day, if no earlier run has; return its figures, and the worst campaign's share."""
    name, controller, seed = task
    raw = days()[name]
    kept = pacing_kept.place(controller, ["odd day", raw, seed])
    former = pacing_kept.read(kept)
    if former is not None:
        return dict(former)
    day = run_day(read(raw), maker(controller), seed)
    worst = max(one.abandoned_share for one in day.campaigns.values())
    found = {"figures": asdict(day.total), "worst_campaign_share": worst}
    pacing_kept.write(kept, found)
    return found


def rows(found: Mapping[_Task, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Put the seeds of each day and controller together."""
    names = {name: raw["name"] for name, raw in days().items()}
    for name, told in names.items():
        for controller in CONTROLLERS:
            own = [found[name, controller, seed] for seed in SEEDS]
            whole = together([Figures(**one["figures"]) for one in own])
            worst = max(one["worst_campaign_share"] for one in own)
            figures = {key: round(whole[key], 5) for key in _TOLD}
            head = {"day": name, "name": told, "controller": controller}
            yield {**head, **figures, "worst_campaign_share": round(worst, 5)}


def section(figures: Mapping[str, Any]) -> str:
    """Return the rows as a table, each day with all its controllers in a line."""
    by_day: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in figures["rows"]:
        by_day.setdefault(row["name"], {})[row["controller"]] = row
    own = [one["predictive"] for one in by_day.values()]
    kept = sum(row["worst_campaign_share"] <= CEILING for row in own)
    lines = [
        "## Pacing on odd days",
        "",
        f"`make bench-pacing-odd`: days of other shapes (`bench/odd_days/`), {len(SEEDS)} seeds each."
        " Utilisation / abandoned in percent, in brackets the worst seed of the worst campaign, and"
        f" the worst 30 minutes. The ceiling of {CEILING:.0%} is kept by every seed on {kept} of"
        f" {len(own)} days.",
        "",
        "| day | predictive | progressive | adaptive level | Erlang |",
        "|---|---|---|---|---|",
    ]
    for name, controllers in by_day.items():
        first, *others = (controllers[one] for one in CONTROLLERS)
        worst = (
            f"{100 * first['worst_campaign_share']:.2f}, {100 * first['worst_window_share']:.1f}"
        )
        cells = [f"{_cell(first)} ({worst})", *map(_cell, others)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    facts = figures["machine"]
    return "\n".join([*lines, "", f"Machine: {facts['cores']} cores, Python {facts['python']}."])


def _cell(row: Mapping[str, Any]) -> str:
    return f"{100 * row['utilisation']:.1f} / {100 * row['abandoned_share']:.2f}"


def measured(todo: Sequence[_Task], processes: int) -> dict[_Task, dict[str, Any]]:
    """Simulate every day with every controller and seed."""
    with ProcessPoolExecutor(processes) as pool:
        return dict(zip(todo, pool.map(one_day, todo), strict=True))


def main() -> None:
    """Run the bench and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    todo = [(name, one, seed) for name in days() for one in CONTROLLERS for seed in SEEDS]
    figures = {"rows": list(rows(measured(todo, given.processes))), "machine": machine()}
    save("pacing_odd_days", figures)
    write_section("pacing-odd", section(figures))


if __name__ == "__main__":
    main()
