"""Quotas: the cell of each contact, how far each quota is, and the cells whose quota has its successes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.filter_sql import matches
from campaigns.leads.models import Attempt, Lead, LeadClaim
from campaigns.lists.models import Contact
from campaigns.models import Disposition
from campaigns.selection import Quota, cells_with, quota_groups
from campaigns.states import LeadState


def cell_of_contact(quotas: Sequence[Quota]) -> ColumnElement[int]:
    """Return SQL for the quota cell of a ``contact``, as ``campaigns.selection`` numbers them."""
    cell: ColumnElement[int] = literal(0, Integer)
    weight = 1
    for group in quota_groups(quotas):
        ranks = [(matches(quotas[index]), rank) for rank, index in enumerate(group, start=1)]
        cell += case(*ranks, else_=0) * weight
        weight *= len(group) + 1
    return cell


@dataclass(frozen=True, slots=True)
class QuotaState:
    """How far a quota is."""

    target: int
    reached: int = 0  #: leads with a disposition that counts as a success
    under_way: int = (
        0  #: others that are called, talk, wait for their disposition, or are dialled next
    )

    @property
    def is_full(self) -> bool:
        """Whether nobody of it is dialled any more."""
        return self.reached >= self.target

    @property
    def room(self) -> int:
        """How many more may be called now: each that is under way may become a success."""
        return max(0, self.target - self.reached - self.under_way)


async def quota_states(
    session: AsyncSession, campaign_id: UUID, quotas: Sequence[Quota]
) -> list[QuotaState]:
    """Return how far each quota is, in the order given.

    It costs as much as the campaign has disposed calls: ask every few seconds, not at every draw.
    """
    if not quotas:
        return []
    # In this order: a call whose result is saved in between counts twice for a moment, never not at all.
    under_way = (await session.execute(_under_way(campaign_id, quotas))).one()
    counts = (await session.execute(_successes(campaign_id, quotas))).one()
    return [
        QuotaState(quota.target, counts[index], under_way[index])
        for index, quota in enumerate(quotas)
    ]


async def full_cells(session: AsyncSession, campaign_id: UUID, quotas: Sequence[Quota]) -> set[int]:
    """Return the quota cells of which no more leads are dialled: their quota has its successes."""
    states = await quota_states(session, campaign_id, quotas)
    return cells_with(quotas, {index for index, state in enumerate(states) if state.is_full})


def _columns(
    quotas: Sequence[Quota], counted: Callable[[ColumnElement[bool]], ColumnElement[int]]
) -> list[ColumnElement[int]]:
    """Return a count for each quota."""
    return [counted(one) for one in _fits(quotas)]


def _fits(quotas: Sequence[Quota]) -> list[ColumnElement[bool]]:
    """Return which contacts each quota has: of one field the first that fits has the contact."""
    found: dict[int, ColumnElement[bool]] = {}
    for group in quota_groups(quotas):
        for rank, index in enumerate(group):
            earlier = [not_(matches(quotas[other])) for other in group[:rank]]
            found[index] = and_(matches(quotas[index]), *earlier)
    return [found[index] for index in range(len(quotas))]


def calls_of_quota(
    campaign_id: UUID, quotas: Sequence[Quota], index: int
) -> Select[*tuple[Any, ...]]:
    """Select the calls that fill a quota: of each lead that it counts the first with a success."""
    return (
        select(col(Attempt.id).label("id"))
        .ext(distinct_on(col(Attempt.lead_id)))
        .join(Contact, col(Contact.id) == col(Attempt.contact_id))
        .join(Disposition, _is_success())
        .where(col(Attempt.campaign_id) == campaign_id, _fits(quotas)[index])
        .order_by(col(Attempt.lead_id), col(Attempt.started_at), col(Attempt.id))
    )


def _successes(campaign_id: UUID, quotas: Sequence[Quota]) -> Select[*tuple[Any, ...]]:
    """Count the leads with a disposition that counts as a success."""
    leads = func.count(col(Attempt.lead_id).distinct())
    return (
        select(*_columns(quotas, leads.filter))
        .select_from(Attempt)
        .join(Contact, col(Contact.id) == col(Attempt.contact_id))
        .join(Disposition, _is_success())
        .where(col(Attempt.campaign_id) == campaign_id)
    )


def _under_way(campaign_id: UUID, quotas: Sequence[Quota]) -> Select[*tuple[Any, ...]]:
    """Count the leads that are dialled, talk, have no disposition yet, or are claimed to be dialled next.

    One that has its success already is not counted a second time.
    """
    claimed = select(col(LeadClaim.lead_id)).where(col(LeadClaim.campaign_id) == campaign_id)
    dialing: ColumnElement[str] = literal_column(
        f"'{LeadState.DIALING.value}'"
    )  # the index of those holds it so
    has_success = (
        select(col(Attempt.id))
        .join(Disposition, _is_success())
        .where(col(Attempt.lead_id) == col(Lead.id))
        .exists()
    )
    live = (
        select(col(Lead.id), col(Lead.contact_id))
        .where(col(Lead.campaign_id) == campaign_id, col(Lead.state) == dialing)
        .union(
            select(col(Lead.id), col(Lead.contact_id)).where(
                col(Lead.campaign_id) == campaign_id, col(Lead.id).in_(claimed)
            )
        )
        .subquery()
    )
    return (
        select(*_columns(quotas, func.count(live.c.id).filter))
        .select_from(live)
        .join(Lead, col(Lead.id) == live.c.id)
        .join(Contact, col(Contact.id) == live.c.contact_id)
        .where(not_(has_success))
    )


def _is_success() -> ColumnElement[bool]:
    return and_(
        col(Disposition.campaign_id) == col(Attempt.campaign_id),
        col(Disposition.code) == col(Attempt.disposition),
        col(Disposition.success),
    )
