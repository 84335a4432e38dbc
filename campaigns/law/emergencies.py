"""Emergencies: switches that stop calls into a territory for every client, as the rule book names them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.second_person import wants_two
from campaigns.law.waking import wake_campaigns
from campaigns.tenancy import audit
from campaigns.tenancy.limits import NeedsSecondPerson
from campaigns.tenancy.models import User
from compliance.models import EmergencySwitch
from compliance.rulebook.packs import RuleBook
from compliance.rulebook.rules import EmergencyTerms, Rule
from dialer.clock import Clock
from dialer.errors import Forbidden, Invalid
from dialer.rows import over_all_clients


class UnknownSwitch(Invalid):
    """No rule names the switch."""

    code = "unknown_switch"
    message = "No rule names this switch."


def switches(book: RuleBook) -> Mapping[str, Rule]:
    """Return the switches the rule book names, each with its rule."""
    return {
        rule.terms.switch: rule for rule in book.rules if isinstance(rule.terms, EmergencyTerms)
    }


async def turn(
    session: AsyncSession,
    switch: str,
    *,
    on: bool,
    reason: str,
    client_id: UUID,
    user_id: UUID | None,
    book: RuleBook,
    clock: Clock,
    agreed: bool = False,
) -> EmergencySwitch:
    """Turn a switch on or off, for every client of the installation.

    On is at once; off loosens, so a user needs a second person (``agreed``) where the client wants two.

    Anybody's administrator may stop calls; what a user of another client turned on is turned off
    by that client or on the command line (no user).

    Raises:
        UnknownSwitch: no rule names it.
        Invalid: no reason was given.
        Forbidden: another client's administrator turned it on.
        NeedsSecondPerson: a user alone may not turn it off.
    """
    known = switches(book)
    if switch not in known:
        raise UnknownSwitch(switch=switch, known=sorted(known))
    _require_reason(reason)
    row = await _locked(session, switch, clock)
    if not on and row.is_on and user_id is not None:
        await _require_own(session, row, client_id)
        if not agreed and await wants_two(session, client_id):
            raise NeedsSecondPerson(settings=[switch])
    before, row.is_on = row.is_on, on
    row.reason, row.changed_by, row.changed_at = reason.strip(), user_id, clock.now()
    await session.flush()
    await _trace(session, row, before=before, client_id=client_id, user_id=user_id, clock=clock)
    if not on:
        async with over_all_clients(session):
            await wake_campaigns(session, None, now=clock.now())
    return row


async def _trace(
    session: AsyncSession,
    row: EmergencySwitch,
    *,
    before: bool,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=clock.now(),
        action=f"emergency.turned_{'on' if row.is_on else 'off'}",
        subject="emergency_switch",
        subject_id=client_id,
        facts={"switch": row.switch, "from": before, "to": row.is_on, "reason": row.reason},
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Say why: which declaration began or ended.")


async def _locked(session: AsyncSession, switch: str, clock: Clock) -> EmergencySwitch:
    off = {"switch": switch, "is_on": False, "reason": "", "changed_at": clock.now()}
    await session.exec(insert(EmergencySwitch).values(**off).on_conflict_do_nothing())
    return await session.get_one(
        EmergencySwitch, switch, with_for_update=True, populate_existing=True
    )


async def _require_own(session: AsyncSession, row: EmergencySwitch, client_id: UUID) -> None:
    if row.changed_by is None:
        raise Forbidden("The operator turned it on: only the command line turns it off.")
    async with over_all_clients(session):
        owner = await session.get_one(User, row.changed_by)
    if owner.client_id != client_id:
        raise Forbidden("Another client's administrator turned it on: ask the operator.")


async def find(session: AsyncSession) -> Sequence[EmergencySwitch]:
    """Return every switch that was ever turned, by name."""
    order = col(EmergencySwitch.switch)
    return (await session.exec(select(EmergencySwitch).order_by(order))).all()
