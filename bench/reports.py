"""How long the standard reports take on a year of calls: ``python -m bench.reports``.

The baseline is the plain count of the same calls in the same run: one pass over the raw rows.
"""

import argparse
import asyncio
import json
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
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.report import save, write_section
from bench.reports_world import DAYS, make_year
from campaigns.reports.asking import Question
from campaigns.reports.cases import count_changes
from campaigns.reports.dimensions import Dimension
from campaigns.reports.periods import Period, day_of
from campaigns.reports.query import figures
from campaigns.reports.rolling import check, roll_all
from campaigns.reports.standard import REPORTS
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from dialer.settings import PROJECT_ROOT

ATTEMPTS = 20_000_000
_RAW = text(
    """
    SELECT campaign_id, count(*) AS attempts, count(answered_at) AS answered,
           count(connected_at) AS connected, sum(extract(epoch FROM ended_at - connected_at)) AS talk_s
    FROM attempt WHERE client_id = :client_id AND started_at >= :since AND started_at < :until GROUP BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run measured; milliseconds but where the name says seconds."""

    attempts: int
    p95_ms: dict[str, float]  #: of each report, over all its periods
    worst: str
    raw_ms: float  #: the plain count of the year
    roll_up_s: float
    days: int
    cases_s: float
    cells_mb: float
    attempts_mb: float
    wrong_cells: int  #: of a month that is counted again from the raw rows
    same_as_raw: bool


@dataclass(frozen=True, slots=True)
class Made:
    """The year that was made, and how long its roll-ups took; kept beside the world."""

    client_id: str
    now: str
    attempts: int
    days: int
    roll_up_s: float
    cases_s: float


def _periods(today: datetime) -> list[Period]:
    last = today.date()
    spans = [(1, 0), (7, 0), (30, 0), (30, 60), (90, 0), (DAYS, 0)]
    ends = [(days, last - timedelta(days=back)) for days, back in spans]
    return [Period(end - timedelta(days=days - 1), end) for days, end in ends]


async def _reports(
    sessions: SessionFactory, client_id: UUID, now: datetime, rounds: int
) -> dict[str, float]:
    found = {}
    for key, report in REPORTS.items():
        times: list[float] = []
        for _ in range(rounds):
            for period in _periods(now):
                question = report.question(period, {})
                started = perf_counter()
                async with sessions() as session:
                    await figures(session, client_id, question, now=now, with_before=True)
                times.append((perf_counter() - started) * 1000)
        found[key.value] = statistics.quantiles(times, n=20)[18]
        print(f"{key.value}: p95 {found[key.value]:.0f} ms", flush=True)
    return found


async def _raw(sessions: SessionFactory, client_id: UUID, now: datetime) -> tuple[float, bool]:
    """Count the year plainly; return how long it took, and whether the report says the same."""
    period = _periods(now)[-1]
    starts = period.starts("UTC")
    asked = {"client_id": client_id, "since": starts[0], "until": starts[-1]}
    async with sessions() as session:
        started = perf_counter()
        rows = (await session.execute(_RAW, asked)).all()
        took = (perf_counter() - started) * 1000
        by = (Dimension.CAMPAIGN,)
        question = Question(("attempts", "answered", "connected"), period, by)
        table = await figures(session, client_id, question, now=now)
    plain = {str(row.campaign_id): (row.attempts, row.answered, row.connected) for row in rows}
    told = {
        row.key[0]: tuple(int(row.counts[name]) for name in question.measures) for row in table.rows
    }
    return took, plain == told


async def _make(sessions: SessionFactory, attempts: int, now: datetime) -> Made:
    clock = FrozenClock(now)
    start = now.replace(hour=0) - timedelta(days=DAYS - 1)
    client_id = await make_year(sessions, attempts, start=start, now=now)
    print(f"{attempts:,} attempts are there", flush=True)
    began = perf_counter()
    while True:
        async with transaction(sessions, durable=False) as session:
            if not await count_changes(session, most=50_000):
                break
    cases_s = perf_counter() - began
    print(f"cases counted in {cases_s:.0f} s", flush=True)
    began = perf_counter()
    days = sum([rolled async for rolled in roll_all(sessions, clock, client_id=client_id)])
    roll_up_s = perf_counter() - began
    print(f"{days} days rolled up in {roll_up_s:.0f} s", flush=True)
    async with sessions() as session:
        link = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        for table in ("report_cell", "report_day", "report_case", "report_case_cell"):
            await link.execute(text(f"VACUUM (ANALYZE) {table}"))
        await link.execute(text("VACUUM report_case_change"))
    return Made(str(client_id), now.isoformat(), attempts, days, roll_up_s, cases_s)


async def _measure(sessions: SessionFactory, made: Made, rounds: int) -> Found:
    client_id, now = UUID(made.client_id), datetime.fromisoformat(made.now)
    clock = FrozenClock(now)
    async with sessions() as session:
        cells_mb = await _size(session, "report_cell") + await _size(session, "report_case_cell")
        attempts_mb = await _size(session, "attempt")
        today = day_of(now, "UTC")
        month = Period(today - timedelta(days=31), today - timedelta(days=25))
        checked = await check(session, client_id, month, clock)
    p95 = await _reports(sessions, client_id, now, rounds)
    raw_ms, same = await _raw(sessions, client_id, now)
    return Found(
        made.attempts,
        p95,
        max(p95, key=lambda name: p95[name]),
        raw_ms,
        made.roll_up_s,
        made.days,
        made.cases_s,
        cells_mb,
        attempts_mb,
        len(checked.wrong),
        same,
    )


async def _size(session: AsyncSession, table: str) -> float:
    found = await session.execute(
        text("SELECT pg_total_relation_size(CAST(:name AS regclass)) / 1e6"), {"name": table}
    )
    return float(found.scalar_one())


async def run(folder: Path, attempts: int, rounds: int) -> Found:
    """Make the year, roll it up, and ask every report."""
    services = Services(folder, instance="reports", fsync=False)
    try:
        url = services.ensure_postgres()
        await migrate(url)
        engine = make_engine(url, command_timeout_s=3600)
        try:
            sessions, kept = make_sessions(engine), folder / "made.json"
            if kept.exists():
                made = Made(**json.loads(kept.read_text()))
            else:
                now = SystemClock().now().replace(hour=20, minute=0, second=0, microsecond=0)
                made = await _make(sessions, attempts, now)
                kept.write_text(json.dumps(asdict(made)))
            return await _measure(sessions, made, rounds)
        finally:
            await engine.dispose()
    finally:
        services.stop_all()


def _section(found: Found) -> str:
    rows = [
        f"| {name.replace('_', ' ')} | {value:.0f} | {found.raw_ms / value:.1f} |"
        for name, value in found.p95_ms.items()
    ]
    return "\n".join(
        [
            "## Reports",
            "",
            f"`make bench-reports`: {found.attempts:,} attempts of a year in ten campaigns, 400 agents, 40",
            "regions, 20 lists; each report with the period before it, over a day (today, not rolled up), a",
            "week, 30 days, an older month, 90 days and the year. The baseline is one plain count of the",
            f"year's attempts in the same run: {found.raw_ms:.0f} ms.",
            "",
            "| report | p95 ms | baseline / p95 |",
            "|---|---|---|",
            *rows,
            "",
            f"Rolling up: {found.days} days of campaigns in {found.roll_up_s:.0f} s"
            f" ({found.roll_up_s / max(found.days, 1) * 1000:.0f} ms a day), the cases in"
            f" {found.cases_s:.0f} s, once. Roll-ups take {found.cells_mb:.0f} MB, the attempts"
            f" {found.attempts_mb:.0f} MB.",
            f"Cells of a week that differ from the raw rows: {found.wrong_cells}; the year equals the"
            f" plain count: {'yes' if found.same_as_raw else 'no'}.",
        ]
    )


def main() -> None:
    """Run the bench and write its figures."""
    # SQLModel wants exec(); our set-wise statements are text(), which exec() does not type.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--world", type=Path, help="keep the year in this folder, and use it again")
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    base = PROJECT_ROOT / ".run"
    base.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=base) as folder:
        world = given.world or Path(folder)
        world.mkdir(parents=True, exist_ok=True)
        found = asyncio.run(run(world.resolve(), given.attempts, given.rounds))
    if given.dry:
        print(_section(found))
        return
    figures_kept = {"worst_p95_ms": round(found.p95_ms[found.worst], 1)}
    machine = {"machine": platform.processor() or platform.machine()}
    save("reports", figures_kept | asdict(found) | machine)
    write_section("reports", _section(found))


if __name__ == "__main__":
    main()
