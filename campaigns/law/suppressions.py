"""Suppressions: a number goes on a client's do-not-call list, and its ringing calls are cancelled.

What a person tells one client binds every client of the same legal entity.

Whoever suppresses takes the same locks as whoever opens attempts: a call that is being opened is either
seen here, or sees the suppression. After the commit, ``cancel_ringing`` tells the runners.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import commands
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.tenancy import audit
from compliance.models import Suppression
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound
from dialer.ids import new_id
from dialer.phone import masked
from dialer.rows import over_all_clients

log = structlog.get_logger()

#: Numbers suppressed in one transaction: each holds a lock until its end.
MOST_AT_ONCE = 500
#: What a runner is told, and the calls' ``ended_by``.
CANCEL_REASON = "suppressed"


class TooManyNumbers(Invalid):
    """More numbers than one transaction takes."""

    code = "too_many_numbers"
    message = f"At most {MOST_AT_ONCE} numbers at once: send them in parts."


class SuppressionNotFound(NotFound):
    """The client has no such suppression."""

    code = "suppression_not_found"
    message = "There is no such entry on the do-not-call list."


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call to a suppressed number that had not ended."""

    campaign_id: UUID
    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What a suppression did."""

    added: int  #: numbers that were not suppressed before
    live_calls: tuple[LiveCall, ...] = ()  #: to be cancelled if nobody has answered yet


# The same keys as ``campaigns.leads.originate`` takes, in the same order.
_LOCK = text("SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k")

_INSERT = text(
    """
    INSERT INTO suppression (id, client_id, campaign_id, e164, reason, source, added_by, added_at)
    SELECT n.id, :client_id, CAST(:campaign_id AS uuid), n.e164, :reason, :source,
           CAST(:user_id AS uuid), :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[])) AS n(id, e164)
    ORDER BY n.e164
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)

_LIVE = text(
    """
    SELECT campaign_id, id FROM attempt
    WHERE e164 = ANY(CAST(:numbers AS text[])) AND ended_at IS NULL
      AND client_id IN (
          SELECT k.id FROM client c JOIN client k
                 ON k.id = c.id OR (c.legal_entity <> '' AND k.legal_entity = c.legal_entity)
          WHERE c.id = :client_id)
      AND campaign_id = coalesce(CAST(:campaign_id AS uuid), campaign_id)
    """
)

_SUPPRESSED_AMONG = text(
    """
    SELECT a.id FROM attempt a
    WHERE a.id = ANY(CAST(:ids AS uuid[]))
      AND EXISTS (SELECT FROM client c JOIN client k
                  ON k.id = c.id OR (c.legal_entity <> '' AND k.legal_entity = c.legal_entity)
                  JOIN suppression s ON s.client_id = k.id AND s.e164 = a.e164
                  WHERE c.id = a.client_id
                  AND (s.campaign_id IS NULL OR s.campaign_id = a.campaign_id))
    """
)


async def suppress(
    session: AsyncSession,
    *,
    client_id: UUID,
    e164s: Iterable[str],
    reason: str,
    source: str,
    user_id: UUID | None,
    clock: Clock,
    campaign_id: UUID | None = None,
) -> Suppressed:
    """Put numbers on the client's do-not-call list, or only on that of one of its campaigns.

    Repeating it changes nothing. The caller commits and then calls ``cancel_ringing``.

    Raises:
        TooManyNumbers: more than ``MOST_AT_ONCE``.
        CampaignNotFound: the campaign is not the client's.
    """
    numbers = sorted(set(e164s))
    if len(numbers) > MOST_AT_ONCE:
        raise TooManyNumbers(numbers=len(numbers))
    if campaign_id is not None:
        await _require_campaign(session, campaign_id, client_id)
    if not numbers:
        return Suppressed(0)
    await hold(session, numbers)
    scope = {"client_id": client_id, "campaign_id": campaign_id, "numbers": numbers}
    now = clock.now()
    row = {"reason": reason, "source": source, "user_id": user_id, "now": now}
    ids = {"ids": [new_id() for _ in numbers]}
    added = [found.id for found in await session.execute(_INSERT, {**scope, **row, **ids})]
    async with over_all_clients(session):  # the legal entity's other clients stop calling, too
        live = (await session.execute(_LIVE, scope)).all()
    calls = tuple(LiveCall(call.campaign_id, call.id) for call in live)
    if added:
        facts = {"count": len(added), "reason": reason, "source": source}
        await audit.record(
            session,
            client_id=client_id,
            user_id=user_id,
            at=now,
            action="suppression.added",
            subject="suppression",
            subject_id=added[0],
            facts=facts | ({"campaign_id": str(campaign_id)} if campaign_id else {}),
        )
    log.info("suppression.added", count=len(added), source=source, live_calls=len(calls))
    return Suppressed(len(added), calls)


