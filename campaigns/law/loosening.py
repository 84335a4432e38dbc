"""Which changes of settings loosen what protects the people who are called. Pure.

Tightening is at once; what loosens needs a second person, where the client has that on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from compliance.hours.windows import WEEKDAYS, parse_hours
from compliance.rulebook.rules import Window, WindowTerms

#: Hours that no second person is asked about where no pack's window is known yet: the narrowest
#: that a weekday of the packs has, on every day.
USUAL = WindowTerms(weekdays=((((time(9), time(20)),),) * 7))

#: More of it loosens.
_MORE = (
    "abandon_target",
    "abandon_ceiling",
    "max_attempts_per_day",
    "max_attempts_per_person_per_day",
    "max_attempts_per_person_per_week",
    "max_conversations_per_person_per_month",
)
#: Less of it loosens.
_LESS = ("quiet_hours_after_conversation", "quiet_hours_after_refusal")

#: Every setting of a campaign that may need a second person.
LAW_SETTINGS = frozenset({*_MORE, *_LESS, "hours"})

_MINUTES = 24 * 60


def loosened(
    before: Mapping[str, Any], after: Mapping[str, Any], *, windows: Sequence[WindowTerms]
) -> tuple[str, ...]:
    """Return the names of the campaign's settings that ``after`` loosens, sorted.

    Both are complete settings as JSON. ``windows`` are the packs' that bind the campaign's calls:
    hours are loosened by a minute that the packs do not have and that was not there before. A cap
    that is not set (None) is looser than any.
    """
    found = [name for name in _MORE if _is_more(before.get(name), after.get(name))]
    found += [name for name in _LESS if _is_less(before.get(name), after.get(name))]
    if _widens(before.get("hours"), after.get("hours"), windows or (USUAL,)):
        found.append("hours")
    return tuple(sorted(found))


def _is_more(before: float | None, after: float | None) -> bool:
    if before is None:
        return False
    return after is None or after > before


def _is_less(before: float | None, after: float | None) -> bool:
    return before is not None and (after is None or after < before)


def _widens(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    packs: Sequence[WindowTerms],
) -> bool:
    if not after:
        return False
    old, new = parse_hours(before or {}), parse_hours(after)
    for day in range(len(WEEKDAYS)):
        for holiday in (False, True):
            allowed = _minutes_in_all(_of_day(one, day, holiday=holiday) for one in packs)
            added = _minutes(_of_day(new, day, holiday=holiday)) - _minutes(
                _of_day(old, day, holiday=holiday)
            )
            if added - allowed:
                return True
    return False


def _of_day(terms: WindowTerms, day: int, *, holiday: bool) -> tuple[Window, ...]:
    if holiday and terms.holiday is not None:
        return tuple(terms.holiday)
    return tuple(terms.weekdays[day])


def _minutes_in_all(days: Iterable[tuple[Window, ...]]) -> set[int]:
    found = set(range(_MINUTES))
    for windows in days:
        found &= _minutes(windows)
    return found


def _minutes(windows: Iterable[Window]) -> set[int]:
    found: set[int] = set()
    for opens, closes in windows:
        last = _MINUTES if closes == time.max else closes.hour * 60 + closes.minute
        found.update(range(opens.hour * 60 + opens.minute, last))
    return found


def loosened_of_client(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a client's settings of law that ``after`` loosens; what it lacks stays."""
    found = []
    if before["two_person_law"] and after.get("two_person_law") is False:
        found.append("two_person_law")
    entity = after.get("legal_entity")
    if before["legal_entity"] and entity is not None and entity != before["legal_entity"]:
        found.append("legal_entity")  # its calls would no longer count for the caps of the others
    countries = after.get("allowed_countries")
    allowed = set(before["allowed_countries"])  # none named: all are
    if countries is not None and allowed and (not countries or set(countries) - allowed):
        found.append("allowed_countries")
    kinds = after.get("allowed_number_types")
    if kinds is not None and set(kinds) - set(before["allowed_number_types"]):
        found.append("allowed_number_types")
    return tuple(found)
