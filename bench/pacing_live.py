"""The laboratory's prediction against the real Asterisk: ``python -m bench.pacing_live``.

The same controller, the same people: 30 agents' telephones and a carrier whose people answer 30 % of the
calls. Production's worker runs the campaign in real time; the laboratory simulates the same stretch with
many seeds. What was measured must lie within the range in which 95 % of such stretches lie.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import exp, log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import bridge_world
from bench.bridge_world import campaign, network
from bench.engine import child, machine
from bench.report import save, write_section
from cli.embedded.asterisk_config import remove_instance
from cli.embedded.services import Services
from dialer.settings import PROJECT_ROOT, Settings, child_environment
from dialer.simulator.pacing_lab import controllers, scenario
from dialer.simulator.pacing_lab.running import run_day

ANSWER_RATE, RING_LIMIT_S, WRAP_UP_S = 0.3, 25.0, 15.0
RING_MEDIAN_S, RING_SIGMA = 10.85, 0.45
TALK_MEDIAN_S, TALK_SIGMA = 43.5, 0.8
#: Of the seeds; a stretch outside is one in twenty by chance alone. Source: normal distribution.
WITHIN = 1.96
PEOPLE: dict[str, Any] = {
    "name": "pacing",
    "shares": {"answer": ANSWER_RATE, "no_answer": 1 - ANSWER_RATE},
    "ring": {"median_s": RING_MEDIAN_S, "sigma": RING_SIGMA},
    "talk": {"median_s": TALK_MEDIAN_S, "sigma": TALK_SIGMA},
}
SETTINGS: dict[str, Any] = {
    "mode": "predictive",
    "ring_timeout_s": RING_LIMIT_S,
    "wrap_up_s": WRAP_UP_S,
    "record": False,
    "hopper_size": 100,
}
#: Where both count from: the first call. Entries are cut to the stretch.
MEASURED = text(
    """
    WITH bounds AS (
        SELECT min(started_at) AS begun, min(started_at) + make_interval(secs => :length_s) AS ended
        FROM attempt
    ), stretches AS (
        SELECT e.state, extract(epoch FROM least(coalesce(e.ended_at, b.ended), b.ended)
                                         - greatest(e.started_at, b.begun)) AS spent_s
        FROM agent_state_entry e, bounds b
        WHERE e.started_at < b.ended AND coalesce(e.ended_at, b.ended) > b.begun
    ), calls AS (
        SELECT count(*) AS dials,
               count(*) FILTER (WHERE a.answered_at IS NOT NULL) AS answered,
               count(*) FILTER (WHERE a.outcome = 'abandoned') AS abandoned,
               count(*) FILTER (WHERE a.outcome = 'cancelled') AS cancelled
        FROM attempt a, bounds b WHERE a.started_at < b.ended
    )
    SELECT c.*, (SELECT sum(spent_s) FILTER (WHERE state IN ('on_call', 'wrap_up'))
                        / sum(spent_s) FILTER (WHERE state NOT IN ('paused', 'offline'))
                 FROM stretches) AS occupancy
    FROM calls c
    """
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stretch of dialling came to; shares 0..1."""

    occupancy: float
    abandoned_share: float
    answered: int
    abandoned: int
    dials: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """The laboratory's stretches: mean and standard deviation of one figure."""

    mean: float
    deviation: float

    def holds(self, value: float) -> bool:
        """Tell whether a value is as such stretches are."""
        return abs(value - self.mean) <= WITHIN * self.deviation


def lab_people(people: Mapping[str, Any], ring_limit_s: float, wrap_up_s: float) -> dict[str, Any]:
    """Return a simulated public, and production's policy, as keys of a scenario."""
    ring, talk, shares = people["ring"], people["talk"], people["shares"]
    draws = np.random.default_rng(1).lognormal(log(ring["median_s"]), ring["sigma"], 1_000_000)
    in_time = draws[draws < ring_limit_s]
    return {
        "answer_rate": shares["answer"] / sum(shares.values()) * len(in_time) / len(draws),
        "ring": {
            "mean_s": float(in_time.mean()),
            "least_s": 0.0,
            "law": "log_normal",
            "cv": sqrt(exp(ring["sigma"] ** 2) - 1),
        },
        "ring_limit_s": ring_limit_s,
        "talk": {
            "mean_s": talk["median_s"] * exp(talk["sigma"] ** 2 / 2),
            "law": "log_normal",
            "cv": sqrt(exp(talk["sigma"] ** 2) - 1),
        },
        "wrap": {"mean_s": wrap_up_s, "law": "fixed"},
        "policy": {"credit_s": 0.0, "window": {"length_s": 86_400.0}},
    }


