"""The changes of a campaign by people, read from the audit log; and the last one taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.models import CallerId, Campaign
from campaigns.tenancy.models import AuditEntry, User
from dialer.clock import Clock
from dialer.errors import Conflict

#: What of the audit log is a change of a campaign's set-up.
_CHANGES = (
    "campaign.created",
    "campaign.changed",
    "campaign.disposition_set",
    "campaign.disposition_removed",
    "campaign.caller_ids_set",
    "campaign.list_enrolled",
    "campaign.copied",
    "campaign.applied",
    "campaign.virtual_agents_set",
)
_CHANGED = "campaign.changed"
#: What is no setting, but a way out.
_WAYS = frozenset({"trunk", "caller_id"})


class NothingToUndo(Conflict):
    """There is no change of settings that could be taken back."""

    code = "nothing_to_undo"
    message = "There is no change of settings to take back."


@dataclass(frozen=True, slots=True)
class Entry:
    """One change."""

    id: UUID
    at: datetime
    by: str  #: a login; "" = the command line
    action: str
    changes: Mapping[str, tuple[Any, Any]]  #: setting -> old value, new value
    facts: Mapping[str, Any]  #: what else it says


async def history(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, most: int = 50
) -> list[Entry]:
    """Return a campaign's changes, the newest first.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    await lifecycle.find(session, campaign_id, client_id=client_id)
    statement = (
        select(AuditEntry, User.login)
        .outerjoin(User, col(User.id) == col(AuditEntry.user_id))
        .where(
            col(AuditEntry.client_id) == client_id,
            col(AuditEntry.subject) == "campaign",
            col(AuditEntry.subject_id) == campaign_id,
            col(AuditEntry.action).in_(_CHANGES),
        )
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(most)
    )
    return [_entry(row, login) for row, login in (await session.exec(statement)).all()]


def _entry(row: AuditEntry, login: str | None) -> Entry:
    changes = {
        name: (value.get("from"), value.get("to"))
        for name, value in row.facts.items()
        if isinstance(value, dict) and set(value) <= {"from", "to"} and "to" in value
    }
    rest = {name: value for name, value in row.facts.items() if name not in changes}
    return Entry(row.id, row.at, login or "", row.action, changes, rest)


async def undo(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, clock: Clock, by: UUID | None
) -> Campaign:
    """Take the last change of settings back; asked again, that is taken back.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
        NothingToUndo: the settings were never changed.
        NeedsSecondPerson: the old value is looser; roll back.
        BadSettings, NotStartable: the old values are not possible any more; roll back.
    """
    await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    statement = (
        select(AuditEntry)
        .where(
            col(AuditEntry.client_id) == client_id,
            col(AuditEntry.subject) == "campaign",
            col(AuditEntry.subject_id) == campaign_id,
            col(AuditEntry.action) == _CHANGED,
        )
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
    )
    for row in await session.exec(statement.limit(20)):
        before = {name: old for name, (old, _) in _entry(row, None).changes.items()}
        ways = {name: value for name, value in before.items() if name in _WAYS and value}
        settings = {name: value for name, value in before.items() if name not in _WAYS}
        if not settings and not ways:
            continue  # saved, but nothing was different; or there was no trunk before
        return await lifecycle.update(
            session,
            campaign_id,
            client_id=client_id,
            clock=clock,
            by=by,
            settings=settings,
            trunk=ways.get("trunk"),
            caller_id=await _number(session, ways.get("caller_id"), client_id),
        )
    raise NothingToUndo


async def _number(session: AsyncSession, caller_id: str | None, client_id: UUID) -> str | None:
    if caller_id is None:
        return None
    row = await session.get(CallerId, UUID(caller_id))
    return row.e164 if row is not None and row.client_id == client_id else None
