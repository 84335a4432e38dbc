"""Previews as the campaign's owner stores them: shown, read again, ended.

Every ending locks the preview's row first and does nothing when it has ended already, so a lead is let
go once, whoever comes second: another owner, a late timer, an agent who left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import hopper
from campaigns.leads.fates import store_fates
from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import hold_waiting
from campaigns.leads.originate import Owner
from campaigns.leads.recycle import LeadFate
from campaigns.states import LeadState, PreviewEnd, PreviewWish, WithdrawnFor

#: A skipped contact is shown again after this, to whoever is free then.
SKIPPED_FOR_S: Final = 3600
#: Why a lead waits that was skipped, or was not decided upon in time.
SKIPPED: Final = "skipped"
#: The reason of a preview that ended because the agent did not decide in time.
TIME_LIMIT: Final = "time_limit"
#: The pause code of an agent whose time to decide was over.
PAUSED_AT_LIMIT: Final = "preview_limit"
#: Reasons of a refused dial besides the gate's: what put the lead to wait, or that it changed.
NOT_OPENED: Final = ("live_attempt_elsewhere",)


@dataclass(frozen=True, slots=True)
class Showing:
    """A lead to be shown to an agent."""

    id: UUID
    session_id: UUID
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class PreviewOver:
    """A preview ended without a call."""

    preview_id: UUID
    campaign_id: UUID
    session_id: UUID
    lead_id: UUID
    phone_position: int  #: the lead's next number
    ending: PreviewEnd
    reason: str
    at: datetime
    pauses: bool = False  #: the agent wants a pause from now on

    @property
    def delays(self) -> bool:
        """Tell whether the lead waits before it is shown again."""
        decided = self.ending in (PreviewEnd.SKIPPED, PreviewEnd.TIMED_OUT)
        return decided and not self.pauses


@dataclass(frozen=True, slots=True)
class SeenPreview:
    """An open preview as the database has it now."""

    id: UUID
    wish: PreviewWish | None
    reason: str | None  #: of the wish to skip
    phone_position: int | None  #: the number the agent chose
    unchanged: bool  #: the lead still waits, claimed, with the number that was shown
    suppressed: bool


async def store_shown(
    session: AsyncSession, owner: Owner, shown: Sequence[Showing], *, now: datetime
) -> None:
    """Store that leads are shown, to one agent each."""
    if not shown:
        return
    await session.execute(
        text(
            """
            INSERT INTO preview (id, client_id, campaign_id, session_id, lead_id, shown_at)
            SELECT n.id, :client_id, :campaign_id, n.session_id, n.lead_id, :now
            FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS uuid[]), CAST(:leads AS uuid[]))
                 AS n(id, session_id, lead_id)
            """
        ),
        {
            "client_id": owner.client_id,
            "campaign_id": owner.campaign_id,
            "now": now,
            "ids": [one.id for one in shown],
            "sessions": [one.session_id for one in shown],
            "leads": [one.candidate.lead_id for one in shown],
        },
    )


_OPEN = text(
    """
    SELECT v.id, v.wish, v.reason, v.phone_position,
           l.state IS NOT DISTINCT FROM 'waiting' AND k.lead_id IS NOT NULL
               AND l.next_attempt_at <= :now AND p.e164 = l.e164 AS unchanged,
           EXISTS (SELECT FROM suppression s WHERE s.client_id = v.client_id AND s.e164 = l.e164
                   AND (s.campaign_id IS NULL OR s.campaign_id = v.campaign_id)) AS suppressed
    FROM preview v LEFT JOIN lead l ON l.id = v.lead_id
    LEFT JOIN lead_claim k ON k.lead_id = v.lead_id
    LEFT JOIN phone p ON p.contact_id = l.contact_id AND p.position = l.phone_position
    WHERE v.campaign_id = :campaign_id AND v.ended_at IS NULL
    """
)


async def open_previews(
    session: AsyncSession, campaign_id: UUID, *, now: datetime
) -> dict[UUID, SeenPreview]:
    """Return the campaign's open previews: what agents decided, and what became of the leads."""
    rows = await session.execute(_OPEN, {"campaign_id": campaign_id, "now": now})
    return {
        row.id: SeenPreview(
            row.id,
            PreviewWish(row.wish) if row.wish else None,
            row.reason,
            row.phone_position,
            bool(row.unchanged),
            row.suppressed,
        )
        for row in rows
    }


async def hold(session: AsyncSession, preview_id: UUID) -> bool:
    """Lock an open preview until the commit; False when it has ended."""
    row = await session.execute(
        text("SELECT id FROM preview WHERE id = :id AND ended_at IS NULL FOR UPDATE"),
        {"id": preview_id},
    )
    return row.one_or_none() is not None


