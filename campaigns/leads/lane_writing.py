"""Writing a selection into leads, some thousand at a time: lanes, and the order within them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    update,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import lane_of
from campaigns.leads.mixing import LaneFacts
from campaigns.leads.models import Lane, Lead
from campaigns.leads.quotas import cell_of_contact
from campaigns.lists.models import Contact
from campaigns.selection import NewOrder, Selection
from dialer.errors import Invalid

#: Lanes of a campaign: each is one more range to look into at every draw.
MOST_LANES = 2000

_SIGN_OFF = 2**63 - 1  #: sort keys are not negative: a shuffle has 63 bits


class TooManyLanes(Invalid):
    """The contacts have too many different priorities and quota cells."""

    code = "too_many_lanes"
    message = (
        f"The lists have more than {MOST_LANES} combinations of list, priority and quota:"
        " use fewer priorities or quotas."
    )


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """What a selection did."""

    selected: int = 0
    left_out: int = 0
    missed: int = 0  #: leads another transaction held: apply the selection again for them
    lanes: tuple[LaneFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionPlan:
    """A campaign's selection, ready to be applied in steps."""

    campaign_id: UUID
    rules: Selection
    lists: tuple[UUID, ...]
    fits: ColumnElement[bool]  #: of ``contact``
    wait: bool  #: for leads that other transactions hold


@dataclass(frozen=True, slots=True)
class Step:
    """Contacts of one list, by their rows in the file."""

    list_id: UUID
    after: int
    until: int


async def write_step(session: AsyncSession, plan: SelectionPlan, step: Step) -> SelectionReport:
    """Write the selection into the leads of one step.

    Raises:
        TooManyLanes: the contacts have too many priorities and quota cells.
    """
    leads = await _make_lanes(session, plan, step)
    chosen = _chosen(plan, step).cte("chosen")
    odd = case((col(Lead.attempts_made) > 0, 1), else_=0)
    wanted = tuple_(chosen.c.lane + odd, chosen.c.sort_key)
    changed = (
        update(Lead)
        .where(
            col(Lead.id) == chosen.c.id,
            tuple_(col(Lead.lane), col(Lead.sort_key)).is_distinct_from(wanted),
        )
        .values(lane=chosen.c.lane + odd, sort_key=chosen.c.sort_key)
        .cte("changed")
    )
    counts = (
        await session.execute(
            select(func.count(chosen.c.lane), func.count()).select_from(chosen).add_cte(changed)
        )
    ).one()
    selected, seen = counts
    return SelectionReport(selected, seen - selected, max(0, leads - seen))


async def _make_lanes(session: AsyncSession, plan: SelectionPlan, step: Step) -> int:
    """Make the lanes that the leads of a step need; return how many leads it has."""
    cell, priority = cell_of_contact(plan.rules.quotas), col(Contact.priority)
    kind = _leads_of(
        plan, step, priority.label("priority"), cell.label("cell"), plan.fits.label("fits")
    ).subquery()
    rows = await session.execute(
        select(kind.c.priority, kind.c.cell, kind.c.fits, func.count().label("leads")).group_by(
            kind.c.priority, kind.c.cell, kind.c.fits
        )
    )
    total = 0
    for row in rows.all():
        total += row.leads
        if row.fits:
            found = await lane_of(
                session, plan.campaign_id, step.list_id, row.priority, quota_cell=row.cell
            )
            if found > 2 * MOST_LANES:
                raise TooManyLanes
    return total


def _leads_of(plan: SelectionPlan, step: Step, *columns: ColumnElement[Any]) -> "Select[Any]":
    """Return ``columns`` of the step's leads and their contacts."""
    return (
        select(*columns)
        .select_from(Lead)
        .join(Contact, col(Contact.id) == col(Lead.contact_id))
        .where(
            col(Contact.list_id) == step.list_id,
            col(Contact.source_row) > step.after,
            col(Contact.source_row) <= step.until,
            col(Lead.campaign_id) == plan.campaign_id,
        )
    )


def _chosen(plan: SelectionPlan, step: Step) -> "Select[Any]":
    """Return the step's leads, locked, with the even number of their lane (NULL: left out)."""
    order: ColumnElement[int] = cast(col(Contact.source_row), BigInteger)
    if plan.rules.new_order is NewOrder.RANDOM:
        seed = literal(plan.rules.seed, BigInteger)
        shuffled = func.hashtextextended(cast(col(Contact.id), Text), seed)
        order = shuffled.op("&")(literal(_SIGN_OFF, BigInteger))
    lane = and_(
        col(Lane.campaign_id) == plan.campaign_id,
        col(Lane.list_id) == step.list_id,
        col(Lane.priority) == col(Contact.priority),
        col(Lane.quota_cell) == cell_of_contact(plan.rules.quotas),
    )
    number = case((plan.fits, col(Lane.lane)), else_=null()).label("lane")
    return (
        _leads_of(plan, step, col(Lead.id).label("id"), number, order.label("sort_key"))
        .outerjoin(Lane, lane)
        .order_by(col(Lead.id))  # in one order for everybody who locks several
        .with_for_update(of=Lead, skip_locked=not plan.wait)
    )
