"""Rules in words: what one row of a pack demands, as a sentence for people."""

from collections.abc import Sequence

from compliance.hours.spans import day_spans
from compliance.hours.windows import WEEKDAYS
from compliance.rulebook.rules import (
    AbandonmentTerms,
    AutomationTerms,
    CallerIdTerms,
    Cap,
    CapTerms,
    ConsentTerms,
    DayWindows,
    DncSemantics,
    DncTerms,
    EmergencyTerms,
    MessageTerms,
    RecordingTerms,
    RetentionTerms,
    RingTerms,
    Rule,
    WindowTerms,
)


def what(rule: Rule) -> str:
    """Return what the row demands, in one line."""
    match rule.terms:
        case WindowTerms() as terms:
            return _window(terms)
        case CapTerms(caps):
            return "; ".join(_cap(cap) for cap in caps)
        case ConsentTerms() as terms:
            return _consent(terms)
        case DncTerms() as terms:
            return _dnc(terms)
        case CallerIdTerms() as terms:
            return _caller_id(terms)
        case AbandonmentTerms() | MessageTerms() | RingTerms() as terms:
            return _answered(terms)
        case AutomationTerms(effect):
            return f"machines that dial or talk: {_plain(effect)}"
        case RetentionTerms(keep_days, records):
            return f"keep {_plain(records)} for {keep_days} days"
        case RecordingTerms():
            return "both sides are told at the start that the call is recorded"
        case EmergencyTerms(switch):
            return f"no calls while the switch {switch} is on"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _window(terms: WindowTerms) -> str:
    parts = [
        f"{_span(first, last)} {_hours(windows)}"
        for first, last, windows in day_spans(terms.weekdays)
    ]
    if terms.holiday is not None:
        parts.append(f"holidays {_hours(terms.holiday)}")
    if terms.pre_holiday is not None:
        parts.append(f"eves of holidays {_hours(terms.pre_holiday)}")
    clock = terms.clock or "the called person's"
    return f"calls only {', '.join(parts)} ({clock} time)"


def _span(first: int, last: int) -> str:
    return WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"


def _hours(windows: DayWindows) -> str:
    return " and ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in windows) or "closed"


def _cap(cap: Cap) -> str:
    period = _plain(cap.per.value) if cap.per is not None else f"{cap.per_hours} hours"
    scope = _plain(cap.scope.value)
    if cap.after_event is not None:
        return (
            f"no {_plain(cap.counts.value)} for {period} after {_plain(cap.after_event)} ({scope})"
        )
    return f"at most {cap.count} {_plain(cap.counts.value)} in {period} ({scope})"


def _consent(terms: ConsentTerms) -> str:
    exempt = f", or: {_listed(terms.exempt)}" if terms.exempt else ""
    return f"needs {_plain(terms.basis)}{exempt}"


def _dnc(terms: DncTerms) -> str:
    age = f", at most {terms.max_age_days} days old" if terms.max_age_days is not None else ""
    if terms.semantics is DncSemantics.BLOCK_LIST:
        return f"not to numbers on the list {terms.list_code}{age}"
    return f"only to numbers on the list {terms.list_code}{age}"


def _caller_id(terms: CallerIdTerms) -> str:
    parts = ["a number must be shown"] if terms.must_present else []
    if terms.allowed_prefixes:
        parts.append(f"only numbers that begin with {', '.join(terms.allowed_prefixes)}")
    if terms.denied_prefixes:
        parts.append(f"no number that begins with {', '.join(terms.denied_prefixes)}")
    if terms.callback_required:
        parts.append("who calls it back reaches the caller")
    return "; ".join(parts) or "caller ID"


def _answered(terms: AbandonmentTerms | MessageTerms | RingTerms) -> str:
    match terms:
        case RingTerms(seconds):
            return f"ring at least {seconds:g} s"
        case MessageTerms():
            return (
                f"without an agent a message within {terms.play_within_s:g} s"
                f" that states {_listed(terms.must_state)}"
            )
        case AbandonmentTerms():
            return (
                f"at most {terms.max_rate:.1%} of {_plain(terms.denominator)} without an agent"
                f" within {terms.connect_within_s:g} s ({terms.window}, per {terms.scope})"
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_plain(name) for name in names)


def effective(rule: Rule) -> str:
    """Return from when to when the row is in force, in words."""
    if rule.is_bill:
        return "a bill: not in force"
    begins = f"from {rule.effective_from}" if rule.effective_from else ""
    ends = f"until {rule.effective_to}" if rule.effective_to else ""
    return " ".join(part for part in (begins, ends) if part) or "in force"


def applies_to(rule: Rule, jurisdiction: str) -> bool:
    """Tell whether the row binds calls into a place: its own, its country's, and a country's parts."""
    wanted = jurisdiction.upper()
    parents = {wanted, wanted[:2], "*"}
    return rule.jurisdiction in parents or rule.jurisdiction.startswith(f"{wanted}-")
