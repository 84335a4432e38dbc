"""A talk as its agent steers it: whole talks told once, and what holds for every one."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.states import Call, CallOutcome, CallPolicy, CallState
from dialer.call.talks import LAYOUTS, Layout, Part, PartEnd, PartKind, Recorder, TalkState
from tests.call_lives import AGENT, END, TO_TALK, at, commands, given_agents, live
from tests.machine_events import PARTY_IDS, living_events, policies, talk_events

PARTY = PARTY_IDS[0]
OTHER_PARTY = PARTY_IDS[1]
T = TalkState
CONSULT = te.TransferRequested(at(10), "sales", PARTY, consult=True)
BLIND = te.TransferRequested(at(10), "sales", PARTY, consult=False)
ANSWERED = te.PartyAnswered(at(14), PARTY)
AWAY = te.Arranged(at(20), Layout.AWAY)

talks = st.builds(
    lambda begun, then: [*TO_TALK, *begun, *then],
    st.sampled_from([[], [te.HoldRequested(at(9))], [CONSULT], [CONSULT, ANSWERED], [BLIND]]),
    st.lists(talk_events | living_events, max_size=30),
)


def after(*events: ev.CallEvent, **policy: Any) -> Call:
    """The call after a talk to which ``events`` happen."""
    return live([*TO_TALK, *events], CallPolicy(**policy))[-1].call


def said(*events: ev.CallEvent, **policy: Any) -> tuple[do.CallCommand, ...]:
    """The commands of the last event."""
    return live([*TO_TALK, *events], CallPolicy(**policy))[-1].commands


def part(
    kind: PartKind,
    began_s: float,
    ended_s: float | None = None,
    ending: PartEnd | None = None,
    target: str = "",
) -> talk_do.StorePart:
    ended_at = at(ended_s) if ended_s is not None else None
    return talk_do.StorePart(Part(kind, at(began_s), target, ended_at, ending))


def test_hold_and_back() -> None:
    hold, back = te.HoldRequested(at(10)), te.UnholdRequested(at(40))
    assert said(hold) == (talk_do.Arrange(Layout.ON_HOLD, AGENT), part(PartKind.HELD, 10))
    assert said(hold, back) == (
        talk_do.Arrange(Layout.WITH_AGENT, AGENT),
        part(PartKind.HELD, 10, 40, PartEnd.RESUMED),
    )
    held = after(hold)
    assert (held.state, held.talk.state, held.talk.is_apart) == (CallState.CONNECTED, T.HELD, True)
    settled = after(hold, back, te.Arranged(at(41), Layout.WITH_AGENT))
    assert not settled.talk.is_apart


def test_a_customer_who_hangs_up_on_hold_ends_the_part_and_the_talk() -> None:
    steps = live([*TO_TALK, te.HoldRequested(at(10)), ev.HungUp(at(30))], CallPolicy())
    assert steps[-1].commands == (
        do.StopWaitTimer(),
        part(PartKind.HELD, 10, 30, PartEnd.CALL_ENDED),
        do.ReleaseAgent(AGENT, talked=True),
        do.StoreEnd(),
    )
    call = steps[-1].call
    assert (call.outcome, call.ended_by) == (CallOutcome.CONNECTED, "customer")


def test_keys_are_sent_while_customer_and_agent_hear_each_other_and_are_never_shown() -> None:
    keys = te.KeysRequested(at(10), "4321")
    assert said(keys) == (talk_do.SendKeys("4321"),)
    assert said(te.HoldRequested(at(9)), keys) == ()
    assert "4321" not in f"{keys!r}{talk_do.SendKeys('4321')!r}"


def test_an_attended_transfer_frees_the_agent_when_both_have_left_the_bridge() -> None:
    assert said(CONSULT) == (
        talk_do.Arrange(Layout.ON_HOLD, AGENT, PARTY),
        part(PartKind.CALLING, 10, target="sales"),
        talk_do.DialParty("sales", PARTY),
    )
    assert said(CONSULT, ANSWERED)[0] == talk_do.Arrange(Layout.PARTY_WITH_AGENT, AGENT, PARTY)
    leave = te.CompleteRequested(at(19))
    assert said(CONSULT, ANSWERED, leave) == (talk_do.Arrange(Layout.AWAY, AGENT, PARTY),)
    assert after(CONSULT, ANSWERED, leave).agent_id == AGENT
    assert said(CONSULT, ANSWERED, leave, AWAY) == (
        do.ReleaseAgent(AGENT, talked=True),
        part(PartKind.CONSULTING, 14, 20, PartEnd.WENT_ON, "sales"),
        part(PartKind.AWAY, 20, target="sales"),
        talk_do.PauseRecording(),
        part(PartKind.UNRECORDED, 20),
    )
    gone = after(CONSULT, ANSWERED, leave, AWAY)
    assert (gone.state, gone.agent_id) == (CallState.TRANSFERRED, None)


def test_what_ends_a_call_that_was_handed_over() -> None:
    away = (BLIND, ANSWERED, AWAY)
    assert said(*away, te.PartyEnded(at(60), PARTY)) == (do.HangUp(),)
    steps = live([*TO_TALK, *away, te.PartyEnded(at(60), PARTY), ev.HungUp(at(61))], CallPolicy())
    assert steps[-1].commands == (
        do.StopWaitTimer(),
        talk_do.EndParty(PARTY, None),
        part(PartKind.AWAY, 20, 61, PartEnd.CALL_ENDED, "sales"),
        part(PartKind.UNRECORDED, 20, 61, PartEnd.CALL_ENDED),
        do.StoreEnd(),
    )
    call = steps[-1].call
    assert (call.outcome, call.ended_by) == (CallOutcome.CONNECTED, "third_party")
    left = after(*away, ev.HungUp(at(61)))
    assert (left.outcome, left.ended_by) == (CallOutcome.CONNECTED, "customer")


def test_the_recording_ends_with_the_agents_part() -> None:
    away, paused = (BLIND, ANSWERED, AWAY), te.RecordingPaused(at(21))
    assert talk_do.PauseRecording() in said(*away)
    # The dialplan took the customer from the third party: back with both.
    assert said(*away, paused) == (talk_do.Arrange(Layout.AWAY, None, PARTY),)
    assert after(*away, paused).talk.recorder is Recorder.PAUSED
    failed = said(*away, ev.RecordingFailed(at(21)))
    assert part(PartKind.UNRECORDED, 20, 21, PartEnd.FAILED) in failed
    gap = te.PauseRecordingRequested(at(5))
    in_a_gap = (gap, te.RecordingPaused(at(5)), te.Arranged(at(6), Layout.WITH_AGENT), *away)
    assert talk_do.PauseRecording() not in said(*in_a_gap, may_pause_recording=True)


def test_a_blind_transfer_keeps_the_agent_until_somebody_answers() -> None:
    missed = te.PartyEnded(at(30), PARTY)
    assert said(BLIND, missed) == (
        talk_do.EndParty(PARTY, AGENT),
        talk_do.Arrange(Layout.WITH_AGENT, AGENT),
        part(PartKind.TRANSFERRING, 10, 30, PartEnd.NOT_REACHED, "sales"),
    )
    assert after(BLIND, missed).talk.state is T.TALKING


def test_three_way_and_out_again() -> None:
    join, out = te.JoinRequested(at(18)), te.CancelRequested(at(30))
    assert said(CONSULT, ANSWERED, join)[0] == talk_do.Arrange(Layout.ALL, AGENT, PARTY)
    assert said(CONSULT, ANSWERED, join, out)[:2] == (
        talk_do.EndParty(PARTY, AGENT),
        talk_do.Arrange(Layout.WITH_AGENT, AGENT),
    )


def test_a_hand_over_that_fails_brings_the_customer_back() -> None:
    failed = te.NotArranged(at(20), Layout.AWAY)
    call = after(BLIND, ANSWERED, failed)
    assert (call.state, call.agent_id, call.talk.state) == (CallState.CONNECTED, AGENT, T.TALKING)
    lost = te.NotArranged(at(21), Layout.WITH_AGENT)
    assert said(BLIND, ANSWERED, failed, lost) == (do.HangUp(),)


def test_a_gap_in_the_recording() -> None:
    pause, resume = te.PauseRecordingRequested(at(10)), te.ResumeRecordingRequested(at(30))
    stopped, back = te.RecordingPaused(at(10.1)), te.Arranged(at(10.2), Layout.WITH_AGENT)
    paused = (pause, stopped, back)
    may = {"may_pause_recording": True}
    assert said(pause, **may) == (talk_do.PauseRecording(), part(PartKind.UNRECORDED, 10))
    assert said(pause, stopped, **may) == (talk_do.Arrange(Layout.WITH_AGENT, AGENT),)
    assert after(*paused, **may).talk.recorder is Recorder.PAUSED
    assert said(*paused, resume, **may) == (talk_do.ResumeRecording(),)
    started = ev.RecordingStarted(at(30.1))
    assert said(*paused, resume, started, **may) == (
        talk_do.Arrange(Layout.WITH_AGENT, AGENT),
        part(PartKind.UNRECORDED, 10, 30.1, PartEnd.RESUMED),
    )
    assert after(*paused, resume, started, **may).recording


def test_recording_goes_on_where_the_campaign_allows_no_gaps() -> None:
    assert said(te.PauseRecordingRequested(at(10))) == ()
    unrecorded = [one for one in TO_TALK if not isinstance(one, ev.RecordingStarted)]
    policy = CallPolicy(record=False, may_pause_recording=True)
    assert live([*unrecorded, te.PauseRecordingRequested(at(10))], policy)[-1].ignored


def test_a_third_party_nobody_waits_for_is_sent_away() -> None:
    late = te.PartyAnswered(at(30), OTHER_PARTY)
    assert said(late) == (talk_do.EndParty(OTHER_PARTY, AGENT),)
    assert said(CONSULT, te.CancelRequested(at(12)), ANSWERED) == (talk_do.EndParty(PARTY, AGENT),)


@given(events=talks, policy=policies)
def test_the_agent_is_released_once_and_only_out_of_an_empty_bridge(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    steps = live([*events, END], policy)
    released = [
        c for c in commands(steps) if isinstance(c, do.ReleaseAgent) and c.agent_id == AGENT
    ]
    assert len(released) == given_agents(events, steps).count(AGENT)
    for event, taken in zip([*events, END], steps, strict=True):
        lets_go = any(isinstance(c, do.ReleaseAgent) and c.talked for c in taken.commands)
        if lets_go and taken.call.state is CallState.TRANSFERRED:
            assert isinstance(event, te.Arranged)
            assert event.layout is Layout.AWAY


@given(events=talks, policy=policies)
def test_every_third_party_is_ended(events: list[ev.CallEvent], policy: CallPolicy) -> None:
    done = commands(live([*events, END], policy))
    called = [c.party_id for c in done if isinstance(c, talk_do.DialParty)]
    ended = {c.party_id for c in done if isinstance(c, talk_do.EndParty)}
    assert set(called) <= ended


@given(events=talks, policy=policies)
def test_a_third_party_leaves_the_bridge_before_the_agent_is_free(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    there: UUID | None = None
    for taken in live([*events, END], policy):
        for command in taken.commands:
            match command:
                case talk_do.Arrange(Layout.PARTY_WITH_AGENT | Layout.ALL, _, party_id):
                    there = party_id
                case talk_do.EndParty(party_id) if party_id == there:
                    there = None
                case do.ReleaseAgent(_, talked=True) if taken.call.state is CallState.TRANSFERRED:
                    there = None  # moved: Asterisk said so
                case do.ReleaseAgent(agent_id) if agent_id == taken.call.agent_id:
                    assert there is None
                case _:
                    pass


@given(events=talks, policy=policies)
def test_parts_follow_each_other_and_all_end(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    open_parts: dict[bool, Part] = {}
    for command in commands(live([*events, END], policy)):
        if not isinstance(command, talk_do.StorePart):
            continue
        one = command.part
        lane = one.kind is PartKind.UNRECORDED
        if one.ending is None:
            assert lane not in open_parts
            open_parts[lane] = one
        else:
            began = open_parts.pop(lane)
            assert (began.kind, began.began_at) == (one.kind, one.began_at)
            assert (one.ended_at or one.began_at) >= one.began_at
    assert not open_parts


@given(events=talks, policy=policies)
def test_the_last_order_is_always_the_layout_of_the_state(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    last = Layout.WITH_AGENT
    for taken in live(events, policy):
        orders = [c.layout for c in taken.commands if isinstance(c, talk_do.Arrange)]
        last = orders[-1] if orders else last
        if taken.call.state in (CallState.CONNECTED, CallState.TRANSFERRED):
            assert last is LAYOUTS[taken.call.talk.state]
