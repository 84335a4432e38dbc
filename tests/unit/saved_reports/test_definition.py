"""What a saved report may ask, when its period is, and what the client does not see of it."""

from datetime import date

import pytest
from pydantic import ValidationError

from campaigns.reports.dimensions import Dimension
from campaigns.reports.periods import Period, Usual
from campaigns.saved_reports.definition import Definition, read, require_for_client
from campaigns.saved_reports.errors import NothingChosen, ShowsInternal

TODAY = date(2026, 3, 31)


def test_the_period_moves_with_the_days_unless_it_has_dates() -> None:
    asked = Definition(measures=("attempts", "attempts"), period=Usual.LAST_MONTH)
    question = asked.question(TODAY)
    assert question.period == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert question.measures == ("attempts",)
    own = Definition(measures=("asa",), period=None, first=date(2026, 1, 1), last=date(2026, 1, 9))
    assert own.question(TODAY).period.days == 9
    assert read(own.stored()) == own
    with pytest.raises(NothingChosen):
        Definition().question(TODAY)


@pytest.mark.parametrize(
    ("dimension", "value", "is_taken"),
    [
        ("campaign", "5b6f1a52-7f0e-4c59-9d1f-5a0e9a6a2f11", True),
        ("campaign", "", False),
        ("campaign", "abc", False),
        ("agent", "", True),
        ("list", "1; DROP TABLE lead", False),
        ("region", "RU-MOW", True),
    ],
)
def test_filters_by_ids_are_ids(dimension: str, value: str, is_taken: bool) -> None:
    given = {"measures": ["attempts"], "filters": {dimension: [value]}}
    if is_taken:
        assert Definition.model_validate(given).filters == {Dimension(dimension): (value,)}
    else:
        with pytest.raises(ValidationError):
            Definition.model_validate(given)


@pytest.mark.parametrize(
    ("definition", "internal"),
    [
        ({"measures": ["attempts", "rr3"], "dimensions": ["region"]}, ()),
        ({"measures": ["attempts", "cost", "turnover"]}, ("cost", "turnover")),
        ({"measures": ["attempts"], "dimensions": ["agent"]}, ("agent",)),
        ({"measures": ["attempts"], "filters": {"agent": [""]}}, ("agent",)),
    ],
)
def test_costs_staff_and_operators_are_internal(
    definition: dict[str, list[str]], internal: tuple[str, ...]
) -> None:
    made = Definition.model_validate(definition)
    assert made.internal == internal
    if internal:
        with pytest.raises(ShowsInternal):
            require_for_client(made)
    else:
        require_for_client(made)
