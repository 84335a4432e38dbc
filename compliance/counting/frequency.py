"""How often a person may be called: every cap counted over the same history, pure.

Each cap only ever frees itself as time passes, so an answer can say the first instant at which all of
them have room again. An attempt or event later than the asked instant (two clocks disagree) counts.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from compliance.counting.periods import LONGEST_HOURS, next_start, start
from compliance.rulebook.rules import CalendarPeriod, Cap, CapScope, Counted, PastEvent

#: An answered call of at most this many seconds is a short call.
#: Source: Anatel, precautionary orders on abusive calls (2022-2025).
SHORT_CALL_S = 6.0

#: What was counted, and when: (instant, weight).
_Marks = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """One earlier call by any campaign of the client's legal entity, seen from the intended call."""

    started_at: datetime
    same_number: bool
    same_person: bool
    same_subject: bool  #: the same subject matter, or the same debt
    reserved_agent: bool = False  #: an agent was waiting for this call alone
    was_answered: bool
    had_conversation: bool  #: somebody talked with an agent
    events: frozenset[PastEvent]
    event_at: datetime | None = None  #: when the events happened; None = ``started_at``
    talk_s: float
    ring_s: float


@dataclass(frozen=True, slots=True)
class NumberedCap:
    """A cap and the rule it comes from."""

    rule_id: str
    cap: Cap


@dataclass(frozen=True, slots=True)
class CapCounter:
    """Where one cap stands before the intended call, which would be number ``used`` + 1."""

    rule_id: str
    counts: Counted
    scope: CapScope
    used: int  #: after an event: how many such events still demand silence
    count: int
    period: str  #: ``24 h``, ``calendar_day`` or ``72 h after abandoned``
    is_full: bool
    free_at: datetime | None  #: UTC; None when it is not full, or nobody knows when it frees itself


@dataclass(frozen=True, slots=True)
class CapAnswer:
    """Where all caps stand."""

    counters: tuple[CapCounter, ...]
    free_at: datetime | None  #: UTC; None when none is full, or one is full for an unknown time

    @property
    def full(self) -> tuple[CapCounter, ...]:
        """Return the caps that forbid the intended call."""
        return tuple(counter for counter in self.counters if counter.is_full)


@dataclass(frozen=True, slots=True)
class _Intended:
    at: datetime
    zones: tuple[ZoneInfo, ...]
    reserved_agent: bool
    company_counts: Mapping[Counted, int]


def check(
    caps: Sequence[NumberedCap],
    history: Sequence[PastAttempt],
    at: datetime,
    zones: Sequence[str],
    *,
    reserved_agent: bool = False,
    company_counts: Mapping[Counted, int] | None = None,
) -> CapAnswer:
    """Count every cap for a call at ``at`` to a person who is in one of ``zones`` (IANA).

    Rolling: what is exactly ``per_hours`` old is out. Calendar: the strictest zone counts; weeks are
    Monday to Sunday. Unknown facts (no zone for a calendar cap, no count for a company cap, which
    ``company_counts`` gives for the current period) make a cap full. Calls are one channel however
    many there are, so a cap on channels is only full when it allows none.
    """
    # Aware datetimes of one zone subtract as wall times, so everything is UTC from here on.
    places = tuple(ZoneInfo(zone) for zone in zones)
    intended = _Intended(at.astimezone(UTC), places, reserved_agent, company_counts or {})
    counters = tuple(_counter(numbered, history, intended) for numbered in caps)
    frees = [counter.free_at for counter in counters if counter.is_full]
    known = [free_at for free_at in frees if free_at is not None]
    return CapAnswer(counters, max(known) if known and len(known) == len(frees) else None)


def _counter(numbered: NumberedCap, history: Sequence[PastAttempt], call: _Intended) -> CapCounter:
    cap = numbered.cap
    if cap.scope is CapScope.COMPANY and cap.after_event is None:
        used, is_full, free_at = _company(cap, call)
    else:
        used, is_full, free_at = _counted(cap, _marks(cap, history), call)
    if cap.counts is Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT and call.reserved_agent:
        is_full = False
    elif cap.counts is Counted.CHANNELS and cap.after_event is None:
        used, is_full = min(used, 1), cap.count < 1
    return CapCounter(
        numbered.rule_id,
        cap.counts,
        cap.scope,
        used,
        cap.count,
        _period(cap),
        is_full,
        free_at if is_full else None,
    )


