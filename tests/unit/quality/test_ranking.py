"""Places of a board."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from campaigns.quality.ranking import ranked

Row = tuple[str, Decimal | None, int]


def _places(*rows: Row, least: int) -> list[tuple[int | None, str]]:
    found = ranked(rows, lambda one: one[1], lambda one: one[2], least=least)
    return [(place, row[0]) for place, row in found]


def test_equals_share_a_place_and_few_calls_have_none() -> None:
    rows: list[Row] = [
        ("few", Decimal(100), 2),
        ("b", Decimal(80), 5),
        ("a", Decimal(90), 3),
        ("c", Decimal(80), 9),
        ("d", Decimal(70), 3),
        ("nothing", None, 9),
    ]
    assert _places(*rows, least=3) == [
        *((1, "a"), (2, "b"), (2, "c"), (4, "d")),
        *((None, "few"), (None, "nothing")),
    ]


@given(
    st.lists(
        st.tuples(st.text(max_size=2), st.none() | st.decimals(0, 100, places=1), st.integers(0, 9))
    )
)
def test_everybody_is_listed_once_and_places_rise(rows: list[Row]) -> None:
    found = ranked(rows, lambda one: one[1], lambda one: one[2], least=3)
    assert sorted(map(repr, rows)) == sorted(repr(row) for _, row in found)
    places = [place for place, _ in found if place is not None]
    assert places == sorted(places)
    assert len(places) == sum(row[1] is not None and row[2] >= 3 for row in rows)
