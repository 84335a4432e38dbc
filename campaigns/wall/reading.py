"""One client's figures, read again and again: each kind as often as it changes and costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.settings import CampaignSettings
from campaigns.wall import counting, stocks
from campaigns.wall.choices import in_force
from campaigns.wall.counting import Asked, Settled
from campaigns.wall.looking import CampaignNow, Look
from campaigns.wall.settings import ClientWall, WallSettings, resolved
from campaigns.wall.stocks import Budget, ListStock, QuotaStock
from campaigns.wall.sums import CallSums, DaySums, Ends
from dialer.agent.states import AgentState

log = structlog.get_logger()

#: What is older than this is settled: late dispositions are saved by then, or at the next settling.
SETTLED_AGE = timedelta(minutes=10)
#: The day is settled anew this often; a result that is corrected later is on the wall then.
SETTLE_EVERY = timedelta(minutes=5)
#: Calls of this long say how a trunk and a caller ID do now.
RECENT = timedelta(minutes=15)
ENDS_EVERY = timedelta(seconds=10)
#: Lists and quotas: at least this long between two looks, and at least so many times their cost.
STOCKS_EVERY = timedelta(seconds=15)
STOCKS_TIMES_COST = 100
#: The budget of a campaign that does not pace changes by time alone.
IDLE_BUDGET_EVERY = timedelta(minutes=1)

_TRUNKS = text(
    "SELECT id, name, paused_reason, paused_until FROM trunk"
    " WHERE (client_id IS NULL OR client_id = :client_id) AND id = ANY(CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """Everything counted of a campaign."""

    settings: CampaignSettings
    wall: WallSettings
    day: DaySums = field(default_factory=DaySums)
    budget: Budget | None = None
    lists: Sequence[ListStock] = ()
    quotas: Sequence[QuotaStock] = ()
    trunks: Mapping[UUID, tuple[Ends, Ends]] = field(default_factory=dict)  #: recent, earlier today
    callers: Mapping[str, tuple[Ends, Ends]] = field(default_factory=dict)  #: by caller ID


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """A trunk's own words."""

    name: str
    paused_reason: str | None
    paused_until: datetime | None


