"""The receipt of a decision: what it rested on, as JSON, kept with the attempt or the refusal. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from compliance.facts import Facts, Law
from compliance.hours.spans import day_spans
from compliance.hours.windows import SPECIAL_DAYS, WEEKDAYS, closes_at, next_open
from compliance.judging import Judgement
from compliance.reasons import RefusalReason
from compliance.rulebook.rules import DayWindows, DncTerms, WindowTerms

#: By these no window is open.
_CLOSED = (RefusalReason.OUTSIDE_WINDOW, RefusalReason.DAY_OFF)


def receipt(facts: Facts, law: Law, judgement: Judgement) -> dict[str, Any]:
    """Return everything that was decided upon, without the phone number."""
    place = judgement.placement
    lists = {
        rule.terms.list_code for rule in judgement.rules if isinstance(rule.terms, DncTerms)
    } | set(facts.own_dnc)
    return {
        "decided_at": facts.at.isoformat(),
        "packs": law.book.digest,
        "tzdata": law.tzdata,
        "purpose": facts.purpose.value if facts.purpose else None,
        "channel": facts.channel.value,
        "party": facts.party.value,
        "zones": list(place.zones) if place else [],
        "jurisdictions": list(place.jurisdictions) if place else [],
        "place_source": place.source.value if place else None,
        "place_confidence": place.confidence.value if place else None,
        "window": _window(facts, law, judgement),
        "rules": [rule.id for rule in judgement.rules],
        "exempted": sorted(facts.exempted),
        "caps": [
            {"rule": c.rule_id, "used": c.used, "of": c.count, "period": c.period}
            for c in judgement.counters
        ],
        "dnc": {
            code: [fact.version for fact in held]
            for code, held in (facts.dnc or {}).items()
            if code in lists
        },
        "consents": [{"rule": rule, "proof": proof} for rule, proof in judgement.consents],
        "reserved_agent": facts.reserved_agent,
        "attempts_made": facts.attempts_made,
        "simulated": facts.simulated,
        "refused": [
            {"reason": finding.reason.value, "rules": list(finding.rules)}
            for finding in judgement.findings
        ],
    }


def with_refusal(kept: Mapping[str, Any], reason: RefusalReason) -> dict[str, Any]:
    """Return the receipt of a call that was refused after the gate had cleared it."""
    return {**kept, "refused": [*kept.get("refused", ()), {"reason": reason.value, "rules": []}]}


def _window(facts: Facts, law: Law, judgement: Judgement) -> dict[str, Any]:
    """Return the campaign's hours, whether all windows were open, and until when that holds."""
    hours = _hours(facts.hours) if facts.hours is not None else None
    zones = judgement.placement.zones if judgement.placement else ()
    if facts.simulated or not zones or not judgement.windows:
        return {"hours": hours, "open": None, "until": None}
    closed = any(found.reason in _CLOSED for found in judgement.findings)
    turns = (next_open if closed else closes_at)(
        judgement.windows,
        zones,
        facts.at,
        calendars=law.calendars,
        margin_s=facts.ring_timeout_s,
    )
    return {"hours": hours, "open": not closed, "until": turns.isoformat() if turns else None}


@lru_cache(maxsize=256)
def _hours(terms: WindowTerms) -> str:
    """Return a week in short, such as ``mon-fri 09:00-20:00; sat 10:00-14:00``."""
    parts = []
    for first, last, windows in day_spans(terms.weekdays):
        if windows:
            until = f"-{WEEKDAYS[last]}" if last != first else ""
            parts.append(f"{WEEKDAYS[first]}{until} {_clock(windows)}")
    special = zip(SPECIAL_DAYS, (terms.holiday, terms.pre_holiday), strict=True)
    parts += [f"{name} {_clock(windows)}" for name, windows in special if windows is not None]
    return "; ".join(parts)


def _clock(windows: DayWindows) -> str:
    return (
        "closed"
        if not windows
        else ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in windows)
    )
