"""A campaign whose list, answers and calls hold all that breaks files, and what an export of it must say."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import col, select

from campaigns.agents.models import Agent
from campaigns.delivery import exports, making
from campaigns.delivery.layouts.columns import Column, Layout
from campaigns.delivery.layouts.keeping import find_layout
from campaigns.delivery.models import Export
from campaigns.delivery.operators import NAMING
from campaigns.delivery.results_file import write_results
from campaigns.delivery.words import ExportFormat
from campaigns.forms import interviews, publishing
from campaigns.forms.answering.answers import Answer, Given
from campaigns.forms.form import Form
from campaigns.forms.models import FormVersion, InterviewCall
from campaigns.forms.words import NoAnswer
from campaigns.leads.enrol import enrol
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, numbers
from tests.imports import import_list
from tests.questionnaires import form_of, question

LONG = "длинный текст, " * 120 + "конец 🎉"
HOSTILE = [
    ("Анна 🎉", "=1+1"),
    ("Пётр; Иванов, мл.", "-5"),
    ('"Кавычки"', "+1 2"),
    ("две\nстроки", "a;=cmd|' /C calc'!A0"),
    ("", "@SUM(A1)"),
    ("'=уже", LONG),
    ("\t=таб", "-1+2\nи ещё"),
    ("конец\r\nстроки", "x\u00a0, ＝1"),
    ("NULL", "\\N"),
]
OPTIONS = [
    {"code": "yes", "text": {"en": "Yes", "ru": "Да"}},
    {"code": "no", "text": {"en": "No", "ru": "Нет"}},
    {"code": "own", "text": {"en": "Other", "ru": "Другое"}, "other": True},
]


def _form(*more: dict[str, Any]) -> Form:
    return form_of(
        question("q1", options=OPTIONS, refused=True, dont_know=True),
        question("q2", "multiple", required=False, refused=True),
        question("q3", "ranking"),
        question("q4", "matrix"),
        question("q5", "number", places=2, refused=True),
        question("q6", "date", required=False),
        question("q7", "text", required=False, longest=10_000, lines=5),
        question("q8", "nps"),
        question("q9", "address"),
        *more,
        languages=["en", "ru"],
        code="survey",
    )


FIRST = _form(question("q10", "text", required=False))
#: Another kind under the same code, and one more question.
SECOND = _form(question("q10", "number", required=False), question("q11", "email", required=False))

_ADDRESS = {"city": "Київ", "street": "вул. Хрещатик, 1", "house": "=2"}
ANSWERS: tuple[Mapping[str, Any], ...] = (
    {"q1": "yes", "q2": ["a", "c"], "q3": ["b", "a", "c"], "q4": {"r1": "a", "r2": "c"}, "q5": "12.50",
     "q6": "2026-01-31", "q7": LONG, "q8": 10, "q9": _ADDRESS, "q10": "old words"},
    {"q1": Given("own", other="=own words"), "q2": NoAnswer.REFUSED, "q3": ["c", "b", "a"],
     "q4": {"r1": "b", "r2": "b"}, "q5": NoAnswer.REFUSED, "q6": NoAnswer.BLANK, "q7": "line 1\nline 2; ok",
     "q8": 0, "q9": _ADDRESS, "q10": "5"},
    {"q1": NoAnswer.DONT_KNOW, "q2": NoAnswer.BLANK},
)  # fmt: skip


@dataclass
class ExportWorld:
    """A campaign to be exported."""

    sessions: SessionFactory
    clock: FrozenClock
    folder: Path
    campaign_id: UUID
    client_id: UUID
    first_version: UUID | None = None
    agent: str = ""

    @classmethod
    async def build(
        cls, sessions: SessionFactory, clock: FrozenClock, folder: Path
    ) -> "ExportWorld":
        """Make the campaign with its list, calls and interviews in two versions of the form."""
        async with transaction(sessions) as session:
            made = await make_campaign(session, clock.now(), agents=1, settings={"form": "survey"})
            await session.execute(
                text("DELETE FROM campaign_list WHERE campaign_id = :id"), {"id": made.id}
            )
            report = await import_list(
                session, client_id=made.client_id, name="=список", file_name="l.csv",
                data=_list(), region="RU", clock=clock,
            )  # fmt: skip
            await enrol(session, made.id, report.list_id, client_id=made.client_id, clock=clock)
            leads = (
                await session.exec(
                    select(Lead).join(Contact, col(Contact.id) == Lead.contact_id)
                    .where(col(Lead.campaign_id) == made.id).order_by(col(Contact.source_row))
                )
            ).all()  # fmt: skip
        world = cls(sessions, clock, folder, made.id, made.client_id)
        await world._publish(FIRST)
        async with sessions() as session:
            world.first_version = (await session.exec(select(FormVersion.id))).one()
            world.agent = (await session.exec(select(Agent.name))).one()
        for at, lead in enumerate(leads[:6]):
            if at == 2:
                await world._publish(SECOND)
            await world.call(lead, made.trunk_id, made.session_ids[0])
            if at < 4:
                await world.interview(lead, ANSWERS[(0, 2, 1, 1)[at]])
        return world

    async def _publish(self, form: Form) -> None:
        owner: dict[str, Any] = {
            "client_id": self.client_id, "user_id": None, "clock": self.clock,
        }  # fmt: skip
        async with transaction(self.sessions) as session:
            await publishing.save_draft(session, form, **owner)
            await publishing.publish(session, form.code, **owner)

    async def call(self, lead: Lead, trunk_id: UUID, shift: UUID) -> None:
        """Write an attempt that was answered and closed."""
        self.clock.advance(100)
        now = self.clock.now()
        async with transaction(self.sessions) as session:
            attempt = Attempt(
                client_id=self.client_id, campaign_id=self.campaign_id, lead_id=lead.id,
                contact_id=lead.contact_id, e164=lead.e164, trunk_id=trunk_id, fence=0,
                number_in_lead=1, started_at=now, answered_at=now + timedelta(seconds=5),
                connected_at=now + timedelta(seconds=6), ended_at=now + timedelta(seconds=66.5),
                outcome=CallOutcome.CONNECTED, agent_session_id=shift, disposition="sale",
                recording=f"{lead.e164[1:]}.wav",
            )  # fmt: skip
            session.add(attempt)

    async def interview(self, lead: Lead, answers: Mapping[str, Any]) -> None:
        """Hold an interview in the lead's call; it ends when nothing is left to be asked."""
        me: dict[str, Any] = {"client_id": self.client_id, "clock": self.clock}
        async with transaction(self.sessions) as session:
            attempt = (await session.exec(select(Attempt).where(Attempt.lead_id == lead.id))).one()
            sitting = await interviews.begin(session, "survey", contact_id=lead.contact_id, **me)
            row = sitting.row
            session.add(
                InterviewCall(
                    attempt_id=attempt.id, interview_id=row.id, client_id=self.client_id,
                    began_at=self.clock.now(),
                )
            )  # fmt: skip
            await session.flush()
            for at, (code, said) in enumerate(answers.items()):
                given = said if isinstance(said, Given) else Given(said)
                if isinstance(said, NoAnswer):
                    given = Given(no_answer=said)
                await interviews.save_answer(
                    session, row.id, code, given, sequence=at, user_id=None, **me
                )
            now = await interviews.load(session, row.id, client_id=self.client_id)
            if now.walk().next is None:
                await interviews.finish(session, row.id, **me)

    async def ask(self, format_: ExportFormat, **more: Any) -> Export:
        """Ask for an export."""
        async with transaction(self.sessions) as session:
            return await exports.ask(
                session, self.campaign_id, format_, client_id=self.client_id, user_id=None,
                clock=self.clock, **more,
            )  # fmt: skip

    async def made(self, format_: ExportFormat, **more: Any) -> Path:
        """Ask for an export, write it as a worker does, and return its file."""
        row = await self.ask(format_, **more)
        assert await making.make(
            self.sessions, self.folder, row.id, clock=self.clock, write=write_results
        )
        async with self.sessions() as session:
            done = await exports.find_export(session, row.id, client_id=self.client_id)
        return exports.path_of(self.folder, done)

    async def expected(self) -> list[dict[str, str]]:
        """Return what each lead's row must say, read row by row and walked by the engine."""
        async with self.sessions() as session:
            found = await session.exec(
                select(Lead, Contact).join(Contact, col(Contact.id) == Lead.contact_id)
                .where(col(Lead.campaign_id) == self.campaign_id).order_by(col(Contact.source_row))
            )  # fmt: skip
            return [await self._row(session, lead, contact) for lead, contact in found]

    async def _row(self, session: Any, lead: Lead, contact: Contact) -> dict[str, str]:
        attempt = (await session.exec(select(Attempt).where(Attempt.lead_id == lead.id))).first()
        said = dict(contact.fields) | {
            "list": "=список", "row": str(contact.source_row), "outdial_attempts": "0",
            "time_zone": "Europe/Moscow",
        }  # fmt: skip
        if attempt is None:
            return said
        at = f"{attempt.started_at:%Y-%m-%dT%H:%M:%S}"
        local = _moscow(attempt.started_at)
        said |= {
            "dialled_phone": attempt.e164, "disposition": "sale", "disposition_label": "Sale",
            "called_at": f"{at}Z", "called_at_local": f"{local:%Y-%m-%dT%H:%M:%S}",
            "talk_s": "60.5", "recording": attempt.recording, "agent": self.agent,
            "answered_at": f"{attempt.answered_at:%Y-%m-%dT%H:%M:%SZ}",
            "answered_at_local": f"{_moscow(attempt.answered_at):%Y-%m-%dT%H:%M:%S}",
        }  # fmt: skip
        calls = select(InterviewCall.interview_id).where(InterviewCall.attempt_id == attempt.id)
        interview_id = (await session.exec(calls)).first()
        if interview_id is None:
            return said
        sitting = await interviews.load(session, interview_id, client_id=self.client_id)
        for code, answer in sitting.walk().counted.items():
            said |= _answer(code, answer, sitting.row.form_version_id == self.first_version)
        said["interview_ending"] = sitting.row.ending or ""
        said["interview_began_at"] = f"{sitting.row.started_at:%Y-%m-%dT%H:%M:%SZ}"
        said["form_version"] = "1" if sitting.row.form_version_id == self.first_version else "2"
        return said


