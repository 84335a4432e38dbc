"""A client with a contact and forms: what tests of interviews do at its desk."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from campaigns.forms import interviews, publishing
from campaigns.forms.answering.answers import Given
from campaigns.forms.answering.engine import result_answers
from campaigns.forms.form import Form
from campaigns.forms.interviews import Sitting
from campaigns.forms.models import FormVersion
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.questionnaires import form_of, question

FORM = form_of(
    question("q1", text="Hello {{ contact.name }}"),
    question("q2", "nps", show_if="q1 = 'a'", dont_know=True),
    question("q3", "text"),
    contact_fields=["name"],
)


@dataclass
class Desk:
    """A client with a contact and a published form."""

    sessions: SessionFactory
    clock: FrozenClock
    client_id: UUID
    other_id: UUID
    contact_id: UUID

    async def publish(self, form: Form = FORM, client_id: UUID | None = None) -> FormVersion:
        """Save a form as the draft and publish it."""
        async with transaction(self.sessions) as session:
            owner: dict[str, Any] = {
                "client_id": client_id or self.client_id,
                "user_id": None,
                "clock": self.clock,
            }
            await publishing.save_draft(session, form, **owner)
            return await publishing.publish(session, form.code, **owner)

    async def begin(self, contact_id: UUID | None = None) -> Sitting:
        """Begin an interview, or resume the contact's."""
        async with transaction(self.sessions) as session:
            return await interviews.begin(
                session, "test", client_id=self.client_id, clock=self.clock, contact_id=contact_id
            )

    async def save(
        self, sitting: Sitting, code: str, value: Any, sequence: int, client_id: UUID | None = None
    ) -> bool:
        """Save one answer."""
        given = value if isinstance(value, Given) else Given(value)
        async with transaction(self.sessions) as session:
            return await interviews.save_answer(
                session,
                sitting.row.id,
                code,
                given,
                sequence=sequence,
                client_id=client_id or self.client_id,
                user_id=None,
                clock=self.clock,
            )

    async def result(self, sitting: Sitting) -> dict[str, Any]:
        """Return what counts, by code."""
        async with self.sessions() as session:
            now = await interviews.load(session, sitting.row.id, client_id=self.client_id)
        result = result_answers(now.form, now.answers, now.person)
        return {code: next(iter(answer.as_json().values())) for code, answer in result.items()}

    async def finish(self, sitting: Sitting) -> Sitting:
        """End an interview."""
        async with transaction(self.sessions) as session:
            return await interviews.finish(
                session, sitting.row.id, client_id=self.client_id, clock=self.clock
            )
