"""Which days wait to be rolled up, and rolling them up one by one; the check that all of it is right."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.cases import case_differences
from campaigns.reports.cells import differences, roll_up
from campaigns.reports.periods import MOST_DAYS, Period, day_of
from campaigns.reports.settings import terms_of
from campaigns.reports.spans import Span, spans_of
from campaigns.reports.voiding import HOLD_TERMS
from campaigns.tenancy.models import Client
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

#: A day is left alone until so long after its end: the last calls still get their results.
REST = timedelta(hours=2)


async def waiting_days(session: AsyncSession, client_id: UUID, clock: Clock) -> list[Span]:
    """Return the days of a client's campaigns that are over and not rolled up, the newest first."""
    terms = await terms_of(session, client_id)
    now = clock.now()
    last = day_of(now - REST, terms.zone) - timedelta(days=1)
    period = Period(last - timedelta(days=MOST_DAYS - 1), last)
    spans = await spans_of(session, client_id, period.starts(terms.zone))
    return sorted(spans.raw_days, key=lambda day: day.since, reverse=True)


async def roll_day(sessions: SessionFactory, client_id: UUID, day: Span, clock: Clock) -> bool:
    """Roll a day up in a transaction of its own; False: it is being changed, so it waits."""
    async with transaction(sessions) as session:
        await session.execute(HOLD_TERMS, {"client_id": client_id})
        terms = await terms_of(session, client_id)
        if day_of(day.since, terms.zone) == day_of(day.since - timedelta(seconds=1), terms.zone):
            return False  # the client's days begin at another hour by now
        return await roll_up(session, client_id, day, terms.zone, now=clock.now())


async def roll_all(
    sessions: SessionFactory, clock: Clock, *, client_id: UUID | None = None
) -> AsyncIterator[bool]:
    """Roll up whatever waits, day by day; each step tells whether the day was rolled up."""
    async with sessions() as session:
        chosen = select(Client.id)
        if client_id is not None:
            chosen = chosen.where(col(Client.id) == client_id)
        clients = list(await session.exec(chosen.order_by(col(Client.id))))
    for owner in clients:
        async with sessions() as session:
            days = await waiting_days(session, owner, clock)
        for day in days:
            yield await roll_day(sessions, owner, day, clock)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a comparison of roll-ups with raw rows found."""

    days: int  #: that were rolled up, and compared
    wrong: tuple[tuple[Any, ...], ...]  #: keys of cells that differ; none, if all is well


async def check(session: AsyncSession, client_id: UUID, period: Period, clock: Clock) -> Checked:
    """Count a period again from the raw rows, and compare each cell."""
    terms = await terms_of(session, client_id)
    spans = await spans_of(session, client_id, period.starts(terms.zone))
    wrong: list[tuple[Any, ...]] = []
    days = 0
    for span in spans.rolled:
        wrong += await differences(session, client_id, span, terms.zone, now=clock.now())
        days += round((span.until - span.since) / timedelta(days=1))
    campaigns = {span.campaign_id for span in spans.all()}
    wrong += await case_differences(
        session, client_id, sorted(campaigns), first=period.first, last=period.last
    )
    return Checked(days, tuple(wrong))
