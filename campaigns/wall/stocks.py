"""What changes slowly: how much of each list is left, how far each quota is, the abandonment budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.seats import seats_taken
from campaigns.leads.quotas import quota_states
from campaigns.pacing.law import WINDOW_S
from campaigns.pacing.memory import answered_since
from campaigns.settings import CampaignSettings

#: A decision this old is no present one: seconds are stored every ten, and then some are late.
FRESH_S = 30.0

# A lane's leads that were tried before wait in its number plus one.
_LISTS = text(
    """
    SELECT c.lane AS lane, n.list_id, i.name, sum(c.leads)::int AS leads,
           coalesce(sum(c.leads) FILTER (WHERE c.tried), 0)::int AS tried,
           coalesce(sum(c.leads) FILTER (WHERE c.state = 'done'), 0)::int AS done
    FROM (SELECT lane / 2 * 2 AS lane, state, attempts_made > 0 AS tried, count(*) AS leads
          FROM lead WHERE campaign_id = :campaign_id GROUP BY 1, 2, 3) AS c
    LEFT JOIN lane n ON n.campaign_id = :campaign_id AND n.lane = c.lane
    LEFT JOIN contact_list i ON i.id = n.list_id
    GROUP BY 1, 2, 3
    """
)
_BUDGETS = text(
    """
    SELECT c.id AS campaign_id, t.ended_at, t.last
    FROM unnest(CAST(:ids AS uuid[])) AS c(id)
    CROSS JOIN LATERAL (
        SELECT ended_at, seconds -> -1 AS last FROM pacing_trace
        WHERE campaign_id = c.id AND began_at > :since ORDER BY began_at DESC LIMIT 1
    ) AS t
    """
)


@dataclass(frozen=True, slots=True)
class ListStock:
    """How much of a list a campaign has called."""

    list_id: UUID | None  #: None: contacts that the selection leaves out
    name: str
    leads: int
    tried: int  #: called at least once
    done: int  #: with a result

    @property
    def penetration(self) -> float | None:
        """Return contacts called at least once / contacts, 0..1."""
        return self.tried / self.leads if self.leads else None

    @property
    def left_share(self) -> float | None:
        """Return contacts without a result / contacts, 0..1."""
        return 1 - self.done / self.leads if self.leads else None


@dataclass(frozen=True, slots=True)
class QuotaStock:
    """How far a quota is."""

    name: str
    target: int
    reached: int
    under_way: int


@dataclass(frozen=True, slots=True)
class Budget:
    """The abandoned share in the law's window, and its ceiling."""

    answered: float
    abandoned: float
    ceiling: float  #: 0..1
    at: datetime | None  #: of the pacing's word for it; None: counted from the calls

    @property
    def share(self) -> float | None:
        """Return abandoned / answered by a person, 0..1."""
        return self.abandoned / self.answered if self.answered > 0 else None

    @property
    def used(self) -> float | None:
        """Return which part of what may be abandoned is, 0..; above 1 the ceiling is passed."""
        allowed = self.ceiling * self.answered
        return self.abandoned / allowed if allowed > 0 else None


async def list_stocks(session: AsyncSession, campaign_id: UUID) -> list[ListStock]:
    """Return how much of each list is called; it costs a walk over the campaign's leads."""
    by_list: dict[UUID | None, ListStock] = {}
    for row in await session.execute(_LISTS, {"campaign_id": campaign_id}):
        known = by_list.get(row.list_id)
        by_list[row.list_id] = ListStock(
            row.list_id,
            row.name or "",
            row.leads + (known.leads if known else 0),
            row.tried + (known.tried if known else 0),
            row.done + (known.done if known else 0),
        )
    return sorted(by_list.values(), key=lambda one: (one.list_id is None, one.name))


async def quota_stocks(
    session: AsyncSession, campaign_id: UUID, settings: CampaignSettings
) -> list[QuotaStock]:
    """Return how far each quota is: those on contacts, then those on answers."""
    quotas = settings.selection.quotas
    states = await quota_states(session, campaign_id, quotas)
    stocks = [
        QuotaStock(quota.words, state.target, state.reached, state.under_way)
        for quota, state in zip(quotas, states, strict=True)
    ]
    if settings.answer_quotas:
        taken = await seats_taken(session, campaign_id)
        for one in settings.answer_quotas:
            complete, seats = taken.get(one.code, (0, 0))
            stocks.append(QuotaStock(one.code, one.target, complete, max(0, seats - complete)))
    return stocks


async def budgets(
    session: AsyncSession, settings: Mapping[UUID, CampaignSettings], now: datetime
) -> dict[UUID, Budget]:
    """Return the budget of each campaign that has paced in the last minutes, as its pacing keeps it."""
    since = now - timedelta(hours=2)
    found: dict[UUID, Budget] = {}
    for row in await session.execute(_BUDGETS, {"ids": list(settings), "since": since}):
        if row.last is None or (now - row.ended_at).total_seconds() > FRESH_S:
            continue
        last = row.last
        ceiling = last.get("ceiling")
        found[row.campaign_id] = Budget(
            answered=float(last.get("answered") or 0) + float(last.get("others_answered") or 0),
            abandoned=float(last.get("abandoned") or 0) + float(last.get("others_abandoned") or 0),
            ceiling=settings[row.campaign_id].abandon_ceiling if ceiling is None else ceiling,
            at=row.ended_at,
        )
    return found


async def counted_budget(
    session: AsyncSession, campaign_id: UUID, settings: CampaignSettings, now: datetime
) -> Budget:
    """Return the budget of a campaign that does not pace now, counted from the law's window."""
    minutes: Sequence[Any] = await answered_since(
        session, campaign_id, now - timedelta(seconds=WINDOW_S)
    )
    return Budget(
        answered=sum(one.answered for one in minutes),
        abandoned=sum(one.abandoned for one in minutes),
        ceiling=settings.abandon_ceiling,
        at=None,
    )
