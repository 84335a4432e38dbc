"""The terms of a rule, kind by kind: TOML keys in, a value of ``rules`` out.

Every reader takes the keys of its kind and raises ``FieldError`` on what makes no sense.
"""

import re
from collections.abc import Callable, Mapping
from datetime import time
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from compliance.rulebook.pack_fields import NAME, FieldError, Fields
from compliance.rulebook.rules import (
    AbandonmentTerms,
    AutomationTerms,
    CalendarPeriod,
    CallerIdTerms,
    Cap,
    CapScope,
    CapTerms,
    ConsentTerms,
    Counted,
    DayWindows,
    DncSemantics,
    DncTerms,
    EmergencyTerms,
    MessageTerms,
    PastEvent,
    RecordingTerms,
    RetentionTerms,
    RingTerms,
    RuleKind,
    Terms,
    Window,
    WindowTerms,
)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKDAYS = _DAYS[:5]
_CLOCK = re.compile(r"[0-2][0-9]:[0-5][0-9]")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")
_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")

#: A zone name that means: the called person's own.
CALLED_PARTY = "called_party"

#: The words of the laws, and what they come to for a dialler that knows a person by a number.
SCOPES: Mapping[str, CapScope] = MappingProxyType(
    {
        "number": CapScope.NUMBER,
        "residential number": CapScope.NUMBER,
        "person": CapScope.PERSON,
        "consumer": CapScope.PERSON,
        "debtor": CapScope.PERSON,
        "person+subject": CapScope.PERSON_AND_SUBJECT,
        "person+debt": CapScope.PERSON_AND_SUBJECT,
        "company": CapScope.COMPANY,
    }
)

#: Who is told that a call is recorded.
ANNOUNCED_TO = ("both",)

#: The longest ring or wait that is believed; more is taken for a slip of the pen.
_LONGEST_S = 300.0


def _window(fields: Fields) -> WindowTerms:
    windows = fields.table("windows")
    weekdays = _weekdays(windows)
    holiday = _day(windows, "holiday") if windows.has("holiday") else None
    pre_holiday = _day(windows, "pre_holiday") if windows.has("pre_holiday") else None
    windows.finish()
    calendar = (
        fields.text("holiday_calendar", form=_CODE) if fields.has("holiday_calendar") else None
    )
    if calendar is None and (holiday is not None or pre_holiday is not None):
        raise FieldError("holiday hours need a holiday_calendar")
    return WindowTerms(weekdays, holiday, pre_holiday, calendar, _zone(fields))


def _weekdays(windows: Fields) -> tuple[DayWindows, ...]:
    named = [day for day in _DAYS if windows.has(day)]
    days = {day: _day(windows, day) for day in named}
    if windows.has("mon_fri"):
        twice = [day for day in _WORKDAYS if day in days]
        if twice:
            raise FieldError(f"windows: mon_fri and {twice[0]} speak of the same day")
        days |= dict.fromkeys(_WORKDAYS, _day(windows, "mon_fri"))
    missing = [day for day in _DAYS if day not in days]
    if missing:  # closed or open would both be a guess
        raise FieldError(f"windows: {', '.join(missing)} missing; a closed day is []")
    return tuple(days[day] for day in _DAYS)


def _day(windows: Fields, key: str) -> DayWindows:
    value = windows.take(key)
    if not isinstance(value, list):
        raise FieldError(f"windows: {key} must be a list of pairs: {value!r}")
    day = tuple(_pair(key, pair) for pair in value)
    for (_, closes), (opens, _) in pairwise(day):
        if opens < closes:
            raise FieldError(f"windows: {key} must be in order and apart")
    return day


def _pair(key: str, pair: object) -> Window:
    if not isinstance(pair, list) or len(pair) != 2:
        raise FieldError(f'windows: {key} needs pairs such as ["09:00", "20:00"]: {pair!r}')
    opens, closes = (_clock(key, text) for text in pair)
    if opens >= closes:
        raise FieldError(f"windows: {key} must end after it begins: {opens:%H:%M}-{closes:%H:%M}")
    return opens, closes


def _clock(key: str, text: object) -> time:
    if not isinstance(text, str) or not _CLOCK.fullmatch(text) or text >= "24:00":
        raise FieldError(f"windows: {key} needs times from 00:00 to 23:59: {text!r}")
    return time.fromisoformat(text)


def _zone(fields: Fields) -> str | None:
    name = fields.text("clock", CALLED_PARTY)
    if name == CALLED_PARTY:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise FieldError(f"clock: there is no time zone {name!r}") from None
    return name


def _cap(fields: Fields) -> CapTerms:
    return CapTerms(tuple(_one_cap(one) for one in fields.tables("caps")))


