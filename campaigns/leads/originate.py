"""Lead + clearance -> attempt: the only way to dial.

The attempt is committed before anything is sent to Asterisk. A transaction that opens attempts first
proves that its owner still owns the campaign, and that the trunk has room over all campaigns.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.callbacks import close_kept
from campaigns.leads.caller_pool import with_receipt_of
from campaigns.leads.fates import store_fates
from campaigns.leads.hopper import Candidate, give_back
from campaigns.leads.last_look import keys_of, look_again, one_call_each
from campaigns.leads.recycle import ELSEWHERE_RETRY_S, LeadFate
from campaigns.leads.trunk_room import Room, hold_trunk
from campaigns.states import LeadState
from compliance.gate import Clearance, Refusal
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
    subject: str = ""  #: for caps by subject


@dataclass(frozen=True, slots=True)
class OpenedAttempt:
    """An attempt that is committed and may be sent."""

    id: UUID
    candidate: Candidate
    clearance: Clearance
    caller_id: str | None = None  #: E.164, as shown


# Before the trunk, in a statement of its own: who waits for its campaign must not hold the trunk of
# everybody else.
_PROVE = text(
    """
    SELECT selection_due FROM campaign
    WHERE id = :campaign_id AND fence = :fence AND state = 'running' FOR SHARE
    """
)
# With the attempts their leads are marked, and the calls are taken off the trunk's rate.
_OPEN = text(
    """
    WITH opened AS (
        INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id, caller_id,
                             fence, number_in_lead, decision, subject, reserved_agent, started_at,
                             pacing, place_id)
        SELECT n.id, :client_id, :campaign_id, n.lead_id, n.contact_id, n.e164, :trunk_id,
               CAST(n.caller_id AS text), :fence, n.number, CAST(n.decision AS jsonb), :subject,
               n.reserved, :now, CAST(:pacing AS jsonb),
               (SELECT min(p.place_id) FROM phone p
                WHERE p.contact_id = n.contact_id AND p.e164 = n.e164)
        FROM unnest(CAST(:ids AS uuid[]), CAST(:leads AS uuid[]), CAST(:contacts AS uuid[]),
                    CAST(:numbers AS text[]), CAST(:counts AS int[]), CAST(:decisions AS text[]),
                    CAST(:callers AS text[]), CAST(:reserved AS bool[]))
             AS n(id, lead_id, contact_id, e164, number, decision, caller_id, reserved)
        -- One order for everybody: two owners with the same numbers must not wait for each other.
        ORDER BY n.e164
        ON CONFLICT DO NOTHING
        RETURNING id, lead_id
    ), freed AS (
        DELETE FROM lead_claim USING opened o WHERE lead_claim.lead_id = o.lead_id
    ), marked AS (
        UPDATE lead SET state = 'dialing', attempts_made = attempts_made + 1, reserved_for = NULL
        FROM opened o WHERE lead.id = o.lead_id
    ), spent AS (
        UPDATE trunk SET rate_at = :rate_at,
               rate_tokens = CAST(:tokens AS float8) - (SELECT count(*) FROM opened)
        WHERE id = :trunk_id AND EXISTS (SELECT FROM opened)
    )
    SELECT id FROM opened
    """
)

#: The gate's last answers, with facts read after everybody else had to wait: by lead.
AskGate = Callable[[Sequence[Candidate]], Awaitable[Mapping[UUID, Clearance | Refusal]]]
#: The caller ID each call shows, or why it has none: by lead.
ChooseCallerIds = Callable[[Sequence[Candidate]], Awaitable[Mapping[UUID, str | Refusal | None]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of the candidates: attempts to send, and refusals to store."""

    attempts: tuple[OpenedAttempt, ...]
    refused: tuple[tuple[Candidate, Refusal], ...]
    held: tuple[Candidate, ...] = ()  #: still claimed, but another transaction has them: ask again
    no_room: tuple[Candidate, ...] = ()  #: still claimed, but the trunk has no room for them
    room: Room | None = None  #: of the trunk, as it was found; None: it was enough


async def open_attempts(
    session: AsyncSession,
    owner: Owner,
    candidates: Sequence[Candidate],
    *,
    now: datetime,
    ask: AskGate,
    choose: ChooseCallerIds,
    pacing: Mapping[str, Any] | None = None,
    agents_wait: bool = False,
) -> Opened:
    """Open an attempt for each candidate that the gate clears now, last thing before the call.

    The gate is asked with facts read under locks on the numbers and persons, so that two owners never
    exceed one cap together, and about the leads as they are now: what is not claimed any more, or not
    for this number, is left or given back. A number, contact or person with a live attempt goes back
    to wait; what the trunk has no room for stays claimed, and not a row of it is written. The caller
    stores the refusals, commits, then dials. ``pacing`` is what the decision to place the calls rested
    on, kept with each; ``agents_wait``: each call has an agent of its own from the start.

    Raises:
        OwnershipLost: the owner must stop.
    """
    room = await prove_ownership(session, owner, now=now, in_turn=candidates)
    looked = await look_again(session, owner.campaign_id, candidates, now=now)
    if room.selection_due:
        fit = [candidate.lead_id for candidate in looked.fit]
        await give_back(session, owner.campaign_id, [*fit, *looked.changed])
        return Opened((), (), looked.held)
    await give_back(session, owner.campaign_id, looked.changed)
    some, rest = looked.fit[: room.calls], looked.fit[room.calls :]
    planned, refused = await _judge(one_call_each(some, looked.busy), ask, choose)
    opened_ids = set[UUID]()
    if planned:
        opened_ids = await _open(
            session, owner, planned, room, now, pacing=pacing, agents_wait=agents_wait
        )
    opened = [attempt for attempt in planned if attempt.id in opened_ids]
    # As read under the leads' locks: nobody has promised a call since.
    kept = [attempt.candidate.lead_id for attempt in opened if attempt.candidate.promised]
    if kept:
        await close_kept(session, kept, now)
    done = {one.lead_id for one, _ in refused} | {one.candidate.lead_id for one in opened}
    await _send_back(session, [one for one in some if one.lead_id not in done], now)
    return Opened(tuple(opened), tuple(refused), looked.held, rest, room if rest else None)


