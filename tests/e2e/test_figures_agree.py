"""Wall, reports, exports and API agree with a plain count, after a busy day of 5,000 calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo
import os, time
import pytest
from redis.asyncio import Redis

from api.pages.wall_stream import events
from api.wall.client_wall import ClientWall
from campaigns.reports.settings import SettingsChange, change_terms
from campaigns.tenancy.models import Role
from campaigns.wall.looking import look
from campaigns.wall.reading import Reader
from dialer.clock import FrozenClock
from dialer.db import transaction
from tests.busy_day import BEGINS, BusyDay, busy_day
from tests.busy_desks import ZONE
from tests.e2e.export_agrees import compare_rows, csv_rows, download, workbook_rows
from tests.e2e.reports_agree import (
    RATE,
    TARIFF,
    Seen,
    compare_api,
    compare_counts,
    compare_lists_of_calls,
)
from tests.e2e.wall_agrees import compare_board, compare_page, compare_reader
from tests.hall import Place
from tests.integration.api_world import World, api_world
from tests.nursery import Nursery
from tests.plain_counts import PlainCounts
from tests.reports_world import forget_rollups

CALLS = int(os.environ.get("N", "600"))


@asynccontextmanager
async def counted(day: BusyDay, now: datetime) -> AsyncIterator[PlainCounts]:
    """Count plainly, as of an instant; nothing of it stays."""
    async with day.place.sessions() as session:
        plain = PlainCounts(session)
        await plain.prepare(day.client_id, ZONE, now)
        yield plain
        await session.rollback()


@pytest.mark.timeout(600)
async def test_every_figure_of_a_busy_day_is_a_plain_count(
    place: Place, home: Nursery, tmp_path: Path
) -> None:
    t = time.monotonic()
    async with busy_day(place, home, tmp_path, calls=CALLS) as day:
        print("TIME", time.monotonic() - t)
        print(day.told)
        now = day.clock.now()
        local = now.astimezone(ZoneInfo(ZONE))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        seen = Seen(day.client_id, BEGINS.date(), local.date(), now)
        clock = FrozenClock(now)
        bad: list[str] = []

        def note(what: str, result: tuple[int, list[str]]) -> None:
            print(what, result[0], len(result[1]), *result[1][:12], sep="\n  ")
            bad.extend(result[1])

        async with counted(day, now) as plain:
            print(await plain.all())
            for r in await plain.rows("select id, outcome, started_at, rang_at, answered_at, connected_at, left_at, ended_at, fence, ended_by from attempt where connected_at < answered_at or ended_at < connected_at or left_at < connected_at or ended_at < left_at or answered_at < started_at"): print({k:str(v) for k,v in r.items()})
            print(await plain.calls("form"))
            async with place.sessions() as session:
                note("rolled", await compare_counts(session, plain, seen))
                await forget_rollups(session)
                note("raw", await compare_counts(session, plain, seen))
                await session.rollback()
            async with api_world(place.sessions, place.redis, clock) as world:
                state = world.app.state
                settings = state.services.settings.model_copy(update={"exports_dir": tmp_path / "exports"})
                state.services = replace(state.services, settings=settings)
                api = await world.api(Role.MANAGER, client_id=day.client_id)
                note("api", await compare_api(api, plain, seen))
                note("drill", await compare_lists_of_calls(api, plain, seen))
                note("board", await compare_board(api, plain))
                reader = Reader(day.client_id)
                async with place.sessions() as session:
                    await reader.read(session, await look(session, day.client_id, now))
                note("reader", await compare_reader(plain, reader, midnight, now))
                wall = ClientWall(world.app.state.services, day.client_id)
                await wall.look(); await wall.count()
                note("page", await compare_page(plain, wall.rows(), midnight, now))
                for one in day.mine:
                    folder = settings.exports()
                    note("csv", await compare_rows(plain, one, csv_rows(await download(api, place.sessions, folder, clock, one, "csv"))))
                    note("xlsx", await compare_rows(plain, one, workbook_rows(await download(api, place.sessions, folder, clock, one, "xlsx"))))
                await api.aclose()
        print("TIME", time.monotonic() - t)
        assert not bad, len(bad)
