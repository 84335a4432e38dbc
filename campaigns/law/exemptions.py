"""Exemptions: a pack row that does not bind a client, with a reason and the consent of two persons."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.waking import wake_campaigns
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role, User
from compliance.models import RuleExemption
from compliance.rulebook.packs import RuleBook
from dialer.clock import Clock
from dialer.errors import Conflict, Forbidden, Invalid, NotFound

#: Characters a reason needs at least; the database demands it too.
LEAST_REASON = 10
_MAY_PROPOSE = frozenset({Role.ADMIN, Role.MANAGER})


class ExemptionNotFound(NotFound):
    """The client has no such exemption."""

    code = "exemption_not_found"
    message = "There is no such exemption."


class ExemptionOpen(Conflict):
    """The rule has an exemption for this client that has not ended."""

    code = "exemption_open"
    message = "This rule has an exemption already: approve it, or end it first."


class ExemptionOver(Conflict):
    """The exemption is not in a state in which this can be done."""

    code = "exemption_over"
    message = "This exemption was approved or ended already."


class SecondPersonNeeded(Forbidden):
    """Two different persons must agree, the second an administrator."""

    code = "second_person_needed"
    message = "Another person, an administrator, must approve it."


class ReasonTooShort(Invalid):
    """Nobody will understand later why the rule was switched off."""

    code = "reason_too_short"
    message = f"Give a reason of at least {LEAST_REASON} characters."


async def propose(
    session: AsyncSession,
    *,
    client_id: UUID,
    rule_id: str,
    reason: str,
    user_id: UUID,
    book: RuleBook,
    clock: Clock,
) -> RuleExemption:
    """Ask that a row of the packs should not bind the client; nothing changes until it is approved.

    Raises:
        RuleNotFound: no pack has the rule.
        ReasonTooShort: the reason says too little.
        ExemptionOpen: there is one already.
        Forbidden: the user is not an administrator or manager of the client.
    """
    rule = book.get(rule_id)
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonTooShort
    user = await _user(session, user_id, client_id)
    if user.role not in _MAY_PROPOSE:
        raise Forbidden("Only administrators and managers propose exemptions.")
    taken = select(RuleExemption.id).where(
        col(RuleExemption.client_id) == client_id,
        col(RuleExemption.rule_id) == rule_id,
        col(RuleExemption.ended_at).is_(None),
    )
    if (await session.exec(taken)).first() is not None:
        raise ExemptionOpen(rule=rule_id)
    row = RuleExemption(
        client_id=client_id,
        rule_id=rule.id,
        reason=reason.strip(),
        proposed_by=user_id,
        proposed_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    facts = _said(row) | {"source": rule.source, "packs": book.digest}
    await audit.trace(session, row, "exemption.proposed", facts, user_id=user_id, clock=clock)
    return row


async def approve(
    session: AsyncSession, exemption_id: UUID, *, client_id: UUID, user_id: UUID, clock: Clock
) -> RuleExemption:
    """Put an exemption in force: from now on the row does not bind the client's calls.

    Raises:
        ExemptionNotFound: the client has no such exemption.
        ExemptionOver: it was approved or ended before.
        SecondPersonNeeded: the user proposed it, or is no administrator.
    """
    row = await _locked(session, exemption_id, client_id)
    if row.ended_at is not None or row.approved_at is not None:
        raise ExemptionOver(exemption_id=str(exemption_id))
    user = await _user(session, user_id, client_id)
    if user.id == row.proposed_by or user.role is not Role.ADMIN:
        raise SecondPersonNeeded
    row.approved_by, row.approved_at = user_id, clock.now()
    await session.flush()
    await audit.trace(session, row, "exemption.approved", _said(row), user_id=user_id, clock=clock)
    await wake_campaigns(session, client_id, now=clock.now())
    return row


async def end(
    session: AsyncSession,
    exemption_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> RuleExemption:
    """End an exemption or take a proposal back: the row binds (again). One person is enough.

    Raises:
        ExemptionNotFound: the client has no such exemption.
        ExemptionOver: it ended before.
    """
    row = await _locked(session, exemption_id, client_id)
    if row.ended_at is not None:
        raise ExemptionOver(exemption_id=str(exemption_id))
    row.ended_by, row.ended_at = user_id, clock.now()
    await session.flush()
    await audit.trace(session, row, "exemption.ended", _said(row), user_id=user_id, clock=clock)
    return row


async def find(session: AsyncSession, *, client_id: UUID) -> Sequence[RuleExemption]:
    """Return the client's exemptions, ended ones too, the newest first."""
    statement = select(RuleExemption).where(col(RuleExemption.client_id) == client_id)
    return (await session.exec(statement.order_by(col(RuleExemption.id).desc()))).all()


def state_of(row: RuleExemption) -> str:
    """Return where in its life an exemption is: proposed, in_force or ended."""
    if row.ended_at is not None:
        return "ended"
    return "proposed" if row.approved_at is None else "in_force"


async def _locked(session: AsyncSession, exemption_id: UUID, client_id: UUID) -> RuleExemption:
    row = await session.get(RuleExemption, exemption_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise ExemptionNotFound(exemption_id=str(exemption_id))
    return row


async def _user(session: AsyncSession, user_id: UUID, client_id: UUID) -> User:
    user = await session.get(User, user_id)
    if user is None or user.client_id != client_id or user.disabled_at is not None:
        raise Forbidden("This user does not act for the client.")
    return user


def _said(row: RuleExemption) -> dict[str, Any]:
    return {"rule": row.rule_id, "reason": row.reason}
