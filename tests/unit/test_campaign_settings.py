"""A campaign's settings: lawful ranges, and what the machines get from them."""

from typing import Any

import pytest
from pydantic import ValidationError

from campaigns.retries import RetryRule
from campaigns.settings import LEAST_RING_S, CampaignSettings, default_retry
from compliance.rulebook.rules import Channel
from dialer.agent.states import AgentPolicy
from dialer.call.states import CallOutcome, CallPolicy
from dialer.pacing.policy import PacingMode


def test_a_new_campaign_dials_one_call_per_agent_and_has_no_hours() -> None:
    start = CampaignSettings()
    assert (start.mode, start.dial_ratio) == (PacingMode.PROGRESSIVE, 1.0)
    assert start.calling_hours() is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"ring_timeout_s": LEAST_RING_S - 0.1},
        {"ring_timeout_s": 61},
        {"max_wait_s": 2.1},
        {"max_wait_s": 0},
        {"dial_ratio": 0.9},
        {"dial_ratio": 5.1},
        {"wrap_up_s": -1},
        {"max_attempts": 0},
        {"max_attempts_per_day": 0},
        {"hopper_size": 0},
        {"mode": "reckless"},
        {"retry": {"busy": {"after_s": -1}}},
        {"retry": {"no_such_outcome": {"after_s": 1}}},
        {"hours": {"someday": []}},
        {"hours": {"mon": [["20:00", "09:00"]]}},
        {"hours": {"mon": [["09:00+03:00", "20:00+03:00"]]}},
        {"hours": {"mon": [["09:00", "20:00+03:00"]]}},
        {"opt_out_key": "99"},
        {"opt_out_key": "A"},
        {"abandon_messages": {"": []}},
        {"abandon_messages": {"russian": ["sound:hello"]}},
        {"abandon_messages": {"": ["hello"]}},
        {"abandon_messages": {"": ["number:7"]}},
        {"abandon_messages": {"": ["sound:https://evil.example/hello"]}},
        {"abandon_messages": {"": ["sound:hello,sound:goodbye"]}},
        {"abandon_messages": {"": ["sound:../../etc/passwd"]}},
        {"abandon_messages": {"": ["digits:{number}"]}},
        {"opt_out_confirmations": {"": ["tone:busy"]}},
        {"no_such_setting": 1},
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        CampaignSettings.model_validate(wrong)
    assert {str(error["loc"][0]) for error in refused.value.errors()} == set(wrong)


@pytest.mark.parametrize(
    ("contradiction", "named"),
    [
        ({"abandon_target": 0.02, "abandon_ceiling": 0.01}, "abandon_ceiling"),
        ({"mode": "power", "dial_ratio": 2, "max_ratio": 1.5}, "dial_ratio"),
        ({"preview_limit_s": 30, "preview_skips": False}, "set preview_at_limit to pause"),
        (
            {"opt_out_key": "", "abandon_messages": {"": ["digits:{opt_out_key}"]}},
            "opt_out_key is empty",
        ),
    ],
)
def test_settings_that_exclude_each_other_are_refused(
    contradiction: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        CampaignSettings.model_validate(contradiction)


@pytest.mark.parametrize("edge", [{"ring_timeout_s": 15}, {"max_wait_s": 2}, {"dial_ratio": 5}])
def test_the_limits_themselves_are_allowed(edge: dict[str, Any]) -> None:
    CampaignSettings.model_validate(edge)


def test_settings_survive_the_database() -> None:
    chosen = CampaignSettings(
        mode=PacingMode.POWER,
        dial_ratio=1.5,
        hours={"mon": [("09:00", "20:00")]},
        retry={CallOutcome.BUSY: RetryRule(after_s=60, max_attempts=2)},
    )
    assert CampaignSettings.model_validate(chosen.model_dump(mode="json")) == chosen


def test_each_machine_gets_its_part() -> None:
    chosen = CampaignSettings(
        ring_timeout_s=20,
        max_wait_s=1.5,
        record=False,
        abandon_message=False,
        wrap_up_s=7,
    )
    assert chosen.call_policy() == CallPolicy(20, 1.5, record=False, abandon_message=False)
    assert chosen.agent_policy() == AgentPolicy(wrap_up_s=7)
    assert CampaignSettings(opt_out_key="*").call_policy().opt_out_key == "*"


def test_the_hours_reach_the_gate() -> None:
    hours = CampaignSettings(hours={"tue": [("09:00", "12:00")]}).calling_hours()
    assert hours is not None
    assert [len(day) for day in hours.weekdays] == [0, 1, 0, 0, 0, 0, 0]


def test_agents_who_choose_and_dial_are_no_machine() -> None:
    assert CampaignSettings(mode=PacingMode.PREVIEW).channel() is Channel.HUMAN
    no_choice = CampaignSettings(mode=PacingMode.PREVIEW, preview_skips=False)
    assert no_choice.channel() is Channel.PREDICTIVE, "who may not skip chooses nobody"
    machines = set(PacingMode) - {PacingMode.PREVIEW}
    assert {CampaignSettings(mode=mode).channel() for mode in machines} == {Channel.PREDICTIVE}


def test_no_machine_dials_when_the_time_to_read_is_over() -> None:
    with pytest.raises(ValidationError, match="a machine would then dial"):
        CampaignSettings.model_validate({"mode": "preview", "preview_at_limit": "dial"})


def test_an_abandoned_person_is_left_alone_for_three_days() -> None:
    assert default_retry()[CallOutcome.ABANDONED].after_s == 72 * 3600
