"""What an agent reads before a call, and what became of the contacts agents were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.history import load_facts
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import Attempt, Callback, Lead
from campaigns.leads.places import load_places
from campaigns.leads.preview_models import Preview
from campaigns.lists.models import Contact, Phone
from campaigns.settings import CampaignSettings
from campaigns.states import CallbackState, LeadState, PhoneKind, PreviewEnd
from compliance.gate import Refusal
from dialer.call.states import CallOutcome

#: Of a lead's earlier calls so many are shown, the newest first.
MOST_CALLS = 10


@dataclass(frozen=True, slots=True)
class NumberView:
    """One of the contact's numbers, as the gate answers at this moment."""

    position: int
    kind: PhoneKind
    e164: str
    is_next: bool  #: what is dialled when no number is chosen
    reason: str | None  #: why it may not be dialled now; None: it may
    next_at: datetime | None  #: when to ask again; None: a person must act


@dataclass(frozen=True, slots=True)
class PastCall:
    """An earlier call of the lead."""

    started_at: datetime
    outcome: CallOutcome | None
    disposition: str | None


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A call that was promised to the contact."""

    promised_at: datetime
    zone: str
    note: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What an agent reads."""

    preview: Preview
    lead: Lead
    contact: Contact
    numbers: tuple[NumberView, ...]
    known_numbers: tuple[str, ...]  #: E.164, dead ones too: what is to be hidden from agents
    zones: tuple[str, ...]  #: IANA, of the number that is next
    calls: tuple[PastCall, ...]
    skips: int  #: how often agents skipped it
    promise: PromiseView | None
    seconds_left: float | None  #: to decide; None: no limit, or decided


async def shown_to(
    session: AsyncSession, shift: AgentSession, keeper: Gatekeeper, *, now: datetime
) -> PreviewView | None:
    """Return what the agent is shown; None: nothing, or the person's data are gone."""
    statement = select(Preview).where(
        col(Preview.session_id) == shift.id,
        col(Preview.client_id) == shift.client_id,
        col(Preview.ended_at).is_(None),
    )
    preview = (await session.exec(statement)).first()
    lead = await session.get(Lead, preview.lead_id) if preview is not None else None
    if preview is None or lead is None or lead.state is not LeadState.WAITING:
        return None
    places = await load_places(session, [lead.place_id])
    return PreviewView(
        preview=preview,
        lead=lead,
        contact=await session.get_one(Contact, lead.contact_id),
        numbers=tuple(await numbers_of(session, preview, keeper, now=now)),
        known_numbers=await _known_numbers(session, lead),
        zones=places[lead.place_id].zones if lead.place_id in places else (),
        calls=await _past_calls(session, lead.id),
        skips=await _skips(session, lead.id),
        promise=await _promise(session, lead.id),
        seconds_left=seconds_left(preview, keeper.settings, now),
    )


def seconds_left(preview: Preview, settings: CampaignSettings, now: datetime) -> float | None:
    """Return how long the agent may read on, seconds; None: no limit, or the agent decided."""
    if settings.preview_limit_s is None or preview.wish is not None:
        return None
    return max(0.0, settings.preview_limit_s - (now - preview.shown_at).total_seconds())


