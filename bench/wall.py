"""What the live wall costs with 300 agents and several viewers: ``python -m bench.wall``.

Agents change state as they do at ten conversations a second. A run watches by the stream; the baseline
asks for all rows of the page once a second for each viewer, and the tables are read for each of them. CPU is
that of the API process and of PostgreSQL, less what PostgreSQL needs for the agents' changes alone.
"""

import argparse
import asyncio
import json
import sys
import warnings
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import psutil
from httpx import AsyncClient, HTTPError, Timeout
from redis.asyncio import Redis

from api.browsers import COOKIE
from bench.desktop import _answering, _free_port
from bench.engine import child, fresh_settings, machine
from bench.engine_campaign import make_campaign
from bench.report import save, write_section
from bench.wall_section import section
from bench.wall_world import CLOCK, BenchFloor, make_floor, supervisor_token
from cli.embedded.services import Services
from dialer.db import make_engine, make_sessions
from dialer.settings import PROJECT_ROOT, child_environment

WARM_UP_S = 25.0
QUIET_S = 12.0


@dataclass
class Watcher:
    """One browser that shows the wall."""

    url: str
    token: str
    floor: BenchFloor
    ages_s: list[float] = field(
        default_factory=list
    )  #: from the commit to the browser, of each change
    bytes_in: int = 0
    events: int = 0
    rows: dict[str, Any] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    async def stream(self) -> None:
        """Follow the stream until cancelled."""
        async with (
            AsyncClient(base_url=self.url, timeout=Timeout(10, read=None)) as client,
            client.stream("GET", "/wall/stream", headers=self._headers()) as answer,
        ):
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                self.bytes_in += len(line) + 1
                if line.startswith("data: "):
                    self.events += 1
                    self._take(json.loads(line[6:]).get("rows", {}))

    async def poll(self) -> None:
        """Ask for the whole wall once a second until cancelled."""
        async with AsyncClient(base_url=self.url, timeout=10) as client:
            while True:
                began = monotonic()
                with suppress(HTTPError):
                    answer = await client.get(
                        f"/bench/wall?viewer={id(self)}", headers=self._headers()
                    )
                    assert answer.status_code == 200, answer.text
                    self.bytes_in += len(answer.content)
                    self.events += 1
                    self._take(answer.json())
                await asyncio.sleep(max(0.0, 1 - (monotonic() - began)))

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.token}"}

    def _take(self, rows: dict[str, Any]) -> None:
        now = CLOCK.now().timestamp()
        for key, row in rows.items():
            if key.startswith("a/") and row and "since" in row:
                change = key.split("/")[2], str(row["since"])
                told = self.floor.told_at.get(change)
                if told is not None and change not in self._seen:
                    self._seen.add(change)
                    self.ages_s.append(now - told)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    changes_per_s: float  #: of agents' states
    api_cpu_share: float  #: of one core
    postgres_cpu_share: float  #: of one core, less the quiet run's
    fresh_p50_ms: float
    fresh_p95_ms: float
    fresh_max_ms: float
    kb_per_s_viewer: float
    api_rss_mb: float
    missed_changes: int  #: that came to no viewer, of those older than two seconds


def postgres_cpu_s(services: Services) -> float:
    """Return the processor time of the server and of all its children, those that have ended too."""
    pid = int((services.run_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    total = sum(server.cpu_times()[:4])
    for one in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:2])
    return float(total)


async def measure(
    services: Services, folder: Path, *, agents: int, viewers: int, seconds: float, polls: bool
) -> tuple[Figures, float]:
    """Run a floor and its viewers; return the figures and what PostgreSQL needs without viewers."""
    settings = await fresh_settings(services, "wall_polled" if polls else "wall")
    engine = make_engine(settings.database(), pool_size=40)
    sessions = make_sessions(engine)
    campaign_id = await make_campaign(
        sessions, leads=int(agents * seconds / 8) + 20_000, agents=agents
    )
    redis = Redis.from_url(settings.redis())
    floor = await make_floor(sessions, redis, campaign_id)
    token = await supervisor_token(sessions, floor.campaign.client_id)
    with ExitStack() as stack:
        ready = settings.model_copy(update={"web_port": _free_port()})
        log = stack.enter_context((folder / "log.txt").open("w"))
        server = [sys.executable, "-m", "bench.wall_api"]
        process = stack.enter_context(
            child(server, env=child_environment(ready), stderr=log, stdout=log)
        )
        url = f"http://127.0.0.1:{ready.web_port}"
        await _answering(url)
        working = asyncio.create_task(floor.run())
        await asyncio.sleep(WARM_UP_S)
        quiet = await _quiet(services)
        watchers = [Watcher(url, token, floor) for _ in range(viewers)]
        figures = await _watch(
            services, psutil.Process(process.pid), watchers, seconds, polls, quiet
        )
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    await redis.aclose()
    await engine.dispose()
    return figures, quiet


