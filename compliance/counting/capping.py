"""The gate's questions about earlier calls, pure: the law's caps and the campaign's own limits."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from compliance.counting import frequency
from compliance.counting.frequency import CapCounter, NumberedCap
from compliance.counting.own_caps import own_caps
from compliance.facts import Facts
from compliance.finding import Finding
from compliance.reasons import RefusalReason
from compliance.rulebook.rules import CapTerms, Rule

#: A silence that ends later than this does not end for a campaign.
_NEVER = timedelta(days=3650)


def count_caps(
    facts: Facts, rules: Iterable[Rule], at: datetime
) -> tuple[tuple[CapCounter, ...], list[Finding]]:
    """Return where every cap stands, and what those that are full refuse."""
    if facts.history is None:
        return (), [Finding(RefusalReason.HISTORY_UNKNOWN)]
    caps = [
        NumberedCap(rule.id, cap)
        for rule in rules
        if isinstance(rule.terms, CapTerms)
        for cap in rule.terms.caps
    ]
    own = own_caps(facts.limits)
    zones = facts.placement.zones if facts.placement and facts.placement.zones else ("UTC",)
    said = frequency.check(
        [*caps, *own],
        facts.history,
        at,
        zones,
        reserved_agent=facts.reserved_agent,
        company_counts=facts.company_counts,
    )
    return said.counters, [
        _cap_finding(counter, numbered, at, is_own=numbered in own)
        for numbered, counter in zip([*caps, *own], said.counters, strict=True)
        if counter.is_full
    ]


def _cap_finding(
    counter: CapCounter, numbered: NumberedCap, at: datetime, *, is_own: bool
) -> Finding:
    if counter.free_at is None:
        return Finding(RefusalReason.HISTORY_UNKNOWN, (counter.rule_id,))
    if counter.free_at - at > _NEVER:
        return Finding(RefusalReason.NEVER_AGAIN, (counter.rule_id,))
    reason = RefusalReason.LAW_CAP
    if is_own:
        reason = RefusalReason.DAILY_CAP
    elif numbered.cap.after_event is not None:
        reason = RefusalReason.QUIET_PERIOD
    return Finding(reason, (counter.rule_id,), counter.free_at)