def lab_scenario(agents: int, minutes: float) -> scenario.Scenario:
    """Return the same stretch for the laboratory, with production's policy."""
    people = lab_people(PEOPLE, RING_LIMIT_S, WRAP_UP_S)
    return scenario.read({"agents": agents, "hours": minutes / 60, "lines": 200, **people})


def predict(agents: int, minutes: float, seeds: int) -> tuple[Prediction, Prediction]:
    """Return what the laboratory expects of occupancy and abandoned share."""
    maker = controllers.maker("predictive")
    days = [run_day(lab_scenario(agents, minutes), maker, seed).total for seed in range(seeds)]
    figures = [[day.utilisation for day in days], [day.abandoned_share for day in days]]
    occupancy, abandoned = (Prediction(statistics.mean(f), statistics.stdev(f)) for f in figures)
    return occupancy, abandoned


async def measure(services: Services, folder: Path, agents: int, minutes: float) -> Stretch:
    """Run the campaign on the real Asterisk and read what it came to."""
    bridge_world.PEOPLE.clear()
    bridge_world.PEOPLE.update(PEOPLE)
    leads = int(agents * minutes * 4 / ANSWER_RATE)
    with network(services, folder, agents=agents) as net:
        async with campaign(
            services, net.settings, leads=leads, agents=agents, calls_per_s=50, **SETTINGS
        ) as (settings, engine):
            await _run_worker(settings, engine, folder, minutes * 60)
            async with engine.connect() as connection:
                row = (await connection.execute(MEASURED, {"length_s": minutes * 60})).one()
    share = row.abandoned / row.answered if row.answered else 0.0
    return Stretch(
        float(row.occupancy), share, row.answered, row.abandoned, row.dials, row.cancelled
    )


async def _run_worker(
    settings: Settings, engine: AsyncEngine, folder: Path, length_s: float
) -> None:
    argv = [sys.executable, "-m", "cli", "worker", "dialing"]
    settings = settings.model_copy(update={"shutdown_grace_s": 1.0})  # the stretch is over
    log_file = (folder / "worker.log").open("w")
    with log_file, child(argv, env=child_environment(settings), stderr=log_file, stdout=log_file):
        ended_s = monotonic() + length_s + 60
        while monotonic() < ended_s:
            await asyncio.sleep(5)
            async with engine.connect() as connection:
                dialled = "SELECT extract(epoch FROM now() - min(started_at)) FROM attempt"
                since_s = (await connection.execute(text(dialled))).scalar_one()
            if since_s is not None and since_s > length_s + 5:
                return
    raise RuntimeError((folder / "worker.log").read_text()[-2000:])


def _section(found: dict[str, Any]) -> str:
    measured, lab = found["measured"], found["laboratory"]
    rows = [
        f"| {name} | {100 * measured[key]:.1f} % | {100 * lab[key]['mean']:.1f} %"
        f" | {100 * WITHIN * lab[key]['deviation']:.1f} | {'yes' if found['agrees'][key] else 'NO'} |"
        for name, key in (("occupancy", "occupancy"), ("abandoned", "abandoned_share"))
    ]
    return "\n".join(
        [
            "## Pacing, live",
            "",
            f"`make bench-pacing-live`: {found['agents']} agents on the real Asterisk with SIP and audio,",
            f"{found['minutes']:g} minutes of real time, answer rate 30 %, talk 60 s, wrap-up 15 s, nothing",
            f"learned before; {measured['dials']} calls, {measured['answered']} answers. The laboratory",
            f"simulated the same with {found['seeds']} seeds; 95 % of its stretches lie within the range.",
            "",
            "| | measured | laboratory | ± points | agrees |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def main() -> None:
    """Measure, predict and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    services = Services(PROJECT_ROOT / ".run", instance="bench")
    try:
        with TemporaryDirectory() as folder:
            run = measure(services, Path(folder), given.agents, given.minutes)
            measured = asyncio.run(run)
    finally:
        services.stop_all()
        remove_instance(services.asterisk_root, services.instance)
    occupancy, abandoned = predict(given.agents, given.minutes, given.seeds)
    found = {
        "agents": given.agents,
        "minutes": given.minutes,
        "seeds": given.seeds,
        "measured": asdict(measured),
        "laboratory": {"occupancy": asdict(occupancy), "abandoned_share": asdict(abandoned)},
        "agrees": {
            "occupancy": occupancy.holds(measured.occupancy),
            "abandoned_share": abandoned.holds(measured.abandoned_share),
        },
        "machine": machine(),
    }
    print(json.dumps(found, indent=1))
    if not given.dry:
        save("pacing_live", found)
        write_section("pacing-live", _section(found))


if __name__ == "__main__":
    main()
