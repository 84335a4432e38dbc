"""Which caller ID is shown: the law first, then nearness, then wear; and why there is none."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.caller_ids import (
    CallerIdFacts,
    CallerIdRefusal,
    CallerIdRefusalReason,
    choose,
    combine,
)
from compliance.rulebook.rules import CallerIdTerms

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MIDNIGHT = NOW + 12 * HOUR

SHOWN = CallerIdTerms(must_present=True)
SPAIN = CallerIdTerms(must_present=True, denied_prefixes=("+346", "+347"))
FRANCE = CallerIdTerms(
    must_present=True, allowed_prefixes=("+33162", "+33270"), denied_prefixes=("+336", "+337")
)

MIAMI = CallerIdFacts("+13055550100", "US-FL")
TAMPA = CallerIdFacts("+18135550100", "US-FL")
BORDER = CallerIdFacts("+13055550199", "US-GA")  # the area code of Miami, kept by someone who moved
NEW_YORK = CallerIdFacts("+12125550100", "US-NY")
ANYWHERE_US = CallerIdFacts("+18005550100", "US")
TORONTO = CallerIdFacts("+14165550100", "CA-ON")


def pick(
    pool: list[CallerIdFacts],
    terms: CallerIdTerms = SHOWN,
    places: tuple[str, ...] = ("US", "US-FL"),
    called_e164: str = "+13055551234",
    seed_key: str = "lead 1",
    day_ends_at: datetime | None = None,
) -> CallerIdFacts | CallerIdRefusal | None:
    return choose(
        pool,
        terms,
        places,
        NOW,
        called_e164=called_e164,
        seed_key=seed_key,
        day_ends_at=day_ends_at,
    )


def test_the_nearest_caller_id_is_shown() -> None:
    nearest_first = [MIAMI, TAMPA, BORDER, NEW_YORK, TORONTO]
    while nearest_first:
        assert pick(nearest_first[::-1]) == nearest_first[0]
        nearest_first.pop(0)


def test_a_number_of_the_whole_country_is_no_subdivision() -> None:
    assert pick([ANYWHERE_US, BORDER], places=("US",)) == BORDER
    assert pick([TORONTO, ANYWHERE_US]) == ANYWHERE_US
    assert pick([MIAMI, TORONTO], places=("CA", "CA-NS"), called_e164="+19025551234") == TORONTO


def test_an_area_code_is_a_north_american_thing() -> None:
    madrid, seville = CallerIdFacts("+34911230000", "ES-MD"), CallerIdFacts("+34951230000", "ES-AN")
    worn_neighbour = CallerIdFacts("+34911239999", "ES", used_today=5)
    shown = pick([worn_neighbour, seville], places=("ES",), called_e164="+34911234567")
    assert shown == seville
    shown = pick([seville, madrid], places=("ES", "ES-MD"), called_e164="+34911234567")
    assert shown == madrid


def worn(e164: str, used_today: int, **more: datetime | int) -> CallerIdFacts:
    return CallerIdFacts(e164, "US-FL", used_today=used_today, **more)  # type: ignore[arg-type]


def test_among_equals_the_least_used_today_is_shown() -> None:
    pool = [worn("+13055550101", 7), worn("+13055550102", 2), worn("+13055550103", 3)]
    assert pick(pool) == pool[1]
    assert pick([NEW_YORK, *pool[:1]]) == pool[0]  # nearness comes before wear


def test_a_number_sees_the_caller_id_it_knows() -> None:
    pool = [
        worn("+13055550101", 1),
        worn("+13055550102", 9, last_shown_at=NOW - 50 * HOUR),
        worn("+13055550103", 9, last_shown_at=NOW - 20 * HOUR),
    ]
    assert pick(pool) == pool[2]
    assert pick(pool[:2]) == pool[1]


def test_a_tie_is_the_same_for_a_number_and_spread_over_numbers() -> None:
    pool = [worn(f"+1305555010{n}", 4) for n in range(4)]
    shown: Counter[str] = Counter()
    for n in range(400):
        one = pick(pool, seed_key=f"lead {n}")
        assert isinstance(one, CallerIdFacts)
        assert pick(pool[::-1], seed_key=f"lead {n}") == one
        assert pick([one, *pool[:1]], seed_key=f"lead {n}") == one  # a smaller pool moves nobody
        shown[one.e164] += 1
    assert all(60 <= times <= 140 for times in shown.values())
    assert len(shown) == 4


def test_the_law_denies_a_caller_id() -> None:
    mobile, fixed = CallerIdFacts("+34612345678", "ES"), CallerIdFacts("+34911230000", "ES")
    assert pick([mobile, fixed], SPAIN, ("ES",), "+34911234567") == fixed
    denied = CallerIdRefusal(CallerIdRefusalReason.CALLER_ID_DENIED)
    assert pick([mobile], SPAIN, ("ES",), "+34911234567") == denied


@pytest.mark.parametrize(
    ("e164", "is_allowed"),
    [
        ("+33162123456", True),
        ("+33145678901", False),
        ("+33612345678", False),
        ("+12125550100", False),
    ],
)
def test_where_prefixes_are_allowed_all_others_are_denied(e164: str, is_allowed: bool) -> None:
    shown = pick([CallerIdFacts(e164, "FR")], FRANCE, ("FR",), "+33145678901")
    assert isinstance(shown, CallerIdFacts) is is_allowed


def test_an_empty_pool_is_refused_only_where_a_number_must_be_shown() -> None:
    off = CallerIdFacts("+13055550100", "US-FL", enabled=False)
    none = CallerIdRefusal(CallerIdRefusalReason.NO_CALLER_ID)
    assert pick([]) == pick([off]) == none
    assert pick([], CallerIdTerms(must_present=False)) is None
    assert pick([off, NEW_YORK]) == NEW_YORK


def test_a_resting_or_used_up_caller_id_is_passed_over() -> None:
    resting = worn("+13055550101", 0, rest_until=NOW + HOUR)
    rested = worn("+13055550102", 5, rest_until=NOW)
    used_up = worn("+13055550103", 3, daily_cap=3)
    assert pick([resting, rested, used_up]) == rested
    assert pick([resting, worn("+13055550104", 2, daily_cap=3)]) == worn(
        "+13055550104", 2, daily_cap=3
    )


@pytest.mark.parametrize(
    ("pool", "day_ends_at", "next_at"),
    [
        ([worn("+13055550101", 0, rest_until=NOW + HOUR)], None, NOW + HOUR),
        ([worn("+13055550101", 3, daily_cap=3)], None, None),
        ([worn("+13055550101", 3, daily_cap=3)], MIDNIGHT, MIDNIGHT),
        ([worn("+13055550101", 0, daily_cap=0)], MIDNIGHT, None),
        (
            [worn("+13055550101", 3, daily_cap=3, rest_until=MIDNIGHT + HOUR)],
            MIDNIGHT,
            MIDNIGHT + HOUR,
        ),
        (
            [
                worn("+13055550101", 3, daily_cap=3),
                worn("+13055550102", 0, rest_until=NOW + 2 * HOUR),
                worn("+13055550103", 0, rest_until=NOW + HOUR),
            ],
            None,
            NOW + HOUR,
        ),
    ],
)
def test_when_a_caller_id_is_free_again(
    pool: list[CallerIdFacts], day_ends_at: datetime | None, next_at: datetime | None
) -> None:
    resting = CallerIdRefusal(CallerIdRefusalReason.CALLER_IDS_RESTING, next_at)
    assert pick(pool, day_ends_at=day_ends_at) == resting


def test_a_denied_caller_id_that_rests_promises_nothing() -> None:
    resting = CallerIdFacts("+34612345678", "ES", rest_until=NOW + HOUR)
    refusal = pick([resting], SPAIN, ("ES",), "+34911234567")
    assert refusal == CallerIdRefusal(CallerIdRefusalReason.CALLER_ID_DENIED)


def test_rows_that_allow_nothing_together_allow_nothing() -> None:
    rows = [FRANCE, CallerIdTerms(True, allowed_prefixes=("+3491",))]
    denied = CallerIdRefusal(CallerIdRefusalReason.CALLER_ID_DENIED)
    for terms in (combine(rows), combine(rows[::-1]), combine([*rows, FRANCE])):
        for e164 in ("+33162123456", "+34911230000"):
            assert pick([CallerIdFacts(e164, "FR")], terms) == denied


PREFIXES = st.lists(st.from_regex(r"\+[1-3]{1,3}", fullmatch=True), max_size=3).map(tuple)
TERMS = st.builds(CallerIdTerms, st.booleans(), allowed_prefixes=PREFIXES, denied_prefixes=PREFIXES)


@given(st.lists(TERMS, max_size=3), st.from_regex(r"\+[1-3]{4}", fullmatch=True))
def test_combined_terms_allow_what_every_row_allows(rows: list[CallerIdTerms], e164: str) -> None:
    one = CallerIdFacts(e164, "XX")
    by_each = all(pick([one], row) == one for row in rows)
    assert (pick([one], combine(rows)) == one) is by_each


def test_combined_terms_keep_the_strictest_duties() -> None:
    rows = [
        CallerIdTerms(False, callback_valid_days=7, volume_threshold_month=900),
        CallerIdTerms(True, True, 30, volume_threshold_month=500),
        CallerIdTerms(False),
    ]
    assert combine(rows) == CallerIdTerms(True, True, 30, (), (), 500)
    assert combine([]) == CallerIdTerms(must_present=False)
