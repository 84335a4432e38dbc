"""What a person without an agent hears: by language, with the number of this call and the key."""

import pytest

from campaigns.abandon_messages import Listener, confirmation, message
from campaigns.settings import CampaignSettings

OWN = {
    "": ["sound:custom/acme", "digits:{caller_id}"],
    "ru": [
        "recording:acme-ru",
        "digits:{caller_id}",
        "sound:custom/press",
        "digits:{opt_out_key}#",
    ],
}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "recording:acme-ru,digits:74951112233,sound:custom/press,digits:9#"),
        ("uk", "sound:custom/acme,digits:74951112233"),
        (None, "sound:custom/acme,digits:74951112233"),
    ],
)
def test_the_message_is_that_of_the_contacts_language(language: str | None, said: str) -> None:
    wanted = CampaignSettings.model_validate({"abandon_messages": OWN}).abandon_messages
    assert message(wanted, Listener(language, "+74951112233", "9")) == said


def test_without_a_shown_number_none_is_read_out() -> None:
    assert message(OWN, Listener("en", None, "9")) == "sound:custom/acme"
    assert message({"": ["digits:{caller_id}"]}, Listener()) == ""


def test_everybody_else_hears_asterisks_own_prompts() -> None:
    told = message({}, Listener("ru", "+74951112233", "*"))
    assert told == (
        "sound:im-sorry,digits:74951112233,sound:vm-press,digits:*,sound:vm-tocancel,sound:vm-goodbye"
    )
    assert message({}, Listener(caller_id="+7495")) == "sound:im-sorry,digits:7495,sound:vm-goodbye"


def test_the_confirmation_has_its_own_words() -> None:
    assert confirmation({"ru": ["sound:custom/done"]}, Listener("ru")) == "sound:custom/done"
    stock = "sound:num-was-successfully,sound:removed,sound:vm-goodbye"
    assert confirmation({"ru": ["sound:custom/done"]}, Listener("en")) == stock
