"""A campaign's selection as a setting: what is refused, how cells are numbered, what must be applied."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from campaigns.selection import Quota, Selection, cell_count, cells_with, quota_groups
from campaigns.settings import CampaignSettings

A, B = (str(UUID(int=number)) for number in (1, 2))
CITY = {"field": "fields.City", "op": "is", "value": "Kyiv"}


def quota(field: str, value: str, target: int = 10) -> dict[str, Any]:
    return {"field": field, "op": "is", "value": value, "target": target}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"list_mix": {A: 60, B: 41}}, "more than 100 percent"),
        ({"list_mix": {A: -1}}, "greater than or equal to 0"),
        ({"list_mix": {"the first": 10}}, "valid UUID"),
        ({"new_share": 101}, "less than or equal to 100"),
        ({"order": "backwards"}, "Input should be"),
        ({"seed": 2**63}, "less than"),
        ({"filter": {"field": "shoe_size", "op": "is", "value": 1}}, "no field 'shoe_size'"),
        ({"quotas": [quota("fields.Sex", "m", 0)]}, "greater than or equal to 1"),
        ({"quotas": [quota("campaign.last_outcome", "busy")]}, "changes with every call"),
        ({"quotas": [quota(f"fields.{n}", "x") for n in range(9)]}, "combinations of quotas"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        CampaignSettings.model_validate({"selection": wrong})


def test_a_selection_survives_the_database() -> None:
    chosen = {
        "segment": A,
        "filter": {"not": {"any": [CITY, CITY | {"as": "text"}]}},
        "order": "interleaved",
        "new_share": 30,
        "new_order": "random",
        "seed": -5,
        "list_mix": {A: 70, B: 0},
        "quotas": [quota("fields.Sex", "m"), quota("region", "UA-30")],
    }
    settings = CampaignSettings.model_validate({"selection": chosen})
    stored = settings.model_dump(mode="json")
    assert CampaignSettings.model_validate(stored) == settings
    assert {name: stored["selection"][name] for name in chosen if name != "quotas"} == {
        name: value for name, value in chosen.items() if name != "quotas"
    }


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({"order": "new_first"}, True),
        ({"list_mix": {A: 50}}, True),
        ({"new_share": 10}, True),
        ({"seed": 2}, False),
        ({"new_order": "random"}, False),
        ({"filter": CITY}, False),
        ({"segment": A}, False),
        ({"quotas": [quota("region", "UA-30")]}, False),
    ],
)
def test_only_what_is_written_into_leads_must_be_applied_again(
    change: dict[str, Any], alike: bool
) -> None:
    assert Selection().selects_alike(Selection.model_validate(change)) is alike


@given(st.lists(st.sampled_from(["region", "owner", "name"]), max_size=6), st.data())
def test_a_cell_is_full_when_one_of_its_quotas_is(fields: list[str], data: st.DataObject) -> None:
    quotas = [
        Quota.model_validate(quota(field, f"value {number}")) for number, field in enumerate(fields)
    ]
    indexes = st.sets(st.sampled_from(range(len(quotas)))) if quotas else st.just(set[int]())
    full = data.draw(indexes)
    groups = quota_groups(quotas)
    expected, cell = set(), 0
    # The first field counts ones, so it is the one that turns fastest.
    for members in product(*([None, *group] for group in reversed(groups))):
        if full & set(members):
            expected.add(cell)
        cell += 1
    assert cell == cell_count(quotas)
    assert cells_with(quotas, full) == expected
