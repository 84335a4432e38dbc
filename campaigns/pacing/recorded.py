"""People and agents from a record: a day that was, for the laboratory to run again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from dialer.pacing.facts import CallEnd
from dialer.simulator.pacing_lab.figures import worst_window
from dialer.simulator.pacing_lab.people import Dial, Fate, People
from dialer.simulator.pacing_lab.scenario import Campaign
from dialer.simulator.pacing_lab.shapes import Shift

#: A call that rang this near to its limit rang to its end, seconds.
_NEAR_S = 1.0
_SHORTEST_S = 0.5
#: Agents who come back within this have not been away, seconds.
_GAP_S = 1.0
_MINUTE_S = 60.0
HALF_HOUR_S = 1800.0


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call as it was. Instants are seconds from the record's beginning."""

    placed_s: float
    ring_s: float  #: until it was answered, or ended
    fate: Fate | None  #: None: cut short, nobody knows what would have become of it
    end: CallEnd
    talk_s: float | None = None  #: None: the person got no agent
    wrap_up_s: float | None = None
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one agent was in one state, seconds from the record's beginning."""

    agent: int
    from_s: float
    to_s: float
    busy: bool  #: talking or wrapping up; else waiting for a call

    @property
    def seconds(self) -> float:
        """Return its length."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Record:
    """Some hours of a campaign."""

    seconds: float
    calls: tuple[RecordedCall, ...]  #: in the order in which they were placed
    work: tuple[Stretch, ...]  #: by agent, in order; what lies between two is a pause, or no shift
    ring_limit_s: float  #: as it was

    @property
    def answered(self) -> int:
        """Return the calls that a person answered."""
        return sum(1 for call in self.calls if call.fate is Fate.PERSON)

    @property
    def abandoned(self) -> int:
        """Return the people who got no agent."""
        return sum(1 for call in self.calls if call.abandoned)

    @property
    def cancelled(self) -> int:
        """Return the calls that were ended while they rang."""
        return sum(1 for call in self.calls if call.end is CallEnd.CANCELLED)

    @property
    def cut_short(self) -> int:
        """Return the calls of which nobody knows what would have become of them."""
        return sum(1 for call in self.calls if call.fate is None)

    @property
    def agent_hours(self) -> float:
        """Return the hours of work of all agents, without pauses."""
        return sum(one.seconds for one in self.work) / 3600

    @property
    def occupancy(self) -> float:
        """Return the busy share of the agents' work, 0..1."""
        busy_s = sum(one.seconds for one in self.work if one.busy)
        return busy_s / 3600 / self.agent_hours if self.work else 0.0

    def part(self, from_s: float, to_s: float) -> "Record":
        """Return what happened between two instants, counted from the first."""
        calls = (
            replace(call, placed_s=call.placed_s - from_s)
            for call in self.calls
            if from_s <= call.placed_s < to_s
        )
        work = (
            replace(one, from_s=max(one.from_s, from_s) - from_s, to_s=min(one.to_s, to_s) - from_s)
            for one in self.work
            if one.to_s > from_s and one.from_s < to_s
        )
        return Record(to_s - from_s, tuple(calls), tuple(work), self.ring_limit_s)


