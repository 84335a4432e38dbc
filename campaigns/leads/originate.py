"""Lead + clearance -> attempt: the only way to dial.

The attempt is committed before anything is sent to Asterisk. A transaction that opens attempts first
proves that its owner still owns the campaign, and that the trunk has room over all campaigns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.fates import store_fates
from campaigns.leads.hopper import Candidate
from campaigns.leads.recycle import ELSEWHERE_RETRY_S, LeadFate
from campaigns.states import LeadState
from compliance.gate import Clearance, RefusalReason
from dialer.errors import Conflict
from dialer.ids import new_id
from dialer.pacing.limits import Bucket


class OwnershipLost(Conflict):
    """Another worker owns the campaign now, or it is not running any more."""

    code = "ownership_lost"
    message = "Another worker owns this campaign now, or it is not running."


@dataclass(frozen=True, slots=True)
class Owner:
    """Who dials: a campaign's owner with its fence, and the way out."""

    campaign_id: UUID
    client_id: UUID
    fence: int
    trunk_id: UUID
    caller_id: str | None


@dataclass(frozen=True, slots=True)
class OpenedAttempt:
    """An attempt that is committed and may be sent."""

    id: UUID
    candidate: Candidate
    clearance: Clearance


# Two statements: after the wait for the lock a count needs a snapshot of its own, else it does not
# see what the other owner opened. Source: PostgreSQL 18, "Read Committed Isolation Level".
_PROVE = text(
    """
    SELECT t.max_channels, t.calls_per_s, t.rate_tokens, t.rate_at, t.paused_until
    FROM campaign c JOIN trunk t ON t.id = :trunk_id
    WHERE c.id = :campaign_id AND c.fence = :fence AND c.state = 'running'
    FOR NO KEY UPDATE OF t FOR SHARE OF c
    """
)
_LIVE = text("SELECT count(*) FROM attempt WHERE trunk_id = :trunk_id AND ended_at IS NULL")