async def last_ended(session: AsyncSession, shift: AgentSession) -> Preview | None:
    """Return what the agent was shown before, with how it ended."""
    statement = (
        select(Preview)
        .where(
            col(Preview.session_id) == shift.id,
            col(Preview.client_id) == shift.client_id,
            col(Preview.ended_at).is_not(None),
        )
        .order_by(col(Preview.shown_at).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def _known_numbers(session: AsyncSession, lead: Lead) -> tuple[str, ...]:
    statement = select(Phone.e164).where(
        col(Phone.contact_id) == lead.contact_id, col(Phone.client_id) == lead.client_id
    )
    return tuple((await session.exec(statement)).all())


async def numbers_of(
    session: AsyncSession, preview: Preview, keeper: Gatekeeper, *, now: datetime
) -> list[NumberView]:
    """Return the contact's numbers that are not dead, with what the gate says of each now."""
    lead = await session.get(Lead, preview.lead_id)
    if lead is None:
        return []
    statement = (
        select(Phone)
        .where(
            col(Phone.contact_id) == lead.contact_id,
            col(Phone.client_id) == preview.client_id,
            col(Phone.invalid_at).is_(None),
        )
        .order_by(col(Phone.position))
    )
    phones = (await session.exec(statement)).all()
    contact = await session.get_one(Contact, lead.contact_id)
    promised = await _promise(session, lead.id) is not None
    places = await load_places(session, {phone.place_id for phone in phones})
    found = []
    for phone in phones:
        candidate = _candidate(lead, contact, phone, promised=promised)
        # One at a time: facts are kept by lead, and these are all of one.
        people = await load_facts(
            session,
            [candidate],
            campaign_id=lead.campaign_id,
            client_id=keeper.client.client_id,
            clients=keeper.client.clients,
            subject=keeper.settings.subject,
        )
        answer = keeper.ask(candidate, people.get(lead.id), places.get(phone.place_id), now)
        refused = answer if isinstance(answer, Refusal) else None
        found.append(
            NumberView(
                phone.position,
                phone.kind,
                phone.e164,
                phone.position == lead.phone_position,
                refused.reasons[0].value if refused else None,
                refused.next_allowed_at if refused else None,
            )
        )
    return found


def _candidate(lead: Lead, contact: Contact, phone: Phone, *, promised: bool) -> Candidate:
    return Candidate(
        lead_id=lead.id,
        contact_id=lead.contact_id,
        attempts_made=lead.attempts_made,
        phone_position=phone.position,
        e164=phone.e164,
        place_id=phone.place_id,
        lane=lead.lane or 0,
        person_key=contact.external_key or str(contact.id),
        reserved_for=lead.reserved_for,
        suppressed=False,
        promised=promised,
    )


async def _past_calls(session: AsyncSession, lead_id: UUID) -> tuple[PastCall, ...]:
    statement = (
        select(Attempt.started_at, Attempt.outcome, Attempt.disposition)
        .where(col(Attempt.lead_id) == lead_id)
        .order_by(col(Attempt.id).desc())
        .limit(MOST_CALLS)
    )
    return tuple(PastCall(*row) for row in await session.exec(statement))


async def _skips(session: AsyncSession, lead_id: UUID) -> int:
    row = await session.execute(
        text("SELECT count(*) FROM preview WHERE lead_id = :id AND ending = 'skipped'"),
        {"id": lead_id},
    )
    return int(row.scalar_one())


async def _promise(session: AsyncSession, lead_id: UUID) -> PromiseView | None:
    statement = select(Callback).where(
        col(Callback.lead_id) == lead_id, col(Callback.state) == CallbackState.OPEN
    )
    row = (await session.exec(statement)).first()
    return None if row is None else PromiseView(row.promised_at, row.zone, row.note)


async def dialled_by(session: AsyncSession, attempt_id: UUID) -> UUID | None:
    """Return the session of the agent who dialled a call in preview; None: nobody did."""
    statement = select(Preview.session_id).where(col(Preview.attempt_id) == attempt_id)
    return (await session.exec(statement)).first()


@dataclass(frozen=True, slots=True)
class PreviewCount:
    """Contacts shown in a campaign that ended alike."""

    ending: PreviewEnd | None  #: None: they are shown now
    reason: str | None
    previews: int
    read_mean_s: float | None  #: from the showing to its end, seconds


async def counts(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID
) -> Sequence[PreviewCount]:
    """Count what a client's campaign showed to its agents, by how it ended, the most first."""
    rows: Any = await session.execute(
        text(
            """
            SELECT ending, CASE WHEN ended_at IS NOT NULL THEN reason END AS reason,
                   count(*) AS previews, avg(extract(epoch FROM ended_at - shown_at)) AS read_s
            FROM preview WHERE campaign_id = :campaign_id AND client_id = :client_id
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """
        ),
        {"campaign_id": campaign_id, "client_id": client_id},
    )
    return [
        PreviewCount(
            PreviewEnd(row.ending) if row.ending else None,
            row.reason,
            row.previews,
            None if row.read_s is None else float(row.read_s),
        )
        for row in rows
    ]
