"""Why is it not dialling? One blocking reason for each lead, and the counts by reason for a campaign."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import LeadNotFound
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.history import load_facts
from campaigns.leads.holding import REMEDIES as HOLDING_REMEDIES
from campaigns.leads.holding import SELECTION_PENDING, Holds, load_holds
from campaigns.leads.hopper import Candidate
from campaigns.leads.places import load_places
from campaigns.leads.previews import SKIPPED
from campaigns.states import LeadState
from compliance.gate import Clearance, Refusal
from compliance.places.placement import Placement
from compliance.reasons import REMEDY, RefusalReason

#: What keeps a lead besides the gate's refusals, with what would unblock it.
NOT_SELECTED = "not_selected"
CLAIMED = "in_hopper"
DIALING = "on_the_line"
DUE = "due"
DONE = "done"
CALLBACK = "callback"
LATER = "retry_later"
SHOWN = "shown_to_agent"
OTHER_REMEDIES = {
    NOT_SELECTED: "Change the campaign's selection: its filter leaves this contact out.",
    CLAIMED: "It is dialled as soon as an agent and a line are free.",
    DIALING: "It is being called.",
    SHOWN: "An agent reads it now and dials or skips it.",
    SKIPPED: "An agent skipped it; after an hour it is shown again by itself.",
    DUE: "It is dialled as soon as an agent and a line are free.",
    DONE: "It has its result; add the contact to another campaign to call it again.",
    CALLBACK: "The promised time comes by itself.",
    LATER: "The retry rule's delay passes by itself.",
    **HOLDING_REMEDIES,
}


@dataclass(frozen=True, slots=True)
class LeadWhy:
    """What one lead waits for."""

    lead_id: UUID
    contact_id: UUID
    state: LeadState
    reason: str  #: a code: a refusal's, or one of this module
    remedy: str  #: what would unblock it, a sentence
    next_at: datetime | None  #: the next eligible moment, UTC; None: a person must act, or now
    zones: tuple[str, ...]  #: of the contact
    rules: tuple[str, ...] = ()  #: pack rows that refuse
    waiting_reason: str = ""  #: what put it to wait
    result: str | None = None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Leads that wait for one reason."""

    reason: str
    remedy: str
    leads: int
    next_at: datetime | None  #: of the first of them


_LEAD = text(
    """
    SELECT l.id, l.contact_id, l.state, l.lane, l.place_id, l.next_attempt_at, l.waiting_reason,
           l.attempts_made, l.phone_position, l.reserved_for, l.result, p.e164,
           coalesce(t.external_key, t.id::text) AS person_key,
           EXISTS (SELECT FROM callback b WHERE b.lead_id = l.id AND b.state = 'open') AS promised,
           EXISTS (SELECT FROM lead_claim k WHERE k.lead_id = l.id) AS claimed,
           EXISTS (SELECT FROM preview v WHERE v.lead_id = l.id AND v.ended_at IS NULL) AS shown
    FROM lead l JOIN contact t ON t.id = l.contact_id
    LEFT JOIN phone p ON p.contact_id = l.contact_id AND p.position = l.phone_position
    WHERE l.id = :lead_id AND l.campaign_id = :campaign_id AND l.client_id = :client_id
    """
)


async def explain_lead(
    session: AsyncSession,
    keeper: Gatekeeper,
    lead_id: UUID,
    *,
    campaign_id: UUID,
    now: datetime,
) -> LeadWhy:
    """Say why one lead is not dialled now: its state first, then its clock, then the gate's answer.

    Raises:
        LeadNotFound: the campaign has no such lead.
    """
    facts = {"lead_id": lead_id, "campaign_id": campaign_id, "client_id": keeper.client.client_id}
    row = (await session.execute(_LEAD, facts)).one_or_none()
    if row is None:
        raise LeadNotFound(lead_id=str(lead_id))
    place = (await load_places(session, [row.place_id])).get(row.place_id)
    holds = await load_holds(session, campaign_id, keeper.settings.selection)
    reason = _without_the_gate(row, holds, now)
    if reason is not None:
        next_at = _eligible(keeper, place, row.next_attempt_at, now)
        passes = (
            row.state == LeadState.WAITING and not row.claimed and reason not in HOLDING_REMEDIES
        )
        found = _why(row, place, reason, next_at if passes else None)
        return replace(found, remedy=remedy(reason, holds.not_applied))
    answer = await _ask(session, keeper, row, place, campaign_id=campaign_id, now=now)
    if isinstance(answer, Clearance):
        stuck = row.waiting_reason if row.next_attempt_at is None else DUE
        return _why(row, place, holds.of_cleared_lead(row) or stuck, None)
    return _why(row, place, answer.reasons[0].value, answer.next_allowed_at, answer.rules)


async def _ask(
    session: AsyncSession,
    keeper: Gatekeeper,
    row: Row[Any],
    place: Placement | None,
    *,
    campaign_id: UUID,
    now: datetime,
) -> Clearance | Refusal:
    """Return what the gate says of the lead now."""
    candidate = Candidate(
        lead_id=row.id,
        contact_id=row.contact_id,
        attempts_made=row.attempts_made,
        phone_position=row.phone_position,
        e164=row.e164,
        place_id=row.place_id,
        lane=row.lane,
        person_key=row.person_key,
        reserved_for=row.reserved_for,
        suppressed=False,
        promised=row.promised,
    )
    people = await load_facts(
        session,
        [candidate],
        campaign_id=campaign_id,
        client_id=keeper.client.client_id,
        clients=keeper.client.clients,
        subject=keeper.settings.subject,
    )
    return keeper.ask(candidate, people.get(row.id), place, now)


