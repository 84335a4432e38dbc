"""Lead + clearance -> attempt: the only way to dial.

The attempt is committed before anything is sent to Asterisk. A transaction that opens attempts first
proves that its owner still owns the campaign, and that the trunk has room over all campaigns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    SELECT t.max_channels FROM campaign c JOIN trunk t ON t.id = :trunk_id
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
    WHERE NOT EXISTS (SELECT FROM suppression s
                      WHERE s.client_id = :client_id AND s.e164 = n.e164)
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
) -> list[OpenedAttempt]:
    """Open an attempt for each cleared candidate that may have one now.

    A number or contact with a live attempt anywhere goes back to wait; so does what the trunk has no
    room for. The caller commits, then dials.

    Raises:
        OwnershipLost: the owner must stop.
    """
    fresh = [(cand, clearance) for cand, clearance in cleared if clearance.expires_at > now]
    free = await prove_ownership(session, owner)
    planned = [
        OpenedAttempt(new_id(), cand, clearance) for cand, clearance in fresh[: max(0, free)]
    ]
    opened_ids = await _insert(session, owner, planned, now) if planned else set()
    opened = [attempt for attempt in planned if attempt.id in opened_ids]
    if opened:
        await session.execute(_MARK, {"leads": [a.candidate.lead_id for a in opened]})
    kept_out = [attempt for attempt in planned if attempt.id not in opened_ids]
    suppressed = await _suppressed(session, owner, kept_out) if kept_out else set()
    await _send_back(session, cleared, planned, opened_ids, suppressed, now)
    return opened


async def prove_ownership(session: AsyncSession, owner: Owner) -> int:
    """Return how many channels the trunk has free; until the commit the owner stays the owner.

    Raises:
        OwnershipLost: another worker owns the campaign, or it is not running.
    """
    facts = {
        "campaign_id": owner.campaign_id,
        "fence": owner.fence,
        "trunk_id": owner.trunk_id,
    }
    most: int | None = (await session.execute(_PROVE, facts)).scalar_one_or_none()
    if most is None:
        raise OwnershipLost(campaign_id=str(owner.campaign_id))
    live: int = (await session.execute(_LIVE, {"trunk_id": owner.trunk_id})).scalar_one()
    return most - live


async def _insert(
    session: AsyncSession, owner: Owner, planned: Sequence[OpenedAttempt], now: datetime
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
