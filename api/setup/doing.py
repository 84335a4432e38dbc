"""What the set-up page's forms do: a wish saved as a whole, a new campaign of a preset."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import labels
from api.setup.parsing import Wish
from api.setup.view import Ways, ways_of
from api.templating import translate
from campaigns import lifecycle
from campaigns.caller_ids import set_pool
from campaigns.leads.enrol import enrol
from campaigns.models import Campaign
from campaigns.setup.dispositions import replace_dispositions
from campaigns.setup.file_shape import DispositionLine
from campaigns.setup.presets import Preset
from campaigns.setup.saving import Saved, save
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock


async def save_wish(
    session: AsyncSession, campaign: Campaign, wish: Wish, who: Identity, clock: Clock
) -> Saved:
    """Save everything the page asks for; only what differs is changed.

    Raises:
        BadSettings, NotStartable, ReasonTooShort, NotFound: nothing may be kept; roll back.
    """
    whose: dict[str, Any] = {"client_id": who.client_id, "clock": clock, "by": who.user_id}
    before = await ways_of(session, campaign)
    saved = await save(
        session,
        campaign.id,
        settings=wish.settings,
        trunk=wish.trunk if wish.trunk != before.trunk else None,
        caller_id=wish.caller_id if wish.caller_id != before.caller_id else None,
        reason=wish.reason,
        **whose,
    )
    if frozenset(wish.caller_ids) != before.caller_ids:
        await set_pool(session, campaign.id, wish.caller_ids, **whose)
    for list_id in wish.lists:
        if str(list_id) not in before.enrolled:
            await add_list(session, campaign.id, list_id, who, clock)
    return saved


async def add_list(
    session: AsyncSession, campaign_id: UUID, list_id: UUID, who: Identity, clock: Clock
) -> int:
    """Enrol a list's contacts; return how many leads that made.

    Raises:
        NotFound: the client has no such list.
    """
    added = await enrol(session, campaign_id, list_id, client_id=who.client_id, clock=clock)
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="campaign.list_enrolled",
        subject="campaign",
        subject_id=campaign_id,
        facts={"list_id": str(list_id), "leads_added": added},
    )
    return added


async def make_campaign(
    session: AsyncSession,
    name: str,
    wish: Wish,
    preset: Preset | None,
    language: str,
    who: Identity,
    clock: Clock,
) -> Saved:
    """Make a draft that is what the page says, with the preset's dispositions.

    Raises:
        NameTaken, BadSettings, ReasonTooShort, NotFound: nothing may be kept; roll back.
    """
    campaign = await lifecycle.create(
        session, client_id=who.client_id, name=name, settings={}, clock=clock, by=who.user_id
    )
    if preset is not None:
        rules = {"retry": preset.settings["retry"]}
        wish.settings = {**rules, **wish.settings}
        await replace_dispositions(
            session,
            campaign.id,
            preset_lines(preset, language),
            client_id=who.client_id,
            clock=clock,
            by=who.user_id,
        )
    return await save_wish(session, campaign, wish, who, clock)


def preset_lines(preset: Preset, language: str) -> list[DispositionLine]:
    """Return a preset's dispositions with their words in a language."""
    return [
        DispositionLine(
            code=one.code,
            label=translate(language, labels.DISPOSITIONS[one.code]),
            retry_after_s=one.retry_after_s,
            success=one.success,
            refuses=one.refuses,
            suppresses=one.suppresses,
            requires_callback=one.requires_callback,
            requires_note=one.requires_note,
            aapor=one.aapor,
            position=position,
        )
        for position, one in enumerate(preset.dispositions)
    ]


def wished_ways(wish: Wish, before: Ways) -> Ways:
    """Return the ways out as the form had them, for a page that shows what was typed."""
    lists = frozenset(str(one) for one in wish.lists) | before.enrolled
    return Ways(
        wish.trunk or "", wish.caller_id or "", frozenset(wish.caller_ids), lists, before.enrolled
    )
