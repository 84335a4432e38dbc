"""The kinds of consent the rules speak of: one that no rule knows would open nothing, unnoticed."""

from functools import lru_cache

from compliance.consent import WRITTEN
from compliance.rulebook.packs import RuleBook
from compliance.rulebook.rules import ConsentTerms, DncTerms

#: A fact of the client's contract with its operator, not of any person.
OPERATOR_CONTRACT = "operator_contract_and_not_refused"

#: Consents that are no row's own basis but satisfy some; see ``compliance.consent``.
_STRONGER = frozenset({WRITTEN, "prior_express", "prior_express_consent"})
#: Relations that open a do-not-call list. Source: 16 CFR 310.4(b)(1)(iii)(B).
_PURCHASE, _INQUIRY = "purchase", "inquiry"


@lru_cache(maxsize=8)
def consent_kinds(book: RuleBook) -> frozenset[str]:
    """Return every kind of consent or relation that can open some rule of the book."""
    kinds = set(_STRONGER)
    for rule in book.rules:
        kinds |= rule.lifted_by
        match rule.terms:
            case ConsentTerms(basis, exempt):
                kinds |= {basis, *exempt}
            case DncTerms() as terms:
                kinds |= {_PURCHASE} if terms.ebr_days is not None else set()
                kinds |= {_INQUIRY} if terms.inquiry_days is not None else set()
            case _:
                pass
    return frozenset(kinds)


def is_about_time(kind: str) -> bool:
    """Tell whether the person agreed to an hour, rather than to be called at all."""
    return kind.endswith("_time")
