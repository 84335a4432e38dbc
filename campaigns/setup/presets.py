"""Presets: what a campaign of a usual kind starts with. Pure.

A preset says what differs from the start values of every campaign; a manager sees and changes all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


class PresetCode(StrEnum):
    """Which usual kind of campaign."""

    SURVEY = "survey"
    SALE = "sale"
    ANNOUNCEMENT = "announcement"
    DEBT = "debt"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class PresetDisposition:
    """A disposition that a preset brings; its words are in the page's language."""

    code: str
    retry_after_s: int | None = None
    success: bool = False
    refuses: bool = False
    suppresses: bool = False
    requires_callback: bool = False
    requires_note: bool = False
    aapor: str | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual kind of campaign."""

    code: PresetCode
    settings: Mapping[str, Any]
    dispositions: tuple[PresetDisposition, ...]


def _rule(after_s: int, most: int, **more: Any) -> dict[str, Any]:
    return {"after_s": after_s, "max_attempts": most, **more}


def _retry(*, busy_s: int, no_answer_s: int, most: int) -> dict[str, Any]:
    """Return retry rules: what is the line's fault comes back soon, what is the person's later."""
    return {
        "busy": _rule(busy_s, most),
        "no_answer": _rule(no_answer_s, most, next="other_day_part"),
        "machine": _rule(max(no_answer_s, 4 * _HOUR), most, next="other_day_part"),
        "hung_up_early": _rule(_DAY, min(3, most)),
        "abandoned": _rule(3 * _DAY, min(3, most)),
        "congestion": _rule(_HOUR, most),
        "unreachable": _rule(no_answer_s, most),
        "no_response": _rule(_HOUR, most),
        "cancelled": _rule(15 * _MINUTE, most),
        "not_sent": _rule(5 * _MINUTE, most),
        "interrupted": _rule(15 * _MINUTE, most),
    }


def _hours(week: str, weekend: str | None) -> dict[str, list[list[str]]]:
    """Return hours of the contact's time; holidays are days off."""
    opens, closes = week.split("-")
    found = {day: [[opens, closes]] for day in ("mon", "tue", "wed", "thu", "fri")}
    if weekend is not None:
        found |= {day: [weekend.split("-")] for day in ("sat", "sun")}
    return {**found, "holiday": []}


#: What every campaign of ours may hear. Source of ``aapor``: AAPOR, "Standard Definitions", 9th edition
#: (2016), telephone surveys.
_REFUSED = PresetDisposition("refused", refuses=True, aapor="2.11")
_LATER = PresetDisposition("callback_later", retry_after_s=_HOUR)
_WRONG = PresetDisposition("wrong_number")
_BAD_LINE = PresetDisposition("bad_line", retry_after_s=15 * _MINUTE)
_NEVER = PresetDisposition("do_not_call", suppresses=True, refuses=True, aapor="2.11")
_USUAL = (_REFUSED, _LATER, _WRONG, _BAD_LINE, _NEVER)

_SURVEY = Preset(
    PresetCode.SURVEY,
    {
        "purpose": "survey",
        "mode": "predictive",
        "hours": _hours("10:00-20:00", "11:00-18:00"),
        "ring_timeout_s": 30.0,
        "wrap_up_s": 20.0,
        "max_attempts": 6,
        "max_attempts_per_day": 2,
        "callback_grace_s": 900,
        "form_dispositions": {"complete": "done", "screened_out": "not_eligible"},
        "retry": _retry(busy_s=15 * _MINUTE, no_answer_s=4 * _HOUR, most=6),
    },
    (
        PresetDisposition("done", success=True, aapor="1.1"),
        PresetDisposition("partial", retry_after_s=_DAY, aapor="1.2"),
        PresetDisposition("not_eligible", aapor="4.7"),
        PresetDisposition("language", aapor="2.33"),
        *_USUAL,
    ),
)

_SALE = Preset(
    PresetCode.SALE,
    {
        "purpose": "sales",
        "mode": "predictive",
        "hours": _hours("10:00-19:00", None),
        "ring_timeout_s": 25.0,
        "wrap_up_s": 30.0,
        "max_attempts": 4,
        "max_attempts_per_day": 1,
        "quiet_hours_after_refusal": 2160,
        "retry": _retry(busy_s=30 * _MINUTE, no_answer_s=6 * _HOUR, most=4),
    },
    (
        PresetDisposition("sale", success=True),
        PresetDisposition("interested", retry_after_s=_DAY, requires_callback=True),
        PresetDisposition("no_interest", refuses=True),
        *_USUAL,
    ),
)

_ANNOUNCEMENT = Preset(
    PresetCode.ANNOUNCEMENT,
    {
        "purpose": "notification",
        "mode": "progressive",
        "hours": _hours("10:00-19:00", "11:00-18:00"),
        "ring_timeout_s": 25.0,
        "wrap_up_s": 10.0,
        "max_attempts": 3,
        "max_attempts_per_day": 2,
        "record": False,
        "retry": _retry(busy_s=10 * _MINUTE, no_answer_s=3 * _HOUR, most=3),
    },
    (PresetDisposition("informed", success=True), *_USUAL),
)

#: Few calls and long silences: collectors' laws are the narrowest.
#: Source: 230-FZ art. 7(3) (Russia), 12 CFR 1006.14(b)(2) (US); the packs hold the letter of them.
_DEBT = Preset(
    PresetCode.DEBT,
    {
        "purpose": "debt",
        "mode": "progressive",
        "hours": _hours("09:00-20:00", None),
        "ring_timeout_s": 30.0,
        "wrap_up_s": 60.0,
        "max_attempts": 8,
        "max_attempts_per_day": 1,
        "max_attempts_per_person_per_day": 1,
        "max_attempts_per_person_per_week": 2,
        "max_conversations_per_person_per_month": 8,
        "retry": _retry(busy_s=_DAY, no_answer_s=2 * _DAY, most=8),
    },
    (
        PresetDisposition("promise", success=True, requires_callback=True),
        PresetDisposition("paid", success=True),
        PresetDisposition("disputes", requires_note=True),
        PresetDisposition("third_person", retry_after_s=_DAY),
        *_USUAL,
    ),
)

_REFRESH = Preset(
    PresetCode.REFRESH,
    {
        "purpose": "notification",
        "party": "business",
        "mode": "preview",
        "preview_limit_s": 90,
        "form_dispositions": {"complete": "done"},
        "hours": _hours("09:00-18:00", None),
        "ring_timeout_s": 30.0,
        "wrap_up_s": 45.0,
        "max_attempts": 5,
        "max_attempts_per_day": 2,
        "retry": _retry(busy_s=15 * _MINUTE, no_answer_s=3 * _HOUR, most=5),
    },
    (
        PresetDisposition("done", success=True),
        PresetDisposition("closed_down", success=True),
        *_USUAL,
    ),
)

#: In the order in which a manager sees them.
PRESETS: Mapping[PresetCode, Preset] = MappingProxyType(
    {one.code: one for one in (_SURVEY, _SALE, _ANNOUNCEMENT, _DEBT, _REFRESH)}
)
