"""Manual dialling on the ARI simulator: from a break, a contact found or a number typed, through the gate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from campaigns import commands
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.leads import manual
from campaigns.leads.keeping import keeper_for
from campaigns.leads.manual import Wanted
from campaigns.leads.preview_models import Preview
from campaigns.models import Campaign
from campaigns.states import PreviewEnd
from compliance.dnc.shelf import DncShelf
from compliance.models import Suppression
from dialer.agent.states import AgentState
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.phone import InvalidPhone
from tests.hall import Place, see_silence, see_talks
from tests.integration.preview_world import PreviewHall, preview_hall
from tests.world import LAW, until

CLOCK = SystemClock()
BY_HAND: dict[str, Any] = {"manual_dial": True, "retry": {}}


async def _choose(hall: PreviewHall, wanted: Wanted, *, tell: bool = True) -> Preview:
    """Choose as the API does."""
    async with transaction(hall.place.sessions) as session:
        shift = await session.get_one(AgentSession, hall.made.session_ids[0])
        campaign = await session.get_one(Campaign, hall.made.id)
        keeper = await keeper_for(session, campaign, LAW, DncShelf(Path("/nonexistent")), CLOCK)
        chosen = await manual.dial(session, shift, wanted, keeper=keeper, clock=CLOCK, user_id=None)
    if tell:
        await commands.send(hall.place.redis, hall.made.id, CommandName.PREVIEW_DECIDED)
    return chosen


@asynccontextmanager
async def _on_a_break(place: Place, leads: int, **how: Any) -> AsyncIterator[PreviewHall]:
    """A preview campaign whose only agent is on a break."""
    settings = BY_HAND | how.pop("settings", {})
    async with preview_hall(place, leads, settings=settings, **how) as hall:
        await hall.wish(0, AgentState.PAUSED)
        await hall.see_states("paused")

        async def nothing_shown() -> bool:
            sql = "SELECT count(*) FROM preview WHERE ended_at IS NULL"
            return await hall.books.scalar(sql) == 0 and await hall.books.leads() == {
                "waiting": leads
            }

        await until(nothing_shown, "what was shown is let go")
        yield hall


@pytest.mark.parametrize("tell", [True, False])
async def test_a_contact_is_called_from_a_break_and_the_break_goes_on(
    place: Place, tell: bool
) -> None:
    """Also when the message to the runner is lost."""
    async with _on_a_break(place, 3, usual="t-answer-r50-t500") as hall:
        lead_id = hall.made.lead_ids[1]
        chosen = await _choose(hall, Wanted(lead_id=lead_id), tell=tell)
        (talker,) = await see_talks(hall.sim, 1)
        assert talker.number == (await hall.lead(lead_id)).e164
        await see_silence(hall.sim)
        await hall.see_states("paused")
        ended = await hall.ended(chosen.id)
        assert ended.ending is PreviewEnd.DIALLED
        sql = "SELECT agent_session_id FROM attempt WHERE id = :id AND reserved_agent"
        assert await hall.books.scalar(sql, id=ended.attempt_id) == hall.made.session_ids[0]
        assert len(hall.book.dialled) == 1
        audit = "SELECT facts ->> 'lead_id' FROM audit_entry WHERE action = 'preview.manual'"
        assert await hall.books.scalar(audit) == str(lead_id)


async def test_a_typed_number_becomes_a_contact_once(place: Place) -> None:
    async with _on_a_break(place, 1, usual="t-answer-r50-t300") as hall:
        await _choose(hall, Wanted(number="8 (495) 777-00-11"))
        (talker,) = await see_talks(hall.sim, 1)
        assert talker.number == "+74957770011"
        await see_silence(hall.sim)
        await hall.see_states("paused")
        typed = "SELECT count(*) FROM phone WHERE e164 = '+74957770011'"
        assert await hall.books.scalar(typed) == 1
        with pytest.raises(manual.ContactNotFree, match="by hand") as refused:
            await _choose(hall, Wanted(number="+7 495 777-00-11"))
        assert refused.value.facts["reason"] == "done"
        rows = "SELECT rows_in = 1 AND rows_accepted = 1 FROM contact_list WHERE name LIKE 'Typed%'"
        assert await hall.books.scalar(rows)


async def test_a_refused_number_leaves_no_trace_and_is_not_called(place: Place) -> None:
    async with _on_a_break(place, 1) as hall:
        async with transaction(place.sessions) as session:
            session.add(
                Suppression(
                    client_id=hall.made.client_id,
                    e164="+74957770012",
                    reason="do_not_call",
                    source="test",
                    added_at=CLOCK.now(),
                )
            )
        with pytest.raises(manual.NotCleared) as refused:
            await _choose(hall, Wanted(number="+74957770012"))
        assert refused.value.facts["reasons"] == ["suppressed"]
        assert await hall.books.scalar("SELECT count(*) FROM contact") == 1
        with pytest.raises(InvalidPhone):
            await _choose(hall, Wanted(number="12"))
        with pytest.raises(manual.LeadMissing):
            await _choose(hall, Wanted(lead_id=hall.made.id))
        with pytest.raises(manual.WhomToDial):
            await _choose(hall, Wanted())
        assert not hall.book.dialled


async def test_who_reads_or_talks_does_not_dial_another(place: Place) -> None:
    async with preview_hall(place, 2, settings=BY_HAND) as hall:
        await hall.shown()
        with pytest.raises(manual.AgentNotFree):
            await _choose(hall, Wanted(lead_id=hall.made.lead_ids[1]))


async def test_without_the_setting_nobody_is_called_by_hand(place: Place) -> None:
    async with _on_a_break(place, 1, settings={"manual_dial": False}) as hall:
        with pytest.raises(manual.ManualDialOff):
            await _choose(hall, Wanted(lead_id=hall.made.lead_ids[0]))
