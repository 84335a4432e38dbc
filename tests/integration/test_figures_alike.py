"""The wall, a campaign's board and the reports count alike, to the millisecond."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.forms.models import FormRow, FormVersion, Interview, InterviewCall
from campaigns.forms.words import Ending
from campaigns.leads.models import Attempt
from campaigns.models import Campaign
from campaigns.reports.asking import Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.figures import figures_of
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period, day_of
from campaigns.reports.query import figures
from campaigns.wall.looking import look
from campaigns.wall.reading import Reader
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.wall_world import Floor, open_floor


@pytest.fixture
async def floor(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[Floor]:
    async with open_floor(sessions, redis, clock) as made:
        yield made


async def counts(
    floor: Floor, campaign: UUID, reader: Reader | None = None
) -> list[dict[str, Any]]:
    """Return what wall, reports and board say of a campaign's day, in this order."""
    now, client = floor.world.clock.now(), floor.world.client_id
    today = day_of(now, "UTC")
    asked = Question(tuple(MEASURES), Period(today, today), (Dimension.CAMPAIGN,))
    async with floor.world.sessions() as session:
        wall = reader or Reader(client)
        await wall.read(session, await look(session, client, now))
        table = await figures(session, client, asked, now=now)
        board = await figures_of(session, await session.get_one(Campaign, campaign), now=now)
    report = next(row.counts for row in table.rows if row.key == (str(campaign),))
    spent = {f"{state.value}_ms": round(s * 1000) for state, s in board.agents.seconds.items()}
    shown = {"talk_ms": round(board.calls.talk_total_s * 1000), **spent}
    return [wall.figures[campaign].day.counts(), dict(report), shown]


async def talk(floor: Floor, **facts: Any) -> Attempt:
    """Store a talk of which every instant has odd microseconds."""
    now = floor.world.clock.now()
    attempt = await floor.call(
        floor.campaigns[0],
        answered_at=now + timedelta(microseconds=1_000_700),
        connected_at=now + timedelta(microseconds=21_001_400),  # 20 s later, more or less
        agent_session_id=floor.campaigns[0].session_ids[0],
    )
    end = {"ended_at": now + timedelta(microseconds=40_999_900), **facts}
    await floor.change(attempt, outcome=CallOutcome.CONNECTED, **end)
    return attempt


async def interview(floor: Floor, attempt: Attempt, ending: Ending | None) -> UUID:
    """Store an interview that began in a call."""
    now = floor.world.clock.now()
    async with transaction(floor.world.sessions) as session:
        form = FormRow(client_id=floor.world.client_id, code=f"f{attempt.id.hex}", created_at=now)
        session.add(form)
        await session.flush()
        version = FormVersion(
            client_id=form.client_id, form_id=form.id, number=1, created_at=now, published_at=now
        )
        session.add(version)
        await session.flush()
        row = Interview(
            client_id=form.client_id, form_id=form.id, form_version_id=version.id,
            attempt_id=attempt.id, language="en", began_on=now.date(), started_at=now,
            ended_at=now if ending else None, ending=ending,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(_held_in(row, attempt, floor))
    return row.id


def _held_in(row: Interview, attempt: Attempt, floor: Floor) -> InterviewCall:
    return InterviewCall(
        attempt_id=attempt.id,
        interview_id=row.id,
        client_id=row.client_id,
        began_at=floor.world.clock.now(),
    )


async def test_spans_are_as_long_everywhere_however_they_are_cut(floor: Floor) -> None:
    """Talks, waits and states; a reader that counted before goes on in the middle of a state."""
    campaign, clock = floor.campaigns[0], floor.world.clock
    reader = Reader(floor.world.client_id)
    await floor.be(campaign.session_ids[0], AgentState.READY)
    for step_s in (0.0007, 1199.9991, 2400.4444, 3600.3333, 700.0009):
        clock.advance(step_s)
        await talk(floor)
        await floor.be(campaign.session_ids[0], AgentState.ON_CALL)
        clock.advance(301.0005)
        await floor.be(campaign.session_ids[0], AgentState.READY)
        wall, report, board = await counts(floor, campaign.id, reader)
    for name in ("wait_ms", "talk_ms", "taken_in_time", "attempts", "persons", "talked"):
        assert wall[name] == report[name], name
    assert wall["attempts"] == 5
    for name in ("talk_ms", "on_call_ms", "ready_ms"):
        assert wall[name] == report[name] == board[name], name


async def test_a_shift_that_ended_with_an_open_state_lasts_as_long_as_the_shift(
    floor: Floor,
) -> None:
    campaign, clock = floor.campaigns[0], floor.world.clock
    await floor.be(campaign.session_ids[0], AgentState.READY)
    clock.advance(600)
    async with transaction(floor.world.sessions) as session:
        shift = await session.get_one(AgentSession, campaign.session_ids[0])
        shift.ended_at = clock.now()
    for minutes in (5, 15, 20):  # recent, and settled
        clock.advance(minutes * 60)
        wall, report, board = await counts(floor, campaign.id)
        assert wall["ready_ms"] == report["ready_ms"] == board["ready_ms"] == 600_000
    async with floor.world.sessions() as session:
        open_ones = await session.execute(
            text(f"SELECT count(*) FROM {AgentStateEntry.__tablename__} WHERE ended_at IS NULL")  # noqa: S608
        )
        assert open_ones.scalar_one() == 1


async def test_a_form_completed_in_a_later_call_is_of_this_hour(floor: Floor) -> None:
    """The interview began in a call of the morning; the person was called again to go on with it."""
    clock = floor.world.clock
    row_id = await interview(floor, await talk(floor), None)
    clock.advance(5 * 3600)
    again = await talk(floor)
    async with transaction(floor.world.sessions) as session:
        row = await session.get_one(Interview, row_id)
        row.ending, row.ended_at = Ending.COMPLETE, clock.now()
        session.add(_held_in(row, again, floor))
    clock.advance(60)
    reader = Reader(floor.world.client_id)
    wall, report, _ = await counts(floor, floor.campaigns[0].id, reader)
    assert wall["forms_complete"] == report["forms_complete"] == 1
    assert reader.figures[floor.campaigns[0].id].day.forms_hour == 1


async def test_forms_stay_counted_when_a_person_is_erased(floor: Floor) -> None:
    await interview(floor, await talk(floor), Ending.COMPLETE)
    floor.world.clock.advance(60)
    before = await counts(floor, floor.campaigns[0].id)
    async with transaction(floor.world.sessions) as session:
        await session.execute(text("DELETE FROM interview_call"))
        await session.execute(text("DELETE FROM interview"))
    after = await counts(floor, floor.campaigns[0].id)
    assert [one["forms_complete"] for one in before[:2]] == [1, 1]
    assert [one["forms_complete"] for one in after[:2]] == [1, 1]


async def test_every_measure_can_be_asked_for_at_once(floor: Floor) -> None:
    await talk(floor)
    api = await floor.world.api()
    asked = [("measures", one) for one in MEASURES]
    got = await api.get("/api/v1/reports/figures", params=[*asked, ("period", "today")])
    assert got.status_code == 200, got.text
    assert set(got.json()["rows"][0]["figures"]) == set(MEASURES)
