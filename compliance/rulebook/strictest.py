"""What several rows come to together: terms at least as strict as each of them. Pure.

Every function takes rows as ``RuleBook.select`` returns them, of all kinds, and reads its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from compliance.rulebook.rules import (
    AbandonmentTerms,
    CallerIdTerms,
    DncSemantics,
    DncTerms,
    MessageTerms,
    RetentionTerms,
    RingTerms,
    Rule,
)

T = TypeVar("T")

#: Denies every number: all E.164 numbers begin with it.
EVERY_NUMBER = "+"

#: The smallest first: the same share of a smaller base is fewer calls.
_DENOMINATORS = ("answered_by_person", "live_calls", "answered")


def ring_at_least_s(rules: Iterable[Rule]) -> float:
    """Return how long a call must ring before it is given up, seconds; 0 when no row says."""
    return max((terms.min_ring_s for terms in _terms(rules, RingTerms)), default=0.0)


def abandonment(rules: Iterable[Rule]) -> tuple[AbandonmentTerms, ...]:
    """Return the terms for each counting window, by its name, with the lowest rate of its rows.

    What else differs between rows of one window is taken from the stricter: the shorter wait, the
    clock that starts at the answer, a limit for each campaign, the smaller base.
    """
    return tuple(_merged(_terms(rules, AbandonmentTerms), _window, _abandonment))


def message(rules: Iterable[Rule]) -> MessageTerms | None:
    """Return all duties of the message played when no agent is there; None when no row says."""
    duties = _terms(rules, MessageTerms)
    if not duties:
        return None
    return MessageTerms(
        play_within_s=min(duty.play_within_s for duty in duties),
        must_state=tuple(dict.fromkeys(fact for duty in duties for fact in duty.must_state)),
        interactive_opt_out=any(duty.interactive_opt_out for duty in duties),
        marketing_allowed=all(duty.marketing_allowed for duty in duties),
    )


def caller_id(rules: Iterable[Rule]) -> CallerIdTerms:
    """Return what a shown number must satisfy; without a row, nothing.

    A list of allowed prefixes that is empty allows all, so where no number can be on every row's
    list the answer denies ``EVERY_NUMBER``.
    """
    rows = _terms(rules, CallerIdTerms)
    lists = [row.allowed_prefixes for row in rows if row.allowed_prefixes]
    allowed = reduce(_common_prefixes, lists) if lists else ()
    denied = {prefix for row in rows for prefix in row.denied_prefixes}
    if lists and not allowed:
        denied.add(EVERY_NUMBER)
    return CallerIdTerms(
        must_present=any(row.must_present for row in rows),
        callback_required=any(row.callback_required for row in rows),
        callback_valid_days=_most(row.callback_valid_days for row in rows),
        allowed_prefixes=allowed,
        denied_prefixes=tuple(sorted(denied)),
        volume_threshold_month=_least(row.volume_threshold_month for row in rows),
    )


def retention_days(rules: Iterable[Rule]) -> Mapping[str, int]:
    """Return for each sort of record how many days it must be kept."""
    longest: dict[str, int] = {}
    for terms in _terms(rules, RetentionTerms):
        longest[terms.what] = max(terms.keep_days, longest.get(terms.what, 0))
    return longest


def dnc_lists(rules: Iterable[Rule]) -> tuple[DncTerms, ...]:
    """Return each list that must be consulted, by its code, with the smallest age allowed.

    A relation with the customer lifts the merged row only where it lifts every row of the list.
    """
    return tuple(_merged(_terms(rules, DncTerms), _list_code, _dnc))


def _terms(rules: Iterable[Rule], kind: type[T]) -> list[T]:
    return [rule.terms for rule in rules if isinstance(rule.terms, kind)]


def _merged(rows: Iterable[T], key: Callable[[T], str], merge: Callable[[T, T], T]) -> list[T]:
    """Merge the rows that share a key; the answer goes by key."""
    merged: dict[str, T] = {}
    for row in rows:
        held = merged.get(key(row))
        merged[key(row)] = row if held is None else merge(held, row)
    return [merged[name] for name in sorted(merged)]


def _window(terms: AbandonmentTerms) -> str:
    return terms.window


def _list_code(terms: DncTerms) -> str:
    return terms.list_code


def _abandonment(one: AbandonmentTerms, other: AbandonmentTerms) -> AbandonmentTerms:
    return replace(
        one,
        max_rate=min(one.max_rate, other.max_rate),
        scope=_first(("campaign", "telemarketer"), one.scope, other.scope),
        connect_within_s=min(one.connect_within_s, other.connect_within_s),
        clock_from=_first(("answer", "completed greeting"), one.clock_from, other.clock_from),
        denominator=_first(_DENOMINATORS, one.denominator, other.denominator),
        hard_safe_harbour=one.hard_safe_harbour and other.hard_safe_harbour,
    )


def _dnc(one: DncTerms, other: DncTerms) -> DncTerms:
    blocks = DncSemantics.BLOCK_LIST  # the other two refuse unknown numbers too
    return DncTerms(
        list_code=one.list_code,
        semantics=other.semantics if one.semantics is blocks else one.semantics,
        max_age_days=_least((one.max_age_days, other.max_age_days)),
        ebr_days=_shared(one.ebr_days, other.ebr_days),
        inquiry_days=_shared(one.inquiry_days, other.inquiry_days),
        honour_within_days=_least((one.honour_within_days, other.honour_within_days)),
        keep_days=_most((one.keep_days, other.keep_days)),
    )


def _first(order: tuple[str, ...], one: str, other: str) -> str:
    return min(one, other, key=order.index)


def _shared(one: int | None, other: int | None) -> int | None:
    """Return the shorter exemption; a row without one leaves none."""
    return None if one is None or other is None else min(one, other)


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _common_prefixes(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the prefixes of the numbers that both lists allow."""
    common = {
        max(mine, yours, key=len)
        for mine in one
        for yours in other
        if mine.startswith(yours) or yours.startswith(mine)
    }
    return tuple(sorted(common))
