"""A campaign's file compared with what there is, and applied: twice is once. Nothing here commits.

After an application the caller sends ``CommandName.REFRESH`` of the campaign.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.caller_ids import set_pool
from campaigns.configuration import checked_settings, find_caller_id, find_trunk
from campaigns.errors import BadSettings, CallerIdNotFound, TrunkNotFound
from campaigns.forms.files.faults import Fault
from campaigns.forms.publishing import FormNotFound, find_published
from campaigns.leads.enrol import enrol
from campaigns.lists.models import Segment
from campaigns.models import Campaign
from campaigns.scripts.publishing import require_usable
from campaigns.setup.dispositions import replace_dispositions
from campaigns.setup.file_diff import Change, Standing, differences_of
from campaigns.setup.file_reading import BadCampaignFile, ReadFile
from campaigns.setup.file_state import list_names, standing
from campaigns.setup.saving import Saved, save
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import NotFound


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change."""

    campaign: Campaign | None  #: None: it would be made
    changes: tuple[Change, ...]
    settings: Mapping[str, Any]  #: complete, with ids
    lists: Mapping[str, UUID]  #: those to be added


async def plan(session: AsyncSession, read: ReadFile, *, client_id: UUID) -> Plan:
    """Compare a file with the client's campaign of its name.

    Raises:
        BadCampaignFile: it names what there is not, or breaks a rule; each fault has its line.
    """
    said = read.said
    mine = select(Campaign).where(
        col(Campaign.client_id) == client_id, col(Campaign.name) == said.campaign
    )
    campaign = (await session.exec(mine)).first()
    now = await standing(session, campaign) if campaign else Standing(settings=checked_settings({}))
    faults: list[Fault] = []
    lists = await _lists(session, read, client_id, faults)
    wanted = await _settings(session, read, now, client_id, faults)
    await _look(session, read, client_id, faults)
    if faults:
        raise BadCampaignFile(faults)
    with_names, with_ids = wanted
    changes = differences_of(now, said, with_names)
    if campaign is None:
        changes = [Change("campaign", None, said.campaign), *changes]
    new = {name: key for name, key in lists.items() if name not in now.lists}
    return Plan(campaign, tuple(changes), with_ids, new)


async def apply(
    session: AsyncSession, read: ReadFile, *, client_id: UUID, clock: Clock, by: UUID | None
) -> tuple[Campaign, Plan, Saved]:
    """Make the client's campaign of this name what the file says; what it leaves out stays.

    What loosens settings of law waits for a second person where the client wants two.

    Raises:
        BadCampaignFile: nothing was changed.
        NotStartable: a campaign that is under way would lose what it needs; roll back.
    """
    planned, said = await plan(session, read, client_id=client_id), read.said
    campaign = planned.campaign
    if campaign is None:
        campaign = await lifecycle.create(
            session, client_id=client_id, name=said.campaign, settings={}, clock=clock, by=by
        )
    if not planned.changes:
        return campaign, planned, Saved(campaign)
    saved = await save(
        session,
        campaign.id,
        settings=planned.settings,
        trunk=said.trunk,
        caller_id=said.caller_id,
        reason=f"The file of {said.campaign} was applied.",
        client_id=client_id,
        clock=clock,
        by=by,
    )
    if said.dispositions is not None:
        await replace_dispositions(
            session, campaign.id, said.dispositions, client_id=client_id, clock=clock, by=by
        )
    if any(change.path == "caller_ids" for change in planned.changes):
        pool = said.caller_ids or ()
        await set_pool(session, campaign.id, pool, client_id=client_id, by=by, clock=clock)
    for list_id in planned.lists.values():
        await enrol(session, campaign.id, list_id, client_id=client_id, clock=clock)
    facts = {"changed": [change.path for change in planned.changes]}
    await audit.trace(session, campaign, "campaign.applied", facts, user_id=by, clock=clock)
    return saved.campaign, planned, saved


async def _lists(
    session: AsyncSession, read: ReadFile, client_id: UUID, faults: list[Fault]
) -> dict[str, UUID]:
    """Return the lists the file names; of two with one name the newer one."""
    known = {name: key for key, name in (await list_names(session, client_id)).items()}
    found: dict[str, UUID] = {}
    for number, name in enumerate(read.said.lists or ()):
        if name in known:
            found[name] = known[name]
        else:
            faults.append(read.fault(("lists", number), f"There is no contact list {name!r}."))
    return found


async def _settings(
    session: AsyncSession, read: ReadFile, now: Standing, client_id: UUID, faults: list[Fault]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the complete settings the file asks for: with names, for people; with ids, to be stored."""
    merged = {**now.settings, **read.said.all_settings()}
    try:
        with_ids = checked_settings(await _with_ids(session, merged, client_id))
    except BadSettings as error:
        problems = error.facts.get("problems")
        faults += read.settings_faults(problems if isinstance(problems, list) else [error.detail])
        return {}, {}
    except NotFound as error:
        faults.append(read.fault(("settings", "selection"), error.detail))
        return {}, {}
    names = {"selection": {**with_ids["selection"], **_names_in(merged)}}
    return {**with_ids, **names}, with_ids


def _names_in(settings: Mapping[str, Any]) -> dict[str, Any]:
    selection = settings.get("selection") or {}
    return {name: selection[name] for name in ("segment", "list_mix") if selection.get(name)}


async def _with_ids(
    session: AsyncSession, settings: Mapping[str, Any], client_id: UUID
) -> dict[str, Any]:
    selection = dict(settings.get("selection") or {})
    if selection.get("list_mix"):
        known = {name: str(key) for key, name in (await list_names(session, client_id)).items()}
        mix = selection["list_mix"]
        selection["list_mix"] = {known.get(name, name): share for name, share in mix.items()}
    name = selection.get("segment")
    if name:
        own = select(Segment.id).where(
            col(Segment.client_id) == client_id, col(Segment.name) == str(name)
        )
        found = (await session.exec(own)).first()
        if found is None:
            raise NotFound(f"There is no segment {str(name)!r}.")
        selection["segment"] = str(found)
    return {**settings, "selection": selection}


async def _look(
    session: AsyncSession, read: ReadFile, client_id: UUID, faults: list[Fault]
) -> None:
    """Note what the file names outside of its settings and the client does not have."""
    said = read.said
    try:
        await find_trunk(session, said.trunk, client_id=client_id)
    except TrunkNotFound:
        faults.append(read.fault(("trunk",), f"There is no trunk {said.trunk!r}."))
    callers: list[tuple[tuple[str], str]] = []
    if said.caller_id:
        callers.append((("caller_id",), said.caller_id))
    callers += [(("caller_ids",), number) for number in said.caller_ids or ()]
    for path, number in callers:
        try:
            await find_caller_id(session, number, client_id=client_id)
        except CallerIdNotFound:
            faults.append(read.fault(path, "The client has no such caller ID."))
    try:
        await require_usable(session, said.script, client_id=client_id)
    except NotFound as error:
        faults.append(read.fault(("script",), error.detail))
    try:
        await _published(session, said.form, client_id)
    except FormNotFound:
        faults.append(read.fault(("form",), f"There is no published form {said.form!r}."))


async def _published(session: AsyncSession, code: str | None, client_id: UUID) -> None:
    if code:
        await find_published(session, code, client_id=client_id)
