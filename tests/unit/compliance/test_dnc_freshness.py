from datetime import UTC, datetime, timedelta

import pytest

from compliance.dnc.freshness import DncAnswer, age_days, answer, is_fresh
from compliance.rulebook.rules import DncSemantics, DncTerms

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
BLOCK, ALLOW, ONLINE = DncSemantics


@pytest.mark.parametrize(
    ("semantics", "age", "listed", "expected"),
    [
        (BLOCK, 0, False, DncAnswer.CLEAR),
        (BLOCK, 0, True, DncAnswer.LISTED),
        (BLOCK, 31, False, DncAnswer.CLEAR),
        (BLOCK, 31.001, False, DncAnswer.STALE),
        (BLOCK, 31.001, True, DncAnswer.STALE),
        (BLOCK, 0, None, DncAnswer.MISSING),
        (BLOCK, -1, False, DncAnswer.STALE),
        (ALLOW, 0, True, DncAnswer.CLEAR),
        (ALLOW, 0, False, DncAnswer.NOT_ON_ALLOW_LIST),
        (ALLOW, 32, True, DncAnswer.STALE),
        (ALLOW, 0, None, DncAnswer.MISSING),
        (ONLINE, 0, True, DncAnswer.CLEAR),
        (ONLINE, 0, False, DncAnswer.NOT_ON_ALLOW_LIST),
        (ONLINE, 32, True, DncAnswer.STALE),
    ],
)
def test_only_a_fresh_list_that_allows_it_clears(
    semantics: DncSemantics, age: float, listed: bool | None, expected: DncAnswer
) -> None:
    terms = DncTerms("X", semantics, max_age_days=31)
    obtained_at = AT - timedelta(days=age)
    given = answer(terms, loaded=True, listed=listed, obtained_at=obtained_at, at=AT)
    assert given is expected


@pytest.mark.parametrize("semantics", DncSemantics)
@pytest.mark.parametrize("listed", [True, False, None])
def test_a_list_that_is_not_loaded_blocks(semantics: DncSemantics, listed: bool | None) -> None:
    terms = DncTerms("X", semantics, max_age_days=31)
    for loaded, obtained_at in ((False, AT), (True, None)):
        given = answer(terms, loaded=loaded, listed=listed, obtained_at=obtained_at, at=AT)
        assert given is DncAnswer.MISSING


def test_age_counts_days_with_their_fraction() -> None:
    assert age_days(AT - timedelta(days=2, hours=6), AT) == 2.25


@pytest.mark.parametrize(
    ("age", "most_days", "fresh"),
    [
        (timedelta(days=31), 31, True),
        (timedelta(days=31, seconds=1), 31, False),
        (timedelta(days=4000), None, True),
        (timedelta(minutes=-4), 31, True),
        (timedelta(minutes=-6), 31, False),
        (timedelta(minutes=-6), None, False),
    ],
)
def test_freshness(age: timedelta, most_days: int | None, fresh: bool) -> None:
    assert is_fresh(AT - age, most_days, AT) is fresh
