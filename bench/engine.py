"""How many calls a second one core places: ``python -m bench.engine``.

The simulated Asterisk, PostgreSQL and Redis run in processes of their own; the worker has one core to
itself and does everything it does in production (claims, gate, attempts, ARI, agents, recording
requests, results, log lines). The baseline is the same worker without group commit, in the same run.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import psutil
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.engine_campaign import make_campaign
from bench.engine_section import section
from bench.report import save, write_section
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer.db import make_engine, make_sessions
from dialer.settings import PROJECT_ROOT, Settings, child_environment

PASSWORD = "bench"  # noqa: S105 - of a simulator on loopback
#: Short calls keep the number of agents small; what a call costs does not depend on its length.
PEOPLE = {
    "name": "engine",
    "shares": {"answer": 0.3, "reject": 0.4, "busy": 0.2, "invalid": 0.1},
    "ring": {"median_s": 0.3, "sigma": 0.3},
    "talk": {"median_s": 0.5, "sigma": 0.3},
}
LOOK_S = 0.25
MOST_S = 180.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    calls: int
    seconds: float  #: from the first attempt to the last
    calls_per_s: float  #: over the middle 80 % of the calls
    sql_per_call: float  #: statements, with BEGIN and COMMIT
    statements_per_call: float  #: without them
    cpu_s_per_call: float
    cpu_share: float  #: of the worker's core, 0..1
    rss_mb: float
    connected: int
    abandoned: int


@contextmanager
def child(argv: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a process of the bench; it ends with the block."""
    process = subprocess.Popen(argv, text=True, cwd=PROJECT_ROOT, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def measure(
    services: Services, folder: Path, *, leads: int, agents: int, each_alone: bool
) -> Figures:
    """Run one campaign to its end and measure its worker."""
    settings = await fresh_settings(services, "engine_alone" if each_alone else "engine")
    engine = make_engine(settings.database())
    await make_campaign(make_sessions(engine), leads=leads, agents=agents)
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    sim = [sys.executable, "-m", "dialer.simulator.ari", "--password", PASSWORD]
    try:
        with child([*sim, "--profile", str(people)], stdout=subprocess.PIPE) as asterisk:
            assert asterisk.stdout is not None
            os.sched_setaffinity(asterisk.pid, {0})
            port = json.loads(asterisk.stdout.readline())["port"]
            ready = settings.model_copy(update={"ari_url": f"http://127.0.0.1:{port}/ari"})
            return await _run_worker(ready, engine, folder, each_alone=each_alone)
    finally:
        await engine.dispose()


async def fresh_settings(services: Services, name: str) -> Settings:
    """Make an empty database of this name, empty Redis, and return the settings of a worker."""
    admin = services.ensure_postgres()
    server = create_async_engine(admin, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await server.dispose()
    url = make_url(admin).set(database=name).render_as_string(hide_password=False)
    await migrate(url)
    redis = Redis.from_url(services.ensure_redis())
    await redis.flushall()
    await redis.aclose()
    return Settings(
        database_url=SecretStr(url),
        redis_url=SecretStr(services.ensure_redis()),
        ari_password=SecretStr(PASSWORD),
        log_json=True,
    )


async def _run_worker(
    settings: Settings, engine: AsyncEngine, folder: Path, *, each_alone: bool
) -> Figures:
    counts = folder / "counts.json"
    core = max(os.sched_getaffinity(0))
    argv = [sys.executable, "-m", "bench.engine_worker", "--core", str(core)]
    argv += ["--counts", str(counts), *(["--each-alone"] if each_alone else [])]
    log = (folder / "worker.log").open("w")
    with log, child(argv, env=child_environment(settings), stderr=log) as worker:
        process = psutil.Process(worker.pid)
        rss, cpu_s, wall_s = await _until_finished(engine, process)
        worker.send_signal(signal.SIGTERM)
        await asyncio.to_thread(worker.wait, 30)
    counted: dict[str, int] = json.loads(counts.read_text())
    facts = await _facts(engine)
    calls = facts["calls"]
    statements = counted["statements"]
    return Figures(
        calls=calls,
        seconds=round(facts["seconds"], 2),
        calls_per_s=round(facts["rate"], 1),
        sql_per_call=round((statements + counted["begins"] + counted["commits"]) / calls, 2),
        statements_per_call=round(statements / calls, 2),
        cpu_s_per_call=round(cpu_s / calls, 5),
        cpu_share=round(cpu_s / wall_s, 2),
        rss_mb=round(rss / 1e6, 1),
        connected=facts["connected"],
        abandoned=facts["abandoned"],
    )


async def _until_finished(engine: AsyncEngine, process: psutil.Process) -> tuple[int, float, float]:
    """Return the most memory, and the CPU and wall seconds from the first call to the end."""
    rss, started_s, begun_cpu_s, deadline_s = 0, 0.0, 0.0, monotonic() + MOST_S
    while True:
        await asyncio.sleep(LOOK_S)
        used = process.cpu_times()
        cpu_s = used.user + used.system
        rss = max(rss, process.memory_info().rss)
        async with engine.connect() as connection:
            sql = text("SELECT state, EXISTS (SELECT FROM attempt) AS dials FROM campaign")
            row = (await connection.execute(sql)).one()
        if row.dials and not started_s:
            started_s, begun_cpu_s = monotonic(), cpu_s
        if row.state == "finished":
            return rss, cpu_s - begun_cpu_s, monotonic() - started_s
        assert monotonic() < deadline_s, "the campaign does not end"


async def _facts(engine: AsyncEngine) -> dict[str, Any]:
    sql = text(
        """
        WITH timed AS (SELECT started_at, outcome, ntile(10) OVER (ORDER BY started_at) AS tenth
                       FROM attempt)
        SELECT count(*) AS calls,
               extract(epoch FROM max(started_at) - min(started_at)) AS seconds,
               count(*) FILTER (WHERE tenth BETWEEN 2 AND 9)
                   / extract(epoch FROM max(started_at) FILTER (WHERE tenth BETWEEN 2 AND 9)
                                      - min(started_at) FILTER (WHERE tenth BETWEEN 2 AND 9)) AS rate,
               count(*) FILTER (WHERE outcome = 'connected') AS connected,
               count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
               count(*) FILTER (WHERE outcome IS NULL
                                OR outcome IN ('interrupted', 'not_sent')) AS lost
        FROM timed
        """
    )
    async with engine.connect() as connection:
        facts = dict((await connection.execute(sql)).mappings().one())
    assert facts["lost"] == 0, "calls were lost: the figures mean nothing"
    return {
        name: float(value) if name in ("seconds", "rate") else value
        for name, value in facts.items()
    }


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "cpu": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_1m_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


async def bench(leads: int, agents: int) -> dict[str, Any]:
    """Measure the engine and its baseline."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance="bench")
    try:
        with TemporaryDirectory() as folder:
            place = Path(folder)
            ours = await measure(services, place, leads=leads, agents=agents, each_alone=False)
            few = leads // 20
            small = await measure(services, place, leads=few, agents=10, each_alone=False)
            base = await measure(services, place, leads=leads // 4, agents=agents, each_alone=True)
    finally:
        services.stop_all()
    return {
        **asdict(ours),
        "baseline": {"name": "each call and event in a transaction of its own", **asdict(base)},
        "ratio": {
            "calls_per_s": round(ours.calls_per_s / base.calls_per_s, 2),
            "sql_per_call": round(base.sql_per_call / ours.sql_per_call, 2),
            "cpu_s_per_call": round(base.cpu_s_per_call / ours.cpu_s_per_call, 2),
        },
        "agents": agents,
        "small": {"name": "10 agents, so fewer things to store at a time", **asdict(small)},
        "machine": facts,
    }


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--agents", type=int, default=200)
    args = parser.parse_args()
    figures = asyncio.run(bench(args.leads, args.agents))
    save("engine", figures)
    write_section("engine", section(figures))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
