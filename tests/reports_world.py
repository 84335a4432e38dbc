"""A client with a week of random calls: what reports are counted from."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.amd.models import AmdVerdict, Judgement
from campaigns.forms.models import FormRow, FormVersion, Interview, InterviewCall
from campaigns.forms.words import Ending
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.part_models import CallPart
from campaigns.models import Disposition
from campaigns.states import LeadState
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.call.talks import PartEnd, PartKind
from dialer.call.verdicts import Treatment, Verdict
from tests.factories import MadeCampaign, make_campaign, make_place, numbers

_OUTCOMES = (
    *(CallOutcome.CONNECTED,) * 5,
    *(CallOutcome.ABANDONED, CallOutcome.HUNG_UP_EARLY, CallOutcome.MACHINE, CallOutcome.NO_ANSWER),
    *(CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.INVALID_NUMBER, CallOutcome.INTERRUPTED),
)
_ANSWERED = {
    *(CallOutcome.CONNECTED, CallOutcome.ABANDONED, CallOutcome.HUNG_UP_EARLY),
    *(CallOutcome.MACHINE, CallOutcome.INTERRUPTED),
}
_PATH = (AgentState.READY, AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.PAUSED)


@dataclass
class ReportsWorld:
    """Two campaigns of one client, and a seeded source of calls."""

    client_id: UUID
    campaigns: list[MadeCampaign]
    places: list[int]
    versions: list[UUID]
    random: Random
    now: datetime
    attempts: list[UUID] = field(default_factory=list)

    async def call(self, session: AsyncSession, at: datetime) -> Attempt:
        """Add a call that began at an instant, with whatever chance adds to it."""
        random = self.random
        made = random.choice(self.campaigns)
        lead = await session.get_one(Lead, random.choice(made.lead_ids))
        outcome = random.choice(_OUTCOMES)
        answered = at + timedelta(seconds=9.25) if outcome in _ANSWERED else None
        talked = outcome is CallOutcome.CONNECTED
        connected = (
            answered + timedelta(milliseconds=random.randrange(9000))
            if talked and answered
            else None
        )
        lead.attempts_made += 1
        attempt = Attempt(
            client_id=self.client_id,
            campaign_id=made.id,
            lead_id=lead.id,
            contact_id=lead.contact_id,
            e164=lead.e164,
            place_id=random.choice([*self.places, None]),
            trunk_id=made.trunk_id,
            caller_id=random.choice(["+74951234567", "+74951234568", None]),
            fence=1,
            number_in_lead=lead.attempts_made,
            started_at=at,
            answered_at=answered,
            connected_at=connected,
            ended_at=(connected or answered or at) + timedelta(seconds=random.randrange(20, 300)),
            outcome=outcome,
            cause=random.choice([16, 17, 19]),
            sip_code=random.choice([200, 486, None]),
            agent_session_id=random.choice(made.session_ids) if talked else None,
        )
        session.add(attempt)
        await session.flush()
        self.attempts.append(attempt.id)
        await self._more(session, attempt)
        return attempt

    async def _more(self, session: AsyncSession, attempt: Attempt) -> None:
        random = self.random
        if attempt.outcome is CallOutcome.MACHINE and random.random() < 0.7:
            session.add(
                AmdVerdict(
                    attempt_id=attempt.id,
                    client_id=self.client_id,
                    campaign_id=attempt.campaign_id,
                    verdict=Verdict.MACHINE,
                    treatment=next(iter(Treatment)),
                    analysed_ms=900,
                    found_at=attempt.started_at,
                    message_left=random.random() < 0.5,
                )
            )
        if attempt.connected_at is not None:
            if random.random() < 0.6:
                await self.dispose(session, attempt)
            if random.random() < 0.4:
                await self.interview(session, attempt)
            if random.random() < 0.3:
                session.add(
                    CallPart(
                        attempt_id=attempt.id,
                        kind=PartKind.HELD,
                        began_at=attempt.connected_at,
                        client_id=self.client_id,
                        ended_at=attempt.connected_at + timedelta(seconds=7),
                        ending=random.choice(list(PartEnd)),
                    )
                )
        await session.flush()

    async def dispose(self, session: AsyncSession, attempt: Attempt) -> None:
        """Give a call a result, and sometimes end its lead with it."""
        attempt.disposition = self.random.choice(["sale", "refused", "callback"])
        attempt.disposed_at = attempt.ended_at
        lead = await session.get_one(Lead, attempt.lead_id)
        if attempt.disposition != "callback":
            lead.state, lead.result = LeadState.DONE, attempt.disposition
        session.add_all([attempt, lead])
        await session.flush()

    async def interview(self, session: AsyncSession, attempt: Attempt) -> Interview:
        """Begin an interview in a call, and perhaps end it."""
        ending = self.random.choice([*Ending, None])
        row = Interview(
            client_id=self.client_id,
            form_id=(await session.get_one(FormVersion, self.versions[0])).form_id,
            form_version_id=self.random.choice(self.versions),
            attempt_id=attempt.id,
            language="ru",
            began_on=attempt.started_at.date(),
            started_at=attempt.started_at,
            ended_at=attempt.ended_at if ending else None,
            ending=ending,
        )
        session.add(row)
        await session.flush()
        session.add(
            InterviewCall(
                attempt_id=attempt.id,
                interview_id=row.id,
                client_id=self.client_id,
                began_at=attempt.started_at,
            )
        )
        await session.flush()
        return row

    async def shift(self, session: AsyncSession, at: datetime) -> None:
        """Log some states of an agent, one after the other; the last one may go on until now."""
        made = self.random.choice(self.campaigns)
        old = await session.get_one(AgentSession, self.random.choice(made.session_ids))
        shift = AgentSession(
            client_id=self.client_id,
            agent_id=old.agent_id,
            campaign_id=made.id,
            started_at=at,
            ended_at=at + timedelta(hours=9),
        )
        session.add(shift)
        await session.flush()
        for state in self.random.choices(_PATH, k=6):
            until = at + timedelta(seconds=self.random.randrange(60, 7000))
            is_open = state is AgentState.PAUSED
            session.add(
                AgentStateEntry(
                    session_id=shift.id,
                    campaign_id=made.id,
                    state=state,
                    started_at=at,
                    ended_at=None if is_open else until,
                )
            )
            await session.flush()
            at = until
            if is_open:
                break

    async def something_late(self, session: AsyncSession) -> None:
        """Change something that is past: a result, a verdict, an interview, a code, a new call."""
        random = self.random
        attempt = await session.get_one(Attempt, random.choice(self.attempts))
        match random.randrange(6):
            case 0 if attempt.connected_at is not None:
                await self.dispose(session, attempt)
            case 1:
                verdict = await session.get(AmdVerdict, attempt.id)
                if verdict is not None:
                    verdict.judged, verdict.judged_at = Judgement.PERSON, self.now
            case 2:
                found = (await session.exec(select(Interview).limit(3))).all()
                for row in found:
                    row.ending, row.ended_at = Ending.COMPLETE, self.now
            case 3:
                code = (await session.exec(select(Disposition).limit(1))).one()
                code.aapor = random.choice(["1.1", "2.2", "4.5", None])
            case 4:
                await self.shift(session, self.now - timedelta(hours=random.randrange(20, 90)))
            case _:
                await self.call(session, self.now - timedelta(minutes=random.randrange(9000)))
        await session.flush()


async def make_reports_world(
    session: AsyncSession, now: datetime, *, seed: int, calls: int
) -> ReportsWorld:
    """Add a client with calls of the last six days."""
    random = Random(seed)
    first = await make_campaign(session, now, leads=numbers(12), agents=2)
    second = await make_campaign(
        session, now, leads=numbers(12, first=100), agents=2, client_id=first.client_id
    )
    form = FormRow(client_id=first.client_id, code="survey", created_at=now)
    session.add(form)
    await session.flush()
    versions: list[Any] = [
        FormVersion(
            client_id=first.client_id, form_id=form.id, number=n, created_at=now, published_at=now
        )
        for n in (1, 2)
    ]
    session.add_all(versions)
    places = [
        await make_place(session, ("Asia/Vladivostok",), ("RU-PRI",)),
        await make_place(session, ("Europe/Moscow",), ("RU-MOW", "RU-MOS")),
    ]
    await session.flush()
    ids = [version.id for version in versions]
    world = ReportsWorld(first.client_id, [first, second], places, ids, random, now)
    for _ in range(calls):
        await world.call(session, now - timedelta(seconds=random.randrange(6 * 86_400)))
    for hours in range(2, 140, 12):
        await world.shift(session, now - timedelta(hours=hours))
    return world


async def forget_rollups(session: AsyncSession) -> None:
    """Make every figure come from the raw rows."""
    for statement in (
        "DELETE FROM report_day",
        "DELETE FROM report_cell",
        "DELETE FROM report_case",
        "DELETE FROM report_case_cell",
        "DELETE FROM report_case_change",
        "INSERT INTO report_case_change (campaign_id, client_id, lead_id)"
        " SELECT campaign_id, client_id, id FROM lead",
    ):
        await session.execute(text(statement))
