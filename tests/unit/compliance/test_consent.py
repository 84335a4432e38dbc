"""The consent ledger: strength, life, scope, relations, and what lifts a row or opens a list."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.consent import Consent, ebr, lifts, satisfying
from compliance.rulebook.rules import (
    Channel,
    DncSemantics,
    DncTerms,
    Party,
    Purpose,
    RetentionTerms,
    Rule,
    RuleKind,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

US_LIST = DncTerms("US-NATIONAL", ebr_days=548, inquiry_days=92)


def consent(
    kind: str,
    granted_at: datetime = NOW - DAY,
    *,
    scope: str = "",
    withdrawn_at: datetime | None = None,
    expires_at: datetime | None = None,
    proof: str = "recording 17",
) -> Consent:
    return Consent(kind, scope, granted_at, withdrawn_at, proof, expires_at)


BASES = (
    "prior_express_written",
    "prior_express",
    "prior_express_consent",
    "prior_consent_gdpr",
    "prior_consent",
    "consumer_initiated_consent",
    "operator_contract_and_not_refused",
)

#: kind -> which of BASES it satisfies, in their order
STRENGTH = {
    "prior_express_written": "yyyyynn",
    "prior_express": "nyyyynn",
    "prior_express_consent": "nnynnnn",
    "prior_consent_gdpr": "nnnyynn",
    "prior_consent": "nnnnynn",
    "consumer_initiated_consent": "nnnnnyn",
    "operator_contract_and_not_refused": "nnnnnny",
    "purchase": "nnnnnnn",
    "agreed_time": "nnnnnnn",
    "customer_12m": "nnnnnnn",
    "all": "yyyyyyy",
}


@pytest.mark.parametrize(("kind", "expected"), STRENGTH.items())
def test_which_kind_satisfies_which_basis(kind: str, expected: str) -> None:
    given = consent(kind)
    found = [satisfying(basis, (), [given], NOW, "loans") for basis in BASES]
    assert found == [given if answer == "y" else None for answer in expected]


def test_no_entry_satisfies_nothing() -> None:
    assert satisfying("prior_consent", ("trader",), [], NOW, "loans") is None
    assert (
        satisfying("a_basis_of_tomorrow", (), [consent("prior_express_written")], NOW, "") is None
    )
    own = consent("a_basis_of_tomorrow")
    assert satisfying("a_basis_of_tomorrow", (), [own], NOW, "") is own


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (consent("prior_consent", NOW), True),
        (consent("prior_consent", NOW + TICK), False),
        (consent("prior_consent", withdrawn_at=NOW), False),
        (consent("prior_consent", withdrawn_at=NOW + TICK), True),
        (consent("prior_consent", expires_at=NOW), False),
        (consent("prior_consent", expires_at=NOW + TICK), True),
        (consent("prior_consent", withdrawn_at=NOW, expires_at=NOW + DAY), False),
    ],
)
def test_only_a_live_consent_counts(one: Consent, counts: bool) -> None:
    assert (satisfying("prior_consent", (), [one], NOW, "") is one) is counts


@pytest.mark.parametrize(
    ("scope", "subject", "counts"),
    [
        ("", "loans", True),
        ("*", "loans", True),
        ("loans", "loans", True),
        ("cards", "loans", False),
        ("cards", "", False),
        ("", "", True),
    ],
)
def test_a_consent_covers_its_subject(scope: str, subject: str, counts: bool) -> None:
    one = consent("prior_consent", scope=scope)
    assert (satisfying("prior_consent", (), [one], NOW, subject) is one) is counts
    rule = lifted_by("agreed_time")
    agreed = consent("agreed_time", scope=scope)
    assert (lifts(rule, [agreed], NOW, subject) is agreed) is counts


@pytest.mark.parametrize(
    ("kind", "granted", "last_day"),
    [
        ("customer_12m", "2025-11-23T12:00", "2026-11-23T12:00"),
        ("customer_12m", "2024-02-29T12:00", "2025-02-28T12:00"),
        ("customer_3y", "2023-11-23T12:00", "2026-11-23T12:00"),
    ],
)
def test_a_customer_is_one_for_so_long(kind: str, granted: str, last_day: str) -> None:
    begins, ends = (
        datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (granted, last_day)
    )
    one = consent(kind, begins)
    assert satisfying("prior_consent", (kind,), [one], ends - TICK, "") is one
    assert satisfying("prior_consent", (kind,), [one], ends, "") is None
    assert satisfying("prior_consent", ("running_contract",), [one], begins, "") is None


def test_a_relation_without_an_end_stays_until_it_is_withdrawn() -> None:
    contract = consent("running_contract", NOW - 9000 * DAY, proof="")
    exempt = ("running_contract",)
    assert satisfying("prior_consent_gdpr", exempt, [contract], NOW, "") is contract


def test_where_the_law_wants_proof_a_consent_without_one_is_none() -> None:
    unproven = consent("prior_express", proof="")
    assert satisfying("prior_consent_gdpr", (), [unproven], NOW, "") is None
    assert satisfying("prior_consent", (), [unproven], NOW, "") is unproven
    what_if = consent("all", proof="")
    assert satisfying("prior_consent_gdpr", (), [what_if], NOW, "") is what_if


def test_the_strongest_then_the_newest_consent_is_cited() -> None:
    weak = consent("prior_consent", NOW)
    old, new = (consent("prior_express", NOW - days * DAY) for days in (9, 3))
    ledger = [consent("all"), consent("trader"), weak, old, new]
    for order in (ledger, ledger[::-1]):
        assert satisfying("prior_consent", ("trader",), order, NOW, "") is new
    assert satisfying("prior_consent", ("trader",), ledger[:2], NOW, "") is ledger[1]


def lifted_by(*kinds: str) -> Rule:
    return Rule(
        id="za-window",
        jurisdiction="ZA",
        kind=RuleKind.RETENTION,
        terms=RetentionTerms(1),
        purposes=frozenset(Purpose),
        channels=frozenset(Channel),
        parties=frozenset(Party),
        source="a law",
        verified="source-seen",
        effective_from=date(2026, 1, 1),
        lifted_by=frozenset(kinds),
    )


KINDS_THAT_LIFT = (
    "prior_consent_time",
    "express_prior_consent_time",
    "prior_express_consent",
    "agreed_time",
)


@pytest.mark.parametrize("kind", KINDS_THAT_LIFT)
def test_a_row_is_lifted_by_the_very_kind_it_names(kind: str) -> None:
    rule = lifted_by(kind)
    for given in (*KINDS_THAT_LIFT, "prior_express_written", "prior_consent", "all"):
        one = consent(given)
        assert (lifts(rule, [one], NOW, "") is one) is (given in {kind, "all"})
    assert lifts(rule, [consent(kind, withdrawn_at=NOW)], NOW, "") is None


def test_a_row_that_names_nothing_is_lifted_by_nothing() -> None:
    assert lifts(lifted_by(), [consent("all"), consent("agreed_time")], NOW, "") is None


@pytest.mark.parametrize(
    ("kind", "age", "opens"),
    [
        ("purchase", 548 * DAY - TICK, True),
        ("purchase", 548 * DAY, False),
        ("inquiry", 92 * DAY - TICK, True),
        ("inquiry", 92 * DAY, False),
        ("prior_express_written", 9000 * DAY, True),
        ("prior_express", DAY, False),
        ("all", DAY, True),
    ],
)
def test_what_opens_a_listed_number(kind: str, age: timedelta, opens: bool) -> None:
    one = consent(kind, NOW - age)
    assert (ebr(US_LIST, [one], NOW) is one) is opens


def test_a_list_says_itself_which_relationship_opens_it() -> None:
    bought, asked = consent("purchase"), consent("inquiry")
    assert ebr(DncTerms("GB-TPS"), [bought, asked], NOW) is None
    assert ebr(DncTerms("XX", inquiry_days=2), [bought, asked], NOW) is asked
    assert ebr(US_LIST, [consent("purchase", withdrawn_at=NOW)], NOW) is None


def test_a_purchase_opens_every_subject_but_permission_only_its_own() -> None:
    bought = consent("purchase", scope="cards")
    written = consent("prior_express_written", scope="cards")
    assert ebr(US_LIST, [bought], NOW, "loans") is bought
    assert ebr(US_LIST, [written], NOW, "loans") is None
    assert ebr(US_LIST, [written, bought], NOW, "cards") is written


@pytest.mark.parametrize(
    "terms",
    [
        DncTerms("SELLER-INTERNAL", ebr_days=548),
        DncTerms("TR-IYS", DncSemantics.ALLOW_LIST, ebr_days=548),
        DncTerms("IN-DLT", DncSemantics.ONLINE_SCRUB, ebr_days=548),
    ],
)
def test_nothing_opens_the_sellers_own_list_or_one_of_who_may_be_called(terms: DncTerms) -> None:
    ledger = [consent("all"), consent("prior_express_written"), consent("purchase")]
    assert ebr(terms, ledger, NOW) is None
