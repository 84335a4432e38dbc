"""A day's sums of a campaign, and the measures made of them. Pure; sums of two stretches of time add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from campaigns.reports.measures import MEASURES
from dialer.agent.states import AgentState


@dataclass(frozen=True, slots=True)
class CallSums:
    """What attempts came to, in the components that measures are made of."""

    attempts: int = 0  #: begun
    answered: int = 0  #: picked up, by a person or a machine
    persons: int = 0  #: answered by a person: offered
    connected: int = 0  #: person and agent had each other: taken
    taken_in_time: int = 0  #: within the service level's seconds
    lost: int = 0  #: answered by a person, no agent
    talked: int = 0  #: calls taken that ended
    wait_ms: int = 0  #: from answer to agent, of calls taken
    talk_ms: int = 0  #: of calls taken that ended
    forms_complete: int = 0  #: questionnaires completed
    successes: int = 0  #: dispositions that count as a success

    def __add__(self, other: Self) -> "CallSums":
        """Return the sums of both."""
        return CallSums(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(CallSums))
        )


@dataclass(frozen=True, slots=True)
class DaySums:
    """A campaign's day up to now."""

    calls: CallSums = field(default_factory=CallSums)
    spent_ms: Mapping[AgentState, int] = field(default_factory=dict)  #: by agents, in each state
    forms_hour: int = 0  #: completed in the last 60 minutes

    def measure(self, key: str) -> float | None:
        """Return a measure of ``campaigns.reports.measures``; None: nothing to divide by."""
        value = MEASURES[key].value(self.counts())
        return None if value is None else float(value)

    def counts(self) -> dict[str, int]:
        """Return the components by their names."""
        times = {f"{state.value}_ms": spent for state, spent in self.spent_ms.items()}
        return {**{one.name: getattr(self.calls, one.name) for one in fields(CallSums)}, **times}


@dataclass(frozen=True, slots=True)
class Ends:
    """How calls of one trunk or one caller ID ended."""

    calls: int = 0
    answered: int = 0
    failed: int = 0  #: the trunk could not carry them
    mix: Mapping[str, int] = field(default_factory=dict)  #: by outcome and cause

    @property
    def answer_rate(self) -> float | None:
        """Return answered / calls, 0..1."""
        return self.answered / self.calls if self.calls else None

    @property
    def failed_rate(self) -> float | None:
        """Return failed / calls, 0..1."""
        return self.failed / self.calls if self.calls else None

    def shift_from(self, other: "Ends") -> float:
        """Return which share of the calls would have to end otherwise for the mixes to be alike, 0..1.

        It is the distance in variation of two distributions: half the sum of the differences.
        """
        if not self.calls or not other.calls:
            return 0.0
        names = {*self.mix, *other.mix}
        return 0.5 * sum(
            abs(self.mix.get(name, 0) / self.calls - other.mix.get(name, 0) / other.calls)
            for name in names
        )
