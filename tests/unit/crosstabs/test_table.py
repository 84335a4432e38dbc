"""The table: shares, bases, letters, several answers, missing values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.crosstabs.respondents import Alike, Category, Missing, Said, Variable
from campaigns.crosstabs.table import cross, letter_of
from campaigns.crosstabs.variables import TooManyCategories, sources_of, with_values
from campaigns.forms.form import Form
from tests.questionnaires import form_of, question

YES_NO = Variable("q1", "Would you?", [Category("yes", "Yes"), Category("no", "No")])
SEX = Variable("sex", "Sex", [Category("m", "Men"), Category("f", "Women")])
SEEN = Variable("q2", "Seen", [Category(one, one.upper()) for one in "abc"], is_multiple=True)


def people(row: str, column: str, count: int, weight: float = 1.0) -> Alike:
    return Alike((Said((row,)), Said((column,))), count, weight)


def test_a_table_by_hand() -> None:
    found = cross(
        [
            people("yes", "m", 60),
            people("no", "m", 40),
            people("yes", "f", 45),
            people("no", "f", 55),
        ],
        YES_NO,
        SEX,
    )
    assert [one.base.count for one in found.columns] == [200, 100, 100]
    (_, (total, men, women)), (_, (_, _, women_no)) = found.lines
    assert (total.count, men.count, women.count) == (105, 60, 45)
    assert (men.of_column, men.of_row, men.of_total) == pytest.approx((0.6, 60 / 105, 0.3))
    assert (men.higher_than, women.higher_than, women_no.higher_than) == ("B", "", "A")
    assert total.higher_than == ""
    assert men.interval is not None
    assert (round(men.interval.low, 4), round(men.interval.high, 4)) == (0.5020, 0.6906)


def test_weights_change_shares_and_the_effective_base_widens_intervals() -> None:
    plain = cross([people("yes", "m", 50), people("no", "m", 50)], YES_NO, None)
    heavy = cross([people("yes", "m", 50, 1.8), people("no", "m", 50, 0.2)], YES_NO, None)
    cell = heavy.lines[0][1][0]
    assert cell.count == 50
    assert cell.weighted == pytest.approx(90)
    assert cell.of_column == pytest.approx(0.9)
    assert heavy.columns[0].base.effective == pytest.approx(100**2 / (50 * 3.24 + 50 * 0.04))
    assert heavy.all_base.design_effect == pytest.approx(1.64)
    assert plain.all_base.design_effect == 1


def test_several_answers_share_one_base_and_missing_values_are_told_apart() -> None:
    said = [
        Alike((Said(("a", "b")), Said(("m",))), 30),
        Alike((Said(("a",)), Said(("f",))), 10),
        Alike((Said(missing=Missing.REFUSED), Said(("f",))), 4),
        Alike((Said(("c",)), Said(missing=Missing.NOT_ASKED)), 6),
    ]
    found = cross(said, SEEN, SEX)
    assert [one.base.count for one in found.columns] == [40, 30, 10]
    shares = [cells[0].of_column for _, cells in found.lines]
    assert shares == [1.0, 0.75, 0.0]
    assert found.missing == (("q2", Missing.REFUSED, 4), ("sex", Missing.NOT_ASKED, 6))
    overlapping = cross([Alike((Said(("yes",)), Said(("a", "b"))), 50)], YES_NO, SEEN)
    assert not overlapping.is_compared
    assert [one.base.count for one in overlapping.columns] == [50, 50, 50, 0]
    assert overlapping.lines[0][1][3].of_column is None


drawn_groups = st.tuples(
    st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(1, 90), st.floats(0.1, 9)
)
counts = st.lists(drawn_groups, min_size=1)


@given(counts)
def test_shares_of_a_column_add_up_and_agree_with_counting(
    drawn: list[tuple[str, str, int, float]],
) -> None:
    rows = Variable("r", "", [Category(one, one) for one in "ab"])
    columns = Variable("c", "", [Category(one, one) for one in "xyz"])
    found = cross([people(*one) for one in drawn], rows, columns)
    for at, column in enumerate(found.columns):
        shares = [cells[at].of_column for _, cells in found.lines]
        if column.base.count:
            assert sum(one or 0 for one in shares) == pytest.approx(1)
        inside = [one for one in drawn if at == 0 or one[1] == column.category.code]
        assert column.base.count == sum(one[2] for one in inside)
        for category, cells in found.lines:
            assert cells[at].count == sum(one[2] for one in inside if one[0] == category.code)
    assert sum(cells[0].of_total or 0 for _, cells in found.lines) == pytest.approx(1)


def test_columns_have_letters_beyond_z() -> None:
    assert [letter_of(at) for at in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def test_variables_of_all_versions_are_matched_by_code() -> None:
    old = [{"code": "a", "text": "Old A"}, {"code": "z", "text": "Gone"}]
    first = form_of(
        question("q1", options=old), question("q2", "scale", last=3), question("q3", "text")
    )
    second = form_of(
        question("q1"), question("q2", "scale", last=5), question("q4", "matrix"),
        question("q5", "ranking"), question("q6", "multiple"), question("q7", "number"),
    )  # fmt: skip
    third: Form = form_of(question("q1"), question("q2", "text"))
    found = sources_of({1: first, 2: second, 3: third}, ["City"], "en")
    assert list(found) == [
        *("q1", "q2__v2", "q4.r1", "q4.r2", "q5.1", "q6", "q7", "contact:City", "form_version"),
    ]
    q1 = found["q1"]
    assert [(one.code, one.label) for one in q1.variable.categories] == [
        ("a", "A"), ("b", "B"), ("c", "C"), ("z", "Gone"),
    ]  # fmt: skip
    assert (q1.versions, found["q2__v2"].versions) == ((1, 2, 3), (1, 2))
    assert [one.code for one in found["q2__v2"].variable.categories] == ["1", "2", "3", "4", "5"]
    assert found["q6"].variable.is_multiple
    open_one = with_values(found["q7"].variable, ["10", "9", "x", "-1"])
    assert [one.code for one in open_one.categories] == ["-1", "9", "10", "x"]
    with pytest.raises(TooManyCategories):
        with_values(found["q7"].variable, [str(n) for n in range(100)])
