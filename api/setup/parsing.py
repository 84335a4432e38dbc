"""The page's form -> settings, and settings -> the page's values. Pure.

What the page does not ask for keeps its value: finer hours, retry steps, quotas of the API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from api.labels import mark
from api.setup.fields import FIELDS, Field, Kind
from compliance.hours.windows import WEEKDAYS

#: The code of the quota that counts every complete interview.
TOTAL = "total"
#: Fields that are no settings of a campaign, but its ways out and its lists.
_APART = frozenset({"trunk", "caller_id", "caller_ids", "lists"})
_WINDOW = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_LAST_MINUTE = 24 * 60 - 1

NOT_A_NUMBER = mark("This is no number.")
NOT_A_TIME = mark("Write hours like 09:00-13:00, 14:00-20:00.")
NOT_AN_INSTANT = mark("This is no date and time.")
NEEDS_FORM = mark("Interviews can be counted only with a form: choose one.")


@dataclass(slots=True)
class Wish:
    """What a manager wants, as the page says it."""

    settings: dict[str, Any] = field(default_factory=dict)
    trunk: str | None = None
    caller_id: str | None = None
    caller_ids: tuple[str, ...] = ()
    lists: tuple[UUID, ...] = ()
    reason: str = ""
    problems: dict[str, str] = field(default_factory=dict)  #: field -> sentence


def wish_of(form: FormData, before: Mapping[str, Any], zone: str) -> Wish:
    """Read the page's form over the settings there are (complete, as JSON)."""
    wish = Wish(reason=str(form.get("reason", "")).strip())
    wish.trunk = str(form.get("trunk", "")) or None
    wish.caller_id = str(form.get("caller_id", "")) or None
    wish.caller_ids = tuple(str(one) for one in form.getlist("caller_ids"))
    wish.lists = tuple(UUID(str(one)) for one in form.getlist("lists") if _is_id(str(one)))
    for one in FIELDS:
        if one.name in _APART:
            continue
        try:
            _take(one, form, before, zone, wish)
        except _Wrong as wrong:
            wish.problems[one.name] = wrong.sentence
    return wish


class _Wrong(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _take(one: Field, form: FormData, before: Mapping[str, Any], zone: str, wish: Wish) -> None:
    raw = str(form.get(one.name, "")).strip()
    settings = wish.settings
    match one.name:
        case "hours":
            settings["hours"] = hours_of(form, before.get("hours"))
        case "amd":
            settings["amd"] = _amd(raw, before.get("amd"))
        case "order":
            settings["selection"] = {**before["selection"], "order": raw or "as_due"}
        case "target":
            settings["answer_quotas"] = _with_total(raw, before, str(form.get("form", "")))
        case "purpose" | "script":
            settings[one.name] = raw or None
        case _:
            settings[one.name] = _plain(one, raw, form, before, zone)


def _plain(one: Field, raw: str, form: FormData, before: Mapping[str, Any], zone: str) -> Any:
    if one.kind is Kind.TICK:
        return one.name in form
    if one.kind is Kind.INSTANT:
        return _instant(raw, zone, before.get(one.name))
    if one.kind is not Kind.NUMBER:
        return raw
    if not raw:
        if one.empty is None:
            raise _Wrong(NOT_A_NUMBER)
        return None
    number = _number(raw) * one.scale
    return (
        round(number)
        if isinstance(before.get(one.name), int) or number == int(number)
        else (round(number, 6))
    )


def _number(raw: str) -> float:
    try:
        number = float(raw.replace(",", ".").replace("\u00a0", ""))
    except ValueError:
        raise _Wrong(NOT_A_NUMBER) from None
    if number != number or abs(number) > 1e9:
        raise _Wrong(NOT_A_NUMBER)
    return number


def _instant(raw: str, zone: str, before: str | None) -> str | None:
    if not raw:
        return None
    if before is not None and raw == instant_value(before, zone):
        return before  # the page shows minutes; what was set to the second stays
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        raise _Wrong(NOT_AN_INSTANT) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone))
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_value(stored: str | None, zone: str) -> str:
    """Return an instant as a browser's field for date and time wants it, in the viewer's zone."""
    if not stored:
        return ""
    at = datetime.fromisoformat(stored.replace("Z", "+00:00"))
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _amd(raw: str, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not raw:
        return None
    kept = dict(before or {})
    if raw == "hang_up":
        kept["messages"] = {}
    return {**kept, "on_machine": raw}


def _with_total(raw: str, before: Mapping[str, Any], form: str) -> list[Any]:
    others = [one for one in before.get("answer_quotas", ()) if one["code"] != TOTAL]
    if not raw:
        return others
    if not form:
        raise _Wrong(NEEDS_FORM)
    return [*others, {"code": TOTAL, "when": "true", "target": round(_number(raw))}]


def hours_of(form: FormData, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the hours of the form; None when no day has any and none were set."""
    found: dict[str, Any] = {}
    for day in WEEKDAYS:
        windows = windows_of(str(form.get(f"hours.{day}", "")))
        if windows:
            found[day] = windows
    if not found:
        return None if before is None else {}
    holiday = str(form.get("hours.holiday", ""))
    if holiday == "closed":
        found["holiday"] = []
    elif holiday == "kept" and before and before.get("holiday"):
        found["holiday"] = before["holiday"]
    if before and "pre_holiday" in before:
        found["pre_holiday"] = before["pre_holiday"]
    return found


def windows_of(text: str) -> list[list[str]]:
    """Read "9-13, 14:00-20:00"; midnight at the end is 24:00 or 00:00."""
    windows = []
    for part in filter(None, (one.strip() for one in re.split(r"[,;]", text))):
        found = _WINDOW.fullmatch(part)
        if found is None:
            raise _Wrong(NOT_A_TIME)
        opens_h, opens_m, closes_h, closes_m = (int(one or 0) for one in found.groups())
        opens, closes = opens_h * 60 + opens_m, closes_h * 60 + closes_m
        closes = _LAST_MINUTE if closes in (0, 24 * 60) else closes
        if not 0 <= opens < closes <= _LAST_MINUTE or max(opens_m, closes_m) > 59:
            raise _Wrong(NOT_A_TIME)
        windows.append([_clock(opens), _clock(closes)])
    return windows


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def windows_text(windows: Any) -> str:
    """Return windows as the page's field shows them."""
    return ", ".join(f"{opens[:5]}-{closes[:5]}" for opens, closes in windows or ())


def value_of(one: Field, settings: Mapping[str, Any], zone: str) -> str:
    """Return a field's value as the page shows it; of a tick "on" or nothing."""
    if one.name == "amd":
        return str((settings.get("amd") or {}).get("on_machine", ""))
    if one.name == "order":
        return str((settings.get("selection") or {}).get("order", "as_due"))
    if one.name == "target":
        totals = [row for row in settings.get("answer_quotas", ()) if row["code"] == TOTAL]
        return str(totals[0]["target"]) if totals else ""
    value = settings.get(one.name)
    if one.kind is Kind.INSTANT:
        return instant_value(value, zone)
    if one.kind is Kind.TICK:
        return "on" if value else ""
    if value is None:
        return ""
    return f"{value / one.scale:.10g}" if one.kind is Kind.NUMBER else str(value)