async def end(
    session: AsyncSession,
    preview_id: UUID,
    ending: PreviewEnd,
    *,
    now: datetime,
    reason: str | None = None,
    attempt_id: UUID | None = None,
) -> None:
    """End a preview that is held."""
    await session.execute(
        text(
            """
            UPDATE preview SET ended_at = greatest(:now, shown_at), ending = :ending,
                   reason = :reason, attempt_id = :attempt_id
            WHERE id = :id AND ended_at IS NULL
            """
        ),
        {
            "id": preview_id,
            "now": now,
            "ending": ending.value,
            "reason": reason,
            "attempt_id": attempt_id,
        },
    )


async def end_all_but(
    session: AsyncSession, campaign_id: UUID, kept: Iterable[UUID], *, now: datetime
) -> None:
    """End the campaign's open previews but these: no owner remembers the others."""
    await session.execute(
        text(
            """
            UPDATE preview SET ended_at = greatest(:now, shown_at), ending = 'withdrawn',
                   reason = :reason
            WHERE campaign_id = :campaign_id AND ended_at IS NULL
              AND id <> ALL(CAST(:kept AS uuid[]))
            """
        ),
        {
            "campaign_id": campaign_id,
            "kept": list(kept),
            "now": now,
            "reason": WithdrawnFor.WORKER_CHANGED.value,
        },
    )


async def store_over(session: AsyncSession, over: Sequence[PreviewOver], *, now: datetime) -> None:
    """Store ends without a call, and let the leads go: those that were skipped wait a while."""
    ended = await _ended(session, over)
    done = [item for item in over if item.preview_id in ended]
    for campaign_id in {item.campaign_id for item in done}:
        leads = [i.lead_id for i in done if i.campaign_id == campaign_id and not i.delays]
        await hopper.give_back(session, campaign_id, leads)
    await _delay(session, [item for item in done if item.delays], now)
    paused = [item.session_id for item in done if item.pauses]
    if paused:
        await session.execute(
            text(
                "UPDATE agent_session SET wants = 'paused', pause_code = :code"
                " WHERE id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL AND wants = 'ready'"
            ),
            {"ids": paused, "code": PAUSED_AT_LIMIT},
        )


async def _ended(session: AsyncSession, over: Sequence[PreviewOver]) -> set[UUID]:
    """End the previews that have not ended yet and return them."""
    if not over:
        return set()
    rows = await session.execute(
        text(
            """
            UPDATE preview SET ended_at = greatest(n.at, preview.shown_at), ending = n.ending,
                   reason = n.reason
            FROM unnest(CAST(:ids AS uuid[]), CAST(:instants AS timestamptz[]),
                        CAST(:endings AS text[]), CAST(:reasons AS text[]))
                 AS n(id, at, ending, reason)
            WHERE preview.id = n.id AND preview.ended_at IS NULL
            RETURNING preview.id
            """
        ),
        {
            "ids": [item.preview_id for item in over],
            "instants": [item.at for item in over],
            "endings": [item.ending.value for item in over],
            "reasons": [item.reason for item in over],
        },
    )
    return set(rows.scalars())


async def _delay(session: AsyncSession, skipped: Sequence[PreviewOver], now: datetime) -> None:
    """Have skipped leads wait; what somebody else holds or changed meanwhile is only let go."""
    if not skipped:
        return
    held = await hold_waiting(session, [item.lead_id for item in skipped], now=now)
    await hopper.let_go(session, {item.lead_id for item in skipped} - held)
    due = now + timedelta(seconds=SKIPPED_FOR_S)
    fates = {
        item.lead_id: LeadFate(LeadState.WAITING, due, SKIPPED, None, item.phone_position)
        for item in skipped
        if item.lead_id in held
    }
    await store_fates(session, fates)


_TURN_TO = text(
    """
    WITH mine AS (
        SELECT id FROM lead WHERE id = :lead_id AND state = 'waiting'
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE lead SET phone_position = p.position, e164 = p.e164, place_id = p.place_id
    FROM mine m, phone p
    WHERE lead.id = m.id AND p.contact_id = lead.contact_id AND p.position = :position
      AND p.invalid_at IS NULL
    RETURNING lead.phone_position, lead.e164, lead.place_id
    """
)


async def turn_to(session: AsyncSession, candidate: Candidate, position: int) -> Candidate | None:
    """Make another of the contact's numbers the lead's next one; None: it is gone, dead or held."""
    if position == candidate.phone_position:
        return candidate
    facts = {"lead_id": candidate.lead_id, "position": position}
    row = (await session.execute(_TURN_TO, facts)).one_or_none()
    if row is None:
        return None
    return replace(
        candidate, phone_position=row.phone_position, e164=row.e164, place_id=row.place_id
    )


async def why_not_opened(session: AsyncSession, lead_id: UUID) -> str:
    """Return why a dial that the gate cleared was not opened, a code."""
    row = await session.execute(
        text("SELECT waiting_reason FROM lead WHERE id = :id"), {"id": lead_id}
    )
    reason = row.scalar_one_or_none()
    return reason if reason in NOT_OPENED else WithdrawnFor.LEAD_CHANGED.value
