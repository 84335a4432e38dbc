"""Changes of settings of law by two persons: one asks, another approves, and it is applied once.

Nothing here commits. What loosens waits; what tightens is done at once, without this module. After an
approval of a campaign's change the caller sends ``CommandName.REFRESH``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import Permission, may
from campaigns.law import law_effects
from campaigns.law.exemptions import ReasonTooShort, SecondPersonNeeded
from campaigns.law.models import LawChange, LawDecision, LawSubject
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role, User
from dialer.clock import Clock
from dialer.errors import Conflict, Forbidden, NotFound

#: A request nobody decided is void after so many days: the situation it was made for is over.
LIVES_DAYS = 7
#: Characters a reason needs at least.
LEAST_REASON = 10

#: What somebody must be allowed to ask for a change and to approve it.
_NEEDS = {
    LawSubject.CAMPAIGN: Permission.CHANGE,
    LawSubject.CLIENT: Permission.ADMINISTER,
    LawSubject.EMERGENCY: Permission.ADMINISTER,
}


class LawChangeNotFound(NotFound):
    """The client has no such request."""

    code = "law_change_not_found"
    message = "There is no such request."


class LawChangeOver(Conflict):
    """The request was decided, or nobody decided it in time."""

    code = "law_change_over"
    message = "This request was decided already, or it has expired: nothing was changed."


class NothingToAsk(Conflict):
    """Nothing in the wish loosens anything."""

    code = "nothing_to_ask"
    message = "This loosens nothing: change it directly."


def state_of(row: LawChange, now: datetime) -> str:
    """Return where a request is: open, expired, or its decision."""
    if row.decision is not None:
        return row.decision.value
    return "expired" if now >= row.expires_at else "open"


async def request(
    session: AsyncSession,
    subject: LawSubject,
    subject_id: UUID | None,
    wishes: Mapping[str, Any],
    *,
    reason: str,
    client_id: UUID,
    user_id: UUID,
    clock: Clock,
) -> LawChange:
    """Ask that settings be loosened; nothing changes until another person approves.

    ``subject_id`` is the campaign, None otherwise. ``wishes`` are the settings as they shall be; of a
    campaign's a ``trunk`` by its name, of an emergency ``{"switch": its name}``.

    Raises:
        ReasonTooShort: the reason says too little.
        Forbidden: the user may not change such settings.
        NothingToAsk: nothing would change.
        CampaignNotFound, BadSettings, UnknownSwitch: there is no such thing to be changed.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonTooShort
    await _who(session, user_id, client_id, subject)
    name, changes = await law_effects.proposed(
        session, subject, subject_id, wishes, client_id=client_id
    )
    if not changes:
        raise NothingToAsk
    row = LawChange(
        client_id=client_id,
        subject=subject,
        subject_id=subject_id,
        name=name,
        changes=changes,
        reason=reason.strip(),
        requested_by=user_id,
        requested_at=clock.now(),
        expires_at=clock.now() + timedelta(days=LIVES_DAYS),
    )
    session.add(row)
    await session.flush()
    await _trace(session, row, "law_change.requested", user_id, clock)
    return row


async def approve(
    session: AsyncSession, change_id: UUID, *, client_id: UUID, user_id: UUID, clock: Clock
) -> LawChange:
    """Approve what another person asked for, and apply it in the same transaction, once.

    Raises:
        LawChangeNotFound: the client has no such request.
        LawChangeOver: it was decided, or has expired.
        SecondPersonNeeded: the user asked for it.
        Forbidden: the user may not change such settings.
        LawChangeStale: what it changes is not as it was; nothing was applied.
    """
    row = await _locked(session, change_id, client_id, clock)
    await _who(session, user_id, client_id, row.subject)
    if user_id == row.requested_by:
        raise SecondPersonNeeded("Who asked may not approve: another person must.")
    _decide(row, LawDecision.APPROVED, "", user_id, clock)
    await session.flush()
    await law_effects.apply(session, row, user_id=user_id, clock=clock)
    await _trace(session, row, "law_change.approved", user_id, clock)
    return row