def _without_the_gate(row: Row[Any], holds: Holds, now: datetime) -> str | None:
    """Return the reason that the lead's own row gives; None: the gate must be asked."""
    if row.state == LeadState.DONE:
        return DONE
    if row.state == LeadState.DIALING:
        return DIALING
    if row.claimed:
        return SHOWN if row.shown else CLAIMED
    if row.lane is None:
        return SELECTION_PENDING if holds.selection_due else NOT_SELECTED
    if row.next_attempt_at is None:
        return None
    if row.next_attempt_at > now:
        return _clock_reason(row.waiting_reason)
    return holds.of_due_lead(row)


def _clock_reason(waiting_reason: str) -> str:
    """Return what a lead with a later due time waits for."""
    if waiting_reason in (CALLBACK, SKIPPED) or waiting_reason in set(RefusalReason):
        return waiting_reason
    return LATER


def _eligible(
    keeper: Gatekeeper, place: Placement | None, due_at: datetime | None, now: datetime
) -> datetime | None:
    """Return when the lead is due and its place open."""
    if due_at is None or place is None:
        return due_at
    return keeper.next_opening(place, max(due_at, now))


def _why(
    row: Row[Any],
    place: Placement | None,
    reason: str,
    next_at: datetime | None,
    rules: tuple[str, ...] = (),
) -> LeadWhy:
    return LeadWhy(
        lead_id=row.id,
        contact_id=row.contact_id,
        state=LeadState(row.state),
        reason=reason,
        remedy=remedy(reason),
        next_at=next_at,
        zones=place.zones if place else (),
        rules=rules,
        waiting_reason=row.waiting_reason,
        result=row.result,
    )


def remedy(reason: str, not_applied: str = "") -> str:
    """Return what would unblock a lead, a sentence; ``not_applied`` says why no selection passes."""
    if reason == SELECTION_PENDING and not_applied:
        return not_applied
    if reason in OTHER_REMEDIES:
        return OTHER_REMEDIES[reason]
    return REMEDY[RefusalReason(reason)] if reason in set(RefusalReason) else ""


_GROUPS = text(
    """
    SELECT l.state, l.lane, l.waiting_reason, l.place_id, l.reserved_for,
           l.next_attempt_at IS NULL AS stuck, l.next_attempt_at <= :now AS due,
           b.lead_id IS NOT NULL AS promised, k.lead_id IS NOT NULL AS claimed,
           v.lead_id IS NOT NULL AS shown, count(*) AS leads,
           min(l.next_attempt_at) AS next_at
    FROM lead l LEFT JOIN callback b
         ON b.lead_id = l.id AND b.campaign_id = :campaign_id AND b.state = 'open'
    LEFT JOIN lead_claim k ON k.lead_id = l.id AND k.campaign_id = :campaign_id
    LEFT JOIN preview v ON v.lead_id = l.id AND v.ended_at IS NULL
    WHERE l.campaign_id = :campaign_id AND l.state <> 'done'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    """
)


async def explain_campaign(
    session: AsyncSession, keeper: Gatekeeper, campaign_id: UUID, *, now: datetime
) -> list[ReasonCount]:
    """Count the campaign's open leads by what each waits for, the most leads first.

    Leads that are due are told apart by their place's window; what the gate would say of a single
    person (caps, consent, lists) is known once it was asked, which happens when the lead is drawn.
    """
    rows = (await session.execute(_GROUPS, {"campaign_id": campaign_id, "now": now})).all()
    places = await load_places(session, {row.place_id for row in rows})
    holds = await load_holds(session, campaign_id, keeper.settings.selection)
    counts: dict[str, ReasonCount] = {}
    for row in rows:
        reason, next_at = _group(row, keeper, places, holds, now)
        known = counts.get(reason)
        moments = [known.next_at if known else None, next_at]
        counts[reason] = ReasonCount(
            reason,
            remedy(reason, holds.not_applied),
            row.leads + (known.leads if known else 0),
            min((moment for moment in moments if moment is not None), default=None),
        )
    return sorted(counts.values(), key=lambda one: (-one.leads, one.reason))


def _group(
    row: Row[Any],
    keeper: Gatekeeper,
    places: Mapping[int, Placement],
    holds: Holds,
    now: datetime,
) -> tuple[str, datetime | None]:
    if row.claimed or row.state != LeadState.WAITING:
        claimed = SHOWN if row.shown else CLAIMED
        return (claimed if row.claimed else DIALING), None
    if row.lane is None:
        return (SELECTION_PENDING if holds.selection_due else NOT_SELECTED), None
    if row.stuck:
        return row.waiting_reason, None
    place = places.get(row.place_id)
    opens = _eligible(keeper, place, row.next_at, now)
    if not row.due:
        return _clock_reason(row.waiting_reason), opens
    held = holds.of_due_lead(row)
    if held is not None:
        return held, None
    if place is not None and not keeper.opening(place, now).is_open:
        off = keeper.is_day_off(place, now)
        return (RefusalReason.DAY_OFF if off else RefusalReason.OUTSIDE_WINDOW).value, opens
    return holds.of_cleared_lead(row) or DUE, None
