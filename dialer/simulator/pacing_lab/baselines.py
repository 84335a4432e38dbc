"""Rivals to compare with: progressive, a fixed ratio, and an Erlang-type predictor.

Each keeps the contract of ``dialer.pacing.facts``; none computes a risk or knows a budget, and their
decisions say so. The adaptive dial level is in ``vicidial``.
"""

from collections import deque
from math import exp, floor

from dialer.pacing.facts import (
    Answered,
    CallEnd,
    Decision,
    Limit,
    PacingEvent,
    PacingFacts,
    TalkEnded,
    Unanswered,
)
from dialer.simulator.pacing_lab.rules import Beat, free_agents, plain_decision

#: how often the predictor looks
_LOOK_S = 3.0
#: finished talks, and calls with a result, before their averages are believed
_LEAST_KNOWN = 10
#: an agent counts as free when the talk has ended by the answer with this probability
_SURE = 0.97
#: the answer ratio is that of the last 30 minutes, and never taken to be lower than this
_RATIO_S = 1800.0
_LEAST_RATIO = 0.2
#: answers whose delay is averaged
_DELAYS = 200


def _in_flight(facts: PacingFacts) -> int:
    """Return the calls that have no agent yet: ringing, or answered and waiting."""
    return len(facts.ringing) + len(facts.waiting)


class Progressive:
    """One call for each free agent: nobody is abandoned for lack of agents."""

    def observe(self, event: PacingEvent) -> None:
        """Learn nothing."""

    def decide(self, facts: PacingFacts) -> Decision:
        """Return as many calls as there are free agents without one."""
        wanted = free_agents(facts) - _in_flight(facts)
        return plain_decision(wanted, Limit.AGENTS, facts)


class FixedRatio:
    """Power dialling: a fixed number of calls for each free agent.

    Args:
        ratio: calls for each free agent, above 0.

    Raises:
        ValueError: the ratio is not above 0.
    """

    def __init__(self, ratio: float) -> None:
        if not ratio > 0.0:
            raise ValueError("a ratio must be above 0")
        self._ratio = ratio

    def observe(self, event: PacingEvent) -> None:
        """Learn nothing."""

    def decide(self, facts: PacingFacts) -> Decision:
        """Return the calls that are missing from the ratio."""
        wanted = floor(self._ratio * free_agents(facts) + 1e-9) - _in_flight(facts)
        return plain_decision(wanted, Limit.RATIO, facts)


class ErlangPredictor:
    """Counts on agents whose talk has probably ended when the next person answers.

    Talk times are taken as an Erlang distribution of one stage with the mean of all finished talks, and
    the probability is that of a talk shorter than its age plus the mean delay of an answer (it is
    not conditioned on the age). Before ten finished talks only free agents count. The calls are
    divided by the answer ratio of the last 30 minutes.

    Args:
        overcommit: divide by the answer ratio; without it, one call for each agent counted on.

    Source: behaviour of Issabel's call center dialer, from its documentation.
    """

    def __init__(self, *, overcommit: bool = True) -> None:
        self._overcommit = overcommit
        self._look = Beat(_LOOK_S)
        self._talks = 0
        self._talked_s = 0.0
        self._delays_s: deque[float] = deque(maxlen=_DELAYS)
        self._results: deque[tuple[float, bool]] = deque()
        self._answers = 0

    def observe(self, event: PacingEvent) -> None:
        """Learn talk times, delays of answers, and who answered."""
        match event:
            case Answered():
                self._delays_s.append(event.ring_s)
                self._results.append((event.at_s, True))
                self._answers += 1
            case Unanswered(end=end) if end is not CallEnd.CANCELLED:
                self._results.append((event.at_s, False))
            case TalkEnded():
                self._talks += 1
                self._talked_s += event.talk_s
            case _:
                pass

    def decide(self, facts: PacingFacts) -> Decision:
        """Return the calls for agents who are free or soon will be; every three seconds."""
        self._forget(facts.at_s)
        rate = self._answers / len(self._results) if self._results else 0.0
        rule = Limit.LEARNING if self._talks < _LEAST_KNOWN else Limit.AGENTS
        if not self._look.due(facts.at_s):
            return plain_decision(0, rule, facts, answer_rate=rate)
        wanted = free_agents(facts) + self._soon_free(facts) - _in_flight(facts)
        known = len(self._results) >= _LEAST_KNOWN and self._answers > 0
        if self._overcommit and known and wanted > 0:
            wanted = round(wanted / max(_LEAST_RATIO, rate))
        return plain_decision(wanted, rule, facts, answer_rate=rate)

    def _soon_free(self, facts: PacingFacts) -> int:
        """Return the talks that have probably ended when somebody answers."""
        if self._talks < _LEAST_KNOWN or self._talked_s <= 0.0:
            return 0
        mean_s = self._talked_s / self._talks
        delay_s = sum(self._delays_s) / len(self._delays_s) if self._delays_s else 0.0
        ages_s = (facts.at_s - since_s + delay_s for since_s in facts.talking_since_s)
        return sum(1.0 - exp(-max(0.0, age_s) / mean_s) >= _SURE for age_s in ages_s)

    def _forget(self, at_s: float) -> None:
        """Drop results that are older than the ratio's window."""
        while self._results and self._results[0][0] < at_s - _RATIO_S:
            self._answers -= self._results.popleft()[1]