async def hold(session: AsyncSession, e164s: Iterable[str]) -> None:
    """Keep calls to the numbers from being opened until the commit."""
    await session.execute(_LOCK, {"keys": sorted(int(e164[1:]) for e164 in e164s)})


async def _require_campaign(session: AsyncSession, campaign_id: UUID, client_id: UUID) -> None:
    mine = select(Campaign.id).where(
        col(Campaign.id) == campaign_id, col(Campaign.client_id) == client_id
    )
    if (await session.exec(mine)).first() is None:
        raise CampaignNotFound(campaign_id=campaign_id)


async def cancel_ringing(redis: Redis, calls: Sequence[LiveCall]) -> bool:
    """Have the runners cancel calls that nobody has answered; False when Redis could not be told.

    A runner also looks at the database each second, so an untold one is only a moment late.
    """
    try:
        for call in calls:
            facts = {"call_id": str(call.attempt_id), "reason": CANCEL_REASON}
            await commands.send(redis, call.campaign_id, CommandName.CANCEL_CALL, facts)
    except (RedisError, OSError) as error:
        log.warning("suppression.not_told", error=type(error).__name__)
        return False
    return True


async def suppressed_among(session: AsyncSession, attempt_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the attempts whose number is suppressed now."""
    rows = await session.execute(_SUPPRESSED_AMONG, {"ids": list(attempt_ids)})
    return set(rows.scalars())


async def lift(
    session: AsyncSession,
    suppression_id: UUID,
    *,
    client_id: UUID,
    reason: str,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Take a number off the list again: the audit log keeps what it was and why it went.

    Raises:
        SuppressionNotFound: the client has no such entry.
        Invalid: no reason was given.
    """
    if not reason.strip():
        raise Invalid("Say why the number may be called again.")
    row = await session.get(Suppression, suppression_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise SuppressionNotFound(suppression_id=str(suppression_id))
    facts = {
        "number": masked(row.e164),
        "reason": reason.strip(),
        "was": row.reason,
        "source": row.source,
        "added_at": row.added_at.isoformat(),
        "campaign_id": str(row.campaign_id) if row.campaign_id else None,
    }
    await session.delete(row)
    await audit.trace(session, row, "suppression.lifted", facts, user_id=user_id, clock=clock)


async def find(
    session: AsyncSession, *, client_id: UUID, e164: str | None = None, limit: int = 100
) -> Sequence[Suppression]:
    """Return the client's suppressions (of one number), the newest first."""
    statement = select(Suppression).where(col(Suppression.client_id) == client_id)
    if e164 is not None:
        statement = statement.where(col(Suppression.e164) == e164)
    return (await session.exec(statement.order_by(col(Suppression.id).desc()).limit(limit))).all()


def in_parts(e164s: Iterable[str]) -> Iterable[list[str]]:
    """Yield the numbers in parts that one transaction takes."""
    numbers = iter(e164s)
    while part := list(islice(numbers, MOST_AT_ONCE)):
        yield part