_INSERT = text(
    """
    INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id, caller_id,
                         fence, number_in_lead, decision, started_at)
    SELECT n.id, :client_id, :campaign_id, n.lead_id, n.contact_id, n.e164, :trunk_id,
           CAST(:caller_id AS text), :fence, n.number, CAST(n.decision AS jsonb), :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:leads AS uuid[]), CAST(:contacts AS uuid[]),
                CAST(:numbers AS text[]), CAST(:counts AS int[]), CAST(:decisions AS text[]))
         AS n(id, lead_id, contact_id, e164, number, decision)
    -- The last look before the call: an opt-out may be younger than the hopper.
    -- So may an attempt of another campaign: the day's cap is counted anew, whoever dialled.
    WHERE NOT EXISTS (SELECT FROM suppression s
                      WHERE s.client_id = :client_id AND s.e164 = n.e164)
      AND (SELECT count(*) FROM attempt a JOIN trunk t ON t.id = a.trunk_id AND NOT t.simulated
           WHERE a.e164 = n.e164
             AND a.started_at > CAST(:now AS timestamptz) - interval '24 hours') < :max_per_day
    -- One order for everybody: two owners with the same numbers must not wait for each other.
    ORDER BY n.e164
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)

_MARK = text(
    """
    UPDATE lead SET state = 'dialing', attempts_made = attempts_made + 1
    WHERE id = ANY(CAST(:leads AS uuid[]))
    """
)


async def open_attempts(
    session: AsyncSession,
    owner: Owner,
    cleared: Sequence[tuple[Candidate, Clearance]],
    *,
    now: datetime,
    max_per_day: int,
) -> list[OpenedAttempt]:
    """Open an attempt for each cleared candidate that may have one now.

    ``max_per_day`` caps the attempts to one number within 24 hours over all campaigns.

    A number or contact with a live attempt anywhere goes back to wait; so does what the trunk has no
    room for. The caller commits, then dials.

    Raises:
        OwnershipLost: the owner must stop.
    """
    fresh = [(cand, clearance) for cand, clearance in cleared if clearance.expires_at > now]
    room = await prove_ownership(session, owner, now=now)
    planned = [OpenedAttempt(new_id(), cand, clearance) for cand, clearance in fresh[: room.calls]]
    opened_ids = await _insert(session, owner, planned, now, max_per_day) if planned else set()
    opened = [attempt for attempt in planned if attempt.id in opened_ids]
    if opened:
        await session.execute(_MARK, {"leads": [a.candidate.lead_id for a in opened]})
        await _spend(session, owner, room, len(opened), now)
    kept_out = [attempt for attempt in planned if attempt.id not in opened_ids]
    suppressed = await _suppressed(session, owner, kept_out) if kept_out else set()
    await _send_back(session, cleared, planned, opened_ids, suppressed, now)
    return opened


@dataclass(frozen=True, slots=True)
class Room:
    """What a trunk has room for at this instant, over all campaigns."""

    calls: int  #: may start now: 0 while the trunk is paused
    bucket: Bucket  #: of its calls a second


async def prove_ownership(session: AsyncSession, owner: Owner, *, now: datetime) -> Room:
    """Return what the trunk has room for; until the commit the owner stays the owner.

    Raises:
        OwnershipLost: another worker owns the campaign, or it is not running.
    """
    facts = {
        "campaign_id": owner.campaign_id,
        "fence": owner.fence,
        "trunk_id": owner.trunk_id,
    }
    trunk = (await session.execute(_PROVE, facts)).one_or_none()
    if trunk is None:
        raise OwnershipLost(campaign_id=str(owner.campaign_id))
    live: int = (await session.execute(_LIVE, {"trunk_id": owner.trunk_id})).scalar_one()
    full = max(1.0, trunk.calls_per_s)  # a trunk that was never used has a full second's worth
    tokens, since = (trunk.rate_tokens, trunk.rate_at) if trunk.rate_at else (full, now)
    bucket = Bucket(trunk.calls_per_s, tokens, since.timestamp())
    paused = trunk.paused_until is not None and trunk.paused_until > now
    calls = min(trunk.max_channels - live, bucket.available(now.timestamp()))
    return Room(0 if paused else max(0, calls), bucket)


async def _spend(
    session: AsyncSession, owner: Owner, room: Room, calls: int, now: datetime
) -> None:
    """Take the calls off the trunk's rate; its row is locked since ``prove_ownership``."""
    left = room.bucket.spent(calls, now.timestamp())
    await session.execute(
        text("UPDATE trunk SET rate_tokens = :tokens, rate_at = :at WHERE id = :id"),
        {
            "id": owner.trunk_id,
            "tokens": left.tokens,
            "at": datetime.fromtimestamp(left.at_s, UTC),
        },
    )


async def _insert(
    session: AsyncSession,
    owner: Owner,
    planned: Sequence[OpenedAttempt],
    now: datetime,
    max_per_day: int,
) -> set[UUID]:
    rows = await session.execute(
        _INSERT,
        {
            "client_id": owner.client_id,
            "campaign_id": owner.campaign_id,
            "trunk_id": owner.trunk_id,
            "caller_id": owner.caller_id,
            "fence": owner.fence,
            "now": now,
            "max_per_day": max_per_day,
            "ids": [a.id for a in planned],
            "leads": [a.candidate.lead_id for a in planned],
            "contacts": [a.candidate.contact_id for a in planned],
            "numbers": [a.candidate.e164 for a in planned],
            "counts": [a.candidate.attempts_made + 1 for a in planned],
            "decisions": [msgspec.json.encode(a.clearance.receipt).decode() for a in planned],
        },
    )
    return {row.id for row in rows}


async def _suppressed(
    session: AsyncSession, owner: Owner, kept_out: Sequence[OpenedAttempt]
) -> set[str]:
    """Return which of the numbers kept out are on the client's do-not-call list."""
    rows = await session.execute(
        text(
            "SELECT e164 FROM suppression WHERE client_id = :client_id"
            " AND e164 = ANY(CAST(:numbers AS text[]))"
        ),
        {
            "client_id": owner.client_id,
            "numbers": [attempt.candidate.e164 for attempt in kept_out],
        },
    )
    return {row.e164 for row in rows}


async def _send_back(
    session: AsyncSession,
    cleared: Sequence[tuple[Candidate, Clearance]],
    planned: Sequence[OpenedAttempt],
    opened_ids: set[UUID],
    suppressed: set[str],
    now: datetime,
) -> None:
    """Return what could not be opened: opt-outs are done, conflicts wait a minute, the rest is due."""
    busy = {a.candidate.lead_id for a in planned if a.id not in opened_ids}
    planned_leads = {a.candidate.lead_id for a in planned}
    fates: dict[UUID, LeadFate] = {}
    for candidate, _ in cleared:
        position = candidate.phone_position
        if candidate.e164 in suppressed:
            fates[candidate.lead_id] = LeadFate(
                LeadState.DONE, result=RefusalReason.SUPPRESSED.value, phone_position=position
            )
            continue
        if candidate.lead_id in busy:
            due = now + timedelta(seconds=ELSEWHERE_RETRY_S)
            reason = "live_attempt_elsewhere"
        elif candidate.lead_id not in planned_leads:
            due, reason = now, "no_free_channel"
        else:
            continue
        fates[candidate.lead_id] = LeadFate(LeadState.WAITING, due, reason, None, position)
    await store_fates(session, fates)


async def open_attempt_ids(session: AsyncSession, campaign_id: UUID) -> set[UUID]:
    """Return the campaign's attempts that have no outcome yet."""
    rows = await session.execute(
        text("SELECT id FROM attempt WHERE campaign_id = :campaign_id AND ended_at IS NULL"),
        {"campaign_id": campaign_id},
    )
    return {row.id for row in rows}
