"""What an agent decides about a contact that is shown: dial it or skip it. Nothing here commits.

The decision is a row; after the commit the caller sends ``CommandName.PREVIEW_DECIDED``, and the
campaign's runner does it. The gate is asked again when the call is placed.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.preview_models import Preview
from campaigns.leads.preview_view import NumberView, numbers_of
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.states import PreviewWish, SkipReason
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound


class NothingShown(NotFound):
    """The agent was never shown this contact."""

    code = "nothing_shown"
    message = "This contact is not shown to the agent."


class PreviewIsOver(Conflict):
    """The contact is not shown any more; ``ending`` and ``reason`` say why."""

    code = "preview_over"
    message = "This contact is not shown any more: look at the next one."


class AlreadyDecided(Conflict):
    """The agent decided already; the runner does it at this moment."""

    code = "already_decided"
    message = "The decision about this contact was made: it is being done."


class SkipNotAllowed(Conflict):
    """The campaign's agents dial every contact they are shown."""

    code = "skip_not_allowed"
    message = "Contacts of this campaign may not be skipped: dial it, or take a break."


class NoSuchNumber(NotFound):
    """The contact has no number at this position that can be dialled."""

    code = "no_such_number"
    message = "The contact has no such number."


class NumberNotCleared(Conflict):
    """The gate refuses the chosen number now; ``reason`` and ``next_at`` tell why and until when."""

    code = "number_not_cleared"
    message = "This number may not be dialled now: choose another one, or skip the contact."


async def dial(
    session: AsyncSession,
    shift: AgentSession,
    preview_id: UUID,
    *,
    keeper: Gatekeeper,
    clock: Clock,
    user_id: UUID | None,
    phone_position: int | None = None,
) -> Preview:
    """Decide to dial what is shown; ``phone_position`` chooses among the contact's numbers.

    Raises:
        NothingShown, PreviewIsOver, AlreadyDecided: there is nothing to decide.
        NoSuchNumber, NumberNotCleared: the chosen number cannot be dialled; the contact stays.
    """
    shown = await _undecided(session, shift, preview_id)
    if phone_position is not None:
        numbers = await numbers_of(session, shown, keeper, now=clock.now())
        _require_cleared(numbers, phone_position)
        shown.phone_position = phone_position
    facts = {"phone_position": phone_position}
    await _decide(session, shown, PreviewWish.DIAL, facts, clock, user_id)
    return shown


def _require_cleared(numbers: list[NumberView], position: int) -> None:
    chosen = next((one for one in numbers if one.position == position), None)
    if chosen is None:
        raise NoSuchNumber(phone_position=position)
    if chosen.reason is not None:
        next_at = chosen.next_at.isoformat() if chosen.next_at else None
        raise NumberNotCleared(phone_position=position, reason=chosen.reason, next_at=next_at)


async def skip(
    session: AsyncSession,
    shift: AgentSession,
    preview_id: UUID,
    reason: SkipReason,
    *,
    clock: Clock,
    user_id: UUID | None,
) -> Preview:
    """Decide to skip what is shown; it waits for an hour and is then anybody's again.

    Raises:
        NothingShown, PreviewIsOver, AlreadyDecided: there is nothing to decide.
        SkipNotAllowed: the campaign's setting ``preview_skips`` is off.
    """
    shown = await _undecided(session, shift, preview_id)
    campaign = await session.get_one(Campaign, shown.campaign_id)
    if not CampaignSettings.model_validate(campaign.settings).preview_skips:
        raise SkipNotAllowed
    shown.reason = reason.value
    await _decide(session, shown, PreviewWish.SKIP, {"reason": reason.value}, clock, user_id)
    return shown


async def _undecided(session: AsyncSession, shift: AgentSession, preview_id: UUID) -> Preview:
    statement = (
        select(Preview)
        .where(
            col(Preview.id) == preview_id,
            col(Preview.session_id) == shift.id,
            col(Preview.client_id) == shift.client_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    shown = (await session.exec(statement)).first()
    if shown is None:
        raise NothingShown(preview_id=str(preview_id))
    if shown.ending is not None:
        raise PreviewIsOver(ending=shown.ending.value, reason=shown.reason)
    if shown.wish is not None:
        raise AlreadyDecided(wish=shown.wish.value)
    return shown


async def _decide(
    session: AsyncSession,
    shown: Preview,
    wish: PreviewWish,
    facts: Mapping[str, object],
    clock: Clock,
    user_id: UUID | None,
) -> None:
    shown.wish, shown.wished_at, shown.wished_by = wish, clock.now(), user_id
    whose = {"lead_id": str(shown.lead_id), "session_id": str(shown.session_id)}
    action = f"preview.{wish.value}"
    await audit.trace(session, shown, action, {**whose, **facts}, user_id=user_id, clock=clock)
