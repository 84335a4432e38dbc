"""What if: may this number be dialled, by the law alone? No campaign, no records, no database.

What only records can tell is assumed to be in order, and listed under ``assumed``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

from campaigns.law.instants import instant_text
from campaigns.law.kinds import OPERATOR_CONTRACT, consent_kinds, is_about_time
from campaigns.law.wording import what
from compliance import gate
from compliance.consent import EVERYTHING, Consent
from compliance.counting.own_caps import OwnLimits
from compliance.facts import DncFact, Facts, Law
from compliance.gate import Refusal
from compliance.judging import judge
from compliance.places.numbering import is_dialable, number_type
from compliance.places.placement import Placement
from compliance.places.regions import parse_region
from compliance.places.zone_names import canonical_zone
from compliance.places.zones import place
from compliance.reasons import REMEDY
from compliance.rulebook.packs import RuleBook, RuleNotFound
from compliance.rulebook.rules import (
    Channel,
    Counted,
    DncSemantics,
    DncTerms,
    Party,
    Purpose,
    WindowTerms,
)

_NOBODY = UUID(int=0)
_ALL_DAY = WindowTerms(weekdays=(((time.min, time.max),),) * 7)
_ASSUMED = (
    "the client has not suppressed the number",
    "every do-not-call list the rules demand is fresh and clears it",
    "nobody has called the person before, so no limit is reached",
    "the campaign itself sets no hours",
    "the caller ID may be shown",
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    e164: str
    purpose: Purpose
    channel: Channel
    at: datetime
    party: Party = Party.CONSUMER
    region: str | None = None  #: a code or a name, as a contact list has it
    zone: str | None = None  #: IANA
    postal_code: str | None = None  #: US ZIP
    consents: tuple[str, ...] = ()
    #: kinds that are on record; ``all`` is every kind but agreements on the hour, which are named
    operator_contract: bool = True
    emergencies: frozenset[str] = frozenset()  #: switches that are on
    ring_timeout_s: float = 0.0


def check(law: Law, question: Question) -> dict[str, Any]:
    """Return the gate's answer as JSON: whether, why not, when again, and on what it rests."""
    region, ignored = _understood(question)
    placement = place(
        question.e164, zone=question.zone, region=region, postal_code=question.postal_code
    )
    facts = _facts(law, question, placement)
    if not judge(facts, law).windows:  # no row says when: then the law leaves it open
        facts = replace(facts, hours=_ALL_DAY, ring_timeout_s=0.0)
    answer = gate.clear(facts, law)
    return {
        **_answer(law, question, answer),
        "zones": list(placement.zones),
        "jurisdictions": list(placement.jurisdictions),
        "place_source": placement.source.value,
        "place_confidence": placement.confidence.value,
        "number_type": number_type(question.e164).value,
        "asked_at": instant_text(question.at),
        "binding": (answer.receipt or {}).get("rules", []),
        "assumed": _assumed(question),
        "ignored": ignored,
        "packs": law.book.digest,
        "tzdata": law.tzdata,
    }


def _answer(law: Law, question: Question, answer: gate.Clearance | Refusal) -> dict[str, Any]:
    if not isinstance(answer, Refusal):
        at = instant_text(question.at)
        return {"allowed": True, "reasons": [], "next_allowed_at": at, "rules": [], "remedies": []}
    following = answer.next_allowed_at
    return {
        "allowed": False,
        "reasons": [reason.value for reason in answer.reasons],
        "next_allowed_at": instant_text(following) if following else None,
        "rules": [_cited(law.book, rule_id) for rule_id in answer.rules],
        "remedies": [REMEDY[reason] for reason in answer.reasons],
    }


def _cited(book: RuleBook, rule_id: str) -> dict[str, str]:
    try:
        rule = book.get(rule_id)
    except RuleNotFound:  # the question's own, not the law's
        return {"id": rule_id}
    return {
        "id": rule.id,
        "what": what(rule),
        "source": rule.source,
        "verified": rule.verified,
    }


def _understood(question: Question) -> tuple[str | None, list[str]]:
    """Return the region to place by, and what of the question cannot be used.

    The number's own country is no region: for a Canadian number ``CA`` is not California.
    """
    ignored = []
    if question.zone and canonical_zone(question.zone) is None:
        ignored.append(f"zone {question.zone}: there is no such time zone")
    country = place(question.e164).jurisdictions
    region = question.region
    if not region or region.strip().upper() in country:
        return None if region and "-" not in region else region, ignored
    if parse_region(region, _country(question.e164)) is None:
        ignored.append(f"region {region}: not known in the number's country")
    return region, ignored


def _country(e164: str) -> str:
    return next((code for code in place(e164).jurisdictions if "-" not in code), "")


def _facts(law: Law, question: Question, placement: Placement) -> Facts:
    return Facts(
        e164=question.e164,
        lead_id=_NOBODY,
        at=question.at,
        placement=placement,
        purpose=question.purpose,
        channel=question.channel,
        party=question.party,
        subject="",
        hours=None,
        ring_timeout_s=question.ring_timeout_s,
        suppressed=False,
        dnc=_clear_lists(law.book, question.at),
        own_dnc=(),
        consents=_consents(law.book, question),
        history=(),
        limits=OwnLimits(attempts_per_number_per_day=1),
        company_counts=dict.fromkeys(Counted, 0),
        attempts_made=0,
        max_attempts=1,
        emergencies=question.emergencies,
        number_refusal=is_dialable(question.e164),
    )


def _clear_lists(book: RuleBook, at: datetime) -> Mapping[str, tuple[DncFact, ...]]:
    """Return for every list the answer that lets a call go on."""
    terms: Iterable[DncTerms] = (
        rule.terms for rule in book.rules if isinstance(rule.terms, DncTerms)
    )
    return {
        row.list_code: (DncFact(row.semantics is not DncSemantics.BLOCK_LIST, at, "assumed"),)
        for row in terms
    }


def _consents(book: RuleBook, question: Question) -> tuple[Consent, ...]:
    """Return what is held; a consent to be called says nothing about the hour."""
    held = set(question.consents) - {EVERYTHING}
    if EVERYTHING in question.consents:
        held |= {kind for kind in consent_kinds(book) if not is_about_time(kind)}
    if question.operator_contract:
        held.add(OPERATOR_CONTRACT)
    return tuple(Consent(kind, "*", question.at, None, "what-if") for kind in sorted(held))


def _assumed(question: Question) -> list[str]:
    assumed = list(_ASSUMED)
    if question.operator_contract:
        assumed.append("the operator's contract names the caller and the purpose")
    if EVERYTHING in question.consents:
        assumed.append(
            "every consent there is was given and can be shown, but none to be called at any hour"
        )
    return assumed
