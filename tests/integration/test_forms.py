"""Forms and interviews in PostgreSQL: versions that never change, saves in any order, nobody else's data."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from campaigns.forms import interviews, publishing
from campaigns.forms.answering.answers import Given
from campaigns.forms.interviews import (
    AnswerNotTaken,
    InterviewNotFound,
    InterviewNotOver,
    InterviewOver,
)
from campaigns.forms.models import FormVersion, Interview, InterviewAnswer
from campaigns.forms.publishing import FormNotFound, NothingToPublish, NotPublishable
from campaigns.forms.words import Ending, NoAnswer
from campaigns.lists.erasure.erasers import ERASERS
from campaigns.lists.erasure.subject import Subject
from campaigns.lists.models import Contact
from campaigns.tenancy.models import AuditEntry
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import NotFound
from tests.factories import make_campaign, make_client, numbers
from tests.interview_desk import FORM, Desk
from tests.questionnaires import form_of, question


@pytest.fixture
async def desk(sessions: SessionFactory, clock: FrozenClock) -> Desk:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(1))
        other = await make_client(session, clock.now(), "Other")
        mine = select(Contact.id).where(col(Contact.client_id) == made.client_id)
        contact_id = (await session.exec(mine)).one()
    return Desk(sessions, clock, made.client_id, other.id, contact_id)


async def test_a_draft_changes_and_a_published_version_never(desk: Desk) -> None:
    first = await desk.publish()
    assert first.number == 1
    longer = form_of(*(question(f"q{n}") for n in range(4)))
    second = await desk.publish(longer)
    assert second.number == 2
    async with desk.sessions() as session:
        old = await publishing.find_version(session, "test", 1, client_id=desk.client_id)
        assert publishing.form_in(old) == FORM
        actions = (await session.exec(select(AuditEntry.action).order_by(col(AuditEntry.id)))).all()
    assert [action for action in actions if action.startswith("form.")] == [
        *("form.created", "form.draft_saved", "form.published"),
        *("form.draft_saved", "form.published"),
    ]
    for statement in (
        "UPDATE form_version SET content = '{}'",
        "UPDATE form_version SET published_at = NULL",
        "DELETE FROM form_version",
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            async with transaction(desk.sessions) as session:
                await session.execute(text(statement))


async def test_a_form_with_faults_is_not_published(desk: Desk) -> None:
    wrong = form_of(question("q1", show_if="q9 = 'a'"))
    with pytest.raises(NotPublishable) as refused:
        await desk.publish(wrong)
    assert refused.value.facts["findings"][0]["code"] == "unknown_reference"  # type: ignore[index]  # a list
    async with transaction(desk.sessions) as session:
        owner = {"client_id": desk.client_id, "user_id": None, "clock": desk.clock}
        with pytest.raises(FormNotFound):
            await publishing.publish(session, "nobody", **owner)  # type: ignore[arg-type]  # mixed
    await desk.publish()
    async with transaction(desk.sessions) as session:
        with pytest.raises(NothingToPublish):
            await publishing.publish(session, "test", **owner)  # type: ignore[arg-type]  # mixed


async def test_an_interview_resumes_on_the_version_it_began_with(desk: Desk) -> None:
    await desk.publish()
    sitting = await desk.begin(desk.contact_id)
    await desk.save(sitting, "q1", "a", 1)
    await desk.publish(form_of(question("other")))
    desk.clock.advance(3 * 86_400)
    again = await desk.begin(desk.contact_id)
    assert again.row.id == sitting.row.id
    assert again.form == FORM
    assert again.person == sitting.person
    now = again.walk()
    assert now.next is not None
    assert (now.path, now.next.code) == (("q1",), "q2")
    await desk.save(sitting, "q2", Given(no_answer=NoAnswer.DONT_KNOW), 2)
    with pytest.raises(InterviewNotOver):
        await desk.finish(sitting)
    await desk.save(sitting, "q3", "words", 3)
    assert (await desk.finish(sitting)).row.ending is Ending.COMPLETE
    assert (await desk.finish(sitting)).row.ending is Ending.COMPLETE, "twice is once"
    with pytest.raises(InterviewOver):
        await desk.save(sitting, "q3", "too late", 9)
    assert await desk.result(sitting) == {"q1": "a", "q2": "dont_know", "q3": "words"}
    fresh = await desk.begin(desk.contact_id)
    assert fresh.row.id != sitting.row.id
    assert list(fresh.form.by_code) == ["other"]


async def test_late_and_doubled_saves_change_nothing(desk: Desk) -> None:
    await desk.publish()
    sitting = await desk.begin()
    assert await desk.save(sitting, "q3", "second", 5)
    assert not await desk.save(sitting, "q3", "first", 4)
    assert not await desk.save(sitting, "q3", "second", 5)
    # Saves come in any order: the question before this one was not answered when it came.
    assert await desk.save(sitting, "q1", "b", 3)
    assert await desk.result(sitting) == {"q1": "b", "q3": "second"}
    await asyncio.gather(*(desk.save(sitting, "q3", f"words {n}", n) for n in range(10, 30)))
    assert (await desk.result(sitting))["q3"] == "words 29"


async def test_an_answer_off_the_path_is_kept_and_does_not_count(desk: Desk) -> None:
    await desk.publish()
    sitting = await desk.begin()
    for sequence, (code, value) in enumerate([("q1", "a"), ("q2", 9), ("q3", "x"), ("q1", "b")]):
        await desk.save(sitting, code, value, sequence)
    assert await desk.result(sitting) == {"q1": "b", "q3": "x"}
    await desk.save(sitting, "q1", "a", 9)
    assert await desk.result(sitting) == {"q1": "a", "q2": "9", "q3": "x"}


async def test_an_answer_that_does_not_fit_is_not_stored(desk: Desk) -> None:
    await desk.publish()
    sitting = await desk.begin()
    for code, value, reason in (
        ("q1", "x", "unknown_option"),
        ("q2", 11, "too_large"),
        ("nobody", 1, "no_such_question"),
    ):
        with pytest.raises(AnswerNotTaken) as refused:
            await desk.save(sitting, code, value, 1)
        assert refused.value.facts["reason"] == reason
    async with desk.sessions() as session:
        assert (await session.exec(select(InterviewAnswer))).all() == []


async def test_two_windows_that_begin_at_once_get_one_interview(desk: Desk) -> None:
    await desk.publish()
    begun = await asyncio.gather(*(desk.begin(desk.contact_id) for _ in range(6)))
    assert len({sitting.row.id for sitting in begun}) == 1
    assert begun[0].person.contact == {"name": "Person 1"}


async def test_another_client_sees_and_changes_nothing(desk: Desk) -> None:
    version = await desk.publish()
    sitting = await desk.begin()
    async with desk.sessions() as session:
        assert await publishing.list_versions(session, client_id=desk.other_id) == []
        with pytest.raises(FormNotFound):
            await publishing.find_version(session, "test", client_id=desk.other_id)
        with pytest.raises(FormNotFound):
            await interviews.begin(session, "test", client_id=desk.other_id, clock=desk.clock)
        with pytest.raises(InterviewNotFound):
            await interviews.load(session, sitting.row.id, client_id=desk.other_id)
    with pytest.raises(InterviewNotFound):
        await desk.save(sitting, "q1", "a", 1, client_id=desk.other_id)
    await desk.publish(client_id=desk.other_id)
    async with transaction(desk.sessions) as session:
        with pytest.raises(NotFound, match="contact"):
            await interviews.begin(
                session,
                "test",
                client_id=desk.other_id,
                clock=desk.clock,
                contact_id=desk.contact_id,
            )
    row: dict[str, Any] = {
        "client_id": desk.other_id,
        "form_id": version.form_id,
        "form_version_id": version.id,
    }
    foreign = [
        FormVersion(
            client_id=desk.other_id, form_id=version.form_id, number=9, created_at=desk.clock.now()
        ),
        Interview(
            **row, language="en", began_on=desk.clock.now().date(), started_at=desk.clock.now()
        ),
        InterviewAnswer(
            interview_id=sitting.row.id,
            code="q1",
            client_id=desk.other_id,
            sequence=1,
            saved_at=desk.clock.now(),
        ),
    ]
    for each in foreign:
        with pytest.raises(DBAPIError, match="another client's"):
            await _add(desk, each)


async def _add(desk: Desk, row: SQLModel) -> None:
    async with transaction(desk.sessions) as session:
        session.add(row)


async def test_erasing_a_person_erases_the_answers(desk: Desk) -> None:
    await desk.publish()
    sitting = await desk.begin(desk.contact_id)
    await desk.save(sitting, "q3", "secret", 1)
    subject = Subject(
        client_id=desk.client_id,
        contact_ids=(desk.contact_id,),
        numbers=(),
        keys=(),
        names=(),
        key=b"k" * 32,
        recordings=Path(),
        raw_recordings=Path(),
        now=desk.clock.now(),
    )
    async with transaction(desk.sessions) as session:
        assert await ERASERS["interview"](session, subject) == 1
        assert (await session.exec(select(InterviewAnswer))).all() == []