def _period(cap: Cap) -> str:
    if cap.per is not None:
        return cap.per.value
    after = f" after {cap.after_event}" if cap.after_event else ""
    return f"{cap.per_hours} h{after}"


def _company(cap: Cap, call: _Intended) -> tuple[int, bool, datetime | None]:
    used = call.company_counts.get(cap.counts)
    if used is None:
        return 0, True, None
    if used < cap.count:
        return used, False, None
    if cap.per is None or cap.count < 1:
        return used, True, None
    nexts = [next_start(cap.per, zone, call.at) for zone in call.zones]
    return used, True, max(nexts, default=None)


def _marks(cap: Cap, history: Iterable[PastAttempt]) -> _Marks:
    inside = (past for past in history if _is_within(cap.scope, past))
    if cap.after_event is not None:
        return [
            ((past.event_at or past.started_at).astimezone(UTC), 1.0)
            for past in inside
            if cap.after_event in past.events
        ]
    weighed = ((past.started_at.astimezone(UTC), _weight(cap.counts, past)) for past in inside)
    return [(instant, weight) for instant, weight in weighed if weight > 0]


def _is_within(scope: CapScope, past: PastAttempt) -> bool:
    same_person = past.same_person or past.same_number
    match scope:
        case CapScope.NUMBER:
            return past.same_number
        case CapScope.PERSON:
            return same_person
        case CapScope.PERSON_AND_SUBJECT:
            return same_person and past.same_subject
        case CapScope.COMPANY:
            return True


def _weight(counts: Counted, past: PastAttempt) -> float:
    match counts:
        case Counted.ATTEMPTS:
            return 1.0
        case Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT:
            return float(not past.reserved_agent)
        case Counted.CONTACTS | Counted.CHANNELS:
            return float(past.was_answered)
        case Counted.CONVERSATIONS:
            return float(past.had_conversation)
        case Counted.SHORT_CALLS:
            return float(past.was_answered and past.talk_s <= SHORT_CALL_S)
        case Counted.AUTODIAL_SECONDS:
            return past.ring_s


def _counted(cap: Cap, marks: _Marks, call: _Intended) -> tuple[int, bool, datetime | None]:
    limit = cap.count if cap.after_event is None else 1
    if cap.per is None:
        hours = timedelta(hours=cap.per_hours or 0)
        used = _rolling(marks, hours, call.at)
        free_at = _rolling_free_at(marks, hours, limit) if used >= limit > 0 else None
        return int(used), used >= limit, free_at
    if not call.zones:
        return int(fsum(weight for _, weight in marks)), True, None
    used = max(_since(marks, start(cap.per, zone, call.at)) for zone in call.zones)
    if used < limit or limit < 1:
        return int(used), used >= limit, None
    frees = [_calendar_free_at(marks, cap.per, zone, call.at, limit) for zone in call.zones]
    return int(used), True, max(frees)


def _rolling(marks: _Marks, hours: timedelta, at: datetime) -> float:
    return fsum(weight for instant, weight in marks if instant > at - hours)


def _rolling_free_at(marks: _Marks, hours: timedelta, limit: int) -> datetime:
    leaves = sorted(instant + hours for instant, _ in marks)
    return leaves[bisect_left(leaves, True, key=lambda at: _rolling(marks, hours, at) < limit)]


def _since(marks: _Marks, begins: datetime) -> float:
    return fsum(weight for instant, weight in marks if instant >= begins)


def _calendar_free_at(
    marks: _Marks, per: CalendarPeriod, zone: ZoneInfo, at: datetime, limit: int
) -> datetime:
    while _since(marks, start(per, zone, at)) >= limit:
        at = next_start(per, zone, at)
    return at


def history_window_hours(caps: Iterable[NumberedCap]) -> int:
    """Return how many hours of attempts ``check`` needs; 0 = none. Events: ``event_window_hours``."""
    return max(
        (
            LONGEST_HOURS[cap.per] if cap.per is not None else cap.per_hours or 0
            for cap in (numbered.cap for numbered in caps)
            if cap.after_event is None and cap.scope is not CapScope.COMPANY
        ),
        default=0,
    )


def event_window_hours(caps: Iterable[NumberedCap]) -> int:
    """Return how many hours of attempts with events ``check`` needs; 0 = none."""
    return max((n.cap.per_hours or 0 for n in caps if n.cap.after_event is not None), default=0)
