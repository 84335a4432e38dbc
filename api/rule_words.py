"""Rules in words: what one row of a pack demands, as a sentence in the reader's language."""

from collections.abc import Callable, Sequence

from babel import Locale
from babel.dates import get_day_names

from api import rule_labels as words
from compliance.hours.spans import day_spans
from compliance.rulebook import rules

Translate = Callable[[str], str]

_DAY_H = 24
#: A silence of decades means "never again".
_FOR_EVER_H = 20 * 365 * _DAY_H


class RuleWords:
    """Says rules in one language."""

    def __init__(self, translate: Translate, locale: Locale) -> None:
        """Say them with this catalogue, weekdays as in ``locale``."""
        self._translate = translate
        self._days = get_day_names("abbreviated", locale=locale)

    def say(self, rule: rules.Rule) -> str:
        """Return what the row demands, a sentence without its full stop."""
        match rule.terms:
            case rules.WindowTerms() as terms:
                return self._window(terms)
            case rules.CapTerms(caps):
                return "; ".join(self._cap(cap) for cap in caps)
            case rules.ConsentTerms() as terms:
                return self._consent(terms)
            case rules.DncTerms() as terms:
                return self._dnc(terms)
            case rules.CallerIdTerms() as terms:
                return self._caller_id(terms)
            case _ as terms:
                return self._other(terms)

    def _other(
        self,
        terms: rules.AbandonmentTerms
        | rules.MessageTerms
        | rules.RingTerms
        | rules.AutomationTerms
        | rules.RetentionTerms
        | rules.RecordingTerms
        | rules.EmergencyTerms,
    ) -> str:
        _ = self._translate
        match terms:
            case rules.RingTerms(seconds):
                return _("Let it ring for at least %(seconds)s s") % {"seconds": f"{seconds:g}"}
            case rules.MessageTerms():
                return _(
                    "Without an agent, a message within %(seconds)s s that states: %(what)s"
                ) % {
                    "seconds": f"{terms.play_within_s:g}",
                    "what": self._listed(terms.must_state),
                }
            case rules.AbandonmentTerms():
                return self._abandonment(terms)
            case rules.AutomationTerms(effect):
                return _(words.AUTOMATION.get(effect, effect))
            case rules.RetentionTerms(keep_days, what):
                return _("Keep for %(days)s days: %(what)s") % {
                    "days": keep_days,
                    "what": _(words.KEPT.get(what, what)),
                }
            case rules.RecordingTerms():
                return _("Both sides are told at the start that the call is recorded")
            case rules.EmergencyTerms(switch):
                return _("No calls while the emergency %(switch)s is declared") % {"switch": switch}

    def _window(self, terms: rules.WindowTerms) -> str:
        _ = self._translate
        parts = [
            f"{self._span(first, last)} {self._hours(windows)}"
            for first, last, windows in day_spans(terms.weekdays)
        ]
        if terms.holiday is not None:
            parts.append(_("holidays %(hours)s") % {"hours": self._hours(terms.holiday)})
        if terms.pre_holiday is not None:
            hours = self._hours(terms.pre_holiday)
            parts.append(_("eves of holidays %(hours)s") % {"hours": hours})
        said = _("Calls only %(hours)s") % {"hours": ", ".join(parts)}
        if terms.clock is None:
            return said
        return said + " " + _("(time of %(zone)s)") % {"zone": terms.clock}

    def _span(self, first: int, last: int) -> str:
        if first == last:
            return str(self._days[first])
        return f"{self._days[first]}–{self._days[last]}"

    def _hours(self, windows: rules.DayWindows) -> str:
        _ = self._translate
        said = [f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in windows]
        return " / ".join(said) or _("not at all")

    def _cap(self, cap: rules.Cap) -> str:
        _ = self._translate
        facts = {
            "what": _(words.COUNTED[cap.counts]),
            "scope": _(words.SCOPES[cap.scope]),
            "count": cap.count,
            "period": self._period(cap),
        }
        if cap.after_event is None:
            return _("%(what)s %(scope)s in %(period)s: at most %(count)s") % facts
        facts["event"] = _(words.EVENTS[cap.after_event])
        if cap.per_hours is not None and cap.per_hours >= _FOR_EVER_H:
            return _("Never again %(scope)s after %(event)s") % facts
        return _("No calls %(scope)s for %(period)s after %(event)s") % facts

    def _period(self, cap: rules.Cap) -> str:
        _ = self._translate
        if cap.per is not None:
            return _(words.PERIODS[cap.per])
        hours = cap.per_hours or 0
        if hours % _DAY_H == 0 and hours > _DAY_H:
            return _("%(count)s days") % {"count": hours // _DAY_H}
        return _("%(count)s hours") % {"count": hours}

    def _consent(self, terms: rules.ConsentTerms) -> str:
        _ = self._translate
        said = _("Needed: %(what)s") % {"what": self.consent_kind(terms.basis)}
        if not terms.exempt:
            return said
        others = ", ".join(map(self.consent_kind, terms.exempt))
        return said + "; " + _("or instead of it: %(what)s") % {"what": others}

    def consent_kind(self, kind: str) -> str:
        """Return what a kind of consent or relation is called."""
        return self._translate(words.CONSENTS.get(kind, kind))

    def _dnc(self, terms: rules.DncTerms) -> str:
        _ = self._translate
        if terms.semantics is rules.DncSemantics.BLOCK_LIST:
            said = _("Not to numbers on the list %(list)s") % {"list": terms.list_code}
        else:
            said = _("Only to numbers on the list %(list)s") % {"list": terms.list_code}
        if terms.max_age_days is None:
            return said
        return f"{said}, " + _("which is at most %(days)s days old") % {"days": terms.max_age_days}

    def _caller_id(self, terms: rules.CallerIdTerms) -> str:
        _ = self._translate
        parts = [_("A number must be shown")] if terms.must_present else []
        if terms.callback_required:
            parts.append(_("whoever calls it back reaches the caller"))
        if terms.allowed_prefixes:
            listed = ", ".join(terms.allowed_prefixes)
            parts.append(_("only numbers beginning with %(prefixes)s") % {"prefixes": listed})
        if terms.denied_prefixes:
            listed = ", ".join(terms.denied_prefixes)
            parts.append(_("no number beginning with %(prefixes)s") % {"prefixes": listed})
        return "; ".join(parts)

    def _abandonment(self, terms: rules.AbandonmentTerms) -> str:
        _ = self._translate
        said = _("At most %(percent)s of answered calls without an agent within %(seconds)s s")
        return said % {
            "percent": f"{100 * terms.max_rate:g} %",
            "seconds": f"{terms.connect_within_s:g}",
        }

    def _listed(self, names: Sequence[str]) -> str:
        return ", ".join(self._translate(words.STATED.get(name, name)) for name in names)
