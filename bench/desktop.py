"""How soon a call is on the operator's screen: ``python -m bench.desktop``.

100 browsers hold their streams on one API process; a dialing worker, the simulated Asterisk, PostgreSQL
and Redis run beside it on the same machine. The clock of the bridge is the attempt's ``connected_at``,
that of the screen the moment at which the card's HTML has come to the browser's end of the connection.
"""

import argparse
import asyncio
import json
import random
import socket
import sys
import warnings
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from uuid import UUID

import psutil
from httpx import AsyncClient, HTTPError
from sqlalchemy import text, update
from sqlmodel import col

from bench.desktop_papers import FORM_CODE, SCRIPT_CODE
from bench.desktop_section import section
from bench.desktop_world import CLOCK, Desktop, make_operators, spread
from bench.engine import PASSWORD, child, fresh_settings, machine
from bench.engine_campaign import ALL_WEEK, make_campaign
from bench.report import save, write_section
from campaigns.models import Campaign
from cli.embedded.services import Services
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from dialer.settings import PROJECT_ROOT, Settings, child_environment

#: Everybody answers and talks some eight seconds: with the wrap-up an agent has six calls a minute.
PEOPLE = {
    "name": "desktop",
    "shares": {"answer": 1.0},
    "ring": {"median_s": 0.3, "sigma": 0.3},
    "talk": {"median_s": 7.8, "sigma": 0.3},
}
SETTINGS: dict[str, Any] = {
    "mode": "progressive",
    "wrap_up_s": 60,
    "ring_timeout_s": 15,
    "hours": ALL_WEEK,
    "retry": {},
    "hopper_size": 500,
    "form": FORM_CODE,
    "script": SCRIPT_CODE,
    "desk": {"greeting": "Good day, this is the bench.", "successes_per_hour": 12},
}
WARM_UP_S, READY_S = 20.0, 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    calls: int
    calls_per_s: float
    screen_pop_p50_ms: float  #: from the bridge to the card; one that was there before counts as 0
    screen_pop_p95_ms: float
    screen_pop_max_ms: float
    card_after_reserved_p95_ms: float  #: from the moment at which the agent was chosen
    before_the_bridge: float  #: share of the cards, 0..1
    results_saved: int
    answers_saved: int
    api_cpu_share: float  #: of one core, 0..1
    api_rss_mb: float
    kb_per_call: float  #: sent to the browsers


async def measure(
    services: Services, folder: Path, *, agents: int, seconds: float, deaf: bool, whole: bool
) -> Figures:
    """Run a floor of agents and measure its screens."""
    settings = await fresh_settings(services, "desktop_deaf" if deaf else "desktop")
    engine = make_engine(settings.database())
    sessions = make_sessions(engine)
    campaign_id = await make_campaign(sessions, leads=int(seconds * agents / 4), agents=0)
    async with transaction(sessions) as session:
        chosen = col(Campaign.id) == campaign_id
        await session.execute(update(Campaign).where(chosen).values(settings=SETTINGS))
    tokens = await make_operators(sessions, campaign_id, agents)
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    with ExitStack() as stack:
        settings, api = _start(stack, settings, people, folder, deaf=deaf)
        url = f"http://127.0.0.1:{settings.web_port}"
        await _answering(url)
        seen: dict[UUID, datetime] = {}
        desktops = [
            Desktop(url, token, campaign_id, seen, random.Random(n), whole)
            for n, token in enumerate(tokens)
        ]
        figures = await _watch(desktops, api, sessions, seconds)
    await engine.dispose()
    return figures


