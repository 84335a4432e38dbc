"""What a do-not-call list answers, given its meaning and its age. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.rulebook.rules import DncSemantics, DncTerms

_DAY = timedelta(days=1)
#: The clocks of two machines may differ by this much; a list from further ahead is not trusted.
_CLOCK_SKEW = timedelta(minutes=5)


class DncAnswer(StrEnum):
    """What a list says about one number. Only ``CLEAR`` lets a call go on."""

    CLEAR = "clear"
    LISTED = "listed"  #: on a list of those who may not be called
    NOT_ON_ALLOW_LIST = "not_on_allow_list"  #: not on the list of those who may be called
    STALE = "stale"  #: the list is too old to say anything
    MISSING = "missing"  #: the list is not loaded


def age_days(obtained_at: datetime, at: datetime) -> float:
    """Return the age of a list in days, with their fraction; both instants have a time zone."""
    return (at - obtained_at) / _DAY


def is_fresh(obtained_at: datetime, max_age_days: int | None, at: datetime) -> bool:
    """Tell whether a list may be used: at most ``max_age_days`` old (None = any age).

    A list from the future is not fresh: its date is wrong, so its age is unknown.
    """
    if obtained_at > at + _CLOCK_SKEW:
        return False
    return max_age_days is None or at - obtained_at <= timedelta(days=max_age_days)


def answer(
    terms: DncTerms,
    *,
    loaded: bool,
    listed: bool | None,
    obtained_at: datetime | None,
    at: datetime,
) -> DncAnswer:
    """Return what a list says about a number.

    Args:
        terms: what the law makes of the list, and how old it may be.
        loaded: the list is in memory.
        listed: the number is on it; None when nobody could look.
        obtained_at: when the register gave the list.
        at: the instant of the call.
    """
    if not loaded or listed is None or obtained_at is None:
        return DncAnswer.MISSING
    if not is_fresh(obtained_at, terms.max_age_days, at):
        return DncAnswer.STALE
    if terms.semantics is DncSemantics.BLOCK_LIST:
        return DncAnswer.LISTED if listed else DncAnswer.CLEAR
    return DncAnswer.CLEAR if listed else DncAnswer.NOT_ON_ALLOW_LIST


def stricter(one: DncSemantics, other: DncSemantics) -> DncSemantics:
    """Return the meaning that lets fewer numbers through: only listed ones go before all others."""
    return other if one is DncSemantics.BLOCK_LIST else one


#: From several lists of one code the first of these that any of them says.
_WORST_FIRST = (
    DncAnswer.MISSING,
    DncAnswer.STALE,
    DncAnswer.LISTED,
    DncAnswer.NOT_ON_ALLOW_LIST,
    DncAnswer.CLEAR,
)


def together(answers: Iterable[DncAnswer]) -> DncAnswer:
    """Return what several lists of one code say together; no list at all is a missing one."""
    return min(answers, key=_WORST_FIRST.index, default=DncAnswer.MISSING)
