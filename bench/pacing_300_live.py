"""300 agents in real time: production's worker paces a campaign on the simulated Asterisk."""

import asyncio
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.engine import PASSWORD, child, fresh_settings
from bench.engine_campaign import make_campaign
from bench.pacing_dynamics import LAGS_S, autocorrelation, later_peak
from bench.pacing_live import MEASURED, lab_people
from cli.embedded.services import Services
from dialer.db import make_engine, make_sessions
from dialer.settings import Settings, child_environment
from dialer.simulator.pacing_lab import controllers, scenario
from dialer.simulator.pacing_lab.running import run_day

DATABASE = "pacing_300"
ANSWER_RATE, RING_LIMIT_S, WRAP_UP_S = 0.3, 25.0, 5
PEOPLE: dict[str, Any] = {
    "name": "pacing",
    "shares": {"answer": ANSWER_RATE, "no_answer": 1 - ANSWER_RATE},
    "ring": {"median_s": 10.85, "sigma": 0.45},
    "talk": {"median_s": 21.8, "sigma": 0.8},  # 30 s on average
}
SETTINGS: dict[str, Any] = {
    "mode": "predictive",
    "ring_timeout_s": RING_LIMIT_S,
    "wrap_up_s": WRAP_UP_S,
    "record": False,
    "hopper_size": 2000,
}
#: What happens before is the start: nothing is known yet.
_SETTLED_S = 120
_LOOK_S = 5.0
_LEADS_A_MINUTE = 12.0  #: of an agent: more than are dialled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Live:
    """What a stretch in real time came to; shares 0..1."""

    minutes: float
    decisions: int
    decision_p50_us: float  #: processor time in the controller
    decision_p99_us: float
    whole_p50_us: float  #: with the gathering of the facts
    whole_p99_us: float
    wall_p99_us: float  #: the same on the clock, other processes' turns included
    occupancy: float
    settled_occupancy: float  #: without the first two minutes
    abandoned_share: float
    answered: int
    dials: int
    cancelled: int
    in_flight_mean: float
    in_flight_sd: float
    autocorrelation: dict[int, float]
    later_peak: float


async def measure(services: Services, folder: Path, agents: int, minutes: float) -> Live:
    """Run the campaign for some minutes after its first call."""
    settings = await fresh_settings(services, DATABASE)
    engine = make_engine(settings.database())
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    sim = [sys.executable, "-m", "dialer.simulator.ari", "--password", PASSWORD]
    try:
        leads = int(_LEADS_A_MINUTE * agents * (minutes + 1))
        await make_campaign(make_sessions(engine), leads=leads, agents=agents)
        async with engine.begin() as connection:
            change = text("UPDATE campaign SET settings = settings || CAST(:how AS jsonb)")
            await connection.execute(change, {"how": json.dumps(SETTINGS)})
        with child([*sim, "--profile", str(people)], stdout=subprocess.PIPE) as asterisk:
            assert asterisk.stdout is not None
            port = json.loads(asterisk.stdout.readline())["port"]
            ready = settings.model_copy(
                update={"ari_url": f"http://127.0.0.1:{port}/ari", "shutdown_grace_s": 1.0}
            )
            told = await _run_worker(ready, engine, folder, minutes * 60)
            async with engine.connect() as connection:
                row = (await connection.execute(MEASURED, {"length_s": minutes * 60})).one()
    finally:
        await engine.dispose()
    return _figures(told, row, minutes)


def predict(agents: int, minutes: float) -> dict[str, float]:
    """Return what the laboratory makes of the same stretch."""
    people = lab_people(PEOPLE, RING_LIMIT_S, float(WRAP_UP_S))
    known = scenario.read({"agents": agents, "hours": minutes / 60, **people})
    day = run_day(known, controllers.maker("predictive"), 1).total
    return {"occupancy": round(day.utilisation, 4), "answered": day.answered}


async def _run_worker(
    settings: Settings, engine: AsyncEngine, folder: Path, length_s: float
) -> Floats:
    told = folder / "told.json"
    argv = [sys.executable, "-m", "bench.pacing_300_worker", "--told", str(told)]
    log_file = (folder / "worker.log").open("w")
    with log_file, child(argv, env=child_environment(settings), stderr=log_file) as worker:
        deadline_s = monotonic() + length_s + 60
        dialled = text("SELECT extract(epoch FROM now() - min(started_at)) FROM attempt")
        while True:
            await asyncio.sleep(_LOOK_S)
            async with engine.connect() as connection:
                since_s = (await connection.execute(dialled)).scalar_one()
            if since_s is not None and since_s > length_s:
                break
            if monotonic() > deadline_s or worker.poll() is not None:
                raise RuntimeError((folder / "worker.log").read_text()[-2000:])
        worker.send_signal(signal.SIGTERM)
        await asyncio.to_thread(worker.wait, 120)
    found: Floats = np.array(json.loads(told.read_text()), dtype=np.float64)
    return found


def _figures(told: Floats, row: Any, minutes: float) -> Live:
    (inner_p50, whole_p50, _), (inner_p99, whole_p99, wall_p99) = (
        [round(float(us), 1) for us in np.percentile(told[:, :3], share, axis=0) / 1000]
        for share in (50, 99)
    )
    since_s = told[:, 3] - told[0, 3]
    seconds = np.arange(_SETTLED_S, int(min(minutes * 60, since_s[-1])))
    at = np.searchsorted(since_s, seconds, side="right") - 1
    flight, busy = told[at, 4], 1 - told[at, 5] / np.maximum(told[at, 6], 1)
    lags = [lag for lag in LAGS_S if lag < len(flight) / 2]
    found = autocorrelation(flight, max(lags))
    return Live(
        minutes=minutes,
        decisions=len(told),
        decision_p50_us=inner_p50,
        decision_p99_us=inner_p99,
        whole_p50_us=whole_p50,
        whole_p99_us=whole_p99,
        wall_p99_us=wall_p99,
        occupancy=round(float(row.occupancy), 4),
        settled_occupancy=round(float(busy.mean()), 4),
        abandoned_share=round(row.abandoned / max(1, row.answered), 5),
        answered=row.answered,
        dials=row.dials,
        cancelled=row.cancelled,
        in_flight_mean=round(float(flight.mean()), 1),
        in_flight_sd=round(float(flight.std()), 1),
        autocorrelation={lag: round(float(found[lag]), 3) for lag in lags},
        later_peak=later_peak(found),
    )
