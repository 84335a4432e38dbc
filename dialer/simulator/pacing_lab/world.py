"""The discrete-event simulator: calls, people and agents in virtual time."""

from collections.abc import Sequence
from functools import partial
from time import thread_time_ns

from dialer.pacing.facts import Abandoned, Answered, CallEnd, Unanswered
from dialer.pacing.limits import Bucket
from dialer.simulator.pacing_lab.agents import Agent
from dialer.simulator.pacing_lab.callbacks import Promises
from dialer.simulator.pacing_lab.chances import factor_at
from dialer.simulator.pacing_lab.clairvoyant import Foreseeing
from dialer.simulator.pacing_lab.clockwork import Clockwork
from dialer.simulator.pacing_lab.floor import Floor
from dialer.simulator.pacing_lab.loans import Loans
from dialer.simulator.pacing_lab.people import Dial, Fate
from dialer.simulator.pacing_lab.scenario import Scenario
from dialer.simulator.pacing_lab.shapes import Silence
from dialer.simulator.pacing_lab.side import MANY, Controller, Side

Call = tuple[Side, Dial]

#: A call that the trunks lose says so after this, seconds.
_LOST_S = 0.5


class World:
    """One day of one scenario with one seed."""

    def __init__(self, scenario: Scenario, controllers: Sequence[Controller], seed: int) -> None:
        """Set the stage: a controller for each campaign, in their order."""
        self.scenario = scenario
        self.clock = Clockwork(scenario.clock_jumps)
        self.sides = [
            Side(number, campaign, controller, scenario.seconds, seed)
            for number, (campaign, controller) in enumerate(
                zip(scenario.campaigns, controllers, strict=True)
            )
        ]
        self.floor = Floor(scenario, self.sides, self.clock, seed, self._on_ready)
        self._promises = [
            Promises(side, self.clock, self.floor.talk, scenario.seconds, seed)
            for side in self.sides
        ]
        for side in self.sides:
            if isinstance(side.controller, Foreseeing):
                side.controller.foresee(partial(self.floor.free_in_s, side))
        self._loans = Loans()
        self._lines = 0  #: of calls that ring or wait
        self._idle = False  #: what was due had no effect: nobody is to be asked
        rate = scenario.calls_per_second
        self._bucket = None if rate is None else Bucket(rate, max(1.0, rate), 0.0)
        self._outages = [(one.from_h * 3600, one.to_h * 3600, one) for one in scenario.outages]
        self.clock.at(0.0, self._tick, None)

    def run(self) -> None:
        """Simulate until the day is over and its last call is with an agent, or gone."""
        clock, sides, end_s = self.clock, self.sides, self.scenario.seconds
        while clock.now_s < end_s or self._lines:
            self._idle = False
            clock.step()
            if not self._idle:
                for side in sides:
                    self._decide(side)
        self.floor.settle()

    def _decide(self, side: Side) -> None:
        clock = self.clock
        lines, bucket = self.scenario.lines, self._bucket
        free = MANY if lines is None else max(0, lines - self._lines - self.floor.lines)
        allowed = MANY if bucket is None else bucket.available(clock.now_s)
        facts = side.facts(clock.now_s, clock.seen_s, free, allowed)
        began_ns = thread_time_ns()
        decision = side.controller.decide(facts)
        side.ledger.decisions_ns.append(thread_time_ns() - began_ns)
        if decision.cancel:
            self._cancel(side, decision.cancel)
        if decision.place > 0:
            most = min(free, allowed, facts.leads_due, decision.place if facts.agents else 0)
            side.ledger.refused_orders += decision.place - most
            self._place(side, most)

    def _place(self, side: Side, calls: int) -> None:
        clock = self.clock
        if self._bucket is not None:
            self._bucket = self._bucket.spent(calls, clock.now_s)
        outage = next((one for a, b, one in self._outages if a <= clock.now_s < b), None)
        for _ in range(calls):
            dial = side.place(clock.now_s, clock.seen_s)
            if outage is not None:
                fails = outage.kind is Silence.FAILS
                dial.fate = Fate.UNANSWERED
                dial.end = CallEnd.FAILED if fails else CallEnd.NO_ANSWER
                dial.ring_s = _LOST_S if fails else side.campaign.ring_limit_s
            clock.later(dial.ring_s, self._stop_ringing, (side, dial))
        self._lines += calls

    def _cancel(self, side: Side, ids: Sequence[int | str]) -> None:
        clock = self.clock
        for id_ in ids:
            dial = side.dials.get(id_) if isinstance(id_, int) else None
            if dial is None or clock.now_s - dial.placed_s < side.campaign.least_ring_s - 1e-6:
                side.ledger.refused_orders += 1
                continue
            side.ledger.cancelled += 1
            self._unanswered(side, dial, CallEnd.CANCELLED)

    def _unanswered(self, side: Side, dial: Dial, end: CallEnd) -> None:
        side.stop_ringing(dial)
        self._lines -= 1
        ring_s = self.clock.now_s - dial.placed_s
        told = Unanswered(dial.number, self.clock.seen_s, ring_s, end, dial.segment)
        side.controller.observe(told)

    def _stop_ringing(self, call: Call) -> None:
        side, dial = call
        if dial.number not in side.dials:
            self._idle = True  # it was cancelled
            return
        match dial.fate:
            case Fate.PERSON | Fate.PASSED:
                self._answered(side, dial)
            case Fate.MISTAKEN:
                self._mistaken(side, dial)
            case Fate.MACHINE | Fate.UNANSWERED:
                self._unanswered(side, dial, dial.end)

    def _mistaken(self, side: Side, dial: Dial) -> None:
        ledger, now_s = side.ledger, self.clock.now_s
        ledger.count(ledger.answered, now_s)
        ledger.count(ledger.abandoned, now_s)
        self._unanswered(side, dial, CallEnd.MACHINE)
        if dial.audited:
            told = Abandoned(dial.number, self.clock.seen_s, false_positive=True)
            side.controller.observe(told)

    def _answered(self, side: Side, dial: Dial) -> None:
        clock, ledger = self.clock, side.ledger
        side.stop_ringing(dial)
        dial.answered_s = clock.now_s
        ring_s = clock.now_s - dial.placed_s
        side.controller.observe(Answered(dial.number, clock.seen_s, ring_s, dial.segment))
        if dial.fate is Fate.PERSON:
            ledger.count(ledger.answered, clock.now_s)
        else:
            ledger.machines += 1
        agent = self._agent_for(side)
        if agent is not None:
            self._connect(agent, side, dial)
        else:
            side.let_wait(dial, clock.seen_s)
            clock.later(side.campaign.waits_s, self._give_up, (side, dial))

    def _agent_for(self, side: Side) -> Agent | None:
        """Take a ready agent out of those who are: the longest free, of the own campaign first."""
        if side.unreserved:
            return side.ready.popleft()
        lender = self._loans.lender(side, self.sides) if self.scenario.lending else None
        if lender is None:
            return None
        self._loans.lent(lender, side)
        return lender.ready.popleft()

    def _connect(self, agent: Agent, side: Side, dial: Dial) -> None:
        self._lines -= 1
        factor = factor_at(side.campaign.talk.factors, self.clock.now_s / 3600)
        wraps = factor_at(side.campaign.wrap.factors, self.clock.now_s / 3600)
        machine = dial.number if dial.fate is Fate.PASSED else None
        self.floor.talk(agent, side, dial.talk_s * factor, dial.wrap_s * wraps, machine)

    def _on_ready(self, agent: Agent) -> None:
        side = self.sides[agent.campaign]
        if self._promises[side.number].take(agent):
            return
        if side.reserved > len(side.ready):
            side.ready.append(agent)
            return
        if not side.waiters and self.scenario.lending:
            borrower = self._loans.longest_waiting(side, self.sides)
            if borrower is not None:
                self._loans.lent(side, borrower)
                side = borrower
        if side.waiters:
            dial = side.waiters[0]
            side.stop_waiting(dial)
            self._connect(agent, side, dial)
        else:
            self.sides[agent.campaign].ready.append(agent)

    def _give_up(self, call: Call) -> None:
        side, dial = call
        if not side.stop_waiting(dial):
            self._idle = True  # there was an agent in time
            return
        self._lines -= 1
        side.controller.observe(Abandoned(dial.number, self.clock.seen_s))
        if dial.fate is Fate.PERSON:
            side.ledger.count(side.ledger.abandoned, dial.answered_s)

    def _tick(self, _: None) -> None:
        for side in self.sides:
            side.ledger.ringing.append(len(side.ringing))
            side.ledger.waiting.append(len(side.waiting))
        if len(self.sides) > 1:
            self.floor.rebalance()
        self.clock.later(self.scenario.tick_s, self._tick, None)
