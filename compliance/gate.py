"""The gate: ``clear(facts) -> Clearance | Refusal``. Nothing else makes a ``Clearance``.

Pure and fail-closed: a fact that is not known refuses. Every refusal names all its reasons, the next
moment at which the answer may differ, and what would unblock it; every clearance carries the receipt
that is stored with the attempt.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import metadata
from typing import Any
from uuid import UUID

from compliance.windows import Hours, is_open, next_open

#: A clearance is an answer about now: it must be used within seconds.
CLEARANCE_LIVES_S = 5.0


class RefusalReason(StrEnum):
    """Why a number may not be dialled now."""

    ZONE_UNKNOWN = "zone_unknown"
    NO_HOURS = "no_hours"
    OUTSIDE_WINDOW = "outside_window"
    SUPPRESSED = "suppressed"
    SUPPRESSION_UNKNOWN = "suppression_unknown"
    DAILY_CAP = "daily_cap"
    ATTEMPT_CAP = "attempt_cap"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one intended call."""

    e164: str
    lead_id: UUID
    at: datetime
    zones: tuple[str, ...]  #: every IANA zone the person may be in; empty = unknown
    hours: Hours | None  #: the campaign's hours; None = nobody set them
    ring_timeout_s: float
    suppressed: bool | None  #: on a do-not-call list; None = not looked up
    attempts_last_24h: int | None  #: to this number over all campaigns; None = not looked up
    attempts_made: int  #: for this lead
    max_attempts_per_day: int
    max_attempts: int
    simulated: bool  #: the trunk leads to a simulated carrier, not to people


@dataclass(frozen=True, slots=True)
class Clearance:
    """Permission to dial one number now. Only ``clear`` makes it."""

    e164: str
    lead_id: UUID
    expires_at: datetime
    receipt: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reasons why not, the strongest first, and when to ask again (None: a person must act)."""

    e164: str
    lead_id: UUID
    reasons: tuple[RefusalReason, ...]
    next_allowed_at: datetime | None


def clear(facts: Facts) -> Clearance | Refusal:
    """Answer whether the number may be dialled at ``facts.at``."""
    reasons = [*_standing_reasons(facts), *_window_reasons(facts), *_daily_reasons(facts)]
    if reasons:
        return Refusal(facts.e164, facts.lead_id, tuple(reasons), _next(facts, reasons))
    return Clearance(
        facts.e164,
        facts.lead_id,
        facts.at + timedelta(seconds=CLEARANCE_LIVES_S),
        _receipt(facts),
    )


def _standing_reasons(facts: Facts) -> list[RefusalReason]:
    reasons = []
    if facts.suppressed is None:
        reasons.append(RefusalReason.SUPPRESSION_UNKNOWN)
    elif facts.suppressed:
        reasons.append(RefusalReason.SUPPRESSED)
    if facts.attempts_made >= facts.max_attempts:
        reasons.append(RefusalReason.ATTEMPT_CAP)
    return reasons


def _window_reasons(facts: Facts) -> list[RefusalReason]:
    if facts.simulated:  # nobody lives there: the only trunk that may ignore the hours
        return []
    reasons = []
    if facts.hours is None or facts.hours.is_empty():
        reasons.append(RefusalReason.NO_HOURS)
    if not facts.zones:
        reasons.append(RefusalReason.ZONE_UNKNOWN)
    if reasons or facts.hours is None:
        return reasons
    opened = is_open(facts.hours, facts.zones, facts.at, margin_s=facts.ring_timeout_s)
    return [] if opened else [RefusalReason.OUTSIDE_WINDOW]


def _daily_reasons(facts: Facts) -> list[RefusalReason]:
    known = facts.attempts_last_24h
    if known is None or known >= facts.max_attempts_per_day:
        return [RefusalReason.DAILY_CAP]
    return []


def _next(facts: Facts, reasons: list[RefusalReason]) -> datetime | None:
    """Return the first moment at which every reason may be gone."""
    if set(reasons) - {RefusalReason.OUTSIDE_WINDOW, RefusalReason.DAILY_CAP}:
        return None
    after = facts.at
    if RefusalReason.DAILY_CAP in reasons:
        after += timedelta(hours=24)  # rolling: the oldest of today's attempts is at most this old
    if facts.simulated or facts.hours is None:
        return after
    return next_open(facts.hours, facts.zones, after, margin_s=facts.ring_timeout_s)


def _receipt(facts: Facts) -> dict[str, Any]:
    return {
        "cleared_at": facts.at.isoformat(),
        "zones": list(facts.zones),
        "attempts_made": facts.attempts_made,
        "attempts_last_24h": facts.attempts_last_24h,
        "simulated": facts.simulated,
        "tzdata": _TZDATA,
    }


_TZDATA = metadata.version("tzdata")