@dataclass(slots=True)
class Reader:
    """The figures of one client's campaigns, kept between two readings."""

    client_id: UUID
    figures: dict[UUID, CampaignFigures] = field(default_factory=dict)
    trunks: dict[UUID, TrunkNow] = field(default_factory=dict)
    choice: ClientWall = field(default_factory=ClientWall)
    _zone: str = "UTC"
    _asked: Asked | None = None
    _settled: Settled | None = None
    _settled_at: datetime | None = None
    _earlier: tuple[dict[tuple[UUID, UUID], Ends], dict[tuple[UUID, str], Ends]] = ({}, {})
    _ends_at: datetime | None = None
    _recent: tuple[dict[tuple[UUID, UUID], Ends], dict[tuple[UUID, str], Ends]] = ({}, {})
    _stocks_at: datetime | None = None
    _stocks_cost_s: float = 0.0
    _lists: dict[UUID, list[ListStock]] = field(default_factory=dict)
    _quotas: dict[UUID, list[QuotaStock]] = field(default_factory=dict)
    _idle: dict[UUID, tuple[datetime, Budget]] = field(default_factory=dict)

    async def read(self, session: AsyncSession, now_look: Look) -> None:
        """Count what is due of the campaigns that a look found."""
        now, campaigns = now_look.at, now_look.campaigns
        self.choice, self._zone = await in_force(session, self.client_id)
        parsed = {one: found for one, row in campaigns.items() if (found := _parsed(row))}
        walls = {one: resolved(self.choice, row.wall) for one, row in parsed.items()}
        asked = Asked({one: wall.service_level_s for one, wall in walls.items()})
        settled = await self._settle(session, asked, now)
        calls = await counting.count_calls(session, asked, settled, now)
        spent = await counting.count_time(session, asked, settled, now)
        forms = await counting.count_forms(session, list(parsed), now)
        await self._read_ends(session, list(parsed), now)
        await self._read_stocks(session, parsed, now)
        kept = await self._budgets(session, parsed, now)
        self.figures = {
            one: self._figures(one, parsed[one], walls[one], calls, spent, forms, kept)
            for one in parsed
        }
        await self._read_trunks(session, campaigns)

    def _figures(
        self,
        one: UUID,
        settings: CampaignSettings,
        wall: WallSettings,
        calls: Mapping[UUID, CallSums],
        spent: Mapping[UUID, Mapping[AgentState, int]],
        forms: Mapping[UUID, int],
        kept: Mapping[UUID, Budget],
    ) -> CampaignFigures:
        none = Ends()
        trunks, callers = self._recent
        day_trunks, day_callers = self._earlier
        return CampaignFigures(
            settings=settings,
            wall=wall,
            day=DaySums(calls.get(one, CallSums()), spent.get(one, {}), forms.get(one, 0)),
            budget=kept.get(one),
            lists=self._lists.get(one, ()),
            quotas=self._quotas.get(one, ()),
            trunks={
                key: (ends, day_trunks.get((one, key), none))
                for (owner, key), ends in trunks.items()
                if owner == one
            },
            callers={
                key: (ends, day_callers.get((one, key), none))
                for (owner, key), ends in callers.items()
                if owner == one
            },
        )

    async def _settle(self, session: AsyncSession, asked: Asked, now: datetime) -> Settled:
        midnight = self._midnight(now)
        known, at = self._settled, self._settled_at
        is_old = known is None or at is None or now - at >= SETTLE_EVERY or now < at
        if known is None or is_old or asked != self._asked or known.since != midnight:
            until = max(midnight, now - SETTLED_AGE)
            known = await counting.settle(session, asked, since=midnight, until=until)
            ids = list(asked.within_s)
            before = max(midnight, now - RECENT)
            self._earlier = await counting.count_ends(session, ids, since=midnight, until=before)
            self._settled, self._settled_at, self._asked = known, now, asked
        return known

    def _midnight(self, now: datetime) -> datetime:
        here = now.astimezone(ZoneInfo(self._zone))
        return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)

    async def _read_ends(self, session: AsyncSession, ids: list[UUID], now: datetime) -> None:
        if not is_due(self._ends_at, now, ENDS_EVERY):
            return
        self._ends_at = now
        since = max(now - RECENT, self._midnight(now))
        self._recent = await counting.count_ends(session, ids, since=since, until=now)

    async def _read_stocks(
        self, session: AsyncSession, parsed: Mapping[UUID, CampaignSettings], now: datetime
    ) -> None:
        every = max(STOCKS_EVERY, timedelta(seconds=self._stocks_cost_s * STOCKS_TIMES_COST))
        is_known = parsed.keys() <= self._lists.keys()
        if is_known and not is_due(self._stocks_at, now, every):
            return
        began_s, self._stocks_at = perf_counter(), now
        self._lists = {one: await stocks.list_stocks(session, one) for one in parsed}
        self._quotas = {
            one: await stocks.quota_stocks(session, one, settings)
            for one, settings in parsed.items()
        }
        self._stocks_cost_s = perf_counter() - began_s

    async def _budgets(
        self, session: AsyncSession, parsed: Mapping[UUID, CampaignSettings], now: datetime
    ) -> dict[UUID, Budget]:
        found = await stocks.budgets(session, parsed, now)
        for one, settings in parsed.items():
            if one in found:
                continue
            at, idle = self._idle.get(one, (None, None))
            if idle is None or is_due(at, now, IDLE_BUDGET_EVERY):
                idle = await stocks.counted_budget(session, one, settings, now)
                self._idle[one] = now, idle
            found[one] = idle
        return found

    async def _read_trunks(
        self, session: AsyncSession, campaigns: Mapping[UUID, CampaignNow]
    ) -> None:
        ids = {row.trunk_id for row in campaigns.values() if row.trunk_id}
        ids |= {key for one in self.figures.values() for key in one.trunks}
        facts = {"client_id": self.client_id, "ids": list(ids)}
        self.trunks = {
            row.id: TrunkNow(row.name, row.paused_reason, row.paused_until)
            for row in await session.execute(_TRUNKS, facts)
        }


def is_due(at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Tell whether something done at ``at`` is to be done again; a clock set back does not stop it."""
    return at is None or now - at >= every or now < at


def _parsed(row: CampaignNow) -> CampaignSettings | None:
    """Return a campaign's settings; None: another version of the program wrote what we cannot read."""
    try:
        return CampaignSettings.model_validate(row.settings)
    except ValidationError as error:
        log.warning("wall.settings_not_read", campaign_id=str(row.id), faults=error.error_count())
        return None
