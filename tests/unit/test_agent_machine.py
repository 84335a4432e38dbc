"""The agent machine: a shift told once, and what holds for every shift."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.machine import step
from dialer.agent.states import Agent, AgentPolicy, AgentState, Step
from tests.machine_events import AGENT_IDS, CALL_IDS, PREVIEW_IDS, START, agent_events

CALL, OTHER_CALL = CALL_IDS[:2]
PREVIEW = PREVIEW_IDS[0]
S = AgentState
BUSY = (S.DIALING, S.RESERVED, S.ON_CALL, S.WRAP_UP)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def work(events: list[ev.AgentEvent], agent: Agent | None = None) -> list[Step]:
    """Every step of an agent to whom ``events`` happen."""
    steps, now = [], agent or Agent(AGENT_IDS[0], AgentPolicy())
    for event in events:
        steps.append(step(now, event))
        now = steps[-1].agent
    return steps


def after(*events: ev.AgentEvent) -> Step:
    return work(list(events))[-1]


READY = (ev.SignedIn(at(0)), ev.LegUp(at(1)))
PREVIEWING = (*READY, ev.ContactShown(at(5), PREVIEW))
DIALING = (*PREVIEWING, ev.ContactDialled(at(8), PREVIEW, CALL))
RESERVED = (*READY, ev.Reserved(at(10), CALL))
ON_CALL = (*RESERVED, ev.CallConnected(at(11), CALL))
WRAP_UP = (*ON_CALL, ev.CallReleased(at(60), CALL, talked=True))

#: Any events, often after a beginning that leads somewhere.
shifts = st.builds(
    lambda begun, then: [*begun, *then],
    st.sampled_from([(), READY, PREVIEWING, DIALING, RESERVED, ON_CALL, WRAP_UP]),
    st.lists(agent_events, max_size=30),
)


def test_a_shift_from_sign_in_to_sign_out() -> None:
    events: list[ev.AgentEvent] = [
        *WRAP_UP,
        ev.Disposed(at(70), CALL, "sold"),
        ev.SignOutRequested(at(80)),
    ]
    steps = work(events)
    assert [taken.agent.state for taken in steps] == [
        S.CONNECTING,
        S.READY,
        S.RESERVED,
        S.ON_CALL,
        S.WRAP_UP,
        S.READY,
        S.OFFLINE,
    ]
    assert [taken.commands for taken in steps] == [
        (do.DialLeg(), do.StoreState()),
        (do.StopLegTimers(), do.StoreState()),
        (do.StoreState(),),
        (do.StoreState(),),
        (do.StartWrapUpTimer(CALL, 30.0), do.StoreState()),
        (do.StopWrapUpTimer(), do.StoreState()),
        (do.StopLegTimers(), do.HangUpLeg(), do.StoreState()),
    ]


def test_a_pause_during_a_call_follows_it() -> None:
    pause = ev.PauseRequested(at(20), "lunch")
    assert after(*ON_CALL, pause).agent.state is S.ON_CALL
    paused = after(
        *ON_CALL, pause, ev.CallReleased(at(60), CALL, talked=True), ev.WrapUpExpired(at(90), CALL)
    ).agent
    assert (paused.state, paused.pause_code, paused.call_id) == (S.PAUSED, "lunch", None)


def test_ready_takes_a_pause_back() -> None:
    events = (*READY, ev.PauseRequested(at(5), "lunch"), ev.ReadyRequested(at(6)))
    assert after(*events).agent.state is S.READY
    assert after(*events).agent.pause_code is None


def test_a_busy_or_paused_agent_is_not_reserved() -> None:
    second = ev.Reserved(at(65), OTHER_CALL)
    for busy in (RESERVED, ON_CALL, WRAP_UP, (*READY, ev.PauseRequested(at(5), "lunch"))):
        refused = after(*busy, second)
        assert refused.ignored
        assert refused.agent.call_id != OTHER_CALL


def test_signing_out_waits_for_the_call() -> None:
    leaving = (*ON_CALL, ev.SignOutRequested(at(20)))
    assert after(*leaving).agent.state is S.ON_CALL
    gone = after(*leaving, ev.CallReleased(at(60), CALL, talked=False))
    assert gone.agent.state is S.OFFLINE
    assert do.HangUpLeg() in gone.commands


def test_nobody_was_there_so_there_is_nothing_to_wrap_up() -> None:
    assert after(*RESERVED, ev.CallReleased(at(12), CALL, talked=False)).agent.state is S.READY


def test_a_disposition_during_the_call_saves_the_wrap_up() -> None:
    saved = ev.Disposed(at(20), CALL, "sold")
    freed = after(*ON_CALL, saved, ev.CallReleased(at(60), CALL, talked=True))
    assert freed.agent.state is S.READY
    assert freed.agent.disposition is None


def test_the_first_disposition_stands() -> None:
    events = (*ON_CALL, ev.Disposed(at(20), CALL, "sold"), ev.Disposed(at(21), CALL, "refused"))
    assert after(*events).ignored
    assert after(*events).agent.disposition == "sold"


def test_an_expired_wrap_up_closes_the_lead_without_a_disposition() -> None:
    expired = after(*WRAP_UP, ev.WrapUpExpired(at(90), CALL))
    assert do.CloseUndisposed(CALL) in expired.commands
    assert expired.agent.state is S.READY


def test_the_timer_of_another_call_changes_nothing() -> None:
    assert after(*WRAP_UP, ev.WrapUpExpired(at(90), OTHER_CALL)).ignored
    assert after(*WRAP_UP, ev.Disposed(at(90), OTHER_CALL, "sold")).ignored


def test_a_page_that_comes_before_any_call_is_dialled_at_once() -> None:
    first = after(ev.SignedIn(at(0)), ev.LegLost(at(1)), ev.PhoneCame(at(2)))
    assert (first.agent.state, first.commands) == (S.CONNECTING, (do.RedialLeg(),))
    anew = after(*READY, ev.PhoneCame(at(5)))
    assert anew.agent.state is S.CONNECTING
    assert anew.commands == (do.RedialLeg(), do.StoreState())


def test_a_page_without_a_shift_is_not_dialled() -> None:
    assert after(ev.PhoneCame(at(0))).ignored


def test_an_agent_without_a_leg_takes_no_call() -> None:
    refused = after(*READY, ev.LegLost(at(5)), ev.Reserved(at(6), CALL))
    assert (refused.ignored, refused.agent.state) == (True, S.CONNECTING)


def test_after_wrap_up_without_a_leg_the_agent_connects_first() -> None:
    events = (*WRAP_UP, ev.LegLost(at(65)), ev.WrapUpExpired(at(90), CALL))
    assert after(*events).agent.state is S.CONNECTING
    assert after(*events, ev.LegUp(at(95))).agent.state is S.READY


def test_a_leg_that_comes_after_sign_out_is_hung_up() -> None:
    late = after(ev.SignedIn(at(0)), ev.SignOutRequested(at(1)), ev.LegUp(at(2)))
    assert late.commands == (do.HangUpLeg(),)
    assert late.agent.state is S.OFFLINE


@given(events=shifts)
def test_no_agent_holds_two_calls(events: list[ev.AgentEvent]) -> None:
    held = None
    for taken in work(events):
        now = taken.agent.call_id
        assert held is None or now in (None, held), "one call replaced another"
        assert (now is not None) == (taken.agent.state in BUSY)
        held = now


@given(events=shifts)
def test_only_a_ready_agent_with_a_leg_is_reserved(events: list[ev.AgentEvent]) -> None:
    before = Agent(AGENT_IDS[0], AgentPolicy())
    for taken in work(events):
        if taken.agent.state is S.RESERVED and before.state is not S.RESERVED:
            own = before.state is S.DIALING and before.call_id == taken.agent.call_id
            assert before.state is S.READY or own
            assert before.leg_up
        before = taken.agent


@given(events=shifts, talked=st.booleans())
def test_an_agent_is_never_stuck(events: list[ev.AgentEvent], talked: bool) -> None:
    agent = work(events)[-1].agent if events else Agent(AGENT_IDS[0], AgentPolicy())
    if agent.preview_id is not None:
        agent = step(agent, ev.PreviewEnded(at(4900), agent.preview_id)).agent
    if agent.call_id is not None:
        ending: list[ev.AgentEvent] = [
            ev.CallReleased(at(5000), agent.call_id, talked),
            ev.WrapUpExpired(at(5100), agent.call_id),
        ]
        agent = work(ending, agent)[-1].agent
    assert agent.state in (S.READY, S.PAUSED, S.CONNECTING, S.OFFLINE)
    assert agent.call_id is None
    if agent.state is S.CONNECTING:
        agent = step(agent, ev.LegUp(at(5200))).agent
    if agent.state is not S.OFFLINE:
        assert agent.state is agent.wants


@given(events=shifts)
def test_a_change_of_state_is_logged_with_its_instant(events: list[ev.AgentEvent]) -> None:
    before = Agent(AGENT_IDS[0], AgentPolicy())
    for event, taken in zip(events, work(events), strict=True):
        if taken.agent.state is not before.state:
            assert taken.commands[-1] == do.StoreState()
            assert taken.agent.since == event.at
        before = taken.agent


@given(events=shifts)
def test_every_wrap_up_has_its_timer_and_every_timer_its_end(events: list[ev.AgentEvent]) -> None:
    running = None
    for taken in work(events):
        for command in taken.commands:
            match command:
                case do.StartWrapUpTimer(call_id):
                    assert running is None
                    running = call_id
                case do.StopWrapUpTimer():
                    running = None
                case _:
                    pass
        wrapping = taken.agent.state is S.WRAP_UP
        assert running == (taken.agent.call_id if wrapping else None)


@given(events=shifts)
def test_every_lost_leg_is_dialled_again(events: list[ev.AgentEvent]) -> None:
    before = Agent(AGENT_IDS[0], AgentPolicy())
    for event, taken in zip(events, work(events), strict=True):
        if isinstance(event, ev.LegLost) and before.state is not S.OFFLINE:
            assert any(isinstance(command, do.RetryLegAfter) for command in taken.commands)
        if isinstance(event, ev.PhoneCame):
            assert (do.RedialLeg() in taken.commands) == (before.state is not S.OFFLINE)
        if isinstance(event, ev.LegRetryDue) and not before.leg_up:
            assert (do.DialLeg() in taken.commands) == (before.state is not S.OFFLINE)
        before = taken.agent


@given(events=shifts)
def test_an_ignored_event_changes_nothing(events: list[ev.AgentEvent]) -> None:
    before = Agent(AGENT_IDS[0], AgentPolicy())
    for taken in work(events):
        assert not taken.ignored or taken.agent == before
        before = taken.agent
