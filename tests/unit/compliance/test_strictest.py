"""Rows together: never looser than any of them."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rulebook.packs import load_packs
from compliance.rulebook.rules import (
    AbandonmentTerms,
    CallerIdTerms,
    Channel,
    DncSemantics,
    DncTerms,
    MessageTerms,
    Party,
    Purpose,
    RetentionTerms,
    RingTerms,
    Rule,
    RuleKind,
    Terms,
)
from compliance.rulebook.strictest import (
    EVERY_NUMBER,
    abandonment,
    caller_id,
    dnc_lists,
    message,
    retention_days,
    ring_at_least_s,
)

KINDS: dict[type[Terms], RuleKind] = {
    RingTerms: RuleKind.RING,
    AbandonmentTerms: RuleKind.ABANDONMENT,
    MessageTerms: RuleKind.MESSAGE,
    CallerIdTerms: RuleKind.CALLER_ID,
    DncTerms: RuleKind.DNC,
    RetentionTerms: RuleKind.RETENTION,
}


def rows(*terms: Terms) -> list[Rule]:
    return [
        Rule(
            id=f"row-{n}",
            jurisdiction="*",
            kind=KINDS[type(one)],
            terms=one,
            purposes=frozenset(Purpose),
            channels=frozenset(Channel),
            parties=frozenset(Party),
            source="a law",
            verified="source-seen",
        )
        for n, one in enumerate(terms)
    ]


def of(*jurisdictions: str, on: date = date(2026, 11, 23)) -> tuple[Rule, ...]:
    return load_packs().select(
        jurisdictions=jurisdictions,
        purpose=Purpose.SALES,
        channel=Channel.PREDICTIVE,
        party=Party.CONSUMER,
        on=on,
    )


def rate(
    max_rate: float,
    window: str = "24h",
    *,
    scope: str = "campaign",
    within_s: float = 2.0,
    clock_from: str = "answer",
    denominator: str = "answered",
    harbour: bool = True,
) -> AbandonmentTerms:
    return AbandonmentTerms(max_rate, window, scope, within_s, clock_from, denominator, harbour)


def test_without_rows_nothing_is_asked() -> None:
    assert ring_at_least_s([]) == 0.0
    assert abandonment([]) == ()
    assert message([]) is None
    assert caller_id([]) == CallerIdTerms(must_present=False)
    assert retention_days([]) == {}
    assert dnc_lists([]) == ()


def test_rows_of_other_kinds_are_passed_over() -> None:
    other = rows(RetentionTerms(30))
    assert ring_at_least_s(other) == 0.0
    assert caller_id(other) == CallerIdTerms(must_present=False)
    assert retention_days(rows(RingTerms(15))) == {}


def test_the_longest_ring_counts() -> None:
    assert ring_at_least_s(rows(RingTerms(15), RingTerms(20, min_rings=5), RingTerms(4))) == 20


def test_each_window_keeps_its_lowest_rate() -> None:
    terms = abandonment(
        rows(rate(0.05), rate(0.04, "30d"), rate(0.03), rate(0.02, "30d"), rate(0.1, "30d"))
    )
    assert [(one.window, one.max_rate) for one in terms] == [("24h", 0.03), ("30d", 0.02)]


def test_the_rest_of_a_window_is_taken_from_the_stricter_row() -> None:
    loose = rate(
        0.03, scope="telemarketer", within_s=3, clock_from="completed greeting", harbour=False
    )
    strict = rate(0.05, within_s=1, denominator="answered_by_person")
    merged = rate(0.03, within_s=1, denominator="answered_by_person", harbour=False)
    assert abandonment(rows(loose, strict)) == abandonment(rows(strict, loose)) == (merged,)


def test_the_windows_of_the_united_states_stay_apart() -> None:
    terms = abandonment(of("US", "US-FL"))
    assert [(one.window, one.max_rate, one.clock_from) for one in terms] == [
        ("30d", 0.03, "completed greeting"),
        ("30d-successive", 0.03, "completed greeting"),
    ]
    (britain,) = abandonment(of("GB"))
    assert not britain.hard_safe_harbour


def test_a_message_owes_every_duty() -> None:
    one = MessageTerms(2.0, ("name", "number"), interactive_opt_out=False, marketing_allowed=True)
    other = MessageTerms(
        5.0, ("purpose", "name"), interactive_opt_out=True, marketing_allowed=False
    )
    assert message(rows(one, other)) == MessageTerms(
        2.0, ("name", "number", "purpose"), True, False
    )
    assert message(rows(one)) == one


def test_the_message_of_the_united_states_has_both_halves() -> None:
    duties = message(of("US"))
    assert duties is not None
    assert {"seller name", "callback number", "telemarketing purpose"} <= set(duties.must_state)
    assert duties.interactive_opt_out
    assert not duties.marketing_allowed


def test_a_shown_number_owes_every_duty() -> None:
    one = CallerIdTerms(False, True, 30, ("+331", "+332"), ("+336",), 1000)
    other = CallerIdTerms(True, False, 90, ("+332", "+333"), ("+337",), 500)
    silent = CallerIdTerms(False)
    expected = CallerIdTerms(True, True, 90, ("+332",), ("+336", "+337"), 500)
    for order in permutations((one, other, silent)):
        assert caller_id(rows(*order)) == expected


def test_a_longer_prefix_lies_within_a_shorter_one() -> None:
    country = CallerIdTerms(True, allowed_prefixes=("+33", "+4420"))
    ranges = CallerIdTerms(True, allowed_prefixes=("+33162", "+33270", "+44"))
    expected = ("+33162", "+33270", "+4420")
    assert caller_id(rows(country, ranges)).allowed_prefixes == expected
    assert caller_id(rows(country, ranges)).denied_prefixes == ()


def test_lists_with_nothing_in_common_deny_every_number() -> None:
    """An empty list would allow them all."""
    france = CallerIdTerms(True, allowed_prefixes=("+33162",))
    britain = CallerIdTerms(True, allowed_prefixes=("+4420",), denied_prefixes=("+4490",))
    terms = caller_id(rows(france, britain))
    assert terms.allowed_prefixes == ()
    assert terms.denied_prefixes == (EVERY_NUMBER, "+4490")


def allows(terms: CallerIdTerms, number: str) -> bool:
    allowed = not terms.allowed_prefixes or number.startswith(terms.allowed_prefixes)
    return allowed and not number.startswith(terms.denied_prefixes)


prefixes = st.lists(st.text("12", max_size=3).map(lambda digits: f"+1{digits}"), max_size=3)
shown = st.builds(
    CallerIdTerms,
    must_present=st.booleans(),
    allowed_prefixes=prefixes.map(tuple),
    denied_prefixes=prefixes.map(tuple),
)


@settings(deadline=None)
@given(
    terms=st.lists(shown, max_size=4),
    number=st.text("12", min_size=4, max_size=4).map(lambda digits: f"+1{digits}"),
)
def test_a_number_is_allowed_when_every_row_allows_it(
    terms: list[CallerIdTerms], number: str
) -> None:
    assert allows(caller_id(rows(*terms)), number) == all(allows(one, number) for one in terms)


def test_france_shows_only_its_ranges() -> None:
    terms = caller_id(of("FR"))
    assert allows(terms, "+33162000000")
    assert not allows(terms, "+33612000000")
    assert not allows(terms, "+33140000000")


def test_records_are_kept_for_the_longest_time() -> None:
    terms = (RetentionTerms(30), RetentionTerms(20), RetentionTerms(9, "recordings"))
    for order in permutations(terms):
        assert retention_days(rows(*order)) == {"call_records": 30, "recordings": 9}


def test_a_list_must_be_as_fresh_as_the_strictest_row_says() -> None:
    one = DncTerms("LIST", max_age_days=31, ebr_days=548, inquiry_days=92, honour_within_days=14)
    other = DncTerms("LIST", max_age_days=15, ebr_days=365, honour_within_days=30, keep_days=9)
    silent = DncTerms("OTHER")
    merged = DncTerms(
        "LIST", max_age_days=15, ebr_days=365, inquiry_days=None, honour_within_days=14, keep_days=9
    )
    for order in permutations((one, other, silent)):
        assert dnc_lists(rows(*order)) == (merged, silent)


@pytest.mark.parametrize("strict", [DncSemantics.ALLOW_LIST, DncSemantics.ONLINE_SCRUB])
def test_a_list_of_the_allowed_stays_one(strict: DncSemantics) -> None:
    for order in permutations((DncTerms("LIST", strict), DncTerms("LIST"))):
        assert dnc_lists(rows(*order)) == (DncTerms("LIST", strict),)


def test_two_countries_share_the_sellers_own_list() -> None:
    lists = {terms.list_code: terms for terms in dnc_lists(of("US", "CA"))}
    assert set(lists) == {"US-NATIONAL", "US-STATE-LISTS", "CA-DNCL", "SELLER-INTERNAL"}
    assert lists["SELLER-INTERNAL"].honour_within_days == 14
    assert lists["SELLER-INTERNAL"].keep_days == 1826
