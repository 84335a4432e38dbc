"""Run one scenario: ``python -m dialer.simulator.pacing_lab --scenario FILE.json --json``."""

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from dialer.simulator.pacing_lab.controllers import NAMES, UnknownController, maker
from dialer.simulator.pacing_lab.figures import Day
from dialer.simulator.pacing_lab.running import report, run_day
from dialer.simulator.pacing_lab.scenario import BadScenario, Scenario, load


def main(given: list[str] | None = None) -> int:
    """Run what the command line asks for; return 2 when it cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m dialer.simulator.pacing_lab")
    parser.add_argument("--scenario", type=Path, required=True, help="a file; docs/pacing.md")
    parser.add_argument("--controller", default="predictive", help=", ".join(NAMES))
    parser.add_argument("--seeds", type=_seeds, default=[1, 2, 3], help="for example 1,2,3")
    parser.add_argument("--processes", type=int, default=1, help="seeds at a time; usually 1")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--series", action="store_true", help="with --json: each minute, too")
    asked = parser.parse_args(given)
    try:
        scenario = load(asked.scenario)
        days = _days(scenario, asked.controller, asked.seeds, asked.processes)
    except (BadScenario, UnknownController, OSError) as fault:
        _say(sys.stderr, f"{asked.scenario}: {fault}")
        return 2
    found = {"scenario": scenario.name, "controller": asked.controller, **report(days)}
    if asked.series:
        for day, told in zip(days, found["seeds"], strict=True):
            told["series"] = {name: one.as_json() for name, one in day.series.items()}
    _say(sys.stdout, json.dumps(found, indent=1) if asked.json else _table(found))
    return 0


def _days(scenario: Scenario, controller: str, seeds: list[int], processes: int) -> list[Day]:
    one = partial(_day, scenario, controller)
    if processes <= 1:
        return [one(seed) for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(one, seeds))


def _day(scenario: Scenario, controller: str, seed: int) -> Day:
    return run_day(scenario, maker(controller), seed)


def _seeds(text: str) -> list[int]:
    seeds = [int(part) for part in text.split(",")]
    if any(seed < 0 for seed in seeds):
        raise argparse.ArgumentTypeError("seeds are 0 or more")
    return seeds


_COLUMNS = (
    *("utilisation", "talk_share", "abandoned_share", "worst_window_share"),
    *("first_hour_utilisation", "answered", "dials", "cancelled", "decision_p99_us"),
)


def _table(found: dict[str, Any]) -> str:
    """The figures of each seed and campaign for people to read."""
    overall = found["overall"]
    rows = [(f"seed {one['seed']}", one) for one in found["seeds"]] + [("overall", overall)]
    if len(overall["campaigns"]) > 1:
        rows += overall["campaigns"].items()
    lines = ["  ".join(["", *_COLUMNS])]
    for name, figures in rows:
        cells = [
            f"{figures[column]:{len(column)}.4f}"
            if column.endswith(("utilisation", "share"))
            else f"{figures[column]:{len(column)}.0f}"
            for column in _COLUMNS
        ]
        lines.append("  ".join([name, *cells]))
    width = max(len(line.split("  ")[0]) for line in lines)
    return "\n".join(
        line.split("  ")[0].ljust(width) + line[len(line.split("  ")[0]) :] for line in lines
    )


def _say(stream: Any, text: str) -> None:
    stream.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
