"""The gate's questions, one function each, pure: what do the facts and the law's rows say of a call?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from compliance import consent
from compliance.binding import binding_rules
from compliance.counting.capping import count_caps
from compliance.counting.frequency import CapCounter
from compliance.dnc.freshness import DncAnswer, answer, stricter, together
from compliance.facts import DncFact, Facts, Law
from compliance.finding import Finding
from compliance.hours.windows import is_empty, is_open
from compliance.places.placement import Placement
from compliance.reasons import RefusalReason
from compliance.rulebook.rules import (
    AutomationTerms,
    ConsentTerms,
    DncTerms,
    EmergencyTerms,
    Rule,
    WindowTerms,
)

#: The effect a ban has when consent lifts it.
_LIFTED_BY_EXPRESS = "ban_without_express_consent"

#: The client's days off, as receipts and answers name what refused.
OWN_DAYS = "client-days-off"

_DNC_REASON = {
    DncAnswer.LISTED: RefusalReason.DNC_LISTED,
    DncAnswer.NOT_ON_ALLOW_LIST: RefusalReason.NOT_ON_ALLOW_LIST,
    DncAnswer.STALE: RefusalReason.DNC_STALE,
    DncAnswer.MISSING: RefusalReason.DNC_MISSING,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found, for the answer and for its receipt."""

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    windows: tuple[WindowTerms, ...]
    placement: Placement | None
    counters: tuple[CapCounter, ...]
    consents: tuple[tuple[str, str], ...]  #: (rule, proof) of each consent that was used


def judge(facts: Facts, law: Law, *, at: datetime | None = None) -> Judgement:
    """Ask every question about the call at ``at`` (``facts.at`` when left out)."""
    instant = at or facts.at
    used: list[tuple[str, str]] = []
    findings = [*_standing(facts)]
    if facts.simulated:  # nobody lives there: only what protects the client's own wishes counts
        counters, caps = count_caps(facts, (), instant)
        return Judgement((*findings, *caps), (), (), facts.placement, counters, ())
    rules = in_force(facts, law, instant)
    findings += _known(facts)
    findings += _emergencies(facts, rules)
    findings += _automation(facts, rules, instant, used)
    findings += _consents(facts, rules, instant, used)
    findings += _dnc(facts, rules, instant, used)
    windows = _windows(facts, rules, instant, used)
    findings += _hours(facts, law, rules, windows, instant)
    findings += _days_off(facts, instant)
    windows += facts.days_off.terms(_jurisdictions(facts))
    counters, caps = count_caps(facts, rules, instant)
    findings += caps
    return Judgement(
        tuple(findings), rules, windows, facts.placement, counters, tuple(dict.fromkeys(used))
    )


def in_force(facts: Facts, law: Law, at: datetime) -> tuple[Rule, ...]:
    """Return the rows that bind the call at ``at``."""
    return binding_rules(
        law,
        facts.placement,
        at,
        purpose=facts.purpose,
        channel=facts.channel,
        party=facts.party,
        exempted=facts.exempted,
    )


def _standing(facts: Facts) -> Iterable[Finding]:
    if facts.suppressed is None:
        yield Finding(RefusalReason.SUPPRESSION_UNKNOWN)
    elif facts.suppressed:
        yield Finding(RefusalReason.SUPPRESSED)
    if facts.attempts_made >= facts.max_attempts:
        yield Finding(RefusalReason.ATTEMPT_CAP)


def _known(facts: Facts) -> Iterable[Finding]:
    """What must be known or allowed before any rule is asked."""
    if facts.number_refusal is not None:
        yield Finding(RefusalReason(facts.number_refusal.value))
    if facts.purpose is None:
        yield Finding(RefusalReason.PURPOSE_UNKNOWN)
    if facts.placement is None or not facts.placement.zones:
        yield Finding(RefusalReason.ZONE_UNKNOWN)
    if facts.hours is not None and is_empty(facts.hours):
        yield Finding(RefusalReason.NO_HOURS)


def _emergencies(facts: Facts, rules: Iterable[Rule]) -> Iterable[Finding]:
    for rule in rules:
        if isinstance(rule.terms, EmergencyTerms) and (
            facts.emergencies is None or rule.terms.switch in facts.emergencies
        ):
            yield Finding(RefusalReason.EMERGENCY, (rule.id,))


def _automation(
    facts: Facts, rules: Iterable[Rule], at: datetime, used: list[tuple[str, str]]
) -> Iterable[Finding]:
    for rule in rules:
        if not isinstance(rule.terms, AutomationTerms):
            continue
        if rule.terms.effect == _LIFTED_BY_EXPRESS and facts.consents is not None:
            proof = consent.satisfying("prior_express", (), facts.consents, at, facts.subject)
            if proof is not None:
                used.append((rule.id, proof.proof))
                continue
        yield Finding(RefusalReason.MACHINE_BANNED, (rule.id,))


