"""What an agent does now: the latest state wins, however notices and looks overtake each other."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from campaigns.desk.moments import Moment, Told, after_look, after_notice, read_notice
from dialer.agent.states import AgentState
from dialer.ids import new_id

S = AgentState
NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)
CALL, OTHER = new_id(), new_id()
CAMPAIGN = new_id()


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


BASE = Moment(
    session_id=new_id(),
    agent_id=new_id(),
    client_id=new_id(),
    agent_name="Olga",
    campaign_id=CAMPAIGN,
    campaigns=(CAMPAIGN,),
    started_at=NOON,
    state=S.READY,
    since=NOON,
    wants=S.READY,
)


def told(state: AgentState, seconds: float, **facts: object) -> Told:
    values: dict[str, object] = {"call_id": None, "preview_id": None, "campaign_id": CAMPAIGN}
    return Told(BASE.session_id, state=state, at=at(seconds), **(values | facts))  # type: ignore[arg-type]


def row(state: AgentState, seconds: float, **facts: object) -> Moment:
    return replace(BASE, state=state, since=at(seconds), **facts)  # type: ignore[arg-type]


def test_the_latest_state_wins_in_every_order() -> None:
    news: list[Told | Moment] = [
        told(S.RESERVED, 1, call_id=CALL),
        told(S.ON_CALL, 1.01, call_id=CALL),
        row(S.READY, 0),
        row(S.RESERVED, 1, call_id=CALL),
        told(S.WRAP_UP, 60, call_id=CALL),
    ]
    for order in permutations(news):
        moment = BASE
        for one in order:
            moment = after_notice(moment, one) if isinstance(one, Told) else after_look(moment, one)
        assert (moment.state, moment.since, moment.attempt_id) == (S.WRAP_UP, at(60), CALL), order


def test_a_look_brings_wishes_and_results_to_a_state_that_it_does_not_know_yet() -> None:
    moment = after_notice(BASE, told(S.ON_CALL, 5, call_id=CALL))
    late = row(S.RESERVED, 4, call_id=CALL, wants=S.PAUSED, wish_code="lunch", disposition="sale")
    seen = after_look(moment, late)
    assert (seen.state, seen.wants, seen.wish_code) == (S.ON_CALL, S.PAUSED, "lunch")
    assert seen.disposition == "sale"


def test_a_result_that_was_just_saved_is_not_forgotten_by_an_older_look() -> None:
    moment = replace(BASE, state=S.WRAP_UP, since=at(9), call_id=CALL, disposition="sale")
    assert after_look(moment, row(S.WRAP_UP, 9, call_id=CALL)).disposition == "sale"
    assert after_look(moment, row(S.ON_CALL, 8, call_id=CALL)).disposition == "sale"


def test_the_result_of_a_call_is_not_the_next_ones() -> None:
    moment = replace(BASE, state=S.WRAP_UP, since=at(9), call_id=CALL, disposition="sale")
    assert after_notice(moment, told(S.RESERVED, 10, call_id=OTHER)).disposition is None
    assert after_look(moment, row(S.RESERVED, 10, call_id=OTHER)).disposition is None
    late = row(S.ON_CALL, 8, call_id=CALL, disposition="sale")
    next_call = replace(BASE, state=S.RESERVED, since=at(10), call_id=OTHER)
    assert after_look(next_call, late).disposition is None


def test_a_break_has_the_reason_that_was_wished() -> None:
    wished = replace(BASE, wants=S.PAUSED, wish_code="lunch")
    assert after_notice(wished, told(S.PAUSED, 3)).pause_code == "lunch"
    assert after_notice(wished, told(S.READY, 3)).pause_code is None


def test_a_shift_that_ended_is_over_whatever_is_told_later() -> None:
    assert after_notice(BASE, told(S.OFFLINE, 3)).ended
    over = row(S.OFFLINE, 1, ended=True)
    later = after_notice(BASE, told(S.READY, 5))
    assert after_look(later, over).ended


def test_only_a_reader_has_a_preview_and_only_a_talker_a_call() -> None:
    seen = new_id()
    assert after_notice(BASE, told(S.PREVIEWING, 1, preview_id=seen)).preview_id == seen
    assert after_notice(BASE, told(S.READY, 1, preview_id=seen)).preview_id is None
    assert replace(BASE, call_id=CALL).attempt_id is None


def test_a_notice_is_read_as_the_runner_writes_it() -> None:
    facts = {
        "session_id": str(BASE.session_id),
        "campaign_id": str(CAMPAIGN),
        "state": "on_call",
        "call_id": str(CALL),
        "preview_id": None,
        "leg_up": True,
        "at": at(1).isoformat(),
    }
    assert read_notice(json.dumps(facts)) == told(S.ON_CALL, 1, call_id=CALL)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "not json",
        "[]",
        b'{"session_id": "x"}',
        json.dumps(
            {"session_id": str(CALL), "call_id": str(CALL), "question": "person_or_machine"}
        ),
    ],
)
def test_what_is_no_change_of_state_is_passed_over(raw: str | bytes) -> None:
    assert read_notice(raw) is None
