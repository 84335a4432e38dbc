"""How long things of a client are kept: shown, changed within the law's limits. Nothing here commits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.recordings import policies
from campaigns.registers.models import KeepingTime, Kept
from campaigns.registers.register import Author
from campaigns.registers.wishes import Reader
from campaigns.tenancy import audit
from compliance.rulebook.rules import RetentionTerms, Rule
from dialer.clock import Clock

#: Days where the client has said nothing; None: until somebody says how long.
USUAL: Mapping[Kept, int | None] = {Kept.EXPORTS: 30, Kept.ORIGINALS: 400, Kept.CONTACTS: None}
#: What rows of law call proofs of consent.
PROOFS = "consent_proof"
RECORDINGS = "recordings"
DELIVERIES = "deliveries"


@dataclass(frozen=True, slots=True)
class Line:
    """One sort of things: how long it is kept, and what goes next."""

    what: str
    days: int | None  #: None: until somebody says how long
    is_own: bool  #: the client said so
    least: int  #: days below which the law does not let it go
    kept: int  #: how many there are
    next_at: datetime | None  #: when the next one goes
    next_count: int  #: how many go within a week


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants: days by sort; None: as usual, or until somebody says."""

    days: Mapping[str, int | None]

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Wish":
        """Read a form.

        Raises:
            BadFields: a number cannot be read, or is out of 1 to 3660.
        """
        form = Reader(given)
        names = [RECORDINGS, *(kind.value for kind in Kept)]
        found = {
            name: form.number(name, least=1, most=policies.MOST_DAYS, needed=False)
            for name in names
            if name in given
        }
        form.finish()
        return cls({name: int(days) if days else None for name, days in found.items()})


def least_days(rules: Iterable[Rule], what: str) -> int:
    """Return the most days for which any row of law in force wants a sort of records kept."""
    return max(
        (
            rule.terms.keep_days
            for rule in rules
            if isinstance(rule.terms, RetentionTerms) and rule.terms.what == what
            if not rule.is_bill
        ),
        default=0,
    )


async def save(session: AsyncSession, wish: Wish, *, who: Author, clock: Clock) -> None:
    """Keep a client's wishes; jobs follow at their next turn.

    Raises:
        Invalid: the number of days cannot be kept.
    """
    now, client_id = clock.now(), who.client_id
    if RECORDINGS in wish.days:
        policy = await policies.policy_of(session, client_id, clock=clock)
        if policy.keep_days != wish.days[RECORDINGS]:
            await _set_recordings(session, policy, wish.days[RECORDINGS], who, clock)
    mine = select(KeepingTime).where(col(KeepingTime.client_id) == client_id)
    known = {row.what: row for row in await session.exec(mine.with_for_update())}
    for what in (kind for kind in Kept if kind.value in wish.days):
        days, row = wish.days[what.value], known.get(what)
        before = row.keep_days if row else None
        if days == before:
            continue
        if days is None:
            own = (col(KeepingTime.client_id) == client_id, col(KeepingTime.what) == what)
            await session.exec(delete(KeepingTime).where(*own))
        else:
            row = row or KeepingTime(client_id=client_id, what=what, keep_days=days, changed_at=now)
            row.keep_days, row.changed_at = days, now
            session.add(row)
        await _trace(session, what.value, {"from": before, "to": days}, who, now)


async def _set_recordings(
    session: AsyncSession, policy: Any, days: int | None, who: Author, clock: Clock
) -> None:
    wished = type(policy)(
        client_id=policy.client_id,
        keep_days=days,
        mask=policy.mask,
        personal_questions=list(policy.personal_questions),
        changed_at=clock.now(),
    )
    await policies.set_policy(session, wished, user_id=who.user_id, clock=clock)


async def _trace(
    session: AsyncSession, what: str, change: Mapping[str, Any], who: Author, now: datetime
) -> None:
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=now,
        action="keeping_time.changed",
        subject="keeping_time",
        subject_id=who.client_id,
        facts={what: dict(change)},
    )


async def days_of(session: AsyncSession, client_id: UUID) -> dict[Kept, int]:
    """Return what a client has said."""
    mine = select(KeepingTime).where(col(KeepingTime.client_id) == client_id)
    return {row.what: row.keep_days for row in await session.exec(mine)}


# Of each sort: since when each thing is kept, for how many days, and a later end that the law set.
_KEPT = {
    RECORDINGS: """
        SELECT r.talked_at AS since, r.law_until AS law FROM recording r
        WHERE r.client_id = :client_id AND r.state = 'kept' AND r.held_at IS NULL
    """,
    Kept.EXPORTS.value: """
        SELECT e.ended_at AS since, NULL::timestamptz AS law FROM export e
        WHERE e.client_id = :client_id AND e.state = 'done'
    """,
    Kept.ORIGINALS.value: """
        SELECT o.kept_at AS since, NULL::timestamptz AS law FROM original_file o
        WHERE o.client_id = :client_id
    """,
    Kept.CONTACTS.value: """
        SELECT greatest(l.imported_at, c.created_at) AS since, NULL::timestamptz AS law
        FROM contact c JOIN contact_list l ON l.id = c.list_id WHERE c.client_id = :client_id
    """,
}
_NEXT = """
    WITH kept AS ({kept}), ends AS (
        SELECT greatest(since + make_interval(days => CAST(:days AS int)), law) AS at FROM kept
    )
    SELECT (SELECT count(*) FROM kept) AS kept, min(at) AS next_at,
           count(*) FILTER (WHERE at < CAST(:now AS timestamptz) + INTERVAL '7 days') AS soon
    FROM ends
"""
_DELIVERIES = """
    SELECT count(*) AS kept, min(at) AS next_at,
           count(*) FILTER (WHERE at < CAST(:now AS timestamptz) + INTERVAL '7 days') AS soon,
           min(days) AS days
    FROM (SELECT coalesce(d.delivered_at, d.made_at) + make_interval(days => p.keep_days) AS at,
                 p.keep_days AS days
          FROM delivery d JOIN delivery_plan p ON p.id = d.plan_id
          WHERE d.client_id = :client_id AND EXISTS (
              SELECT FROM delivery_file f WHERE f.delivery_id = d.id AND f.removed_at IS NULL)
         ) AS ends
"""


async def lines(
    session: AsyncSession, client_id: UUID, rules: Iterable[Rule], *, clock: Clock
) -> list[Line]:
    """Return each sort of things with its time, how many there are, and what goes next."""
    law, now = list(rules), clock.now()
    own: dict[str, int | None] = {
        kind.value: days for kind, days in (await days_of(session, client_id)).items()
    }
    own[RECORDINGS] = (await policies.policy_of(session, client_id, clock=clock)).keep_days
    usual = {kind.value: days for kind, days in USUAL.items()}
    found = []
    for what, kept in _KEPT.items():
        days = own.get(what) or usual.get(what)
        facts = {"client_id": client_id, "days": days, "now": now}
        row = (await session.execute(text(_NEXT.format(kept=kept)), facts)).one()
        next_at = max(row.next_at, now) if days is not None and row.next_at is not None else None
        least = least_days(law, what) if what == RECORDINGS else 0
        soon = row.soon if days is not None else 0
        found.append(Line(what, days, own.get(what) is not None, least, row.kept, next_at, soon))
    facts = {"client_id": client_id, "now": now}
    row = (await session.execute(text(_DELIVERIES), facts)).one()
    next_at = max(row.next_at, now) if row.next_at is not None else None
    found.append(Line(DELIVERIES, row.days, True, 0, row.kept, next_at, row.soon))
    return found