async def columns_of(world: ExportWorld) -> Sequence[Column]:
    """Return the columns of the campaign's newest layout."""
    async with world.sessions() as session:
        row = await find_layout(session, await session.get_one(Campaign, world.campaign_id))
    assert row is not None
    return Layout.read(row.content).columns


async def texts_of(world: ExportWorld, columns: Sequence[Column]) -> list[list[str]]:
    """Return what the rows of a file must say, as texts."""
    known = await world.expected()
    names = {column.name for column in columns} | NAMING  # nobody picked those
    assert all(set(row) <= names for row in known), set().union(*known) - names
    return [[row.get(column.name, "") or "" for column in columns] for row in known]


def _moscow(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("Europe/Moscow"))


def _answer(code: str, answer: Answer, is_first: bool) -> dict[str, str]:
    """Return what the columns of a question say."""
    name = {"q1": "answer_q1", "q10": "q10__v1" if is_first else "q10"}.get(code, code)
    silence = answer.no_answer.value if answer.no_answer else ""
    value: Any = None if silence else answer.as_json()["value"]
    match code:
        case "q2":
            return {f"q2_{one}": silence or str(int(one in value)) for one in "abc"}
        case "q3":
            return {f"q3_{at}": one for at, one in enumerate(value, start=1)}
        case "q4" | "q9":
            return {f"{code}_{part}": one for part, one in value.items()}
        case _:
            other = {"q1_other": answer.other} if answer.other else {}
            return {name: silence or str(value)} | other


def _list() -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";")
    rows.writerow(["Имя", "Телефон", "note", "attempts", "q1"])
    for (name, note), phone in zip(HOSTILE, numbers(len(HOSTILE)), strict=True):
        rows.writerow([name, phone, note, "own attempts", "own q1"])
    return out.getvalue().encode()
