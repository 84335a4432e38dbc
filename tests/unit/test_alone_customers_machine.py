"""The agent machine: what a customer gets whose agent is lost, and for how long."""

from dataclasses import replace

from hypothesis import given

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.machine import step
from tests.unit.test_agent_machine import CALL, ON_CALL, READY, S, after, at, shifts, work

#: What a customer gets whose agent has just been lost.
COMFORT = (do.GiveUpLegAfter(30.0), do.ComfortCustomer(5.0))


def test_a_lost_leg_keeps_the_call_and_comes_back_into_it() -> None:
    lost = after(*ON_CALL, ev.LegLost(at(20)))
    assert (lost.agent.state, lost.agent.call_id) == (S.ON_CALL, CALL)
    assert lost.commands == (do.StoreAlone(at(20)), do.RetryLegAfter(2.0), *COMFORT)
    back = after(*ON_CALL, ev.LegLost(at(20)), ev.LegUp(at(25)))
    assert (back.agent.state, back.agent.leg_up) == (S.ON_CALL, True)
    assert back.commands == (do.EndComfort(), do.StoreAlone(None), do.StopLegTimers())


def test_failed_returns_do_not_renew_the_customers_wait() -> None:
    again = after(*ON_CALL, ev.LegLost(at(20)), ev.LegRetryDue(at(22)), ev.LegLost(at(24)))
    left = (do.GiveUpLegAfter(26.0), do.ComfortCustomer(1.0))
    assert again.commands == (do.RetryLegAfter(2.0), *left)
    assert again.agent.alone_at == at(20)
    long_after = after(*ON_CALL, ev.LegLost(at(20)), ev.LegLost(at(90)))
    assert long_after.commands[1:] == (do.GiveUpLegAfter(0.0), do.ComfortCustomer(0.0))


def test_a_new_owner_goes_on_with_what_is_left_of_the_customers_wait() -> None:
    stored = replace(after(*ON_CALL).agent, leg_up=False, alone_at=at(20))
    found = step(stored, ev.LegLost(at(32)))
    left = (do.GiveUpLegAfter(18.0), do.ComfortCustomer(0.0))
    assert found.commands == (do.RetryLegAfter(2.0), *left)
    behind = step(stored, ev.LegLost(at(15)))  # another machine's clock
    assert behind.commands == (do.RetryLegAfter(2.0), *COMFORT)
    given_up = step(found.agent, ev.LegGivenUp(at(50)))
    assert given_up.commands == (do.EndCall(CALL, by="agent_lost"),)


def test_a_customer_is_comforted_as_soon_as_the_telephone_falls_silent() -> None:
    silent = after(*ON_CALL, ev.LegSilent(at(20)))
    assert silent.commands == (do.StoreAlone(at(20)), *COMFORT)
    assert (silent.agent.state, silent.agent.leg_up) == (S.ON_CALL, True)
    heard = after(*ON_CALL, ev.LegSilent(at(20)), ev.LegHeard(at(22)))
    assert heard.commands == (do.EndComfort(), do.StoreAlone(None), do.StopLegTimers())
    lost = after(*ON_CALL, ev.LegSilent(at(20)), ev.LegLost(at(28)))
    left = (do.GiveUpLegAfter(22.0), do.ComfortCustomer(0.0))
    assert lost.commands == (do.RetryLegAfter(2.0), *left), "the limit is that of the silence"
    assert after(*READY, ev.LegSilent(at(5))).ignored
    assert after(*ON_CALL, ev.LegHeard(at(20))).ignored


def test_the_comfort_ends_with_the_call() -> None:
    gone = after(*ON_CALL, ev.LegLost(at(20)), ev.CallReleased(at(30), CALL, talked=True))
    assert gone.commands[:2] == (do.EndComfort(), do.StoreAlone(None))
    assert gone.agent.alone_at is None


def test_a_leg_that_stays_away_ends_the_call() -> None:
    given_up = after(*ON_CALL, ev.LegLost(at(20)), ev.LegGivenUp(at(50)))
    assert given_up.commands == (do.EndCall(CALL, by="agent_lost"),)


def test_a_page_that_comes_back_into_a_call_is_dialled_at_once_and_keeps_it() -> None:
    """The leg of a killed tab still seems to be up; the page that comes back has none."""
    back = after(*ON_CALL, ev.PhoneCame(at(20)))
    assert (back.agent.state, back.agent.call_id) == (S.ON_CALL, CALL)
    assert back.commands == (do.StoreAlone(at(20)), do.RedialLeg(), *COMFORT)
    again = after(*ON_CALL, ev.LegLost(at(20)), ev.PhoneCame(at(21)))
    left = (do.GiveUpLegAfter(29.0), do.ComfortCustomer(4.0))
    assert again.commands == (do.RedialLeg(), *left), "the customer's wait is not renewed"
    assert after(*ON_CALL, ev.PhoneCame(at(20)), ev.LegUp(at(21))).agent.leg_up


@given(events=shifts)
def test_a_customer_alone_has_a_limit_and_comfort_until_both_end(
    events: list[ev.AgentEvent],
) -> None:
    """Nobody is left to silence or to music for ever, and no agent talks over it."""
    limited = comforted = False
    stored = None
    for taken in work(events):
        for command in taken.commands:
            match command:
                case do.GiveUpLegAfter(after_s):
                    limited = after_s <= taken.agent.policy.leg_lost_limit_s
                case do.ComfortCustomer():
                    comforted = True
                case do.EndComfort():
                    comforted = False
                case do.StopLegTimers():
                    limited = False
                case do.StoreAlone(since):
                    stored = since
                case _:
                    pass
        with_customer = taken.agent.state in (S.RESERVED, S.ON_CALL)
        assert taken.agent.leg_up or not with_customer or taken.agent.alone_at is not None
        assert comforted == (taken.agent.alone_at is not None)
        assert limited or taken.agent.alone_at is None
        assert stored == taken.agent.alone_at
