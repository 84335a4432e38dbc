"""What the floor tells the controller, and what the controller may do to it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from campaigns.pacing.memory import AnsweredMinute
from dialer.agent import events as agent_ev
from dialer.call import events as call_ev
from dialer.call.states import CallPolicy
from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Limit,
    PacingEvent,
    PacingFacts,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.policy import BudgetWindow, PacingMode, PredictivePolicy
from dialer.pacing.watch import CLOCK_BACK, CLOCK_JUMP
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS
from tests.unit.test_machines_together import started
from workers.dialing.pacer import Lines, Pacer

ANNA = AGENT_IDS[0]
CALL, OTHER = UUID(int=1), UUID(int=2)
DAY_S = 86_400
LINES = Lines(free_channels=50, calls_allowed=50)
SIMPLE = CallPolicy(record=False)


@dataclass
class Ear:
    """A controller's ear: keeps what was heard."""

    pacer: Pacer
    heard: list[PacingEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen before the controller."""
        observe = self.pacer.controller.observe

        def both(event: PacingEvent) -> None:
            self.heard.append(event)
            observe(event)

        setattr(self.pacer.controller, "observe", both)  # noqa: B010 - mypy guards the method


def begun(
    agents: int, calls: int, mode: PacingMode = PacingMode.PREDICTIVE
) -> tuple[FloorModel, Pacer, Ear]:
    """A floor with ready agents and calls on their way."""
    model = started(agents=agents)
    policy = PredictivePolicy(mode=mode, window=BudgetWindow(DAY_S))
    pacer = Pacer(model.floor, model.clock, policy, None)
    model.floor.witness = pacer
    ear = Ear(pacer)
    for number in range(1, calls + 1):
        model.add_call(UUID(int=number), SIMPLE)
        pacer.call_sent(UUID(int=number), segment=4)
    return model, pacer, ear


def served(model: FloorModel) -> None:
    """Let Asterisk do everything it was asked for."""
    while model.under_way:
        model.run(0, well=True)


def facts(pacer: Pacer) -> PacingFacts:
    """What the controller is shown now."""
    pacer.decide(LINES, leads=None, segments=())
    assert pacer.last is not None
    return pacer.last[0]


def test_an_answer_a_talk_and_a_wrap_up_are_told_with_their_lengths() -> None:
    model, _, ear = begun(agents=1, calls=1)
    model.clock.advance(7)
    model.floor.feed_call(CALL, call_ev.Answered(model.clock.now()))
    served(model)
    model.clock.advance(60)
    model.hang_up(CALL)
    model.clock.advance(12)
    model.floor.feed_agent(ANNA, agent_ev.Disposed(model.clock.now(), CALL, "sale"))
    answered, talked, wrapped = ear.heard
    assert isinstance(answered, Answered)
    assert answered.ring_s == pytest.approx(7, abs=0.01)
    assert answered.segment == 4
    assert isinstance(talked, TalkEnded)
    assert talked.talk_s == pytest.approx(60, abs=0.1)
    assert isinstance(wrapped, WrapEnded)
    assert wrapped.wrap_s == pytest.approx(12, abs=0.01)
    assert not wrapped.paused


@pytest.mark.parametrize(
    ("cause", "sip_code", "remote", "end"),
    [
        (17, 486, True, CallEnd.REFUSED),
        (1, 404, True, CallEnd.FAILED),
        (34, 503, True, CallEnd.FAILED),
        (19, 480, False, CallEnd.NO_ANSWER),
    ],
)
def test_an_end_without_a_person_is_told_by_its_kind(
    cause: int, sip_code: int, remote: bool, end: CallEnd
) -> None:
    model, _, ear = begun(agents=1, calls=1)
    model.floor.feed_call(CALL, call_ev.Rang(model.clock.now()))
    model.clock.advance(3)
    model.floor.feed_call(CALL, call_ev.HungUp(model.clock.now(), cause, sip_code, remote=remote))
    (told,) = ear.heard
    assert isinstance(told, Unanswered)
    assert (told.end, told.ring_s) == (end, 3)


def test_a_person_without_an_agent_is_charged_once() -> None:
    model, pacer, ear = begun(agents=0, calls=1)
    model.floor.feed_call(CALL, call_ev.Answered(model.clock.now()))
    assert len(facts(pacer).waiting) == 1
    model.clock.advance(2)
    model.floor.feed_call(CALL, call_ev.WaitExpired(model.clock.now()))
    model.floor.feed_call(CALL, call_ev.MessageFinished(model.clock.now()))
    model.hang_up(CALL)
    assert [type(event) for event in ear.heard] == [Answered, Abandoned]
    assert pacer.controller.budget.counts.abandoned == 1


def test_agents_who_will_leave_and_calls_for_one_agent_are_not_counted_on() -> None:
    model, pacer, _ = begun(agents=2, calls=2)
    assert (facts(pacer).ready, len(facts(pacer).ringing)) == (2, 2)
    assert model.floor.hold(ANNA, CALL)
    assert (facts(pacer).ready, len(facts(pacer).ringing)) == (1, 1)
    model.floor.feed_call(OTHER, call_ev.Answered(model.clock.now()))
    served(model)
    talking = facts(pacer)
    assert (talking.ready, len(talking.talking_since_s), talking.leaving) == (0, 1, 0)
    model.floor.feed_agent(AGENT_IDS[1], agent_ev.PauseRequested(model.clock.now(), "tea"))
    assert (len(facts(pacer).talking_since_s), facts(pacer).leaving) == (0, 1)


def test_a_call_is_given_up_only_when_it_has_rung_long_enough() -> None:
    model, pacer, _ = begun(agents=1, calls=1)
    clock = model.clock
    clock.advance(30)  # a carrier that is slow to ring
    assert pacer.may_cancel(CALL.hex, clock.now()) is None
    model.floor.feed_call(CALL, call_ev.Rang(clock.now()))
    clock.advance(14.9)
    assert pacer.may_cancel(CALL.hex, clock.now()) is None
    clock.advance(0.2)
    assert pacer.may_cancel(CALL.hex, clock.now()) == CALL
    model.floor.feed_call(CALL, call_ev.HangUpRequested(clock.now(), "pacing"))
    assert not facts(pacer).ringing, "it is on its way out"
    assert pacer.may_cancel(OTHER.hex, clock.now()) is None


@pytest.mark.parametrize(("by_s", "note"), [(DAY_S, CLOCK_JUMP), (-DAY_S, CLOCK_BACK)])
def test_a_clock_that_is_set_moves_neither_the_budget_nor_a_talk(by_s: float, note: str) -> None:
    model, pacer, ear = begun(agents=1, calls=1)
    pacer.count([AnsweredMinute(model.clock.now(), answered=100, abandoned=2)])
    model.floor.feed_call(CALL, call_ev.Answered(model.clock.now()))
    served(model)
    model.clock.advance(30)
    facts(pacer)
    model.clock.set_by(by_s)
    seen = facts(pacer)
    assert pacer.last is not None
    assert pacer.last[1].why.note == note
    (since_s,) = seen.talking_since_s
    assert seen.at_s - since_s == pytest.approx(30, abs=0.1)
    counts = pacer.controller.budget.counts
    assert (counts.answered, counts.abandoned) == (101, 2)
    for _ in range(2):
        model.clock.advance(35)
        facts(pacer)
    assert pacer.last[1].why.note == ""
    model.hang_up(CALL)
    (talk,) = [event for event in ear.heard if isinstance(event, TalkEnded)]
    assert talk.talk_s == pytest.approx(100, abs=0.1)
    model.clock.advance(2 * DAY_S)
    facts(pacer)
    assert pacer.controller.budget.counts.answered == 0, "time that passes does move it"


def test_answers_that_a_wrong_clock_stamped_for_tomorrow_are_counted_now() -> None:
    """Else the budget's windows would stand still until then."""
    model, pacer, _ = begun(agents=1, calls=0)
    tomorrow = model.clock.now() + timedelta(days=1)
    pacer.count([AnsweredMinute(tomorrow, answered=10, abandoned=0)])
    model.clock.advance(DAY_S + 2 * 3_600)
    facts(pacer)
    assert pacer.controller.budget.counts.answered == 0


def test_another_policy_keeps_what_was_counted_and_learned() -> None:
    model, pacer, _ = begun(agents=2, calls=0)
    now = model.clock.now()
    pacer.count([AnsweredMinute(now, answered=100, abandoned=2)])
    before, controller = pacer.learned(), pacer.controller
    pacer.use(replace(pacer.controller.policy, ceiling=0.02, target_rate=0.01, burst_ceiling=0.04))
    counts = pacer.controller.budget.counts
    assert (counts.answered, counts.abandoned) == (100, 2)
    assert pacer.controller.policy.ceiling == 0.02
    assert pacer.learned().keys() == before.keys()
    assert pacer.controller is controller, "and what it saw of calls in flight"


@pytest.mark.parametrize(("abandoned", "charged"), [(10, 0), (40, 10)])
def test_thrift_of_others_is_no_credit_and_their_debt_is_charged(
    abandoned: int, charged: int
) -> None:
    _, pacer, _ = begun(agents=2, calls=0)
    pacer.share(answered=1000, abandoned=abandoned)
    elsewhere = pacer.controller.budget.elsewhere
    assert elsewhere.answered == 0
    assert elsewhere.abandoned == pytest.approx(charged)
    facts(pacer)
    assert pacer.second(0)["others_abandoned"] == abandoned


def test_without_agents_nobody_is_dialled_and_power_keeps_its_ratio() -> None:
    _, pacer, _ = begun(agents=0, calls=0)
    assert pacer.decide(LINES, leads=None, segments=()).place == 0
    model = started(agents=2)
    power = PredictivePolicy(mode=PacingMode.POWER, dial_ratio=3)
    busy = Pacer(model.floor, model.clock, power, None)
    assert busy.decide(LINES, leads=None, segments=()).place == 6
    assert busy.decide(LINES, leads=2, segments=(4, 4)).place == 2
    inputs = busy.inputs()
    assert inputs is not None
    assert (inputs["ready"], inputs["ringing"]) == (2, 0)


def test_in_preview_agents_choose_and_nothing_is_placed() -> None:
    """However many are free: the record says who chooses, or that nobody is there."""
    for agents, limit in ((0, Limit.NO_AGENTS), (3, Limit.PREVIEW)):
        _, pacer, _ = begun(agents=agents, calls=0, mode=PacingMode.PREVIEW)
        decision = pacer.decide(LINES, leads=None, segments=())
        assert (decision.place, decision.why.limit) == (0, limit)
        inputs = pacer.inputs()
        assert inputs is not None
        assert inputs["limit"] == limit.value
