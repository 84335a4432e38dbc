"""The page of settings against the code: names, start values, ranges, examples."""

import json
import re
from collections.abc import Iterable
from typing import Any

from campaigns.desk.settings import DeskSettings
from campaigns.retries import RetryStep
from campaigns.selection import Selection
from campaigns.settings import CampaignSettings, default_retry
from campaigns.wall.settings import WallOverrides, WallSettings
from dialer.call.states import CallOutcome
from dialer.settings import ENV_PREFIX, PROJECT_ROOT, Settings
from tests.documents import DOCS, PAGES, rows, section, words

#: Settings whose start values the page tells in words.
TOLD_IN_WORDS = {"run_dir", "retry", "selection", "desk", "wall"}


def start_value(value: Any) -> str:
    """A setting's start value as the page writes it."""
    return (
        "none" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"
    )


def test_every_variable_is_told_with_its_start_value() -> None:
    told = rows(section("settings.md", "Variables of an installation"))
    for name, field in Settings.model_fields.items():
        row = told.get(f"{ENV_PREFIX}{name.upper()}")
        assert row is not None, f"settings.md lacks {name}"
        if name not in TOLD_IN_WORDS:
            assert row[0] == start_value(field.default), name


def test_no_variable_is_told_that_nothing_reads() -> None:
    others = [PROJECT_ROOT / "Makefile", PROJECT_ROOT / "compose.yaml"]
    read = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for file in others:
        read |= set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", file.read_text(encoding="utf-8")))
    for page in PAGES:
        told = set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", page.read_text(encoding="utf-8")))
        assert not told - read, page


def test_every_campaign_setting_is_told_with_its_start_value_and_no_other() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Hours")[0])
    assert set(told) == set(CampaignSettings.model_fields)
    for name, field in CampaignSettings.model_fields.items():
        if name not in TOLD_IN_WORDS:
            start = field.get_default(call_default_factory=True)
            assert told[name][0].strip("`") == json.dumps(start), name


def test_every_part_of_a_selection_is_told_with_its_start_value_and_no_other() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Selection")[1]
    told = rows(text.split("### Retry rules")[0])
    start = Selection().model_dump(mode="json")
    assert {name: row[0].strip("`") for name, row in told.items()} == {
        name: json.dumps(value) for name, value in start.items()
    }


def test_every_part_of_a_desk_is_told_with_its_start_value_and_no_other() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Desk")[1]
    told = rows(text.split("### Wall")[0])
    start = DeskSettings().model_dump(mode="json")
    assert {name: row[0].strip("`") for name, row in told.items()} == {
        name: json.dumps(value) for name, value in start.items()
    }


def test_every_part_of_a_wall_is_told_with_its_start_value_and_no_other() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Wall")[1]
    told = rows(text.split("### Selection")[0])
    assert set(told) == set(WallOverrides.model_fields)
    start = WallSettings().model_dump(mode="json") | {"silent": []}
    assert {name: row[0].strip("`") for name, row in told.items()} == {
        name: json.dumps(value) for name, value in start.items()
    }


def examples(page: str) -> list[Any]:
    """The page's examples in JSON."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [json.loads(found) for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_the_examples_of_settings_can_be_used() -> None:
    hours, messages, selection, retry = examples("settings.md")
    used = CampaignSettings.model_validate(
        {
            "hours": hours,
            "abandon_messages": messages,
            "selection": selection,
            "retry": retry,
        }
    )
    assert used.selection.quotas
    assert [used.retry[CallOutcome.BUSY].delay_s(n) / 60 for n in range(4)] == [15, 30, 60, 120]


def test_every_part_of_a_retry_rule_is_told() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Retry rules")[1]
    assert {*RetryStep.model_fields, "steps", "max_attempts"} <= words(text)


def test_the_limits_of_campaign_settings_are_told() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Hours")[0])
    for name, field in CampaignSettings.model_fields.items():
        for limit in field.metadata:
            bounds: Iterable[float] = (
                getattr(limit, side) for side in ("ge", "gt", "le", "lt") if hasattr(limit, side)
            )
            for bound in bounds:
                numbers = re.findall(r"\d+(?:\.\d+)?", told[name][1])
                assert bound in [float(number) for number in numbers], (name, bound)


def test_the_retry_rules_a_campaign_starts_with_are_told() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Retry rules")[1])
    unit_s = {"minutes": 60, "hour": 3600, "hours": 3600}
    rules = {}
    for outcome, (after, attempts) in told.items():
        number, unit = after.split()
        rules[outcome] = (int(number) * unit_s[unit], int(attempts))
    real = {
        outcome.value: (rule.after_s, rule.max_attempts)
        for outcome, rule in default_retry().items()
    }
    assert rules == real