def _consents(
    facts: Facts, rules: Iterable[Rule], at: datetime, used: list[tuple[str, str]]
) -> Iterable[Finding]:
    for rule in rules:
        if not isinstance(rule.terms, ConsentTerms):
            continue
        if facts.consents is None:
            yield Finding(RefusalReason.CONSENT_UNKNOWN, (rule.id,))
            continue
        terms = rule.terms
        proof = consent.satisfying(terms.basis, terms.exempt, facts.consents, at, facts.subject)
        if proof is None:
            yield Finding(RefusalReason.CONSENT_MISSING, (rule.id,))
        else:
            used.append((rule.id, proof.proof))


def _dnc(
    facts: Facts, rules: Iterable[Rule], at: datetime, used: list[tuple[str, str]]
) -> Iterable[Finding]:
    for rule in rules:
        if isinstance(rule.terms, DncTerms) and rule.terms.list_code != consent.OWN_LIST:
            terms = _as_meant(facts, rule.terms)
            proof = consent.ebr(terms, facts.consents or (), at, facts.subject)
            if proof is not None:
                used.append((rule.id, proof.proof))
                continue
            said = _dnc_answer(facts, rule.terms, at)
            if said is not DncAnswer.CLEAR:
                yield Finding(_DNC_REASON[said], (rule.id,))
    for code in facts.own_dnc:
        said = _dnc_answer(facts, DncTerms(code), at)
        if said is not DncAnswer.CLEAR:
            yield Finding(_DNC_REASON[said], (f"list:{code}",))


def _as_meant(facts: Facts, terms: DncTerms) -> DncTerms:
    """Return the row with the strictest meaning any list of its code has: no relation opens those."""
    meant = terms.semantics
    for fact in (facts.dnc or {}).get(terms.list_code, ()):
        meant = stricter(meant, fact.semantics)
    return replace(terms, semantics=meant)


def _dnc_answer(facts: Facts, terms: DncTerms, at: datetime) -> DncAnswer:
    """Return what all lists of the code say: everybody's and the client's own count together."""
    held = (facts.dnc or {}).get(terms.list_code, ())
    return together(_one_answer(fact, terms, at) for fact in held)


def _one_answer(fact: DncFact, terms: DncTerms, at: datetime) -> DncAnswer:
    own = fact.own_max_age_days
    if own is not None and at - fact.obtained_at > timedelta(days=own):
        return DncAnswer.STALE
    meant = replace(terms, semantics=stricter(terms.semantics, fact.semantics))
    return answer(meant, loaded=True, listed=fact.listed, obtained_at=fact.obtained_at, at=at)


def _windows(
    facts: Facts, rules: Iterable[Rule], at: datetime, used: list[tuple[str, str]]
) -> tuple[WindowTerms, ...]:
    """Return every window that must be open: the packs' that no consent lifts, and the campaign's."""
    found: list[WindowTerms] = []
    for rule in rules:
        if isinstance(rule.terms, WindowTerms):
            lifting = consent.lifts(rule, facts.consents or (), at, facts.subject)
            if lifting is None:
                found.append(rule.terms)
            else:
                used.append((rule.id, lifting.proof))
    if facts.hours is not None:
        found.append(facts.hours)
    return tuple(dict.fromkeys(found))


def _days_off(facts: Facts, at: datetime) -> Iterable[Finding]:
    """The client's own days off: asked apart from the windows, so that the reason says what it is."""
    zones = facts.placement.zones if facts.placement else ()
    if facts.days_off.is_off(_jurisdictions(facts), zones, at, margin_s=facts.ring_timeout_s):
        yield Finding(RefusalReason.DAY_OFF, (OWN_DAYS,))


def _jurisdictions(facts: Facts) -> tuple[str, ...]:
    return facts.placement.jurisdictions if facts.placement else ()


def _hours(
    facts: Facts,
    law: Law,
    rules: tuple[Rule, ...],
    windows: tuple[WindowTerms, ...],
    at: datetime,
) -> Iterable[Finding]:
    if facts.placement is None or not facts.placement.zones:
        return
    if not windows:
        yield Finding(RefusalReason.NO_HOURS)
        return
    zones, margin_s = facts.placement.zones, facts.ring_timeout_s
    if is_open(windows, zones, at, calendars=law.calendars, margin_s=margin_s):
        return
    closed = tuple(
        rule.id
        for rule in rules
        if isinstance(rule.terms, WindowTerms)
        and rule.terms in windows
        and not is_open([rule.terms], zones, at, calendars=law.calendars, margin_s=margin_s)
    )
    own = facts.hours is not None and not is_open(
        [facts.hours], zones, at, calendars=law.calendars, margin_s=margin_s
    )
    yield Finding(RefusalReason.OUTSIDE_WINDOW, (*closed, *(("campaign-hours",) if own else ())))
