"""Quotas: the cell of each contact, and the cells whose quota has its successes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, not_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.filter_sql import matches
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from campaigns.models import Disposition
from campaigns.selection import Quota, cells_with, quota_groups


def cell_of_contact(quotas: Sequence[Quota]) -> ColumnElement[int]:
    """Return SQL for the quota cell of a ``contact``, as ``campaigns.selection`` numbers them."""
    cell: ColumnElement[int] = literal(0, Integer)
    weight = 1
    for group in quota_groups(quotas):
        ranks = [(matches(quotas[index]), rank) for rank, index in enumerate(group, start=1)]
        cell += case(*ranks, else_=0) * weight
        weight *= len(group) + 1
    return cell


async def full_cells(session: AsyncSession, campaign_id: UUID, quotas: Sequence[Quota]) -> set[int]:
    """Return the quota cells of which no more leads are dialled: their quota has its successes.

    A success is a lead with a disposition that counts as one. It costs as much as the campaign has
    disposed calls: ask every few seconds, not at every draw.
    """
    if not quotas:
        return set()
    reached: dict[int, ColumnElement[int]] = {}
    for group in quota_groups(quotas):
        for rank, index in enumerate(group):  # of one field the first that fits has the contact
            earlier = [not_(matches(quotas[other])) for other in group[:rank]]
            mine = and_(matches(quotas[index]), *earlier)
            reached[index] = func.count(col(Attempt.lead_id).distinct()).filter(mine)
    successes = (
        select(*(reached[index] for index in range(len(quotas))))
        .select_from(Attempt)
        .join(Contact, col(Contact.id) == col(Attempt.contact_id))
        .join(Disposition, _has_success())
        .where(col(Attempt.campaign_id) == campaign_id)
    )
    counts = (await session.execute(successes)).one()
    return cells_with(
        quotas, {index for index, quota in enumerate(quotas) if counts[index] >= quota.target}
    )


def _has_success() -> ColumnElement[bool]:
    return and_(
        col(Disposition.campaign_id) == col(Attempt.campaign_id),
        col(Disposition.code) == col(Attempt.disposition),
        col(Disposition.success),
    )
