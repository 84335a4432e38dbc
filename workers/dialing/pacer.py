"""Pacing in production: what happens on the floor is told to the controller, as it is in the laboratory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from typing import Any
from uuid import UUID

import structlog

from campaigns.pacing.memory import AnsweredMinute
from dialer.agent.states import Agent, AgentState
from dialer.call.states import Call, CallOutcome, CallState
from dialer.clock import Clock
from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Decision,
    PacingFacts,
    RingingCall,
    TakenForMachine,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.policy import PacingMode, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.pacing.tally import Counts
from workers.dialing.floor import Floor
from workers.dialing.moment import UNANSWERED, staff_of, underway
from workers.dialing.pacing_told import careful, reasons, seen
from workers.dialing.steady_time import SteadyTime

_ENDS = {
    CallOutcome.NO_ANSWER: CallEnd.NO_ANSWER,
    CallOutcome.BUSY: CallEnd.REFUSED,
    CallOutcome.REJECTED: CallEnd.REFUSED,
    CallOutcome.MACHINE: CallEnd.MACHINE,
    CallOutcome.CANCELLED: CallEnd.CANCELLED,
    # Nobody knows what would have become of these.
    CallOutcome.NOT_SENT: CallEnd.CANCELLED,
    CallOutcome.INTERRUPTED: CallEnd.CANCELLED,
}
#: More leads than any decision asks for: the hopper says when there are none.
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Lines:
    """What the trunk has room for now."""

    free_channels: int
    calls_allowed: int


log = structlog.get_logger()


class Pacer:
    """The controller of one campaign, and what it must know of each call."""

    def __init__(
        self,
        floor: Floor,
        clock: Clock,
        policy: PredictivePolicy,
        learned: Mapping[str, Any] | None,
    ) -> None:
        """Start with what an earlier owner or an earlier day has ``learned``."""
        self._floor = floor
        self._clock = clock
        self._time = SteadyTime(clock)
        self.controller = Predictive(policy, dict(learned) if learned else None)
        self._sent: dict[UUID, RingingCall] = {}  # in the order of dialling
        self.last: tuple[PacingFacts, Decision] | None = None
        self._others = Counts()  #: of campaigns that share the budget
        self.cancelled = 0  #: since the last second of the record
        self._since: dict[UUID, tuple[datetime, float]] = {}  #: of agents' states, as first seen
        self.machines: set[UUID] = set()  #: calls that analysis took for machines'

    def use(self, policy: PredictivePolicy) -> None:
        """Take a changed policy over; what was learned and counted stays."""
        if policy != self.controller.policy:
            self.controller.use(policy)

    def count(self, minutes: Sequence[AnsweredMinute]) -> None:
        """Charge the budget with what earlier owners' calls came to."""
        budget = self.controller.budget
        for minute in minutes:
            at_s = self._time.at_s(minute.at)
            budget.pass_time(at_s)
            for _ in range(minute.answered):
                budget.answered(at_s)
            for _ in range(minute.abandoned):
                budget.abandoned(at_s, false_positive=False)

    def share(self, answered: int, abandoned: int) -> None:
        """Charge the budget with what campaigns that share it have overdrawn.

        Their thrift is no credit: a campaign keeps its own ceiling, and where all keep it, so does
        their sum.
        """
        self._others = Counts(answered, abandoned)
        overdrawn = max(0.0, abandoned - self.controller.policy.ceiling * answered)
        self.controller.share(Counts(0.0, overdrawn))

    # --- what happened ---------------------------------------------------------------------

    def call_sent(self, call_id: UUID, segment: int) -> None:
        """Note that a call is on its way; ``segment``: its leads share an answer rate."""
        self._sent[call_id] = RingingCall(call_id.hex, self._now_s(), segment)

    def call_moved(self, before: Call, after: Call) -> None:
        """Note a change of a call."""
        if before.answered_at is None and after.answered_at is not None:
            sent, at_s = self._gone(after.id), self._time.at_s(after.answered_at)
            ring_s = max(0.0, at_s - sent.placed_at_s)
            self.controller.observe(Answered(sent.id, at_s, ring_s, sent.segment))
        elif after.state is CallState.ENDED and after.answered_at is None:
            self._unanswered(after)
        if before.state is not CallState.MACHINE and after.state is CallState.MACHINE:
            self.machines.add(after.id)
            self.controller.observe(TakenForMachine(after.id.hex, self._now_s()))
        if not self._was_late(before) and self._was_late(after):
            self.controller.observe(Abandoned(after.id.hex, self._now_s()))

    def _was_late(self, call: Call) -> bool:
        """Tell whether a person who answered had no agent in time, whatever the outcome says."""
        if call.answered_at is None:
            return False
        if call.connected_at is not None:
            wait_s = (call.connected_at - call.answered_at).total_seconds()
            return wait_s > self.controller.policy.patience_s
        return call.outcome in (CallOutcome.ABANDONED, CallOutcome.INTERRUPTED)

    def _unanswered(self, call: Call) -> None:
        sent = self._gone(call.id)
        at_s = self._time.at_s(call.ended_at) if call.ended_at else self._now_s()
        end = _ENDS.get(call.outcome, CallEnd.FAILED) if call.outcome else CallEnd.CANCELLED
        ring_s = max(0.0, at_s - sent.placed_at_s)
        self.controller.observe(Unanswered(sent.id, at_s, ring_s, end, sent.segment))

    def _gone(self, call_id: UUID) -> RingingCall:
        return self._sent.pop(call_id, None) or RingingCall(call_id.hex, self._now_s())

    def agent_moved(self, before: Agent, after: Agent) -> None:
        """Note a change of an agent."""
        if before.state is after.state or before.since is None:
            return
        at_s = self._now_s()
        spent_s = max(0.0, at_s - self._since_s(before))
        self._since_s(after)
        away = after.state in (AgentState.PAUSED, AgentState.OFFLINE)
        if before.state is AgentState.ON_CALL:
            self.controller.observe(TalkEnded(at_s, spent_s))
            if after.state is not AgentState.WRAP_UP:
                self.controller.observe(WrapEnded(at_s, 0.0, paused=away))
        elif before.state is AgentState.WRAP_UP:
            self.controller.observe(WrapEnded(at_s, spent_s, paused=away))

    # --- what to do ------------------------------------------------------------------------

    def decide(self, lines: Lines, *, leads: int | None, segments: Sequence[int]) -> Decision:
        """Return what to do now; ``leads`` None: nobody knows how many are due, many."""
        facts = self._facts(lines, _MANY if leads is None else leads, segments)
        try:
            decision = self.controller.decide(facts)
        except Exception:
            log.exception("pacing.decision_failed")
            decision = careful(facts)
        if self.controller.policy.mode is PacingMode.PREVIEW and self._floor.desks:
            decision = decision.by_agents()
        note = self._time.note()
        if note and not decision.why.note:
            decision = replace(decision, why=replace(decision.why, note=note))
        self.last = facts, decision
        return decision

    def learned(self) -> dict[str, Any]:
        """Return what was learned, as plain JSON values: for the next owner and the next day."""
        return dict(self.controller.saved()["estimates"])

    def inputs(self) -> dict[str, Any] | None:
        """Return what the last decision rested on, for the receipts of the calls it placed."""
        if self.last is None:
            return None
        facts, decision = self.last
        return seen(facts) | reasons(decision.why)

    def second(self, placed: int) -> dict[str, Any]:
        """Return the last decision as one second of the record; ``placed`` calls went out in it."""
        budget, policy = self.controller.budget, self.controller.policy
        counts, others = budget.counts, self._others
        cancelled, self.cancelled = self.cancelled, 0
        return (self.inputs() or {}) | {
            "at_s": round(self._clock.now().timestamp(), 3),
            "placed": placed,
            "cancelled": cancelled,
            "answered": counts.answered,
            "abandoned": counts.abandoned,
            "others_answered": others.answered,
            "others_abandoned": others.abandoned,
            "ceiling": round(policy.ceiling, 5),
            "target": round(policy.target_rate, 5),
        }

    def may_cancel(self, call_id: str, now: datetime) -> UUID | None:
        """Return a call the controller gives up, if it has rung as long as the law wants."""
        call = self._floor.calls.get(UUID(hex=call_id))
        if call is None or call.state not in UNANSWERED or call.rang_at is None:
            return None
        rung_s = (now - call.rang_at).total_seconds()
        return call.id if rung_s >= self.controller.policy.least_ring_s else None

    def _facts(self, lines: Lines, leads: int, segments: Sequence[int]) -> PacingFacts:
        now_s = self._now_s()
        promised, at_s = bool(self._floor.promises.coming), self._time.at_s
        staff = staff_of(self._floor, self._since_s)
        ringing, waiting = underway(self._floor, self._sent, staff.kept, self.call_sent, at_s)
        spare = len(self._floor.spare_desks()) if promised else 0
        return PacingFacts(
            at_s=now_s,
            ready=staff.ready,
            reserved=staff.ready - spare if promised else 0,
            talking_since_s=staff.talking_since_s,
            wrapping_since_s=staff.wrapping_since_s,
            ringing=ringing,
            waiting=waiting,
            free_channels=max(0, lines.free_channels),
            calls_allowed=lines.calls_allowed,
            leads_due=leads,
            next_segments=segments,
            leaving=staff.leaving,
        )

    def _since_s(self, agent: Agent) -> float:
        """Return when the agent's state began; a clock that is set meanwhile does not move it."""
        if agent.since is None:
            return self._now_s()
        known = self._since.get(agent.id)
        if known is None or known[0] != agent.since:
            known = self._since[agent.id] = agent.since, self._time.at_s(agent.since)
        return known[1]

    def at_s(self, stamp: datetime) -> float:
        """Return an instant as pacing counts them, never later than now, seconds."""
        return self._time.at_s(stamp)

    def age_s(self) -> float:
        """Return how long ago the last decision was made, seconds."""
        return inf if self.last is None else self._now_s() - self.last[0].at_s

    def now(self) -> datetime:
        """Return the present instant as it would be had nobody set the clock since the start."""
        return datetime.fromtimestamp(self._now_s(), UTC)

    def _now_s(self) -> float:
        return self._time.now_s()
