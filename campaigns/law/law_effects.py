"""What a request of two persons would change, and its application."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.changing import differences
from campaigns.configuration import checked_settings, find_trunk
from campaigns.law import emergencies
from campaigns.law.models import LawChange, LawSubject
from campaigns.models import Campaign, Trunk
from campaigns.startable import shipped_law
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import Client
from compliance.models import EmergencySwitch
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid


class LawChangeStale(Conflict):
    """What was to be changed is not any more what it was when somebody asked."""

    code = "law_change_stale"
    message = "The setting was changed meanwhile: refuse this request and ask anew."


#: A client's settings of law.
CLIENT_SETTINGS = ("two_person_law", "legal_entity", "allowed_countries", "allowed_number_types")


async def proposed(
    session: AsyncSession,
    subject: LawSubject,
    subject_id: UUID | None,
    wishes: Mapping[str, Any],
    *,
    client_id: UUID,
) -> tuple[str, dict[str, Any]]:
    """Return the name of what would change, and each setting's value now and then.

    Raises:
        CampaignNotFound, BadSettings, TrunkNotFound, UnknownSwitch, Invalid: it cannot be.
    """
    if subject is LawSubject.CAMPAIGN and subject_id is not None:
        campaign = await lifecycle.find(session, subject_id, client_id=client_id)
        return campaign.name, await _of_campaign(session, campaign, wishes)
    if subject is LawSubject.CLIENT:
        return await _of_client(session, client_id, wishes)
    if subject is LawSubject.EMERGENCY:
        return await _of_switch(session, str(wishes.get("switch", "")))
    raise Invalid("Say which campaign.")


async def _of_campaign(
    session: AsyncSession, campaign: Campaign, wishes: Mapping[str, Any]
) -> dict[str, Any]:
    now = {**checked_settings({}), **campaign.settings}
    settings = {name: value for name, value in wishes.items() if name != "trunk"}
    changes = differences(now, checked_settings({**now, **settings}))
    wanted = wishes.get("trunk")
    if wanted is not None:
        trunk_id = await find_trunk(session, str(wanted), client_id=campaign.client_id)
        if trunk_id != campaign.trunk_id:
            was = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
            changes["trunk"] = {"from": was.name if was else None, "to": wanted}
    return changes


async def _of_client(
    session: AsyncSession, client_id: UUID, wishes: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    unknown = sorted(set(wishes) - set(CLIENT_SETTINGS))
    if unknown:
        raise Invalid(f"{unknown[0]!r} is no setting of law of a client.")
    ClientWish(**wishes).check()
    client = await session.get_one(Client, client_id)
    before = {name: getattr(client, name) for name in CLIENT_SETTINGS}
    return client.name, differences(before, {**before, **wishes})


async def _of_switch(session: AsyncSession, switch: str) -> tuple[str, dict[str, Any]]:
    if switch not in emergencies.switches(shipped_law().book):
        raise emergencies.UnknownSwitch(switch=switch)
    row = await session.get(EmergencySwitch, switch)
    is_on = row is not None and row.is_on
    return switch, {"on": {"from": True, "to": False}} if is_on else {}


async def apply(session: AsyncSession, row: LawChange, *, user_id: UUID, clock: Clock) -> None:
    """Apply an approved request.

    Raises:
        LawChangeStale: something is not any more as it was when somebody asked; roll back.
        BadSettings, NotStartable: the rest of the settings does not bear it any more; roll back.
    """
    wishes = {name: change["to"] for name, change in row.changes.items()}
    asked = wishes if row.subject is not LawSubject.EMERGENCY else {"switch": row.name}
    _, now = await proposed(session, row.subject, row.subject_id, asked, client_id=row.client_id)
    if now != row.changes:
        raise LawChangeStale(law_change_id=str(row.id))
    match row.subject:
        case LawSubject.CAMPAIGN:
            await lifecycle.update(
                session,
                row.subject_id or row.id,
                client_id=row.client_id,
                clock=clock,
                by=user_id,
                settings={name: value for name, value in wishes.items() if name != "trunk"},
                trunk=wishes.get("trunk"),
                agreed=True,
            )
        case LawSubject.CLIENT:
            wish = ClientWish(**wishes)
            await change_client(session, row.client_id, wish, by=user_id, clock=clock, agreed=True)
        case LawSubject.EMERGENCY:
            await emergencies.turn(
                session,
                row.name,
                on=False,
                reason=row.reason,
                client_id=row.client_id,
                user_id=user_id,
                book=shipped_law().book,
                clock=clock,
                agreed=True,
            )
