"""Quality from end to end: scores, blindness, disputes, coaching, samples, the board; who sees what."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from campaigns.quality import board, calibrating, disputes, notes, reviewing, scorecards
from campaigns.quality.calls import NobodyTalked
from campaigns.quality.models import Dispute, NoteKind, Review
from campaigns.quality.scorecard import AnswersWrong
from campaigns.tenancy.models import AuditEntry, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.quality_world import GOOD, SHEET, Quality, open_quality


@pytest.fixture
async def quality(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Quality]:
    async with open_quality(sessions, redis, clock, tmp_path) as made:
        yield made


async def _actions(sessions: SessionFactory) -> list[str]:
    async with sessions() as session:
        rows = await session.exec(select(AuditEntry.action).order_by(col(AuditEntry.id)))
        return list(rows)


async def test_a_published_version_never_changes_and_reviews_keep_theirs(
    quality: Quality, sessions: SessionFactory
) -> None:
    who = await quality.who()
    first = await quality.published(who)
    review = await quality.scored(who, first)
    by: dict[str, Any] = {"who": who, "clock": quality.clock}
    async with transaction(sessions) as session:
        easier = SHEET.model_copy(update={"pass_percent": 10})
        draft = await scorecards.save_draft(session, first.scorecard_id, easier, **by)
        assert draft.number == 2
    async with transaction(sessions) as session:
        second = await scorecards.publish(session, first.scorecard_id, **by)
    async with transaction(sessions) as session:
        with pytest.raises(scorecards.NothingToPublish):
            await scorecards.publish(session, first.scorecard_id, **by)
    assert (await quality.scored(who, second, call=1)).version_id == second.id
    for statement in (
        "UPDATE scorecard_version SET content = '{}' WHERE number = 1",
        "DELETE FROM scorecard_version WHERE number = 1",
        f"UPDATE quality_review SET version_id = '{second.id}'",  # noqa: S608 - our own id
    ):
        with pytest.raises(DBAPIError, match=r"never changes|keeps its call"):
            async with transaction(sessions) as session:
                await session.execute(text(statement))
    async with sessions() as session:
        assert (await session.get_one(Review, review.id)).version_id == first.id


async def test_a_call_is_scored_once_and_not_by_who_took_it(
    quality: Quality, sessions: SessionFactory
) -> None:
    who = await quality.who()
    version = await quality.published(who)
    with pytest.raises(AnswersWrong):
        await quality.scored(who, version, answers={"greeted": 1})
    with pytest.raises(reviewing.OwnCall):
        await quality.scored(quality.identity(quality.operator), version)
    review = await quality.scored(who, version)
    assert (review.percent, review.passed, review.failed) == (Decimal("85.0"), True, [])
    with pytest.raises(reviewing.AlreadyScored):
        await quality.scored(await quality.who(), version)
    async with transaction(sessions) as session:
        await session.execute(text("UPDATE attempt SET agent_session_id = NULL"))
    with pytest.raises(NobodyTalked):
        await quality.scored(who, version, call=1)
    assert (await _actions(sessions)).count("quality.scored") == 1


async def test_a_dispute_is_decided_by_somebody_else_and_kept(
    quality: Quality, sessions: SessionFactory
) -> None:
    first, second = await quality.who(), await quality.who()
    olga = quality.identity(quality.operator)
    review = await quality.scored(first, await quality.published(first))
    own = frozenset({quality.agents[0]})
    clock = quality.clock
    async with transaction(sessions) as session:
        opened = await disputes.open_dispute(
            session, review.id, "asked", "I asked all of it.", own, who=olga, clock=clock
        )
    async with transaction(sessions) as session:
        with pytest.raises(disputes.DisputedAlready):
            await disputes.open_dispute(
                session, review.id, "asked", "Again.", own, who=olga, clock=clock
            )
        others = frozenset({quality.agents[1]})
        with pytest.raises(reviewing.ReviewNotFound):
            await disputes.open_dispute(
                session, review.id, "greeted", "Mine?", others, who=olga, clock=clock
            )
        for who in (first, olga):
            with pytest.raises(disputes.SecondReviewer):
                await disputes.decide(session, opened.id, 4, "Yes.", who=who, clock=clock)
        with pytest.raises(AnswersWrong):
            await disputes.decide(session, opened.id, 9, "Yes.", who=second, clock=clock)
        with pytest.raises(Invalid):
            await disputes.decide(session, opened.id, 4, " ", who=second, clock=clock)
    async with transaction(sessions) as session:
        await disputes.decide(session, opened.id, 4, "You did.", who=second, clock=clock)
    async with transaction(sessions) as session:
        with pytest.raises(disputes.DecidedAlready):
            await disputes.decide(session, opened.id, 0, "No.", who=second, clock=clock)
        row = await session.get_one(Review, review.id)
        kept = (await session.exec(select(Dispute))).one()
    assert (row.percent, row.answers["asked"]) == (Decimal("100.0"), 4)
    assert (kept.percent_before, kept.percent_after) == (Decimal("85.0"), Decimal("100.0"))
    assert kept.points_before == 3
    assert [one for one in await _actions(sessions) if "quality.d" in one] == [
        *("quality.disputed", "quality.decided")
    ]


async def test_two_reviewers_score_blind_and_then_see_how_far_they_agree(
    quality: Quality, sessions: SessionFactory
) -> None:
    one, two = await quality.who(), await quality.who()
    version = await quality.published(one)
    await quality.scored(await quality.who(), version)  # the score that counts is another thing
    call, clock = quality.calls[0], quality.clock
    async with transaction(sessions) as session:
        with pytest.raises(Invalid):
            await calibrating.begin(
                session, call, version.id, (one.user_id, one.user_id), who=one, clock=clock
            )
        begun = await calibrating.begin(
            session, call, version.id, (one.user_id, two.user_id), who=one, clock=clock
        )
    async with transaction(sessions) as session:
        assert await reviewing.awaited_calibration(session, call, two) is not None
        await calibrating.score_blind(session, begun.id, GOOD, "", who=one, clock=clock)
        third = await quality.who()
        with pytest.raises(calibrating.NotYourTurn):
            await calibrating.score_blind(session, begun.id, GOOD, "", who=third, clock=clock)
    async with transaction(sessions) as session:
        shown = await calibrating.find_calibration(session, begun.id, who=one)
        assert (shown.is_complete, shown.first, shown.overall) == (False, None, None)
        said = {**GOOD, "asked": 1}
        await calibrating.score_blind(session, begun.id, said, "", who=two, clock=clock)
    async with transaction(sessions) as session:
        shown = await calibrating.find_calibration(session, begun.id, who=one)
        with pytest.raises(reviewing.AlreadyScored):
            await calibrating.score_blind(session, begun.id, said, "", who=two, clock=clock)
    asked, greeted = shown.of_item("asked"), shown.of_item("greeted")
    assert asked is not None
    assert greeted is not None
    assert (asked.near, greeted.near, shown.difference) == (0.5, 1, Decimal("30.0"))
    items = calibrating.by_item([shown])
    assert (items[0].text, items[0].found.pairs) == ("Asked well", 1)
    page = await (await quality.browser()).get(f"/quality/calibrations/{begun.id}")
    assert "Weighted kappa" in page.text


async def test_notes_sit_at_seconds_and_coaching_is_acknowledged(
    quality: Quality, sessions: SessionFactory
) -> None:
    who, olga = await quality.who(), quality.identity(quality.operator)
    call, clock = quality.calls[0], quality.clock
    async with transaction(sessions) as session:
        for kind, words in ((NoteKind.COMMENT, "Hm."), (NoteKind.COACHING, "Listen.")):
            made = await notes.add(session, call, kind, 1.26, words, who=who, clock=clock)
        with pytest.raises(Invalid):
            await notes.add(session, call, NoteKind.COMMENT, 1.0, " ", who=who, clock=clock)
    own = frozenset({quality.agents[0]})
    for _ in range(2):
        async with transaction(sessions) as session:
            await notes.acknowledge(session, made.id, own, who=olga, clock=clock)
    async with transaction(sessions) as session:
        others = frozenset({quality.agents[1]})
        with pytest.raises(notes.NoteNotFound):
            await notes.acknowledge(session, made.id, others, who=olga, clock=clock)
        found = await notes.coaching_of(session, own, client_id=who.client_id)
    assert [(one.row.words, one.row.at_s) for one in found] == [("Listen.", 1.3)]
    assert found[0].row.acknowledged_at is not None
    assert (await _actions(sessions)).count("quality.acknowledged") == 1


async def test_an_operator_sees_hears_and_disputes_own_calls_only(
    quality: Quality, sessions: SessionFactory
) -> None:
    who = await quality.who()
    version = await quality.published(who)
    mine = await quality.scored(who, version)
    others = await quality.scored(who, version, call=2)
    olga = await quality.operators_browser()
    listed = (await olga.get("/scores")).text
    assert str(mine.attempt_id) in listed
    assert str(others.attempt_id) not in listed
    page = (await olga.get(f"/scores/calls/{mine.attempt_id}")).text
    assert "85.0%" in page
    start = page.index('src="/scores/calls/') + 5
    source = page[start : page.index('"', start)].replace("&amp;", "&")
    assert (await olga.get(source)).status_code == 200
    told = {"from_s": "0", "to_s": "2", "speed": "1"}
    heard = await olga.post(f"/scores/calls/{mine.attempt_id}/heard", data=told)
    assert heard.status_code == 204
    assert {"recording.heard", "recording.listened"} <= set(await _actions(sessions))
    for path in (f"/scores/calls/{others.attempt_id}", f"/scores/calls/{quality.calls[1]}"):
        assert (await olga.get(path)).status_code == 404
    for path in ("/quality/calls", f"/quality/calls/{mine.attempt_id}", "/quality/board"):
        assert (await olga.get(path)).status_code == 403
    given = {"item": "asked", "words": "I asked."}
    refused = await olga.post(f"/scores/reviews/{others.id}/dispute", data=given)
    assert refused.status_code == 404
    done = await olga.post(f"/scores/reviews/{mine.id}/dispute", data=given)
    assert done.status_code == 303
    boss = await quality.browser()
    assert "Disputes that wait for a decision: 1." in (await boss.get("/quality/calls")).text
    async with sessions() as session:
        dispute = (await session.exec(select(Dispute))).one()
    path = f"/quality/disputes/{dispute.id}"
    assert "I asked." in (await boss.get(path)).text
    wrong = await boss.post(f"{path}/decide", data={"points": "9", "words": "No."})
    assert wrong.status_code == 409
    done = await boss.post(f"{path}/decide", data={"points": "4", "words": "You did."})
    assert done.status_code == 303
    assert "You did." in (await olga.get(f"/scores/calls/{mine.attempt_id}")).text


async def test_the_board_ranks_a_week_from_enough_scores(
    quality: Quality, sessions: SessionFactory
) -> None:
    who = await quality.who()
    version = await quality.published(who)
    for call, points in ((0, 4), (1, 3), (2, 4)):
        await quality.scored(who, version, call, {**GOOD, "asked": points})
    week = quality.clock.now().date()
    week -= timedelta(days=week.weekday())
    async with sessions() as session:
        found = await board.board(
            session, quality.client_id, week, now=quality.clock.now(), least=2
        )
        later = await board.board(
            session, quality.client_id, week + timedelta(days=7), now=quality.clock.now()
        )
    places = [(place, row.name, row.score, row.scored, row.calls) for place, row in found.rows]
    assert places == [
        (1, "Olga", Decimal("92.5"), 2, 2),
        (None, "Pavel", Decimal("100.0"), 1, 1),
    ]
    assert later.rows == []
    boss = await quality.browser(Role.MANAGER)
    for by in ("score", "occupancy", "talk_s", "forms_per_hour", "nothing"):
        page = await boss.get(f"/quality/board?by={by}&least=1&week={week.isoformat()}")
        assert "Olga" in page.text, by


async def test_programs_score_note_and_ask(quality: Quality, sessions: SessionFactory) -> None:
    who = await quality.who()
    await quality.published(who)
    api = await quality.world.api(Role.SUPERVISOR, quality.client_id)
    (card,) = (await api.get("/api/v1/quality/scorecards")).json()
    assert [item["code"] for item in card["sheet"]["items"]] == ["greeted", "asked", "polite"]
    call = str(quality.calls[0])
    body = {"attempt_id": call, "version_id": card["version_id"], "answers": dict(GOOD)}
    made = await api.post("/api/v1/quality/reviews", json=body)
    assert (made.status_code, made.json()["percent"]) == (201, "85.0")
    again = await api.post("/api/v1/quality/reviews", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already_scored")
    wrong = {**body, "attempt_id": str(quality.calls[1]), "answers": {"greeted": 1}}
    refused = await api.post("/api/v1/quality/reviews", json=wrong)
    assert refused.json()["facts"]["items"] == ["asked", "polite"]
    listed = (await api.get("/api/v1/quality/reviews?limit=1")).json()
    assert [one["attempt_id"] for one in listed["items"]] == [call]
    note = {"kind": "coaching", "at_s": 2.5, "words": "Slower, please."}
    path = f"/api/v1/quality/calls/{call}"
    assert (await api.post(f"{path}/notes", json=note)).status_code == 201
    assert [one["at_s"] for one in (await api.get(f"{path}/notes")).json()] == [2.5]
    assert (await api.get(f"{path}/draws")).json() == []
    day = quality.clock.now().date().isoformat()
    rows = (await api.get(f"/api/v1/quality/board?week={day}&least=1")).json()["rows"]
    assert [(row["place"], row["name"], row["score"]) for row in rows] == [
        (1, "Olga", "85.0"),
        (None, "Pavel", None),
    ]
    agent = await quality.world.api(Role.AGENT, quality.client_id)
    assert (await agent.get("/api/v1/quality/reviews")).status_code == 403
    other = await quality.world.api(Role.SUPERVISOR)
    assert (await other.get(f"{path}/notes")).status_code == 404