def _start(
    stack: ExitStack, settings: Settings, people: Path, folder: Path, *, deaf: bool
) -> tuple[Settings, psutil.Process]:
    """Start the simulated Asterisk, a worker and the API; return the API's process."""
    module = [sys.executable, "-m"]
    sim = [*module, "dialer.simulator.ari", "--password", PASSWORD, "--profile", str(people)]
    asterisk = stack.enter_context(child(sim, stdout=-1))
    assert asterisk.stdout is not None
    port = json.loads(asterisk.stdout.readline())["port"]
    ready = settings.model_copy(
        update={"ari_url": f"http://127.0.0.1:{port}/ari", "web_port": _free_port()}
    )
    log = stack.enter_context((folder / "log.txt").open("w"))
    environment = child_environment(ready)
    worker = [*module, "cli", "worker", "dialing"]
    stack.enter_context(child(worker, env=environment, stderr=log, stdout=log))
    server = [*module, "bench.desktop_api", *(["--deaf"] if deaf else [])]
    api = stack.enter_context(child(server, env=environment, stderr=log, stdout=log))
    return ready, psutil.Process(api.pid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answering(url: str) -> None:
    deadline_s = monotonic() + READY_S
    async with AsyncClient(base_url=url) as client:
        while True:
            try:
                if (await client.get("/health")).status_code == 200:
                    return
            except HTTPError:
                assert monotonic() < deadline_s, "the API does not answer"
            await asyncio.sleep(0.2)


async def _watch(
    desktops: list[Desktop], api: psutil.Process, sessions: SessionFactory, seconds: float
) -> Figures:
    tasks = [asyncio.create_task(desktop.run()) for desktop in desktops]
    await asyncio.sleep(WARM_UP_S)
    since, began_s, before = CLOCK.now(), monotonic(), api.cpu_times()
    bytes_before, rss = sum(one.bytes_in for one in desktops), 0
    while monotonic() - began_s < seconds:
        await asyncio.sleep(0.5)
        rss = max(rss, api.memory_info().rss)
        assert not any(task.done() for task in tasks), "a desktop has failed"
    wall_s, after, until = monotonic() - began_s, api.cpu_times(), CLOCK.now()
    sent = sum(one.bytes_in for one in desktops) - bytes_before
    await asyncio.sleep(2)  # the last cards come, or are missed
    pops = await _pops(sessions, desktops[0].seen, since, until)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    cpu_s = after.user + after.system - before.user - before.system
    late = [max(0.0, bridge_s) for bridge_s, _ in pops]
    return Figures(
        calls=len(pops),
        calls_per_s=round(len(pops) / wall_s, 1),
        screen_pop_p50_ms=spread(late, 0.5),
        screen_pop_p95_ms=spread(late, 0.95),
        screen_pop_max_ms=spread(late, 1.0),
        card_after_reserved_p95_ms=spread([chosen_s for _, chosen_s in pops], 0.95),
        before_the_bridge=round(sum(one == 0 for one in late) / len(late), 3),
        results_saved=sum(one.saved for one in desktops),
        answers_saved=sum(one.answered for one in desktops),
        api_cpu_share=round(cpu_s / wall_s, 3),
        api_rss_mb=round(rss / 1e6, 1),
        kb_per_call=round(sent / len(pops) / 1000, 1),
    )


async def _pops(
    sessions: SessionFactory, seen: dict[UUID, datetime], since: datetime, until: datetime
) -> list[tuple[float, float]]:
    """Return for each call the seconds from the bridge, and from the choice of the agent, to the card."""
    sql = text(
        """
        SELECT a.id, a.connected_at,
               (SELECT min(e.started_at) FROM agent_state_entry e
                WHERE e.call_id = a.id AND e.state = 'reserved') AS reserved_at
        FROM attempt a WHERE a.connected_at BETWEEN :since AND :until
        """
    )
    async with sessions() as session:
        rows = (await session.execute(sql, {"since": since, "until": until})).all()
    missed = [row.id for row in rows if row.id not in seen]
    assert not missed, f"{len(missed)} calls never came to a screen"
    return [
        (
            (seen[row.id] - row.connected_at).total_seconds(),
            (seen[row.id] - row.reserved_at).total_seconds(),
        )
        for row in rows
    ]


async def run(agents: int, seconds: float, *, whole: bool) -> dict[str, Any]:
    """Measure, then the baseline, and return the figures."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance="bench", fsync=True)
    try:
        with TemporaryDirectory() as folder:
            there = Path(folder)
            figures = await measure(
                services, there, agents=agents, seconds=seconds, deaf=False, whole=whole
            )
            base = await measure(
                services, there, agents=agents, seconds=seconds, deaf=True, whole=whole
            )
    finally:
        services.stop_all()
    baseline = {"name": "a look at the tables once a second", **asdict(base)}
    return {
        "agents": agents,
        "whole_page": whole,
        **asdict(figures),
        "baseline": baseline,
        "machine": facts,
    }


def main() -> None:
    """Run the bench and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--whole-page",
        action="store_true",
        help="load questionnaire, script and controls too, and answer three questions of each call",
    )
    args = parser.parse_args()
    # SQLModel wants its own exec() everywhere; it has none for plain SQL.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    figures = asyncio.run(run(args.agents, args.seconds, whole=args.whole_page))
    save("desktop_whole_page" if args.whole_page else "desktop", figures)
    if not args.whole_page:
        write_section("desktop", section(figures))


if __name__ == "__main__":
    main()
