"""300 agents, in the laboratory and in real time: ``python -m bench.pacing_300``."""

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench import pacing_300_live, pacing_dynamics
from bench.engine import machine
from bench.pacing_300_section import picture, section
from bench.report import DOCUMENT, save, write_section
from cli.embedded.services import Services
from dialer.settings import PROJECT_ROOT

#: Asked of 300 agents: a decision's time, and that a jump from 10 to 40 % is over by then.
DECISION_US, RECOVERED_S, CEILING = 1000.0, 90.0, 0.03
#: A later peak of the autocorrelation above this is a swing.
SWING = 0.2


def judged(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each demand, whether it is kept, and the figure that says so."""
    steady, live = figures["steady"], figures["live"]
    up = [jump for jump in figures["jumps"] if jump["to_rate"] > jump["from_rate"]]
    rows = [
        ("a decision takes at most 1 ms (p99), laboratory", steady["decision_p99_us"], DECISION_US),
        ("no later peak of the autocorrelation above 0.2", steady["later_peak"], SWING),
    ]
    if live is not None:
        rows += [
            ("the same, controller in real time", live["decision_p99_us"], DECISION_US),
            ("the same, with the facts gathered", live["whole_p99_us"], DECISION_US),
            ("the same peak in real time", live["later_peak"], SWING),
        ]
    for policy in pacing_dynamics.POLICIES:
        own = [jump for jump in up if jump["judged"] == policy]
        rows += [
            (
                f"10 to 40 %, share judged {policy}: recovered within 90 s",
                max(jump["recovered_s"] for jump in own),
                RECOVERED_S,
            ),
            (
                f"10 to 40 %, share judged {policy}: at most 3 % then",
                max(jump["day_share" if policy == "at the end" else "worst_share"] for jump in own),
                CEILING,
            ),
        ]
    return [
        {"asked": asked, "kept": worst <= most, "worst": worst, "most": most}
        for asked, worst, most in rows
    ]


def _live(agents: int, minutes: float) -> dict[str, Any]:
    services = Services(PROJECT_ROOT / ".run", instance="bench")
    try:
        with TemporaryDirectory() as folder:
            found = asyncio.run(
                pacing_300_live.measure(services, Path(folder), agents=agents, minutes=minutes)
            )
    finally:
        services.stop_all()
    return {**asdict(found), "laboratory": pacing_300_live.predict(agents, minutes)}


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=6, help="in real time; 0: not at all")
    parser.add_argument("--hours", type=float, default=1.5, help="of the day without changes")
    parser.add_argument("--seeds", type=int, default=2, help="of the jumps")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    facts, began = machine(), perf_counter()
    # First: the laboratory keeps all cores busy.
    live = _live(pacing_dynamics.AGENTS, given.minutes) if given.minutes else None
    print(json.dumps({"live": live}), flush=True)
    seeds = tuple(range(1, given.seeds + 1))
    lab = pacing_dynamics.measure("predictive", seeds, given.hours, given.processes)
    figures: dict[str, Any] = {**lab, "live": live}
    figures |= {"judged": judged(figures), "machine": facts}
    figures["took_s"] = round(perf_counter() - began, 1)
    if given.dry:
        print(json.dumps(figures, indent=1))
        return
    save("pacing_300", figures)
    (DOCUMENT.parent / "images" / "pacing-300.svg").write_text(picture(figures), encoding="utf-8")
    write_section("pacing-300", section(figures))


if __name__ == "__main__":
    main()
