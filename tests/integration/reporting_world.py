"""Reports made by the clock, for tests: one with a schedule, a worker, a mail server that waits."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from api.saved_report_words import wording_of
from campaigns.saved_reports import keeping, scheduling
from campaigns.saved_reports.definition import Definition
from campaigns.saved_reports.models import ReportRun, ReportRunFile, SavedReport
from campaigns.saved_reports.scheduling import ScheduleIn
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from tests.deliveries_world import delivery_settings
from tests.integration.api_world import World
from tests.receivers import Postbox
from tests.reports_world import ReportsWorld
from workers.deps import BackgroundDeps

#: A worker that sweeps as the real one does, without waiting for its clock.
WORKER = """
import asyncio
from dialer import settings
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions
from workers.deps import BackgroundDeps
from workers.jobs.saved_reports import sweep

async def main():
    ready = settings.load()
    deps = BackgroundDeps(ready, make_sessions(make_engine(ready.database())), SystemClock())
    while True:
        await sweep(deps)
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


class Reporting:
    """A client's report with a schedule, and a worker's sweep."""

    def __init__(self, world: World, calls: ReportsWorld, deps: BackgroundDeps) -> None:
        self.world, self.calls, self.deps = world, calls, deps
        self.report_id = UUID(int=0)

    async def begin(self, clock: Any, **schedule: Any) -> "Reporting":
        """Save a report and have it made by the clock."""
        user = await self.world.user(Role.MANAGER, client_id=self.calls.client_id)
        who = Identity(user.id, self.calls.client_id, Role.MANAGER, user.login)
        definition = Definition.model_validate(
            {
                "measures": ["attempts", "connected"],
                "dimensions": ["campaign"],
                "period": "yesterday",
            }
        )
        given = ScheduleIn.model_validate({"rhythm": "hourly", "zone": "UTC"} | schedule)
        async with transaction(self.world.sessions) as session:
            row = await keeping.make(session, "Щодня: =план", definition, who, clock)
            await scheduling.set_schedule(session, row, given, wording_of("uk"), who, clock)
            self.report_id = row.id
        return self

    async def reschedule(self, clock: Any, **schedule: Any) -> None:
        """Have it made at another moment."""
        given = ScheduleIn.model_validate({"zone": "UTC"} | schedule)
        async with transaction(self.world.sessions) as session:
            row = await session.get_one(SavedReport, self.report_id)
            who = Identity(row.owner_id or UUID(int=0), row.client_id, Role.MANAGER, "x")
            await scheduling.set_schedule(session, row, given, wording_of("uk"), who, clock)

    async def order(self, clock: Any) -> None:
        """Have it made now."""
        async with transaction(self.world.sessions) as session:
            row = await session.get_one(SavedReport, self.report_id)
            who = Identity(row.owner_id or UUID(int=0), row.client_id, Role.MANAGER, "x")
            await scheduling.order_run(session, row, who, clock)

    async def runs(self) -> list[ReportRun]:
        """Return what was made, oldest first."""
        async with self.world.sessions() as session:
            statement = select(ReportRun).where(col(ReportRun.report_id) == self.report_id)
            return list(await session.exec(statement.order_by(col(ReportRun.id))))

    async def files(self, run: ReportRun) -> dict[str, ReportRunFile]:
        """Return the files of a run by format."""
        async with self.world.sessions() as session:
            statement = select(ReportRunFile).where(col(ReportRunFile.run_id) == run.id)
            return {one.format.value: one for one in await session.exec(statement)}


def worker_deps(
    world: World, clock: Any, folder: Path, mail_port: int = 1, **urls: str
) -> BackgroundDeps:
    """Return what a worker has that sends letters to a port of this machine."""
    settings = delivery_settings(
        urls.get("database", "postgresql+asyncpg://x@localhost/x"),
        urls.get("redis", "redis://localhost/0"),
        folder,
        mail_port=mail_port,
    )
    return BackgroundDeps(settings, world.sessions, clock)


async def somebody_waits(world: World) -> bool:
    """Tell whether a statement waits for a lock."""
    async with world.sessions() as session:
        found = await session.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
        )
        return bool(found.scalar())


class HeldLetter:
    """Keeps the first letter's sender waiting for the answer."""

    def __init__(self, box: Postbox) -> None:
        self._released = asyncio.Event()
        self._has_come = False
        keep = box.handle_DATA

        async def held(server: Any, session: Any, envelope: Any) -> str:
            answer = await keep(server, session, envelope)
            self._has_come = True
            await self._released.wait()
            return answer

        box.handle_DATA = held  # type: ignore[method-assign]

    async def came(self) -> bool:
        """Tell whether the letter is there."""
        return self._has_come

    def go_on(self) -> None:
        """Answer it."""
        self._released.set()