class RecordedPeople(People):
    """The people of a record, in the order in which they were called.

    A call that was cut short gets the fate of another one that had rung as long. Beyond the record
    fates are drawn from all of it, so settings that dial more meet more people of the same kind.
    """

    def __init__(
        self, record: Record, campaign: Campaign, seed: int, *, usual: tuple[float, float]
    ) -> None:
        """Take the people of ``record``.

        Args:
            record: with at least one call.
            campaign: in whose settings they are called now.
            seed: of what is not in the record.
            usual: seconds of talk and wrap-up where the record has none at all.
        """
        self.segments = []
        self._limit_s, self._former_limit_s = campaign.ring_limit_s, record.ring_limit_s
        self._chance = Random(f"{seed}/record")
        self._talks_s = [one.talk_s for one in record.calls if one.talk_s is not None]
        self._wraps_s = [one.wrap_up_s for one in record.calls if one.wrap_up_s is not None]
        self._talks_s, self._wraps_s = self._talks_s or [usual[0]], self._wraps_s or [usual[1]]
        self._fates = self._completed(record.calls)
        self._answered = record.answered / len(record.calls)
        self.beyond = 0  #: calls placed beyond the record

    def rate(self, at_s: float, segment: int = 0) -> float:
        """Return the share of the recorded calls that a person answered, whenever."""
        del at_s, segment
        return self._answered

    def next_segments(self, number: int, count: int) -> list[int]:
        """Return the only segment there is."""
        del number
        return [0] * count

    def dial(self, number: int, at_s: float) -> Dial:
        """Return dial ``number``, placed now."""
        if number < len(self._fates):
            call = self._fates[number]
        else:
            self.beyond += 1
            call = self._chance.choice(self._fates)
        dial = Dial(number, 0, at_s)
        dial.fate, dial.end = call.fate or Fate.UNANSWERED, call.end
        dial.ring_s = max(_SHORTEST_S, call.ring_s)
        rang_out = call.end is CallEnd.NO_ANSWER and (
            call.ring_s >= self._former_limit_s - _NEAR_S or call.ring_s > self._limit_s
        )
        if call.ring_s > self._limit_s or (dial.fate is Fate.UNANSWERED and rang_out):
            dial.fate, dial.end, dial.ring_s = Fate.UNANSWERED, CallEnd.NO_ANSWER, self._limit_s
        dial.talk_s = max(_SHORTEST_S, call.talk_s or self._chance.choice(self._talks_s))
        wrap_up_s = call.wrap_up_s
        dial.wrap_s = self._chance.choice(self._wraps_s) if wrap_up_s is None else wrap_up_s
        return dial

    def _completed(self, calls: Sequence[RecordedCall]) -> list[RecordedCall]:
        """Return the calls, those that were cut short with the fate of others that rang longer.

        From the longest ring down: so what a call that was cut short gets may itself be the fate of
        one cut short later. Without that step the few calls that were let ring would all be people
        who answered, because those who did not were cut short.

        Source: B. Efron, "The two sample problem with censored data" (1967): redistribution to the
        right, which is the product-limit estimator.
        """
        silent = RecordedCall(0.0, self._former_limit_s, Fate.UNANSWERED, CallEnd.NO_ANSWER)
        found = list(calls)
        longer: list[RecordedCall] = []
        for at in sorted(
            range(len(calls)), key=lambda one: (-calls[one].ring_s, calls[one].fate is not None)
        ):
            if calls[at].fate is None:
                found[at] = self._chance.choice(longer) if longer else silent
            longer.append(found[at])
        return found


def shifts_of(work: Sequence[Stretch]) -> tuple[Shift, ...]:
    """Return the agents' work as shifts of one agent each: a pause is a time between two of them."""
    times: list[tuple[int, float, float]] = []
    for one in work:
        if times and times[-1][0] == one.agent and one.from_s - times[-1][2] < _GAP_S:
            times[-1] = (one.agent, times[-1][1], one.to_s)
        else:
            times.append((one.agent, one.from_s, one.to_s))
    return tuple(
        Shift(agents=1, from_h=from_s / 3600, to_h=to_s / 3600)
        for _, from_s, to_s in times
        if to_s - from_s >= _GAP_S
    )


def busiest(record: Record, most_agent_hours: float) -> tuple[float, float]:
    """Return the half hours, in one piece, in which people worked: (from, to) in seconds.

    Where that is more than ``most_agent_hours`` of work, those around the busiest one that are not:
    one at least.
    """
    slots = int(-(-record.seconds // HALF_HOUR_S))
    hours = np.zeros(slots)
    for one in record.work:
        for slot in range(int(one.from_s // HALF_HOUR_S), slots):
            begins_s = slot * HALF_HOUR_S
            inside_s = min(one.to_s, begins_s + HALF_HOUR_S) - max(one.from_s, begins_s)
            if inside_s <= 0:
                break
            hours[slot] += inside_s / 3600
    first = last = int(hours.argmax())
    while True:
        before = hours[first - 1] if first > 0 else 0.0
        after = hours[last + 1] if last + 1 < slots else 0.0
        wider = max(before, after)
        if wider <= 0 or hours[first : last + 1].sum() + wider > most_agent_hours:
            break
        first, last = (first - 1, last) if before >= after else (first, last + 1)
    return first * HALF_HOUR_S, min(record.seconds, (last + 1) * HALF_HOUR_S)


def worst_half_hour(record: Record) -> float:
    """Return the highest abandoned share of the record's half hours, as the laboratory counts it."""
    minutes = int(-(-record.seconds // _MINUTE_S))
    answered, abandoned = np.zeros(minutes), np.zeros(minutes)
    for call in record.calls:
        minute = min(int((call.placed_s + call.ring_s) / _MINUTE_S), minutes - 1)
        answered[minute] += call.fate is Fate.PERSON
        abandoned[minute] += call.abandoned
    return worst_window(answered, abandoned, 30)
