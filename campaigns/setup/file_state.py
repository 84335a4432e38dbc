"""A campaign as it is, in the words of its file: for a comparison, for a copy, for a file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import yaml
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.configuration import checked_settings
from campaigns.lists.models import ContactList, Segment
from campaigns.models import CallerId, Campaign, CampaignCallerId, CampaignList, Trunk
from campaigns.setup.dispositions import find_lines, used_codes
from campaigns.setup.file_diff import Standing
from campaigns.setup.file_shape import AT_TOP


async def standing(session: AsyncSession, campaign: Campaign) -> Standing:
    """Return what a campaign has."""
    client_id = campaign.client_id
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    own = await session.get(CallerId, campaign.caller_id_id) if campaign.caller_id_id else None
    pool = select(CallerId.e164).join(
        CampaignCallerId, col(CampaignCallerId.caller_id_id) == col(CallerId.id)
    )
    pool = pool.where(col(CampaignCallerId.campaign_id) == campaign.id)
    lists = select(ContactList.name).join(
        CampaignList, col(CampaignList.list_id) == col(ContactList.id)
    )
    lists = lists.where(col(CampaignList.campaign_id) == campaign.id)
    settings = {**checked_settings({}), **campaign.settings}
    return Standing(
        settings=await named(session, settings, client_id),
        trunk=trunk.name if trunk else None,
        caller_id=own.e164 if own else None,
        caller_ids=tuple(await session.exec(pool.order_by(col(CallerId.e164)))),
        lists=tuple(await session.exec(lists.order_by(col(ContactList.name)))),
        dispositions=tuple(await find_lines(session, campaign.id, client_id=client_id)),
        kept_codes=frozenset(await used_codes(session, campaign.id, client_id=client_id)),
    )


async def named(
    session: AsyncSession, settings: Mapping[str, Any], client_id: UUID
) -> dict[str, Any]:
    """Return settings with the names of lists and segments instead of their ids."""
    selection = dict(settings.get("selection") or {})
    if selection.get("segment"):
        own = col(Segment.client_id) == client_id
        found = select(Segment.name).where(col(Segment.id) == UUID(selection["segment"]), own)
        selection["segment"] = (await session.exec(found)).first() or selection["segment"]
    if selection.get("list_mix"):
        names = await list_names(session, client_id)
        mix = selection["list_mix"].items()
        selection["list_mix"] = {names.get(UUID(key), key): share for key, share in mix}
    return {**settings, "selection": selection}


async def list_names(session: AsyncSession, client_id: UUID) -> dict[UUID, str]:
    """Return the client's lists by id."""
    mine = select(ContactList.id, ContactList.name).where(col(ContactList.client_id) == client_id)
    return dict((await session.exec(mine.order_by(col(ContactList.id)))).all())


async def export_yaml(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, everything: bool = False
) -> str:
    """Return a campaign's file; settings that have their start value are left out, or not.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    return yaml.safe_dump(
        as_file(campaign.name, await standing(session, campaign), everything=everything),
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )


def as_file(name: str, now: Standing, *, everything: bool = False) -> dict[str, Any]:
    """Return a campaign's file as plain data. Pure."""
    usual = checked_settings({})
    settings = {
        key: value for key, value in now.settings.items() if everything or usual[key] != value
    }
    said: dict[str, Any] = {"campaign": name}
    said |= {
        key: value
        for key, value in {
            "trunk": now.trunk,
            "caller_id": now.caller_id,
            "caller_ids": list(now.caller_ids),
            "lists": list(now.lists),
        }.items()
        if value
    }
    said |= {key: settings.pop(key) for key in AT_TOP if settings.get(key)}
    said["dispositions"] = [
        {"code": line.code, **line.model_dump(exclude={"code", "position"}, exclude_defaults=True)}
        for line in now.dispositions
    ]
    return {**said, "settings": settings}