async def _quiet(services: Services) -> float:
    """Return the share of a core that PostgreSQL uses while nobody watches."""
    began_s, before = monotonic(), postgres_cpu_s(services)
    await asyncio.sleep(QUIET_S)
    return (postgres_cpu_s(services) - before) / (monotonic() - began_s)


async def _watch(
    services: Services,
    api: psutil.Process,
    watchers: list[Watcher],
    seconds: float,
    polls: bool,
    quiet: float,
) -> Figures:
    floor = watchers[0].floor
    tasks = [asyncio.create_task(one.poll() if polls else one.stream()) for one in watchers]
    await asyncio.sleep(10)
    for one in watchers:
        one.ages_s.clear()
        one.bytes_in = 0
    began_s, before, server = monotonic(), api.cpu_times(), postgres_cpu_s(services)
    changes, known = floor.changes, set(floor.told_at)
    await asyncio.sleep(seconds)
    assert not any(task.done() for task in tasks), "a viewer has failed"
    wall_s, after = monotonic() - began_s, api.cpu_times()
    server_s = postgres_cpu_s(services) - server
    due = {
        change
        for change, at in floor.told_at.items()
        if change not in known and at < CLOCK.now().timestamp() - 2
    }
    seen = set.union(*(one._seen for one in watchers))
    changed = floor.changes - changes
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    ages = sorted(age for one in watchers for age in one.ages_s)
    assert ages, "no change came to any viewer"
    cpu_s = after.user + after.system - before.user - before.system
    return Figures(
        changes_per_s=round(changed / wall_s, 1),
        api_cpu_share=round(cpu_s / wall_s, 4),
        postgres_cpu_share=round(max(0.0, server_s / wall_s - quiet), 4),
        fresh_p50_ms=_quantile_ms(ages, 0.5),
        fresh_p95_ms=_quantile_ms(ages, 0.95),
        fresh_max_ms=_quantile_ms(ages, 1.0),
        kb_per_s_viewer=round(
            sum(one.bytes_in for one in watchers) / len(watchers) / wall_s / 1000, 1
        ),
        api_rss_mb=round(api.memory_info().rss / 1e6, 1),
        missed_changes=len(due - seen),
    )


def _quantile_ms(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


async def run(agents: int, viewers: int, seconds: float) -> dict[str, Any]:
    """Measure, then the baseline, and return the figures."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance="bench", fsync=True)
    given: dict[str, Any] = {"agents": agents, "viewers": viewers, "seconds": seconds}
    try:
        with TemporaryDirectory() as folder:
            there = Path(folder)
            figures, quiet = await measure(services, there, **given, polls=False)
            base, _ = await measure(services, there, **given, polls=True)
    finally:
        services.stop_all()
    return {
        **given,
        **asdict(figures),
        "postgres_quiet_share": round(quiet, 4),
        "baseline": {
            "name": "each viewer asks for the whole wall once a second, which is looked at for it alone",
            **asdict(base),
        },
        "machine": facts,
    }


def main() -> None:
    """Run the bench and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=300)
    parser.add_argument("--viewers", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    args = parser.parse_args()
    warnings.filterwarnings(
        "ignore", category=DeprecationWarning
    )  # of SQLModel: plain SQL has no exec()
    figures = asyncio.run(run(args.agents, args.viewers, args.seconds))
    if args.dry:
        print(json.dumps(figures, indent=1))
        return
    save("wall", figures)
    write_section("wall", section(figures))


if __name__ == "__main__":
    main()
