"""Shared sets of dispositions and retry rules: made, changed, given to campaigns. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.configuration import checked_settings
from campaigns.registers import changing
from campaigns.registers.changing import Done
from campaigns.registers.models import SetKind, SharedSet
from campaigns.registers.register import Author, Register
from campaigns.registers.registers import DISPOSITION_SETS, RETRY_SETS
from campaigns.registers.wishes import NAME_TAKEN, BadFields, Reader
from campaigns.setup.dispositions import find_lines, replace_dispositions
from campaigns.setup.file_shape import DispositionLine
from campaigns.setup.saving import save
from campaigns.tenancy import audit
from dialer.clock import Clock

REGISTER_OF: Mapping[SetKind, Register] = {
    SetKind.DISPOSITIONS: DISPOSITION_SETS,
    SetKind.RETRIES: RETRY_SETS,
}


def of_lines(lines: Sequence[DispositionLine]) -> dict[str, Any]:
    """Return the content of a set of dispositions."""
    return {"lines": [line.model_dump(mode="json") for line in lines]}


def of_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a set of retry rules.

    Raises:
        BadSettings: a rule cannot be kept.
    """
    return {"rules": checked_settings({"retry": dict(rules)})["retry"]}


def lines_in(row: SharedSet) -> list[DispositionLine]:
    """Return the dispositions of a set."""
    return [DispositionLine.model_validate(one) for one in row.content.get("lines", ())]


def rules_in(row: SharedSet) -> dict[str, Any]:
    """Return the retry rules of a set, by outcome."""
    return dict(row.content.get("rules", {}))


async def content_of_campaign(
    session: AsyncSession, kind: SetKind, campaign_id: UUID, *, client_id: UUID
) -> dict[str, Any]:
    """Return what a campaign has, as a set's content.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    if kind is SetKind.DISPOSITIONS:
        return of_lines(await find_lines(session, campaign_id, client_id=client_id))
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    return of_rules(campaign.settings.get("retry", {}))


async def make_set(
    session: AsyncSession,
    kind: SetKind,
    name: str,
    content: Mapping[str, Any],
    *,
    who: Author,
    clock: Clock,
) -> SharedSet:
    """Make a set.

    Raises:
        BadFields: the name is empty, too long, or taken.
    """
    form = Reader({"name": name})
    name = form.text("name", most=100, needed=True)
    form.finish()
    row = SharedSet(
        client_id=who.client_id,
        kind=kind,
        name=name,
        content=dict(content),
        changed_at=clock.now(),
    )
    await _keep(session, row)
    action = f"{REGISTER_OF[kind].code}.created"
    await audit.trace(session, row, action, {"name": name}, user_id=who.user_id, clock=clock)
    return row


async def change_set(
    session: AsyncSession,
    row: SharedSet,
    *,
    name: str | None = None,
    content: Mapping[str, Any] | None = None,
    who: Author,
    clock: Clock,
) -> Done:
    """Change a set; campaigns that have a copy keep theirs.

    Raises:
        BadFields: the name is empty, too long, or taken.
    """
    register = REGISTER_OF[row.kind]
    before = {row.id: changing.facts_of(register, row)}
    if name is not None:
        form = Reader({"name": name})
        row.name = form.text("name", most=100, needed=True)
        form.finish()
    if content is not None:
        row.content = dict(content)
    row.changed_at = clock.now()
    await _keep(session, row)
    return await changing.remember(
        session, register, "changed", before, [row], who=who, clock=clock
    )


async def _keep(session: AsyncSession, row: SharedSet) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as taken:
        raise BadFields({"name": NAME_TAKEN}) from taken


async def give(
    session: AsyncSession,
    row: SharedSet,
    campaign_ids: Sequence[UUID],
    *,
    who: Author,
    clock: Clock,
) -> Done:
    """Give campaigns a copy of a set, all or none; what calls were closed with stays.

    Raises:
        CampaignNotFound, BadSettings, NotStartable: nothing may be kept; roll back.
    """
    whose: dict[str, Any] = {"client_id": who.client_id, "clock": clock, "by": who.user_id}
    for campaign_id in sorted(set(campaign_ids)):
        if row.kind is SetKind.DISPOSITIONS:
            await replace_dispositions(session, campaign_id, lines_in(row), **whose)
        else:
            await save(session, campaign_id, settings={"retry": rules_in(row)}, reason="", **whose)
        campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        facts = {"set": row.name, "kind": row.kind.value}
        await audit.trace(
            session, campaign, "campaign.set_given", facts, user_id=who.user_id, clock=clock
        )
    return Done(None, sorted(set(campaign_ids)))
