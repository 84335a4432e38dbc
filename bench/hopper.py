"""How long claiming 100 leads takes as a campaign grows: ``python -m bench.hopper``.

The baseline is the plain queue: one index by due time, from which closed places are filtered out.
"""

import argparse
import asyncio
import platform
import statistics
import warnings
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import UUID

from sqlalchemy import text

from bench.hopper_campaign import (
    LISTS,
    PLACES,
    make_campaign,
    put_indexes_back,
    put_indexes_off,
)
from bench.report import save, write_section
from campaigns.leads import hopper, mixing
from campaigns.leads.hopper import Draw
from campaigns.leads.mixing import LaneFacts
from campaigns.selection import Selection
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer.clock import SystemClock
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from dialer.settings import PROJECT_ROOT

SIZES = {"10k": 10_000, "1m": 1_000_000, "10m": 10_000_000}
CLAIM = 100
WARM_UP = 20

_PLAIN = text(
    """
    WITH due AS (
        SELECT id FROM lead WHERE campaign_id = :campaign_id AND state = 'waiting'
          AND next_attempt_at <= :now AND place_id = ANY(CAST(:places AS int[]))
        ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE lead SET state = 'dialing' FROM due WHERE lead.id = due.id RETURNING lead.id
    """
)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one claim of 100 leads, its commit included."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    claims: int
    leads: int


async def measure(
    sessions: SessionFactory, campaign_id: UUID, places: list[int], claims: int, *, plain: bool
) -> Latency:
    """Claim again and again; between two claims the leads go back to where they were due."""
    now = SystemClock().now()
    facts = [LaneFacts(2 + 2 * number, UUID(int=number)) for number in range(LISTS)]
    lanes = mixing.draw(facts, Selection(), {}, CLAIM)[0]
    times: list[float] = []
    taken = 0
    for turn in range(claims + WARM_UP):
        started = perf_counter()
        async with transaction(sessions, durable=False) as session:
            if plain:
                asked = {"campaign_id": campaign_id, "now": now, "places": places, "limit": CLAIM}
                ids = list((await session.execute(_PLAIN, asked)).scalars())
            else:
                draw = Draw(lanes, places, CLAIM, by_due=True)
                found = await hopper.claim(session, campaign_id, draw, now=now)
                ids = [candidate.lead_id for candidate in found]
        if turn >= WARM_UP:
            times.append((perf_counter() - started) * 1000)
            taken += len(ids)
        await _give_back(sessions, campaign_id, ids, now)
    cuts = statistics.quantiles(times, n=100)
    return Latency(statistics.median(times), cuts[98], max(times), claims, taken)


async def _give_back(
    sessions: SessionFactory, campaign_id: UUID, ids: list[UUID], now: datetime
) -> None:
    """Make the leads due again, later in the queue, as answered calls are followed by others."""
    assert ids, "nothing was claimed"
    async with transaction(sessions) as session:
        await session.execute(text("DELETE FROM lead_claim"))
        await session.execute(
            text(
                "UPDATE lead SET state = 'waiting', next_attempt_at = :due"
                " WHERE campaign_id = :campaign_id AND id = ANY(CAST(:ids AS uuid[]))"
            ),
            {"campaign_id": campaign_id, "ids": ids, "due": now - timedelta(milliseconds=1)},
        )


async def run(folder: Path, sizes: dict[str, int], claims: int) -> dict[str, Latency]:
    """Measure every size, and the baseline at the largest one."""
    services = Services(folder, instance="hopper")
    try:
        url = services.ensure_postgres()
        await migrate(url)
        engine = make_engine(url, command_timeout_s=600)
        sessions = make_sessions(engine)
        made = {}
        indexes = await put_indexes_off(sessions)
        for name, leads in sizes.items():
            made[name] = await make_campaign(sessions, leads, now=SystemClock().now())
            print(f"{name}: {leads:,} leads are there", flush=True)
        await put_indexes_back(sessions, indexes)
        await _settle(sessions)
        found: dict[str, Latency] = {}
        for name, (campaign_id, places) in made.items():
            found[name] = await measure(sessions, campaign_id, places, claims, plain=False)
            print(f"{name}: p50 {found[name].p50_ms:.2f} ms, p99 {found[name].p99_ms:.2f} ms")
        async with transaction(sessions) as session:
            index = "CREATE INDEX plain ON lead (campaign_id, next_attempt_at, id)"
            await session.execute(text(index + " WHERE state = 'waiting'"))
        await _settle(sessions)
        campaign_id, places = made[list(sizes)[-1]]
        found["plain"] = await measure(sessions, campaign_id, places, claims // 5, plain=True)
        print(f"plain queue: p50 {found['plain'].p50_ms:.2f}, p99 {found['plain'].p99_ms:.2f} ms")
        await engine.dispose()
        return found
    finally:
        services.stop_all()


async def _settle(sessions: SessionFactory) -> None:
    """Do what the server would begin by itself in the middle of a measurement: clean up after a load."""
    async with sessions() as session:
        link = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await link.execute(text("SET statement_timeout = 0"))
        for table in ("lead", "contact", "phone"):
            await link.execute(text(f"VACUUM (FREEZE, ANALYZE) {table}"))


def _section(found: dict[str, Latency], sizes: dict[str, int]) -> str:
    rows = [
        f"| zone groups, {leads:,} leads | {found[name].p50_ms:.2f} | {found[name].p99_ms:.2f} |"
        f" {found[name].max_ms:.2f} | {found[name].p99_ms / found['10k'].p99_ms:.2f} |"
        for name, leads in sizes.items()
    ]
    plain, largest = found["plain"], list(sizes)[-1]
    rows.append(
        f"| baseline: one queue by due time, {sizes[largest]:,} leads | {plain.p50_ms:.2f} |"
        f" {plain.p99_ms:.2f} | {plain.max_ms:.2f} | {plain.p99_ms / found['10k'].p99_ms:.2f} |"
    )
    return "\n".join(
        [
            "## Hopper: claiming 100 leads",
            "",
            f"`make bench-hopper`: {PLACES} zone groups of which half are closed, {LISTS} lists with",
            "new and tried leads, a tenth of the leads due; each claim is one transaction.",
            "",
            "| campaign | p50 ms | p99 ms | max ms | p99 / p99 at 10,000 |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def main() -> None:
    """Run the bench and write its figures."""
    # SQLModel wants exec(); our set-wise statements are text(), which exec() does not type.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=500)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    sizes = {name: SIZES[name] for name in given.sizes}
    base = PROJECT_ROOT / ".run"
    base.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=base) as folder:
        found = asyncio.run(run(Path(folder), sizes, given.claims))
    if given.dry:
        return
    figures = {f"p99_ms_{name}": round(found[name].p99_ms, 3) for name in sizes}
    ratio = found[list(sizes)[-1]].p99_ms / found["10k"].p99_ms
    save(
        "hopper",
        {
            **figures,
            "ratio_10m_to_10k": round(ratio, 3),
            "detail": {name: asdict(latency) for name, latency in found.items()},
            "machine": platform.processor() or platform.machine(),
        },
    )
    write_section("hopper", _section(found, sizes))


if __name__ == "__main__":
    main()
