"""Scores by weights, scales, critical questions and questions that do not apply."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.quality.presets import PRESETS, Preset
from campaigns.quality.scorecard import (
    Answers,
    AnswersWrong,
    Item,
    Sheet,
    SheetWrong,
    mean,
    score,
    sheet_of,
)

SHEET = Sheet(
    items=(
        Item(code="greeted", text="Greeted", weight=10),
        Item(code="asked", text="Asked", weight=30, points=4, may_not_apply=True),
        Item(code="polite", text="Polite", weight=0, critical=True, may_not_apply=True),
    ),
    pass_percent=70,
)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Return items of which at least one counts and must apply."""
    count = draw(st.integers(1, 8))
    made = []
    for number in range(count):
        critical = draw(st.booleans())
        made.append(
            Item(
                code=f"q{number}",
                text="?",
                weight=draw(st.integers(0, 100)) or number % 2,
                points=1 if critical else draw(st.integers(1, 10)),
                critical=critical,
                may_not_apply=draw(st.booleans()),
            )
        )
    return [*made, Item(code="always", text="?", weight=5, points=2)]


@st.composite
def scored(draw: st.DrawFn) -> tuple[Sheet, dict[str, int | None]]:
    """Return a sheet and answers that fit it."""
    sheet = Sheet(items=tuple(draw(items())), pass_percent=draw(st.integers(0, 100)))
    answers: dict[str, int | None] = {}
    for item in sheet.items:
        points = st.integers(0, item.points)
        answers[item.code] = draw(st.none() | points if item.may_not_apply else points)
    return sheet, answers


def test_weights_and_scales_make_the_score() -> None:
    found = score(SHEET, {"greeted": 1, "asked": 2, "polite": 1})
    assert (found.percent, found.failed, found.passed) == (Decimal("62.5"), (), False)
    assert score(SHEET, {"greeted": 1, "asked": 3, "polite": 1}).passed


def test_what_does_not_apply_counts_for_nothing() -> None:
    found = score(SHEET, {"greeted": 1, "asked": None, "polite": None})
    assert (found.percent, found.passed) == (Decimal("100.0"), True)


def test_a_critical_no_fails_the_whole_call() -> None:
    found = score(SHEET, {"greeted": 1, "asked": 4, "polite": 0})
    assert (found.percent, found.failed, found.passed) == (Decimal("0.0"), ("polite",), False)


@pytest.mark.parametrize(
    "answers",
    [
        {"greeted": 1, "asked": 2},
        {"greeted": None, "asked": 2, "polite": 1},
        {"greeted": 2, "asked": 2, "polite": 1},
        {"greeted": 1, "asked": -1, "polite": 1},
        {"greeted": 1, "asked": 2, "polite": 1, "more": 1},
    ],
)
def test_answers_that_do_not_fit_are_refused(answers: Answers) -> None:
    with pytest.raises(AnswersWrong):
        score(SHEET, answers)


def test_a_call_to_which_nothing_applies_has_no_score() -> None:
    sheet = Sheet(items=(Item(code="a", text="?", weight=1, may_not_apply=True),))
    with pytest.raises(AnswersWrong):
        score(sheet, {"a": None})


@given(scored())
def test_a_score_is_a_share_and_passes_at_its_limit(given_: tuple[Sheet, Answers]) -> None:
    sheet, answers = given_
    found = score(sheet, answers)
    assert 0 <= found.percent <= 100
    failed = {item.code for item in sheet.items if item.critical and answers[item.code] == 0}
    assert set(found.failed) == failed
    applying = [item for item in sheet.items if answers[item.code] is not None]
    shares = [Fraction(i.weight * (answers[i.code] or 0), i.points) for i in applying]
    exact: Fraction = 100 * sum(shares, Fraction(0)) / sum(i.weight for i in applying)
    assert found.passed == (not failed and exact >= sheet.pass_percent)
    assert found.percent == 0 if failed else abs(Fraction(found.percent) - exact) <= Fraction(1, 20)


@given(scored(), st.data())
def test_a_better_answer_never_lowers_the_score(
    given_: tuple[Sheet, dict[str, int | None]], data: st.DataObject
) -> None:
    sheet, answers = given_
    item = data.draw(st.sampled_from([i for i in sheet.items if answers[i.code] is not None]))
    points = answers[item.code]
    assert points is not None
    better = {**answers, item.code: data.draw(st.integers(points, item.points))}
    assert score(sheet, better).percent >= score(sheet, answers).percent


@given(scored())
def test_the_order_of_questions_does_not_matter(given_: tuple[Sheet, Answers]) -> None:
    sheet, answers = given_
    turned = sheet.model_copy(update={"items": sheet.items[::-1]})
    one, other = score(sheet, answers), score(turned, answers)
    assert (one.percent, one.passed, set(one.failed)) == (
        other.percent,
        other.passed,
        set(other.failed),
    )


def test_sheets_that_break_a_rule_are_refused() -> None:
    twice = {"items": [{"code": "a", "text": "A"}, {"code": "a", "text": "B"}]}
    scaled = {"items": [{"code": "a", "text": "A", "critical": True, "points": 4}]}
    for wrong in (twice, scaled, {"items": [{"code": "A!", "text": "A"}]}, {"pass_percent": 101}):
        with pytest.raises(SheetWrong):
            sheet_of(wrong)
    with pytest.raises(SheetWrong):
        Sheet(items=(Item(code="a", text="A", weight=0),)).require_usable()


def test_every_preset_is_whole() -> None:
    assert set(PRESETS) == set(Preset)
    for preset, sheet in PRESETS.items():
        assert sheet_of(sheet.model_dump(mode="json")) == sheet
        if preset is not Preset.EMPTY:
            sheet.require_usable()
            assert any(item.critical for item in sheet.items)


def test_the_mean_of_scores() -> None:
    assert mean([]) is None
    assert mean([Decimal("80.0"), Decimal("80.1")]) == Decimal("80.1")
