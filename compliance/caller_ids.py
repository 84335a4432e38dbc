"""Choosing the number a call shows, pure.

The law says which numbers may be shown; of those the nearest to the called person is best, then the
least worn.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from compliance.rulebook.rules import CallerIdTerms

#: Every number begins with this: as a denied prefix it leaves none.
_ANY_PREFIX = "+"


@dataclass(frozen=True, slots=True)
class CallerIdFacts:
    """What is known about one caller ID of the pool."""

    e164: str
    region: str  #: ISO 3166-2 (``US-FL``) or 3166-1 alpha-2 (``US``) where it belongs
    daily_cap: int | None = None  #: calls a day that may show it; None = no limit
    used_today: int = 0
    rest_until: datetime | None = None  #: not shown before
    last_shown_at: datetime | None = None  #: when it was last shown to the called number
    attestation: str = ""  #: STIR/SHAKEN level the carrier signs: ``A``, ``B``, ``C`` or unknown
    label: str = ""
    enabled: bool = True


class CallerIdRefusalReason(StrEnum):
    """Why no caller ID can be shown."""

    NO_CALLER_ID = "no_caller_id"  #: one must be shown, and the pool has none
    CALLER_ID_DENIED = "caller_id_denied"  #: the law denies all of the pool
    CALLER_IDS_RESTING = "caller_ids_resting"  #: all that may be shown rest or are used up today


@dataclass(frozen=True, slots=True)
class CallerIdRefusal:
    """No caller ID can be shown now."""

    reason: CallerIdRefusalReason
    next_at: datetime | None = None  #: when one is free again; None = unknown or never


def combine(rows: Sequence[CallerIdTerms]) -> CallerIdTerms:
    """Return the terms that satisfy every row: denied prefixes unite, allowed ones intersect."""
    allowed: tuple[str, ...] = ()
    denied = {prefix for row in rows for prefix in row.denied_prefixes}
    for row in rows:
        if row.allowed_prefixes and allowed:
            allowed = _both(allowed, row.allowed_prefixes)
            if not allowed:  # an empty tuple would allow everything
                denied.add(_ANY_PREFIX)
        allowed = allowed or row.allowed_prefixes
    days = [row.callback_valid_days for row in rows if row.callback_valid_days is not None]
    volumes = [row.volume_threshold_month for row in rows if row.volume_threshold_month is not None]
    return CallerIdTerms(
        must_present=any(row.must_present for row in rows),
        callback_required=any(row.callback_required for row in rows),
        callback_valid_days=max(days, default=None),
        allowed_prefixes=allowed,
        denied_prefixes=tuple(sorted(denied)),
        volume_threshold_month=min(volumes, default=None),
    )


def _both(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    longer = {
        max(a, b, key=len) for a in some for b in others if a.startswith(b) or b.startswith(a)
    }
    return tuple(sorted(longer))


def choose(
    pool: Sequence[CallerIdFacts],
    terms: CallerIdTerms,
    number_jurisdictions: Sequence[str],
    at: datetime,
    *,
    called_e164: str,
    seed_key: str,
    day_ends_at: datetime | None = None,
) -> CallerIdFacts | CallerIdRefusal | None:
    """Return the caller ID to show at ``at``, or why there is none.

    The order: the called person's subdivision, then the same North American area code, then the same
    country, then any. Among equals the one this number saw last, then the least used today, then one
    that depends on ``seed_key`` alone. ``day_ends_at`` is when ``used_today`` starts again from zero.
    None means: the pool is empty and no law wants a number shown.
    """
    enabled = [one for one in pool if one.enabled]
    if not enabled:
        needed = CallerIdRefusal(CallerIdRefusalReason.NO_CALLER_ID)
        return needed if terms.must_present else None
    allowed = [one for one in enabled if _may_be_shown(one.e164, terms)]
    if not allowed:
        return CallerIdRefusal(CallerIdRefusalReason.CALLER_ID_DENIED)
    free = [one for one in allowed if not _rests(one, at) and not _is_used_up(one)]
    if not free:
        frees = [when for one in allowed if (when := _free_at(one, at, day_ends_at)) is not None]
        return CallerIdRefusal(CallerIdRefusalReason.CALLER_IDS_RESTING, min(frees, default=None))
    return min(
        free,
        key=lambda one: (
            *_distance(one, number_jurisdictions, called_e164),
            *_wear(one),
            _lot(seed_key, one.e164),
        ),
    )


def _may_be_shown(e164: str, terms: CallerIdTerms) -> bool:
    if e164.startswith(terms.denied_prefixes):
        return False
    return not terms.allowed_prefixes or e164.startswith(terms.allowed_prefixes)


def _rests(one: CallerIdFacts, at: datetime) -> bool:
    return one.rest_until is not None and at < one.rest_until


def _is_used_up(one: CallerIdFacts) -> bool:
    return one.daily_cap is not None and one.used_today >= one.daily_cap


def _free_at(one: CallerIdFacts, at: datetime, day_ends_at: datetime | None) -> datetime | None:
    rested_at = one.rest_until if one.rest_until is not None and at < one.rest_until else at
    if not _is_used_up(one):
        return rested_at
    if day_ends_at is None or not one.daily_cap:
        return None
    return max(rested_at, day_ends_at)


def _distance(
    one: CallerIdFacts, jurisdictions: Sequence[str], called_e164: str
) -> tuple[bool, bool, bool]:
    area = called_e164[:5]  # "+1" and three digits
    return (
        not ("-" in one.region and one.region in jurisdictions),
        not (called_e164.startswith("+1") and one.e164.startswith(area)),
        one.region[:2] not in {place[:2] for place in jurisdictions},
    )


def _wear(one: CallerIdFacts) -> tuple[bool, float, int]:
    shown_at = one.last_shown_at
    return shown_at is None, -shown_at.timestamp() if shown_at else 0.0, one.used_today


def _lot(seed_key: str, e164: str) -> bytes:
    # One lot for each caller ID, so that a change of the pool moves few numbers to another one.
    return hashlib.blake2b(f"{seed_key}|{e164}".encode(), digest_size=8).digest()
