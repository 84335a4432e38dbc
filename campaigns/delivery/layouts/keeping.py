"""Layouts of a campaign: one draft that changes, and frozen versions that never do."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from campaigns import lifecycle
from campaigns.delivery.layouts.columns import Layout, Pick, checked, picked
from campaigns.delivery.layouts.proposing import proposed_layout, usual_layout
from campaigns.delivery.models import ExportLayout
from campaigns.delivery.operators import names_operators
from campaigns.models import Campaign
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound


class LayoutNotFound(NotFound):
    """The campaign has no layout of this number."""

    code = "layout_not_found"
    message = "There is no such layout."


class NoDraftLayout(Conflict):
    """There is nothing to freeze."""

    code = "no_draft_layout"
    message = "The layout has no draft: what there is was frozen already."


class LayoutInPreparation(Conflict):
    """The columns of the first file are a draft still: only the call centre freezes it."""

    code = "layout_in_preparation"
    message = (
        "The call centre is preparing the columns of this file: try again later, or ask there."
    )


async def layouts_of(session: AsyncSession, campaign: Campaign) -> Sequence[ExportLayout]:
    """Return the campaign's layouts, the newest first."""
    statement = _of(campaign).order_by(col(ExportLayout.number).desc())
    return (await session.exec(statement)).all()


async def find_layout(
    session: AsyncSession, campaign: Campaign, number: int | None = None
) -> ExportLayout | None:
    """Return the frozen layout of that number; without one the newest, None when there is none.

    Raises:
        LayoutNotFound: the campaign has no frozen layout of this number.
    """
    statement = _of(campaign).where(col(ExportLayout.frozen_at).is_not(None))
    if number is not None:
        statement = statement.where(col(ExportLayout.number) == number)
    newest = statement.order_by(col(ExportLayout.number).desc()).limit(1)
    row = (await session.exec(newest)).first()
    if row is None and number is not None:
        raise LayoutNotFound(number=number)
    return row


async def draft_of(session: AsyncSession, campaign: Campaign) -> ExportLayout | None:
    """Return the campaign's draft, if it has one."""
    return (await session.exec(_of(campaign).where(col(ExportLayout.frozen_at).is_(None)))).first()


async def save_draft(
    session: AsyncSession,
    campaign_id: UUID,
    picks: Sequence[Pick],
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> ExportLayout:
    """Store which columns the next version has, in place of an earlier draft.

    Raises:
        CampaignNotFound: the client has no such campaign.
        BadLayout: a column does not exist, or two have one name.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    layout = picked(await proposed_layout(session, campaign), picks)
    await _hold(session, campaign)
    row = await draft_of(session, campaign)
    if row is None:
        row = await _new_draft(session, campaign, layout, user_id, clock)
    row.content = layout.as_json()
    session.add(row)
    await session.flush()
    facts = {"number": row.number, "columns": len(layout.columns)}
    await audit.trace(session, row, "export_layout.saved", facts, user_id=user_id, clock=clock)
    return row


async def freeze(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> ExportLayout:
    """Freeze the draft: from now on its columns stay as they are.

    Raises:
        CampaignNotFound: the client has no such campaign.
        NoDraftLayout: there is no draft.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    await _hold(session, campaign)
    row = await draft_of(session, campaign)
    if row is None:
        raise NoDraftLayout
    return await _freeze(session, row, user_id, clock)


async def discard_draft(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, user_id: UUID | None, clock: Clock
) -> None:
    """Delete the draft, if there is one.

    Raises:
        CampaignNotFound: the client has no such campaign.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    await _hold(session, campaign)
    row = await draft_of(session, campaign)
    if row is not None:
        facts = {"number": row.number}
        await audit.trace(
            session, row, "export_layout.discarded", facts, user_id=user_id, clock=clock
        )
        await session.delete(row)
        await session.flush()


async def layout_for_export(
    session: AsyncSession,
    campaign: Campaign,
    number: int | None,
    *,
    user_id: UUID | None,
    clock: Clock,
    freezes_draft: bool = True,
) -> ExportLayout:
    """Return the layout an export has: that number, else the newest.

    Without a frozen layout the draft is frozen; without a draft the first layout is made of all there is,
    but for operators' names.

    Raises:
        LayoutNotFound: the campaign has no frozen layout of this number.
        LayoutInPreparation: there is only a draft, and who asks must not freeze it.
    """
    row = await find_layout(session, campaign, number)
    if row is not None:
        return row
    await _hold(session, campaign)
    row = await find_layout(session, campaign, number)
    if row is not None:  # another request was quicker
        return row
    row = await draft_of(session, campaign)
    if row is None:
        layout = checked(await usual_layout(session, campaign))
        row = await _new_draft(session, campaign, layout, user_id, clock)
    elif not freezes_draft:
        raise LayoutInPreparation
    return await _freeze(session, row, user_id, clock)


async def left_out(session: AsyncSession, campaign: Campaign, row: ExportLayout) -> list[str]:
    """Return the names of columns that there are now and the layout has not; operators' names apart."""
    mine = {one.identity[:3] for one in Layout.read(row.content).columns}
    now = await proposed_layout(session, campaign)
    lacking = [one for one in now.columns if one.identity[:3] not in mine]
    return [one.name for one in lacking if not names_operators(one)]


def _of(campaign: Campaign) -> SelectOfScalar[ExportLayout]:
    return select(ExportLayout).where(
        col(ExportLayout.campaign_id) == campaign.id,
        col(ExportLayout.client_id) == campaign.client_id,
    )


async def _freeze(
    session: AsyncSession, row: ExportLayout, user_id: UUID | None, clock: Clock
) -> ExportLayout:
    row.frozen_at, row.frozen_by = clock.now(), user_id
    session.add(row)
    await session.flush()
    facts = {"number": row.number, "columns": len(row.content["columns"])}
    await audit.trace(session, row, "export_layout.frozen", facts, user_id=user_id, clock=clock)
    return row


async def _new_draft(
    session: AsyncSession, campaign: Campaign, layout: Layout, user_id: UUID | None, clock: Clock
) -> ExportLayout:
    """Store a draft under the next number."""
    highest = select(func.max(col(ExportLayout.number))).where(
        col(ExportLayout.campaign_id) == campaign.id,
        col(ExportLayout.client_id) == campaign.client_id,
    )
    row = ExportLayout(
        client_id=campaign.client_id,
        campaign_id=campaign.id,
        number=((await session.exec(highest)).one() or 0) + 1,
        content=layout.as_json(),
        created_at=clock.now(),
        created_by=user_id,
    )
    session.add(row)
    await session.flush()
    return row


async def _hold(session: AsyncSession, campaign: Campaign) -> None:
    """Let nobody else change the campaign's layouts before the commit."""
    key = func.hashtextextended(f"export layout {campaign.id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
