"""The agent machine in preview: what is shown is dialled, ended or let go, once."""

import pytest
from hypothesis import given

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.states import AgentState
from tests.machine_events import CALL_IDS, PREVIEW_IDS
from tests.unit.test_agent_machine import DIALING, PREVIEWING, READY, after, at, shifts, work

S = AgentState
CALL, OTHER_CALL = CALL_IDS[:2]
PREVIEW, OTHER_PREVIEW = PREVIEW_IDS
GONE = do.WithdrawPreview(PREVIEW)


def test_from_reading_to_talking() -> None:
    talk = (ev.Reserved(at(20), CALL), ev.CallConnected(at(21), CALL))
    states = [taken.agent.state for taken in work([*DIALING, *talk])]
    assert states == [S.CONNECTING, S.READY, S.PREVIEWING, S.DIALING, S.RESERVED, S.ON_CALL]
    logged = [taken for taken in work([*DIALING, *talk]) if do.StoreState() in taken.commands]
    assert len(logged) == len(states), "every one of them is logged"


def test_nobody_answers_and_the_agent_is_free_again() -> None:
    free = after(*DIALING, ev.CallReleased(at(30), CALL, talked=False)).agent
    assert (free.state, free.call_id, free.preview_id) == (S.READY, None, None)


def test_what_is_not_dialled_is_over_without_a_call() -> None:
    ended = after(*PREVIEWING, ev.PreviewEnded(at(9), PREVIEW))
    assert ended.agent.state is S.READY
    assert GONE not in ended.commands, "whoever ended it lets it go"


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (ev.PauseRequested(at(9), "tea"), S.PAUSED),
        (ev.SignOutRequested(at(9)), S.OFFLINE),
        (ev.LegLost(at(9)), S.CONNECTING),
    ],
)
def test_who_goes_away_lets_the_contact_go(event: ev.AgentEvent, state: AgentState) -> None:
    left = after(*PREVIEWING, event)
    assert (left.agent.state, left.agent.preview_id) == (state, None)
    assert left.commands.count(GONE) == 1


@pytest.mark.parametrize(
    "event",
    [
        ev.ReadyRequested(at(9)),
        ev.LegUp(at(9)),
        ev.Reserved(at(9), CALL),
        ev.ContactShown(at(9), OTHER_PREVIEW),
        ev.PreviewEnded(at(9), OTHER_PREVIEW),
        ev.ContactDialled(at(9), OTHER_PREVIEW, CALL),
    ],
)
def test_nothing_else_takes_an_agent_from_what_is_read(event: ev.AgentEvent) -> None:
    reads = after(*PREVIEWING, event).agent
    assert (reads.state, reads.preview_id, reads.call_id) == (S.PREVIEWING, PREVIEW, None)


def test_who_dialled_gets_no_other_call() -> None:
    refused = after(*DIALING, ev.Reserved(at(20), OTHER_CALL))
    assert (refused.ignored, refused.agent.call_id) == (True, CALL)


def test_a_pause_while_it_rings_follows_the_call() -> None:
    pause = ev.PauseRequested(at(9), "tea")
    assert after(*DIALING, pause).agent.state is S.DIALING
    over = after(*DIALING, pause, ev.CallReleased(at(30), CALL, talked=False))
    assert over.agent.state is S.PAUSED


def test_a_leg_lost_while_it_rings_ends_the_call() -> None:
    lost = after(*DIALING, ev.LegLost(at(9)))
    assert (lost.agent.state, lost.agent.call_id) == (S.CONNECTING, None)
    assert do.EndCall(CALL, by="agent_lost") in lost.commands


def test_who_is_not_ready_is_shown_nothing() -> None:
    for before in ((ev.SignedIn(at(0)),), (*READY, ev.PauseRequested(at(5), "tea")), DIALING):
        assert after(*before, ev.ContactShown(at(9), OTHER_PREVIEW)).ignored


@given(events=shifts)
def test_every_preview_ends_once(events: list[ev.AgentEvent]) -> None:
    reading = None
    for event, taken in zip(events, work(events), strict=True):
        now = taken.agent.preview_id
        assert (now is not None) == (taken.agent.state is S.PREVIEWING)
        left = [c.preview_id for c in taken.commands if isinstance(c, do.WithdrawPreview)]
        decided = isinstance(event, ev.PreviewEnded | ev.ContactDialled)
        assert left == ([reading] if reading and now is None and not decided else [])
        assert reading is None or now in (None, reading), "one contact replaced another"
        reading = now
