"""The message for people without an agent, and the key that opts out, as the call machine has them."""

from hypothesis import example, given

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.machine import KEY_WAIT_S
from dialer.call.states import CallOutcome, CallPolicy, CallState
from tests.call_lives import ABANDONED, END, KEY, TO_TALK, WAITING, at, commands, live, lives, told
from tests.machine_events import policies


def test_the_message_begins_within_the_wait_however_short() -> None:
    for longest_s in (0.01, 0.1, 0.15, 0.5, 2.0):
        ((*_, wait, _),) = told([ev.Answered(at(5))], max_wait_s=longest_s)
        assert isinstance(wait, do.StartWaitTimer)
        assert 0 < wait.after_s < longest_s


def test_the_key_opts_out_during_the_message() -> None:
    events: list[ev.CallEvent] = [
        *ABANDONED,
        ev.KeyPressed(at(8), "1"),
        ev.KeyPressed(at(9), KEY),
        ev.MessageFinished(at(9)),  # cut short
        ev.KeyPressed(at(9.5), KEY),
        ev.ConfirmationFinished(at(12)),
        END,
    ]
    assert told(events, opt_out_key=KEY)[2:] == [
        (),
        (do.StopWaitTimer(), do.OptOut(), do.PlayConfirmation()),
        (),
        (),
        (do.HangUp(),),
        (do.StopWaitTimer(), do.StoreEnd()),
    ]
    call = live(events, CallPolicy(opt_out_key=KEY))[-1].call
    assert (call.outcome, call.opted_out) == (CallOutcome.ABANDONED, True)


def test_the_key_counts_for_a_moment_after_the_message() -> None:
    events: list[ev.CallEvent] = [*ABANDONED, ev.MessageFinished(at(12))]
    late = told([*events, ev.KeyPressed(at(14), KEY)], opt_out_key=KEY)
    assert late[-2] == (do.StartWaitTimer(KEY_WAIT_S),)
    assert do.OptOut() in late[-1]
    over = told([*events, ev.WaitExpired(at(15))], opt_out_key=KEY)
    assert over[-1] == (do.HangUp(),)


def test_nobody_waits_for_a_key_after_a_message_that_was_not_heard() -> None:
    events: list[ev.CallEvent] = [*ABANDONED, ev.MessageFinished(at(7.1), heard=False)]
    assert told(events, opt_out_key=KEY)[-1] == (do.HangUp(),)


def test_a_wait_timer_of_before_does_not_cut_the_message_short() -> None:
    assert told([*ABANDONED, ev.WaitExpired(at(7))], opt_out_key=KEY)[-1] == ()


def test_a_key_in_a_conversation_or_without_an_opt_out_means_nothing() -> None:
    key = ev.KeyPressed(at(20), KEY)
    for events in ([*TO_TALK, key], [*WAITING, key], [*TO_TALK, END, key]):
        assert told(events, opt_out_key=KEY)[-1] == ()
    assert told([*ABANDONED, key])[-1] == ()


@given(events=lives, policy=policies)
@example(
    events=[*ABANDONED, ev.KeyPressed(at(8), KEY), ev.KeyPressed(at(9), KEY)],
    policy=CallPolicy(opt_out_key=KEY),
)
def test_only_an_abandoned_person_opts_out_once_and_by_the_key(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    pressed = any(isinstance(e, ev.KeyPressed) and e.digit == policy.opt_out_key for e in events)
    steps = live([*events, END], policy)
    done = commands(steps)
    call = steps[-1].call
    assert done.count(do.OptOut()) == done.count(do.PlayConfirmation()) == call.opted_out
    if call.opted_out:
        assert pressed
        assert call.outcome is CallOutcome.ABANDONED


@given(events=lives, policy=policies)
def test_who_pressed_the_key_during_the_message_has_opted_out(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    steps = live(events, policy)
    for before, event, after in zip(steps, events[1:], steps[1:], strict=False):
        hears = before.call.state is CallState.APOLOGISING
        if hears and isinstance(event, ev.KeyPressed) and event.digit == policy.opt_out_key:
            assert after.call.opted_out


@given(events=lives, policy=policies)
def test_a_person_without_an_agent_is_always_let_go(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    """Whatever happened before: once every prompt and wait is over, the call is hung up."""
    if not events or live(events, policy)[-1].call.state is not CallState.APOLOGISING:
        return
    over: list[ev.CallEvent] = [
        ev.MessageFinished(at(4000)),
        ev.WaitExpired(at(4003)),
        ev.ConfirmationFinished(at(4006)),
    ]
    assert do.HangUp() in commands(live([*events, *over], policy))
