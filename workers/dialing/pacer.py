"""Pacing in production: what happens on the floor is told to the controller, as it is in the laboratory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    Limit,
    PacingFacts,
    RingingCall,
    TakenForMachine,
    TalkEnded,
    Unanswered,
    WaitingPerson,
    Why,
    WrapEnded,
)
from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.pacing.tally import Counts
from workers.dialing.floor import Desk, Floor

_UNANSWERED = (CallState.DIALING, CallState.RINGING)
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
#: An agent who has a person already, or is about to.
_TAKEN = (AgentState.RESERVED, AgentState.ON_CALL)
#: More leads than any decision asks for: the hopper says when there are none.
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Lines:
    """What the trunk has room for now."""

    free_channels: int
    calls_allowed: int


#: A decision's note: the controller failed, its author wants to know.
FAILED = "controller_failed"

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
        self.controller = Predictive(policy, dict(learned) if learned else None)
        self._sent: dict[UUID, RingingCall] = {}  # in the order of dialling
        self.last: tuple[PacingFacts, Decision] | None = None
        self._others = Counts()  #: of campaigns that share the budget
        self.cancelled = 0  #: since the last second of the record
        self.machines: set[UUID] = set()  #: calls that analysis took for machines'

    def use(self, policy: PredictivePolicy) -> None:
        """Take a changed policy over; what was learned and counted stays."""
        if policy != self.controller.policy:
            before = self.controller.saved()
            self.controller = Predictive(policy)
            self.controller.load(before)

    def count(self, minutes: Sequence[AnsweredMinute]) -> None:
        """Charge the budget with what earlier owners' calls came to."""
        budget = self.controller.budget
        for minute in minutes:
            at_s = minute.at.timestamp()
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
            sent, at_s = self._gone(after.id), after.answered_at.timestamp()
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
        at_s = call.ended_at.timestamp() if call.ended_at else self._now_s()
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
        spent_s = max(0.0, at_s - before.since.timestamp())
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
            decision = _careful(facts)
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
        return _seen(facts) | _reasons(decision.why)

    def second(self, placed: int) -> dict[str, Any]:
        """Return the last decision as one second of the record; ``placed`` calls went out in it."""
        budget, policy = self.controller.budget, self.controller.policy
        counts, others = budget.counts, self._others
        cancelled, self.cancelled = self.cancelled, 0
        return (self.inputs() or {}) | {
            "at_s": round(self._now_s(), 3),
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
        if call is None or call.state not in _UNANSWERED or call.rang_at is None:
            return None
        rung_s = (now - call.rang_at).total_seconds()
        return call.id if rung_s >= self.controller.policy.least_ring_s else None

    def _facts(self, lines: Lines, leads: int, segments: Sequence[int]) -> PacingFacts:
        desks, calls = self._floor.desks.values(), self._floor.calls
        kept = {desk.held_for for desk in desks}
        talking = [desk for desk in desks if desk.agent.state in _TAKEN]
        wrapping = [desk for desk in desks if desk.agent.state is AgentState.WRAP_UP]
        waiting = [
            WaitingPerson(call.id.hex, call.answered_at.timestamp())
            for call in calls.values()
            if call.state is CallState.WAITING and call.agent_id is None and call.answered_at
        ]
        now_s = self._now_s()
        return PacingFacts(
            at_s=now_s,
            ready=sum(1 for _ in self._floor.ready_desks()),
            talking_since_s=[_since_s(desk, now_s) for desk in talking if _stays(desk)],
            wrapping_since_s=[_since_s(desk, now_s) for desk in wrapping if _stays(desk)],
            ringing=self._ringing(kept),
            waiting=waiting,
            free_channels=max(0, lines.free_channels),
            calls_allowed=lines.calls_allowed,
            leads_due=leads,
            next_segments=segments,
            leaving=sum(1 for desk in (*talking, *wrapping) if not _stays(desk)),
        )

    def _ringing(self, kept: set[UUID | None]) -> list[RingingCall]:
        calls = self._floor.calls
        for call_id, call in calls.items():
            # Left by an earlier owner: nobody knows when it began.
            if call.state in _UNANSWERED and call_id not in self._sent:
                self.call_sent(call_id, 0)
        return [
            sent
            for call_id, sent in self._sent.items()
            if call_id not in kept and self._may_be_answered(call_id)
        ]

    def _may_be_answered(self, call_id: UUID) -> bool:
        call = self._floor.calls.get(call_id)
        return call is not None and call.state in _UNANSWERED and call.cancel_reason is None

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _careful(facts: PacingFacts) -> Decision:
    """Return what can never be wrong: one call for each free agent."""
    free = facts.ready - len(facts.ringing) - len(facts.waiting)
    place = max(0, min(free, facts.free_channels, facts.calls_allowed, facts.leads_due))
    why = Why(Limit.AGENTS, None, 0.0, facts.ready, 0.0, 0.0, 0.0, note=FAILED)
    return Decision(place, (), why)


def _seen(facts: PacingFacts) -> dict[str, Any]:
    return {
        "ready": facts.ready,
        "talking": len(facts.talking_since_s),
        "wrapping": len(facts.wrapping_since_s),
        "leaving": facts.leaving,
        "ringing": len(facts.ringing),
        "waiting": len(facts.waiting),
    }


def _reasons(why: Why) -> dict[str, Any]:
    return {
        "limit": why.limit.value,
        "risk": None if why.risk is None else round(why.risk, 5),
        "threshold": round(why.threshold, 5),
        "expected_free": round(why.expected_free, 2),
        "answer_rate": round(why.answer_rate, 4),
        "doubt": round(why.doubt, 4),
        "budget_left": round(why.budget_left, 2),
        "note": why.note,
    }


def _stays(desk: Desk) -> bool:
    return desk.agent.wants is AgentState.READY


def _since_s(desk: Desk, now_s: float) -> float:
    return desk.agent.since.timestamp() if desk.agent.since else now_s
