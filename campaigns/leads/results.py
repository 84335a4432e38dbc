"""An ended call -> its attempt and its lead, many at once in three statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.fates import store_fates
from campaigns.leads.recycle import (
    AttemptFacts,
    LeadFate,
    fate_after,
    fate_after_disposition,
    fate_after_opt_out,
    fate_undisposed,
)
from campaigns.leads.tried import lead_facts
from campaigns.settings import CampaignSettings
from dialer.call.states import CallOutcome


@dataclass(frozen=True, slots=True)
class EndedCall:
    """What is stored of a call that ended."""

    attempt_id: UUID
    outcome: CallOutcome
    ended_at: datetime
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    connected_at: datetime | None = None
    ended_by: str | None = None
    cause: int | None = None
    sip_code: int | None = None
    agent_session_id: UUID | None = None
    recording_raw: str | None = None
    opted_out: bool = False  #: the person pressed the key: the lead is done


# A number the network does not know is remembered in the same statement: no rotation comes back to it.
_STORE = text(
    """
    WITH stored AS (
        UPDATE attempt SET outcome = e.outcome, ended_at = greatest(e.ended_at, attempt.started_at),
               rang_at = e.rang_at, answered_at = e.answered_at,
               -- An agent who heard a machine for a moment had no conversation.
               connected_at = CASE WHEN e.outcome <> 'machine'
                                   THEN coalesce(e.connected_at, attempt.connected_at) END,
               ended_by = e.ended_by, cause = e.cause, sip_code = e.sip_code,
               agent_session_id = coalesce(e.session_id, attempt.agent_session_id),
               recording_raw = coalesce(e.recording, attempt.recording_raw)
        FROM unnest(CAST(:ids AS uuid[]), CAST(:outcomes AS text[]), CAST(:ended AS timestamptz[]),
                    CAST(:rang AS timestamptz[]), CAST(:answered AS timestamptz[]),
                    CAST(:connected AS timestamptz[]), CAST(:ended_by AS text[]), CAST(:causes AS int[]),
                    CAST(:codes AS int[]), CAST(:sessions AS uuid[]), CAST(:recordings AS text[]))
             AS e(id, outcome, ended_at, rang_at, answered_at, connected_at, ended_by, cause, sip_code,
                  session_id, recording)
        WHERE attempt.id = e.id AND attempt.ended_at IS NULL
        RETURNING attempt.id, attempt.lead_id, attempt.contact_id, attempt.e164, attempt.outcome,
                  attempt.disposition
    ), buried AS (
        UPDATE phone SET invalid_at = :now FROM stored s
        WHERE s.outcome = 'invalid_number' AND phone.contact_id = s.contact_id AND phone.e164 = s.e164
    )
    SELECT id, lead_id, outcome, disposition FROM stored
    """
)


async def store_ends(
    session: AsyncSession,
    ends: Sequence[EndedCall],
    *,
    settings: CampaignSettings,
    retry_after_s: dict[str, int | None],
    now: datetime,
    undisposed: Collection[UUID] = (),
) -> set[UUID]:
    """Store ended calls and decide their leads' fates; return the attempts stored now.

    An attempt that has its outcome already is left alone: storing twice changes nothing. The lead of
    a conversation waits for its disposition, unless the agent was faster than the line; of the
    ``undisposed`` the wrap-up is over already, so it is closed.
    """
    facts = {**_columns(ends), "now": now}
    stored = (await session.execute(_STORE, facts)).mappings().all()
    if not stored:
        return set()
    opted_out = {end.attempt_id for end in ends if end.opted_out}
    found = {row["lead_id"]: CallOutcome(row["outcome"]) for row in stored}
    leads = await lead_facts(session, found)
    fates: dict[UUID, LeadFate] = {}
    for row in stored:
        lead = leads.get(row["lead_id"])
        if lead is None:
            continue
        if row["id"] in opted_out:
            fates[row["lead_id"]] = fate_after_opt_out(lead)
            continue
        fate = _fate(row["disposition"], lead, settings, retry_after_s, now)
        if fate is None and row["id"] in undisposed:
            fate = fate_undisposed(lead)
        if fate is not None:
            fates[row["lead_id"]] = fate
    await store_fates(session, fates, found)
    return {row["id"] for row in stored}


def _fate(
    code: str | None,
    lead: AttemptFacts,
    settings: CampaignSettings,
    retry_after_s: dict[str, int | None],
    now: datetime,
) -> LeadFate | None:
    if code is not None:  # what the agent saved counts, however the end was seen
        return fate_after_disposition(code, lead, retry_after_s, settings, now)
    if lead.outcome is CallOutcome.CONNECTED:
        return None
    return fate_after(lead, settings, now)


def _columns(ends: Sequence[EndedCall]) -> dict[str, list[object]]:
    return {
        "ids": [end.attempt_id for end in ends],
        "outcomes": [end.outcome.value for end in ends],
        "ended": [end.ended_at for end in ends],
        "rang": [end.rang_at for end in ends],
        "answered": [end.answered_at for end in ends],
        "connected": [end.connected_at for end in ends],
        "ended_by": [end.ended_by for end in ends],
        "causes": [end.cause for end in ends],
        "codes": [end.sip_code for end in ends],
        "sessions": [end.agent_session_id for end in ends],
        "recordings": [end.recording_raw for end in ends],
    }
