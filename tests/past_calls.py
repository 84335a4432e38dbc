"""Past calls as the frequency engine sees them, and short ways to write caps."""

from datetime import datetime
from typing import Any

from compliance.counting.frequency import CapAnswer, NumberedCap, PastAttempt, check
from compliance.rulebook.rules import Cap, CapScope, Counted, PastEvent


def past(started_at: datetime, *events: PastEvent, **what: Any) -> PastAttempt:
    """An unanswered call to the same person, number and subject, unless told otherwise."""
    usual: dict[str, Any] = {
        "same_number": True,
        "same_person": True,
        "same_subject": True,
        "was_answered": False,
        "had_conversation": False,
        "talk_s": 0.0,
        "ring_s": 20.0,
    }
    return PastAttempt(started_at=started_at, events=frozenset(events), **(usual | what))


def cap(
    count: int, counts: Counted = Counted.ATTEMPTS, scope: CapScope = CapScope.NUMBER, **when: Any
) -> Cap:
    """A cap; ``per_hours``, ``per`` and ``after_event`` as in ``Cap``."""
    return Cap(count, counts, scope, **when)


def ask(one: Cap, history: list[PastAttempt], at: datetime, *zones: str, **more: Any) -> CapAnswer:
    """Ask about one cap, in UTC unless zones are named."""
    return check([NumberedCap("rule", one)], history, at, zones or ("UTC",), **more)