async def _judge(
    candidates: Sequence[Candidate], ask: AskGate, choose: ChooseCallerIds
) -> tuple[list[OpenedAttempt], list[tuple[Candidate, Refusal]]]:
    """Ask the gate and choose caller IDs: the attempts to open, and who is refused."""
    planned: list[OpenedAttempt] = []
    refused: list[tuple[Candidate, Refusal]] = []
    if not candidates:
        return planned, refused
    answers = await ask(candidates)
    callers = await choose([c for c in candidates if isinstance(answers[c.lead_id], Clearance)])
    for candidate in candidates:
        answer, caller = answers[candidate.lead_id], callers.get(candidate.lead_id)
        if isinstance(answer, Refusal):
            refused.append((candidate, answer))
        elif isinstance(caller, Refusal):
            refused.append((candidate, with_receipt_of(answer, caller)))
        else:
            planned.append(OpenedAttempt(new_id(), candidate, answer, caller))
    return planned, refused


async def hold_ownership(session: AsyncSession, owner: Owner) -> None:
    """Stay the owner until the commit: a successor waits for it, and then sees what was claimed.

    Raises:
        OwnershipLost: another worker owns the campaign, or it is not running.
    """
    facts = {"campaign_id": owner.campaign_id, "fence": owner.fence}
    if (await session.execute(_PROVE, facts)).one_or_none() is None:
        raise OwnershipLost(campaign_id=str(owner.campaign_id))


async def prove_ownership(
    session: AsyncSession, owner: Owner, *, now: datetime, in_turn: Sequence[Candidate] = ()
) -> Room:
    """Return what the trunk has room for; until the commit the owner stays the owner.

    With it the numbers and persons of ``in_turn`` are held, for the look that follows.

    Raises:
        OwnershipLost: another worker owns the campaign, or it is not running.
    """
    facts = {"campaign_id": owner.campaign_id, "fence": owner.fence}
    campaign = (await session.execute(_PROVE, facts)).one_or_none()
    if campaign is None:
        raise OwnershipLost(campaign_id=str(owner.campaign_id))
    keys = keys_of(in_turn)
    room = await hold_trunk(session, owner.trunk_id, now=now, in_turn=keys)
    return replace(room, selection_due=campaign.selection_due)


async def _open(
    session: AsyncSession,
    owner: Owner,
    planned: Sequence[OpenedAttempt],
    room: Room,
    now: datetime,
    *,
    pacing: Mapping[str, Any] | None,
    agents_wait: bool,
) -> set[UUID]:
    """Write the attempts; leads and trunk are locked since the looks at them."""
    bucket = room.bucket.refilled(now.timestamp())
    rows = await session.execute(
        _OPEN,
        {
            "tokens": bucket.tokens,
            "rate_at": datetime.fromtimestamp(bucket.at_s, UTC),
            "client_id": owner.client_id,
            "campaign_id": owner.campaign_id,
            "trunk_id": owner.trunk_id,
            "subject": owner.subject,
            "fence": owner.fence,
            "now": now,
            "pacing": msgspec.json.encode(pacing).decode() if pacing else None,
            "ids": [a.id for a in planned],
            "leads": [a.candidate.lead_id for a in planned],
            "contacts": [a.candidate.contact_id for a in planned],
            "numbers": [a.candidate.e164 for a in planned],
            "counts": [a.candidate.attempts_made + 1 for a in planned],
            "decisions": [msgspec.json.encode(a.clearance.receipt).decode() for a in planned],
            "callers": [a.caller_id for a in planned],
            "reserved": [agents_wait or a.candidate.reserved_for is not None for a in planned],
        },
    )
    return {row.id for row in rows}


async def _send_back(session: AsyncSession, candidates: Sequence[Candidate], now: datetime) -> None:
    """Have those who are on the line elsewhere wait a minute."""
    due, reason = now + timedelta(seconds=ELSEWHERE_RETRY_S), "live_attempt_elsewhere"
    fates = {
        one.lead_id: LeadFate(LeadState.WAITING, due, reason, None, one.phone_position)
        for one in candidates
    }
    await store_fates(session, fates)


async def open_attempt_ids(session: AsyncSession, campaign_id: UUID) -> set[UUID]:
    """Return the campaign's attempts that have no outcome yet."""
    rows = await session.execute(
        text("SELECT id FROM attempt WHERE campaign_id = :campaign_id AND ended_at IS NULL"),
        {"campaign_id": campaign_id},
    )
    return {row.id for row in rows}
