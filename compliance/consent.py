"""The consent ledger: which consent, relation or permission opens a call, pure.

Consents and the relations that need none (a running contract, a recent customer) lie in one ledger and
differ by their kind. A consent counts only while it lives: granted, not withdrawn, not expired.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.rulebook.rules import DncSemantics, DncTerms, Rule

#: Opens everything that a consent can open. Only a what-if question may carry it, never a contact.
EVERYTHING = "all"

#: The list of people who told the seller itself not to call again.
OWN_LIST = "SELLER-INTERNAL"

WRITTEN = "prior_express_written"

#: The kinds that satisfy each basis, the strongest first. A basis that is not here is satisfied by its
#: own kind alone: no other consent says that the person made contact first, or what an operator
#: agreed to.
_SATISFIED_BY = {
    "prior_express_written": (WRITTEN,),
    "prior_express": (WRITTEN, "prior_express"),
    "prior_express_consent": (WRITTEN, "prior_express", "prior_express_consent"),
    "prior_consent_gdpr": (WRITTEN, "prior_express", "prior_consent_gdpr"),
    "prior_consent": (WRITTEN, "prior_express", "prior_consent_gdpr", "prior_consent"),
}

#: Bases under which a consent that cannot be shown is none.
#: Source: GDPR art. 7(1): the controller must be able to demonstrate the consent.
_NEEDS_PROOF = frozenset({"prior_consent_gdpr"})

#: Relations that end by themselves, in months.
#: Source: ES Ley 11/2022 art. 66.1.b (a customer of the last year); NL Telecommunicatiewet art. 11.7
#: as of 2021-07-01, ended 2026-07-01 (a customer of the last three years).
_RELATION_MONTHS = {"customer_12m": 12, "customer_3y": 36}


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the ledger."""

    kind: str
    scope: str  #: the subject it is about; "" or "*" = everything of the client
    granted_at: datetime
    withdrawn_at: datetime | None
    proof: str  #: where the proof lies; "" = none is kept
    expires_at: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        """Tell whether it counts at ``at``; withdrawn or expired at that very instant, it does not."""
        ends = (self.withdrawn_at, self.expires_at, _relation_ends_at(self))
        return self.granted_at <= at and all(end is None or at < end for end in ends)

    def covers(self, subject: str) -> bool:
        """Tell whether it is about ``subject``; "" asks for a consent without limits."""
        return self.scope in {"", "*", subject}


def satisfying(
    basis: str, exempt: Sequence[str], consents: Iterable[Consent], at: datetime, subject: str
) -> Consent | None:
    """Return the strongest consent or exempt relation that satisfies ``basis`` at ``at``, or None.

    ``exempt`` are the kinds of relation for which the rule needs no consent. Where the law wants the
    consent shown, one without proof does not count.
    """
    kinds = _SATISFIED_BY.get(basis, (basis,))
    usable = [
        consent
        for consent in consents
        if consent.proof or basis not in _NEEDS_PROOF or consent.kind not in kinds
    ]
    return _best((*kinds, *exempt, EVERYTHING), usable, at, subject)


def lifts(rule: Rule, consents: Iterable[Consent], at: datetime, subject: str) -> Consent | None:
    """Return the consent that switches ``rule`` off at ``at``, or None. No strength: kinds are exact."""
    if not rule.lifted_by:
        return None
    return _best((*sorted(rule.lifted_by), EVERYTHING), consents, at, subject)


def ebr(
    terms: DncTerms, consents: Iterable[Consent], at: datetime, subject: str = ""
) -> Consent | None:
    """Return what opens a number that is on a public block list, or None.

    That is written permission about ``subject``, or an established business relationship: a
    ``purchase`` or an ``inquiry`` less than the list's days ago (24 hours each). Nothing opens the
    seller's own list or a list that names who may be called.

    Source: 16 CFR 310.4(b)(1)(iii)(B).
    """
    if terms.semantics is not DncSemantics.BLOCK_LIST or terms.list_code == OWN_LIST:
        return None
    kept = tuple(consents)
    if permission := _best((WRITTEN, EVERYTHING), kept, at, subject):
        return permission
    days = {"purchase": terms.ebr_days, "inquiry": terms.inquiry_days}
    recent = [
        consent
        for consent in kept
        if consent.is_live(at) and at - consent.granted_at < timedelta(days.get(consent.kind) or 0)
    ]
    # The relationship is with the seller, whatever was bought or asked about.
    return max(recent, key=_newest, default=None)


def _best(
    kinds: Sequence[str], consents: Iterable[Consent], at: datetime, subject: str
) -> Consent | None:
    fitting = [
        consent
        for consent in consents
        if consent.kind in kinds and consent.is_live(at) and consent.covers(subject)
    ]
    return min(
        sorted(fitting, key=_newest, reverse=True),
        key=lambda consent: kinds.index(consent.kind),
        default=None,
    )


def _newest(consent: Consent) -> tuple[datetime, str, str]:
    return consent.granted_at, consent.kind, consent.proof


def _relation_ends_at(consent: Consent) -> datetime | None:
    months = _RELATION_MONTHS.get(consent.kind)
    if months is None:
        return None
    granted = consent.granted_at
    year, month = granted.year + months // 12, granted.month
    return granted.replace(year=year, day=min(granted.day, monthrange(year, month)[1]))
