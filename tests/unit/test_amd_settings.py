"""Settings of machine detection: what is refused, and what Asterisk and the call machine get of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from campaigns.abandon_messages import Listener
from campaigns.amd.settings import AmdParameters, AmdSettings, MachineAction
from campaigns.configuration import checked_settings
from campaigns.errors import BadSettings
from campaigns.settings import CampaignSettings

LEAVES: dict[str, Any] = {
    "on_machine": "leave_message",
    "messages": {"ru": ["sound:acme-ru", "digits:{caller_id}"]},
}


def test_a_campaign_does_not_listen_unless_it_says_so() -> None:
    assert CampaignSettings().amd is None
    assert CampaignSettings().call_policy().analysis is None
    assert CampaignSettings(amd=AmdSettings()).call_policy().analysis is not None


def test_the_arguments_are_in_asterisks_order() -> None:
    assert AmdSettings().arguments(None) == "2000,2000,500,4000,100,50,4,256,1500"
    quiet = AmdSettings(by_language={"ru": AmdParameters(max_words=6, silence_threshold=700)})
    assert quiet.arguments("ru") == "2000,2000,500,4000,100,50,6,700,1500"
    assert quiet.arguments("uk") == quiet.arguments(None) == AmdSettings().arguments(None)
    assert AmdSettings().silence_arguments() == "2000,1,30"


def test_the_latest_verdict_is_that_of_the_longest_analysis() -> None:
    slow = AmdSettings(by_language={"de": AmdParameters(total_analysis_ms=7000)})
    assert AmdSettings().policy().limit_s == 5.5
    assert slow.policy().limit_s == 8.5


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"parameters": {"greeting_ms": 3800}}, "no person could be recognised"),
        ({"parameters": {"initial_silence_ms": 4500}}, "initial_silence_ms is longer"),
        ({"parameters": {"min_word_ms": 1500}}, "min_word_ms must be below"),
        ({"parameters": {"between_words_ms": 500}}, "between_words_ms must be below"),
        ({"by_language": {"russian": {}}}, "is no language"),
        ({"on_machine": "leave_message"}, "there is no message"),
        ({"messages": LEAVES["messages"]}, "does not leave them"),
        (LEAVES | {"audit_share": 1}, "no machine would ever hear"),
        (LEAVES | {"messages": {"": ["digits:{opt_out_key}"]}}, "presses none"),
        (LEAVES | {"messages": {"": ["http://example.org/x"]}}, "cannot be played"),
        ({"audit_share": 0}, "greater than or equal to 0.01"),
        ({"max_false_positive_rate": 0}, "greater than 0"),
        ({"words": 4}, "not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(wrong: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        AmdSettings.model_validate(wrong)
    with pytest.raises(BadSettings, match=r"amd"):
        checked_settings({"amd": wrong})


def test_a_message_is_chosen_by_language_and_says_who_called() -> None:
    leaves = AmdSettings.model_validate(LEAVES)
    assert leaves.on_machine is MachineAction.LEAVE_MESSAGE
    assert leaves.policy().leave_message
    assert leaves.message(Listener("ru", "+74951234567")) == "sound:acme-ru,digits:74951234567"
    assert leaves.message(Listener("uk", "+74951234567")) == ""
    assert leaves.has_message("ru")
    assert not leaves.has_message(None)


def test_settings_survive_their_storage() -> None:
    kept = checked_settings({"amd": LEAVES | {"by_language": {"ru": {"max_words": 6}}}})
    again = CampaignSettings.model_validate(kept)
    assert again.amd is not None
    assert again.amd.arguments("ru").split(",")[6] == "6"
