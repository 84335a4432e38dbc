"""The gate: ``clear(facts, law) -> Clearance | Refusal``. Nothing else makes a ``Clearance``.

Pure and fail-closed: a fact that is not known refuses. Every refusal names all its reasons and rules,
the next moment at which the answer may differ, and keeps its receipt; so does every clearance.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.facts import Facts, Law
from compliance.finding import Finding
from compliance.hours.windows import next_open
from compliance.judging import Judgement, judge
from compliance.reasons import PASSING, RefusalReason
from compliance.receipts import receipt

__all__ = ["CLEARANCE_LIVES_S", "Clearance", "Facts", "Law", "Refusal", "RefusalReason", "clear"]

#: A clearance is an answer about now: it must be used within seconds.
CLEARANCE_LIVES_S = 5.0
#: How many moments are tried, each found wanting for another reason, before the next is given up.
_MOST_LOOKS = 8


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
    rules: tuple[str, ...] = ()  #: ids of the pack rows that refused
    receipt: dict[str, Any] | None = None


def clear(facts: Facts, law: Law) -> Clearance | Refusal:
    """Answer whether the number may be dialled at ``facts.at``."""
    judgement = judge(facts, law)
    if not judgement.findings:
        expires_at = facts.at + timedelta(seconds=CLEARANCE_LIVES_S)
        return Clearance(facts.e164, facts.lead_id, expires_at, receipt(facts, law, judgement))
    return Refusal(
        facts.e164,
        facts.lead_id,
        tuple(dict.fromkeys(finding.reason for finding in judgement.findings)),
        _next(facts, law, judgement),
        tuple(dict.fromkeys(rule for found in judgement.findings for rule in found.rules)),
        receipt(facts, law, judgement),
    )


def _next(facts: Facts, law: Law, judgement: Judgement) -> datetime | None:
    """Return the first moment at which every reason is gone, by what is known now.

    Each moment found is judged anew: by then a list may be too old, a consent over, another rule in
    force or another cap full.
    """
    moment = facts.at
    for _ in range(_MOST_LOOKS):
        if any(finding.reason not in PASSING for finding in judgement.findings):
            return None
        found = _first_open(facts, law, judgement, moment)
        if found is None:
            return None
        judgement, moment = judge(facts, law, at=found), found
        if not judgement.findings:
            return moment
    return None


def _first_open(facts: Facts, law: Law, judgement: Judgement, after: datetime) -> datetime | None:
    """Return when the caps that were found full are free and the windows are open."""
    free = max([after, *_free_moments(judgement.findings)])
    if facts.simulated or judgement.placement is None:
        return free
    return next_open(
        judgement.windows,
        judgement.placement.zones,
        free,
        calendars=law.calendars,
        margin_s=facts.ring_timeout_s,
    )


def _free_moments(findings: Iterable[Finding]) -> Iterable[datetime]:
    return (finding.free_at for finding in findings if finding.free_at is not None)
