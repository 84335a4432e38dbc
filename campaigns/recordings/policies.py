"""What a client wishes for its recordings: how long they are kept, and what its own users hear."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.recordings.models import Recording, RecordingPolicy
from campaigns.recordings.retention import WHAT
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client
from compliance.rulebook.rules import RetentionTerms, Rule
from dialer.clock import Clock
from dialer.errors import Invalid

#: Ten years and more are no retention but forgetting: nothing in the packs asks for so long.
MOST_DAYS = 3_660


async def policy_of(session: AsyncSession, client_id: UUID, *, clock: Clock) -> RecordingPolicy:
    """Return a client's wishes; one that has said nothing gets the start values, not stored."""
    found = await session.get(RecordingPolicy, client_id)
    return found or RecordingPolicy(client_id=client_id, changed_at=clock.now())


async def set_policy(
    session: AsyncSession, wished: RecordingPolicy, *, user_id: UUID | None, clock: Clock
) -> None:
    """Store a client's wishes.

    Raises:
        Invalid: fewer days than one, or more than ten years.
    """
    if wished.keep_days is not None and not 1 <= wished.keep_days <= MOST_DAYS:
        raise Invalid("Recordings are kept for 1 to 3660 days.")
    await session.get_one(Client, wished.client_id, with_for_update=True)
    before = await policy_of(session, wished.client_id, clock=clock)
    was, now = before.facts(), wished.facts()
    before.keep_days, before.mask = wished.keep_days, wished.mask
    before.personal_questions = list(wished.personal_questions)
    before.changed_at = clock.now()
    session.add(before)
    await audit.record(
        session,
        client_id=wished.client_id,
        user_id=user_id,
        at=clock.now(),
        action="recording_policy.changed",
        subject="recording_policy",
        subject_id=wished.client_id,
        facts={"before": was, "after": now},
    )


def keeping_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rows of law that want recordings kept, for people."""
    return [
        rule
        for rule in rules
        if isinstance(rule.terms, RetentionTerms) and rule.terms.what == WHAT and not rule.is_bill
    ]


def goes_at(row: Recording, policy: RecordingPolicy) -> datetime | None:
    """Return when a recording is deleted; None: nobody has said, or it is held."""
    if row.held_at is not None or policy.keep_days is None:
        return None
    own = row.talked_at + timedelta(days=policy.keep_days)
    return max(own, row.law_until) if row.law_until is not None else own