def _one_cap(fields: Fields) -> Cap:
    cap = Cap(
        count=fields.whole("count", low=0),
        counts=fields.choice("counts", Counted),
        scope=SCOPES[fields.one_of("scope", tuple(SCOPES))],
        per_hours=fields.whole_or_none("per_hours"),
        per=fields.choice("per", CalendarPeriod) if fields.has("per") else None,
        after_event=fields.choice("after_event", PastEvent) if fields.has("after_event") else None,
    )
    fields.finish()
    if (cap.per_hours is None) == (cap.per is None):
        raise FieldError("a cap needs either per_hours or per")
    if cap.after_event is not None and (cap.count or cap.per_hours is None):
        raise FieldError("a silence after an event has count 0 and per_hours")
    if cap.after_event is None and not cap.count:
        raise FieldError("a cap of 0 needs an after_event")
    return cap


def _ring(fields: Fields) -> RingTerms:
    return RingTerms(
        fields.number("min_ring_seconds", high=_LONGEST_S), fields.whole_or_none("min_rings")
    )


def _abandonment(fields: Fields) -> AbandonmentTerms:
    return AbandonmentTerms(
        max_rate=fields.number("max_rate", high=1.0),
        window=fields.one_of("window", ("30d-successive", "30d", "24h", "calendar-month")),
        scope=fields.one_of("scope", ("campaign", "telemarketer")),
        connect_within_s=fields.number("connect_within_s", high=_LONGEST_S),
        clock_from=fields.one_of("clock_from", ("answer", "completed greeting")),
        denominator=fields.one_of("denominator", ("answered_by_person", "live_calls", "answered")),
        hard_safe_harbour=fields.flag("hard_safe_harbour", default=True),
    )


def _message(fields: Fields) -> MessageTerms:
    return MessageTerms(
        play_within_s=fields.number("play_within_s", high=_LONGEST_S),
        must_state=fields.texts("must_state"),
        interactive_opt_out=fields.flag("interactive_opt_out", default=False),
        marketing_allowed=fields.flag("marketing_allowed", default=True),
    )


def _caller_id(fields: Fields) -> CallerIdTerms:
    return CallerIdTerms(
        must_present=fields.flag("must_present"),
        callback_required=fields.flag("callback_required", default=False),
        callback_valid_days=fields.whole_or_none("callback_valid_days"),
        allowed_prefixes=fields.texts("allowed_prefixes", (), form=_PREFIX),
        denied_prefixes=fields.texts("denied_prefixes", (), form=_PREFIX),
        volume_threshold_month=fields.whole_or_none("volume_threshold_month"),
    )


def _consent(fields: Fields) -> ConsentTerms:
    return ConsentTerms(fields.text("basis", form=NAME), fields.texts("exempt", (), form=NAME))


def _automation(fields: Fields) -> AutomationTerms:
    effects = ("ban", "ban_without_express_consent", "dnc_register")
    return AutomationTerms(fields.one_of("effect", effects))


def _dnc(fields: Fields) -> DncTerms:
    return DncTerms(
        list_code=fields.text("list", form=_CODE),
        semantics=fields.choice("semantics", DncSemantics, DncSemantics.BLOCK_LIST),
        max_age_days=fields.whole_or_none("max_age_days"),
        ebr_days=fields.whole_or_none("ebr_days"),
        inquiry_days=fields.whole_or_none("inquiry_days"),
        honour_within_days=_honour_within_days(fields),
        keep_days=fields.whole_or_none("keep_days"),
    )


def _honour_within_days(fields: Fields) -> int | None:
    """Return the days within which a request must be honoured; business days are converted."""
    business = fields.whole_or_none("honour_within_business_days", low=0)
    if business is None:
        return fields.whole_or_none("honour_within_days", low=0)
    if fields.has("honour_within_days"):
        raise FieldError("honour_within_days and honour_within_business_days exclude each other")
    days = business * 7 // 5
    fields.remarks.append(f"{business} business days are counted as {days} days")
    return days


def _retention(fields: Fields) -> RetentionTerms:
    return RetentionTerms(fields.whole("keep_days"), fields.text("what", "call_records", form=NAME))


def _recording(fields: Fields) -> RecordingTerms:
    return RecordingTerms(fields.one_of("announce", ANNOUNCED_TO))


def _emergency(fields: Fields) -> EmergencyTerms:
    return EmergencyTerms(fields.text("switch", form=NAME))


#: What reads the terms of each kind.
READERS: Mapping[RuleKind, Callable[[Fields], Terms]] = MappingProxyType(
    {
        RuleKind.WINDOW: _window,
        RuleKind.CAP: _cap,
        RuleKind.RING: _ring,
        RuleKind.ABANDONMENT: _abandonment,
        RuleKind.MESSAGE: _message,
        RuleKind.CALLER_ID: _caller_id,
        RuleKind.CONSENT: _consent,
        RuleKind.AUTOMATION: _automation,
        RuleKind.DNC: _dnc,
        RuleKind.RETENTION: _retention,
        RuleKind.RECORDING: _recording,
        RuleKind.EMERGENCY: _emergency,
    }
)
