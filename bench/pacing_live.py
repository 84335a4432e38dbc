"""The laboratory's prediction against the real Asterisk: ``python -m bench.pacing_live``.

The same controller, the same people: 30 agents' telephones and a carrier whose people answer 30 % of the
calls. Production's worker runs the campaign in real time; the laboratory simulates the same stretch with
many seeds. Each stretch that was measured, with other people each time, must lie within the range in which
95 % of such stretches lie, and the mean of all in which 95 % of such means lie.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
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

    def holds(self, *values: float) -> bool:
        """Tell whether a value is as such stretches are; of several, whether their mean is."""
        deviation = self.deviation / sqrt(len(values))
        return abs(statistics.mean(values) - self.mean) <= WITHIN * deviation


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


async def measure(
    services: Services, folder: Path, agents: int, minutes: float, seed: int
) -> Stretch:
    """Run the campaign on the real Asterisk and read what it came to; ``seed`` draws the people."""
    bridge_world.PEOPLE.clear()
    bridge_world.PEOPLE.update(PEOPLE)
    leads = int(agents * minutes * 4 / ANSWER_RATE)
    with network(services, folder, agents=agents, seed=seed) as net:
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


def judged(
    stretches: Sequence[Stretch], occupancy: Prediction, abandoned: Prediction
) -> dict[str, list[bool]]:
    """Tell for each figure which stretches agree with the laboratory; at last, whether the mean does."""
    busy = [one.occupancy for one in stretches]
    lost = [one.abandoned_share for one in stretches]
    return {
        "occupancy": [occupancy.holds(value) for value in busy] + [occupancy.holds(*busy)],
        "abandoned_share": [abandoned.holds(value) for value in lost] + [abandoned.holds(*lost)],
    }


def _section(found: dict[str, Any]) -> str:
    stretches, lab, agrees = found["measured"], found["laboratory"], found["agrees"]
    names = [f"people {seed}" for seed in found["people"]] + ["mean"]
    rows = []
    for name, key in (("occupancy", "occupancy"), ("abandoned", "abandoned_share")):
        values = [one[key] for one in stretches]
        cells = [
            f"{100 * value:.1f} % ({'yes' if agreed else 'NO'})"
            for value, agreed in zip([*values, statistics.mean(values)], agrees[key], strict=True)
        ]
        range_ = 100 * WITHIN * lab[key]["deviation"]
        rows.append(
            f"| {name} | {' | '.join(cells)} | {100 * lab[key]['mean']:.1f} % ± {range_:.1f} |"
        )
    dials = sum(one["dials"] for one in stretches)
    answers = sum(one["answered"] for one in stretches)
    return "\n".join(
        [
            "## Pacing, live",
            "",
            f"`make bench-pacing-live`: {found['agents']} agents on the real Asterisk with SIP and audio,",
            f"{found['minutes']:g} minutes of real time with each of several publics, answer rate 30 %, talk",
            f"60 s, wrap-up 15 s, nothing learned before; {dials} calls, {answers} answers. The laboratory",
            f"simulated the same with {found['seeds']} seeds; 95 % of its stretches lie within the range. In",
            "brackets whether the figure agrees; the mean of several has a smaller range.",
            "",
            f"| | {' | '.join(names)} | laboratory |",
            "|---" * (len(names) + 2) + "|",
            *rows,
        ]
    )


def main() -> None:
    """Measure, predict and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--people", type=int, nargs="+", default=[1], help="seeds, one a stretch")
    parser.add_argument("--seeds", type=int, default=40, help="of the laboratory")
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    load = machine()
    stretches = [_stretch(given.agents, given.minutes, seed) for seed in given.people]
    occupancy, abandoned = predict(given.agents, given.minutes, given.seeds)
    found = {
        "agents": given.agents,
        "minutes": given.minutes,
        "people": given.people,
        "seeds": given.seeds,
        "measured": [asdict(one) for one in stretches],
        "laboratory": {"occupancy": asdict(occupancy), "abandoned_share": asdict(abandoned)},
        "agrees": judged(stretches, occupancy, abandoned),
        "machine": load,
    }
    print(json.dumps(found, indent=1))
    if not given.dry:
        save("pacing_live", found)
        write_section("pacing-live", _section(found))


def _stretch(agents: int, minutes: float, seed: int) -> Stretch:
    services = Services(PROJECT_ROOT / ".run", instance="bench")
    try:
        with TemporaryDirectory() as folder:
            measured = asyncio.run(measure(services, Path(folder), agents, minutes, seed))
    finally:
        services.stop_all()
        remove_instance(services.asterisk_root, services.instance)
    print(json.dumps({"people": seed, **asdict(measured)}), flush=True)
    return measured


if __name__ == "__main__":
    main()