async def refuse(
    session: AsyncSession,
    change_id: UUID,
    *,
    reason: str,
    client_id: UUID,
    user_id: UUID,
    clock: Clock,
) -> LawChange:
    """Refuse a request with a reason; who asked withdraws it so.

    Raises:
        LawChangeNotFound: the client has no such request.
        LawChangeOver: it was decided, or has expired.
        ReasonTooShort: another person's refusal says too little.
        Forbidden: the user may not change such settings.
    """
    row = await _locked(session, change_id, client_id, clock)
    await _who(session, user_id, client_id, row.subject)
    own = user_id == row.requested_by
    if not own and len(reason.strip()) < LEAST_REASON:
        raise ReasonTooShort
    decision = LawDecision.WITHDRAWN if own else LawDecision.REFUSED
    _decide(row, decision, reason.strip(), user_id, clock)
    await session.flush()
    await _trace(session, row, f"law_change.{decision.value}", user_id, clock)
    return row


async def find(
    session: AsyncSession, *, client_id: UUID, campaign_id: UUID | None = None, most: int = 200
) -> Sequence[LawChange]:
    """Return the client's requests (of one campaign), decided ones too, the newest first."""
    statement = select(LawChange).where(col(LawChange.client_id) == client_id)
    if campaign_id is not None:
        statement = statement.where(col(LawChange.subject_id) == campaign_id)
    newest = statement.order_by(col(LawChange.requested_at).desc(), col(LawChange.id).desc())
    return (await session.exec(newest.limit(most))).all()


async def others_who_may(
    session: AsyncSession, subject: LawSubject, *, client_id: UUID, user_id: UUID
) -> Sequence[str]:
    """Return the logins of those who could approve this user's requests; empty: nobody is there."""
    statement = select(User).where(
        col(User.client_id) == client_id, col(User.id) != user_id, col(User.disabled_at).is_(None)
    )
    users = (await session.exec(statement.order_by(col(User.login)))).all()
    return [user.login for user in users if may(user, _NEEDS[subject])]


async def _locked(
    session: AsyncSession, change_id: UUID, client_id: UUID, clock: Clock
) -> LawChange:
    row = await session.get(LawChange, change_id, with_for_update=True, populate_existing=True)
    if row is None or row.client_id != client_id:
        raise LawChangeNotFound(law_change_id=str(change_id))
    if state_of(row, clock.now()) != "open":
        raise LawChangeOver(state=state_of(row, clock.now()))
    return row


async def _who(session: AsyncSession, user_id: UUID, client_id: UUID, subject: LawSubject) -> None:
    user = await session.get(User, user_id)
    if user is None or user.client_id != client_id or user.disabled_at is not None:
        raise Forbidden("This user does not act for the client.")
    if not may(user, _NEEDS[subject]):
        raise Forbidden("Your role may not change such settings.", roles=_roles(subject))


def _roles(subject: LawSubject) -> list[str]:
    only_admins = _NEEDS[subject] is Permission.ADMINISTER
    return [role.value for role in ((Role.ADMIN,) if only_admins else (Role.ADMIN, Role.MANAGER))]


def _decide(
    row: LawChange, decision: LawDecision, reason: str, user_id: UUID, clock: Clock
) -> None:
    row.decision, row.decision_reason = decision, reason
    row.decided_by, row.decided_at = user_id, clock.now()


async def _trace(
    session: AsyncSession, row: LawChange, action: str, user_id: UUID, clock: Clock
) -> None:
    facts = {
        "subject": row.subject.value,
        "name": row.name,
        "changes": row.changes,
        "reason": row.decision_reason or row.reason,
    }
    await audit.trace(session, row, action, facts, user_id=user_id, clock=clock)
