"""What an agent wrote about a person goes with the person."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from campaigns.desk.models import AttemptNote, ContactEdit
from campaigns.lists.erasure.erasers import ERASERS
from campaigns.lists.erasure.subject import Subject
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.desk_world import DeskWorld, desk_world


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        await made.settings(desk={"other_fields": "editable"})
        await made.begin()
        yield made


async def test_notes_and_corrections_are_erased_with_their_person_only(desk: DeskWorld) -> None:
    calls = []
    for name in ("Anna", "Boris"):
        attempt = await desk.talk(await desk.lead(name=name))
        await desk.post(f"/calls/{attempt.id}/note", note=f"{name} gave +7 943 000-00-01")
        await desk.send(f"/calls/{attempt.id}/fields", {"field:City": name})
        calls.append(attempt)
    anna, boris = calls
    subject = Subject(
        client_id=anna.client_id,
        contact_ids=(anna.contact_id,),
        numbers=(anna.e164,),
        keys=(),
        names=("Anna",),
        key=b"k" * 32,
        recordings=Path(),
        raw_recordings=Path(),
        now=desk.clock.now(),
    )
    async with transaction(desk.world.sessions) as session:
        assert await ERASERS["note_mention"](session, subject) == 2
        assert await ERASERS["attempt_note"](session, subject) == 1
        assert await ERASERS["contact_edit"](session, subject) == 1
        (note,) = await session.exec(select(AttemptNote))
        (edit,) = await session.exec(select(ContactEdit))
    assert note.attempt_id == boris.id
    assert "943" not in note.text
    assert (edit.contact_id, edit.after) == (boris.contact_id, "Boris")
