"""A survey that was held on three versions of its form, by chance: what cross-tables are counted from."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from campaigns.forms import interviews, publishing
from campaigns.forms.answering.answers import Given
from campaigns.forms.form import Form
from campaigns.forms.models import InterviewCall
from campaigns.forms.words import NoAnswer
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Contact
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.questionnaires import form_of, question

CITIES = ("Київ", "Львів", "=Одеса")
_SEX = [{"code": "m", "text": {"en": "Man"}}, {"code": "f", "text": {"en": "Woman"}}]
_MOOD = [{"code": one, "text": {"en": f"Mood {one}"}} for one in "abcd"]


def _version(number: int) -> Form:
    mood = _MOOD[: 2 + number] if number < 3 else _MOOD[1:]
    last = (
        question("q3", "scale", last=3) if number < 3 else question("q3", "number", required=False)
    )
    return form_of(
        question("sex", options=_SEX),
        question("mood", options=mood, refused=True, dont_know=True),
        question("seen", "multiple", required=False),
        question("grid", "matrix"),
        last,
        code="survey",
        languages=["en"],
    )


VERSIONS = {number: _version(number) for number in (1, 2, 3)}


@dataclass
class SurveyWorld:
    """A client's campaign whose people were interviewed."""

    sessions: SessionFactory
    clock: FrozenClock
    made: MadeCampaign
    random: Random
    version: int = 0
    interviews: list[UUID] = field(default_factory=list)

    @property
    def client_id(self) -> UUID:
        """Whose survey it is."""
        return self.made.client_id

    @classmethod
    async def build(
        cls, sessions: SessionFactory, clock: FrozenClock, *, people: int = 36, seed: int = 3
    ) -> "SurveyWorld":
        """Interview people, a third on each version; a few interviews are left open."""
        async with transaction(sessions) as session:
            made = await make_campaign(
                session, clock.now(), leads=numbers(people), agents=1, settings={"form": "survey"}
            )
            columns = text("UPDATE contact_list SET columns = CAST(:columns AS jsonb)")
            await session.execute(columns, {"columns": '["Город"]'})
        world = cls(sessions, clock, made, Random(seed))
        for at, lead_id in enumerate(made.lead_ids):
            if at % -(-people // 3) == 0:
                await world._publish()
            await world._interview(lead_id, is_left_open=at % 11 == 10)
        return world

    async def _publish(self) -> None:
        self.version += 1
        owner: dict[str, Any] = {
            "client_id": self.client_id,
            "user_id": None,
            "clock": self.clock,
        }
        async with transaction(self.sessions) as session:
            await publishing.save_draft(session, VERSIONS[self.version], **owner)
            await publishing.publish(session, "survey", **owner)

    def _said(self) -> dict[str, Given]:
        random = self.random
        moods = [one.code for one in VERSIONS[self.version].by_code["mood"].options]  # type: ignore[union-attr]
        mood = random.choice([*moods, *moods, NoAnswer.REFUSED, NoAnswer.DONT_KNOW])
        seen = random.sample("abc", random.randrange(4))
        last: Given = Given(random.randrange(1, 4))
        if self.version == 3 and random.random() < 0.3:
            last = Given(no_answer=NoAnswer.BLANK)
        return {
            "sex": Given(random.choice(["m", "f", "f"])),
            "mood": Given(no_answer=mood) if isinstance(mood, NoAnswer) else Given(mood),
            "seen": Given(seen) if seen else Given(no_answer=NoAnswer.BLANK),
            "grid": Given({row: random.choice("abc") for row in ("r1", "r2")}),
            "q3": last,
        }

    async def _interview(self, lead_id: UUID, *, is_left_open: bool) -> None:
        me: dict[str, Any] = {"client_id": self.client_id, "clock": self.clock}
        self.clock.advance(60)
        now = self.clock.now()
        async with transaction(self.sessions) as session:
            lead = await session.get_one(Lead, lead_id)
            contact = (
                await session.exec(select(Contact).where(col(Contact.id) == lead.contact_id))
            ).one()
            contact.fields = {"Город": self.random.choice(CITIES)}
            attempt = Attempt(
                client_id=self.client_id,
                campaign_id=self.made.id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                e164=lead.e164,
                trunk_id=self.made.trunk_id,
                fence=0,
                number_in_lead=1,
                started_at=now,
                answered_at=now + timedelta(seconds=5),
                connected_at=now + timedelta(seconds=6),
                ended_at=now + timedelta(seconds=50),
                outcome=CallOutcome.CONNECTED,
                agent_session_id=self.made.session_ids[0],
            )
            session.add_all([contact, attempt])
            await session.flush()
            sitting = await interviews.begin(session, "survey", contact_id=lead.contact_id, **me)
            row = sitting.row
            session.add(
                InterviewCall(
                    attempt_id=attempt.id,
                    interview_id=row.id,
                    client_id=self.client_id,
                    began_at=now,
                )
            )
            await session.flush()
            for at, (code, given) in enumerate(self._said().items()):
                if is_left_open and at > 2:
                    return
                await interviews.save_answer(
                    session, row.id, code, given, sequence=at, user_id=None, **me
                )
            await interviews.finish(session, row.id, **me)
            self.interviews.append(row.id)
