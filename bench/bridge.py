"""From answer to agent: how long a called person waits, ``python -m bench.bridge``.

Measured from outside: the carrier's log says when the 200 OK went out and when the agent was first
heard, Asterisk's own time stamp says when both were in one bridge; one clock, one machine. The worker
is production's, in a process of its own, and records every call.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.bridge_baseline import DialOnAnswer
from bench.bridge_section import section
from bench.bridge_world import Network, campaign, network
from bench.engine import child, machine
from bench.report import save, write_section
from cli.embedded.asterisk_config import remove_instance
from cli.embedded.services import Services
from dialer.settings import PROJECT_ROOT, Settings, child_environment
from dialer.simulator.sip.carrier_log import CarrierBook, read_log

LOOK_S = 0.5
MOST_S = 180.0
PROGRESSIVE = {"mode": "progressive", "dial_ratio": 1.0}


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, over all calls, milliseconds."""

    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, waits_s: list[float]) -> "Spread":
        """Return the spread of durations in seconds."""
        ordered = sorted(waits_s)

        def at(share: float) -> float:
            return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

        return cls(at(0.5), at(0.9), at(0.99), at(1.0))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    calls: int
    connected: int
    abandoned: int
    calls_per_s: float
    bridge: Spread  #: 200 OK to both in one bridge
    audio: Spread  #: 200 OK to the first sound of the agent at the customer's end
    asterisk_cpu_share: float  #: of one core
    worker_cpu_share: float


class Meter:
    """CPU seconds of processes, from its making."""

    def __init__(self, **processes: psutil.Process) -> None:
        self._processes = processes
        self._begun_s = monotonic()
        self._begun_cpu_s = {name: self._cpu_s(name) for name in processes}

    def _cpu_s(self, name: str) -> float:
        used = self._processes[name].cpu_times()
        return float(used.user + used.system)

    def shares(self) -> dict[str, float]:
        """Return how much of one core each process has used."""
        seconds = monotonic() - self._begun_s
        used = {name: self._cpu_s(name) - self._begun_cpu_s[name] for name in self._processes}
        return {name: round(cpu_s / seconds, 2) for name, cpu_s in used.items()}


async def measure_ours(
    services: Services, folder: Path, args: argparse.Namespace, *, record: bool
) -> Figures:
    """Run one campaign to its end with production's worker."""
    how = PROGRESSIVE | {"record": record}
    with network(services, folder, agents=args.agents) as net:
        async with campaign(
            services,
            net.settings,
            leads=args.calls,
            agents=args.agents,
            calls_per_s=args.rate,
            **how,
        ) as (settings, engine):
            shares = await _run_worker(settings, engine, folder, net)
            bridged = await _bridged(engine)
            outcomes = await _outcomes(engine)
    return _figures(read_log(net.log), bridged, outcomes, shares)


async def measure_baseline(services: Services, folder: Path, args: argparse.Namespace) -> Figures:
    """Run the same calls with agents who are dialled on answer."""
    with network(services, folder, agents=args.agents) as net:
        dialer = DialOnAnswer(net.ari, agents=args.agents)
        meter = Meter(asterisk=net.asterisk, worker=psutil.Process())
        numbers = [f"+7495{2000000 + n}" for n in range(args.calls)]
        await dialer.run(numbers, calls_per_s=args.rate)
        shares = meter.shares()
    outcomes = {"connected": len(dialer.bridged_at)}
    return _figures(read_log(net.log), dialer.bridged_at, outcomes, shares)


async def _run_worker(
    settings: Settings, engine: AsyncEngine, folder: Path, net: Network
) -> dict[str, float]:
    argv = [sys.executable, "-m", "cli", "worker", "dialing"]
    log = (folder / "worker.log").open("w")
    with log, child(argv, env=child_environment(settings), stderr=log, stdout=log) as worker:
        deadline_s = monotonic() + MOST_S
        await _see(engine, "SELECT count(*) > 0 FROM attempt", deadline_s)
        meter = Meter(asterisk=net.asterisk, worker=psutil.Process(worker.pid))
        await _see(engine, "SELECT state = 'finished' FROM campaign", deadline_s)
        return meter.shares()


async def _see(engine: AsyncEngine, sql: str, deadline_s: float) -> None:
    while True:
        async with engine.connect() as connection:
            if (await connection.execute(text(sql))).scalar_one():
                return
        assert monotonic() < deadline_s, f"not seen: {sql}"
        await asyncio.sleep(LOOK_S)


async def _bridged(engine: AsyncEngine) -> dict[str, datetime]:
    """Return when each number was connected; numbers are called once."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT e164, connected_at FROM attempt WHERE connected_at IS NOT NULL")
        )
        return {row.e164: row.connected_at for row in rows}


async def _outcomes(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT outcome, count(*) AS n,"
                " count(*) FILTER (WHERE ended_by IS DISTINCT FROM 'customer') AS cut_off"
                " FROM attempt GROUP BY 1"
            )
        )
        counts = {row.outcome: row for row in rows}
    assert not counts["connected"].cut_off, "conversations were cut off: the figures mean nothing"
    return {outcome: row.n for outcome, row in counts.items()}


def _figures(
    book: CarrierBook,
    bridged: dict[str, datetime],
    outcomes: dict[str, int],
    shares: dict[str, float],
) -> Figures:
    waits_s, heard_s = [], []
    for call in book.answered:
        assert call.answered_at is not None
        if call.number in bridged:
            waits_s.append(bridged[call.number].timestamp() - call.answered_at)
        if call.first_rtp_at is not None and call.number in bridged:
            heard_s.append(call.first_rtp_at - call.answered_at)
    invited = [call.invited_at for call in book.calls]
    return Figures(
        calls=book.total,
        connected=outcomes.get("connected", 0),
        abandoned=outcomes.get("abandoned", 0),
        calls_per_s=round((len(invited) - 1) / (invited[-1] - invited[0]), 1),
        bridge=Spread.of(waits_s),
        audio=Spread.of(heard_s),
        asterisk_cpu_share=shares["asterisk"],
        worker_cpu_share=shares["worker"],
    )


async def bench(args: argparse.Namespace) -> dict[str, Any]:
    """Measure with recording, without, and the baseline."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance="bench")
    try:
        with TemporaryDirectory() as one, TemporaryDirectory() as two, TemporaryDirectory() as base:
            ours = await measure_ours(services, Path(one), args, record=True)
            bare = await measure_ours(services, Path(two), args, record=False)
            queue = await measure_baseline(services, Path(base), args)
    finally:
        services.stop_all()
        remove_instance(services.asterisk_root, services.instance)
    return {
        **asdict(ours.bridge),
        **asdict(ours),
        "agents": args.agents,
        "without_recording": asdict(bare),
        "baseline": {
            "name": "the agent is dialled when the customer has answered",
            **asdict(queue),
        },
        "ratio": {
            "p50": round(queue.bridge.p50_ms / ours.bridge.p50_ms, 1),
            "p99": round(queue.bridge.p99_ms / ours.bridge.p99_ms, 1),
            "audio_p50": round(queue.audio.p50_ms / ours.audio.p50_ms, 1),
        },
        "machine": facts,
    }


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--agents", type=int, default=30)
    parser.add_argument("--rate", type=float, default=10.0, help="calls a second")
    args = parser.parse_args()
    figures = asyncio.run(bench(args))
    save("bridge", figures)
    write_section("bridge", section(figures))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
