"""A campaign's own limits, said as caps: the same engine counts them beside those of the law."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from compliance.counting.frequency import NumberedCap
from compliance.rulebook.rules import Cap, CapScope, Counted, PastEvent

_DAY_H = 24
_WEEK_H = 7 * _DAY_H
_MONTH_H = 30 * _DAY_H


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """How often a campaign itself wants to call; None = no own limit.

    A day, week and month are rolling here: 24 hours, 7 and 30 times 24 hours.
    """

    attempts_per_number_per_day: int
    attempts_per_person_per_day: int | None = None
    attempts_per_person_per_week: int | None = None
    conversations_per_person_per_month: int | None = None
    quiet_hours_after_conversation: int | None = None  #: no calls to this person
    quiet_hours_after_refusal: int | None = None  #: no calls to this person

    def __post_init__(self) -> None:
        """Refuse a limit that would forbid every call or mean nothing.

        Raises:
            ValueError: a limit below one.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1")


@lru_cache(maxsize=256)
def own_caps(limits: OwnLimits) -> tuple[NumberedCap, ...]:
    """Return ``limits`` as caps; their rule ids begin with ``campaign-``."""
    number, person = CapScope.NUMBER, CapScope.PERSON
    attempts, talks = Counted.ATTEMPTS, Counted.CONVERSATIONS
    rows = (
        ("per-day", limits.attempts_per_number_per_day, _at_most(attempts, number, _DAY_H)),
        ("person-per-day", limits.attempts_per_person_per_day, _at_most(attempts, person, _DAY_H)),
        (
            "person-per-week",
            limits.attempts_per_person_per_week,
            _at_most(attempts, person, _WEEK_H),
        ),
        (
            "talks-per-month",
            limits.conversations_per_person_per_month,
            _at_most(talks, person, _MONTH_H),
        ),
        ("quiet-after-talk", limits.quiet_hours_after_conversation, _quiet(PastEvent.CONVERSATION)),
        ("quiet-after-refusal", limits.quiet_hours_after_refusal, _quiet(PastEvent.REFUSAL)),
    )
    return tuple(
        NumberedCap(f"campaign-{name}", make(value))
        for name, value, make in rows
        if value is not None
    )


def _at_most(counts: Counted, scope: CapScope, per_hours: int) -> Callable[[int], Cap]:
    return lambda count: Cap(count, counts, scope, per_hours=per_hours)


def _quiet(event: PastEvent) -> Callable[[int], Cap]:
    return lambda hours: Cap(
        0, Counted.ATTEMPTS, CapScope.PERSON, per_hours=hours, after_event=event
    )
