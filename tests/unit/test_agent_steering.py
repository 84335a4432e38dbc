"""The agent machine where agents need more time, miss a call, or do not react."""

import pytest

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.machine import step
from dialer.agent.states import MISSED_OFFER, NO_REACTION, Agent, AgentPolicy, AgentState, Step
from tests.call_lives import at
from tests.machine_events import AGENT_IDS, CALL_IDS, PREVIEW_IDS

CALL, PREVIEW = CALL_IDS[0], PREVIEW_IDS[0]
S = AgentState
READY = (ev.SignedIn(at(0)), ev.LegUp(at(1)))
RESERVED = (*READY, ev.Reserved(at(10), CALL))
WRAP_UP = (
    *RESERVED,
    ev.CallConnected(at(11), CALL),
    ev.CallReleased(at(60), CALL, talked=True),
)


def after(*events: ev.AgentEvent, **policy: object) -> Step:
    """The last step of an agent to whom ``events`` happen."""
    agent = Agent(AGENT_IDS[0], AgentPolicy(**policy))  # type: ignore[arg-type]
    taken = Step(agent)
    for event in events:
        taken = step(taken.agent, event)
    return taken


def test_more_time_counts_from_the_beginning_of_the_wrap_up() -> None:
    policy = {"wrap_up_extensions": 2, "wrap_up_extension_s": 40.0}
    first = ev.WrapUpExtended(at(80), CALL, 1)
    assert after(*WRAP_UP, first, **policy).commands == (do.StartWrapUpTimer(CALL, 50.0),)
    second = ev.WrapUpExtended(at(100), CALL, 2)
    assert after(*WRAP_UP, first, second, **policy).commands == (do.StartWrapUpTimer(CALL, 70.0),)
    assert after(*WRAP_UP, first, first, **policy).ignored, "told twice, given once"
    third = ev.WrapUpExtended(at(110), CALL, 3)
    assert after(*WRAP_UP, first, second, third, **policy).ignored


@pytest.mark.parametrize("before", [READY, RESERVED, (*WRAP_UP, ev.Disposed(at(70), CALL, "sold"))])
def test_only_a_wrap_up_is_extended(before: tuple[ev.AgentEvent, ...]) -> None:
    more = ev.WrapUpExtended(at(80), CALL, 1)
    assert after(*before, more, wrap_up_extensions=5).ignored


def test_the_next_call_begins_with_all_extensions() -> None:
    more = (ev.WrapUpExtended(at(80), CALL, 1), ev.Disposed(at(90), CALL, "sold"))
    assert after(*WRAP_UP, *more, wrap_up_extensions=1).agent.extended == 0


def test_a_missed_offer_pauses_the_agent() -> None:
    missed = ev.CallReleased(at(12), CALL, talked=False, missed=True)
    taken = after(*RESERVED, missed)
    assert taken.commands == (do.StorePause(MISSED_OFFER), do.StoreState())
    agent = taken.agent
    assert (agent.state, agent.wants, agent.pause_code) == (S.PAUSED, S.PAUSED, MISSED_OFFER)
    assert after(*RESERVED, missed, ev.ReadyRequested(at(20))).agent.state is S.READY


def test_a_missed_offer_of_an_agent_without_a_leg_pauses_when_the_leg_is_back() -> None:
    missed = ev.CallReleased(at(12), CALL, talked=False, missed=True)
    lost = (*RESERVED, ev.LegLost(at(11)), missed)
    assert after(*lost).agent.state is S.CONNECTING
    assert after(*lost, ev.LegUp(at(15))).agent.state is S.PAUSED


def test_who_wanted_to_leave_leaves() -> None:
    missed = ev.CallReleased(at(12), CALL, talked=False, missed=True)
    taken = after(*RESERVED, ev.SignOutRequested(at(11)), missed)
    assert taken.agent.state is S.OFFLINE
    assert do.StorePause(MISSED_OFFER) not in taken.commands


def test_a_call_that_ends_by_itself_is_no_missed_offer() -> None:
    assert after(*RESERVED, ev.CallReleased(at(12), CALL, talked=False)).agent.state is S.READY


def test_a_wrap_up_that_runs_out_pauses_where_the_campaign_wants_it() -> None:
    over = ev.WrapUpExpired(at(90), CALL)
    assert after(*WRAP_UP, over).agent.state is S.READY
    taken = after(*WRAP_UP, over, pause_undisposed=True)
    assert (taken.agent.state, taken.agent.pause_code) == (S.PAUSED, NO_REACTION)
    assert do.CloseUndisposed(CALL) in taken.commands
    assert do.StorePause(NO_REACTION) in taken.commands


def test_a_contact_can_be_chosen_in_a_break_and_the_break_goes_on() -> None:
    pause, chosen = ev.PauseRequested(at(5), "tea"), ev.ContactChosen(at(6), PREVIEW)
    assert after(*READY, pause, chosen).agent.state is S.PREVIEWING
    dialled = ev.ContactDialled(at(7), PREVIEW, CALL)
    nobody = ev.CallReleased(at(30), CALL, talked=False)
    taken = after(*READY, pause, chosen, dialled, nobody)
    assert (taken.agent.state, taken.agent.pause_code) == (S.PAUSED, "tea")
    assert after(*WRAP_UP, chosen).ignored
