"""The demo's balance, and where the demo refuses to run."""

from collections import Counter

import pytest
from pydantic import SecretStr

from cli.demo.balance import CarrierSays, carrier_checks, channel_check, read_carrier
from cli.demo.world import require_embedded
from dialer.errors import Invalid
from dialer.settings import PROJECT_ROOT, Settings

FIRST, SECOND = "+74952000001", "+74952000002"


@pytest.mark.parametrize(
    ("dialled", "interrupted", "invites", "holds"),
    [
        ({FIRST: 2}, {}, {FIRST: 2}, True),
        ({FIRST: 2}, {}, {FIRST: 1}, False),
        ({FIRST: 2}, {FIRST: 1}, {FIRST: 1}, True),
        ({FIRST: 2}, {FIRST: 1}, {FIRST: 2}, True),
        ({FIRST: 2}, {FIRST: 1}, {}, False),
        ({FIRST: 1}, {SECOND: 1}, {}, False),
        ({FIRST: 1}, {FIRST: 1}, {FIRST: 2}, False),
        ({}, {}, {FIRST: 1}, False),
    ],
)
def test_only_an_interrupted_attempt_may_lack_its_invite(
    dialled: dict[str, int], interrupted: dict[str, int], invites: dict[str, int], holds: bool
) -> None:
    carrier = CarrierSays(Counter(invites), frozenset())
    found, once = carrier_checks(Counter(dialled), Counter(interrupted), carrier)
    assert found.holds is holds
    assert once.holds
    missing = sum(dialled.values()) != sum(invites.values())
    assert ("1 interrupted before the INVITE" in found.detail) == (holds and missing)


def test_what_the_simulator_does_not_log_is_not_checked() -> None:
    carrier = read_carrier(PROJECT_ROOT / "no-such-log", simulated=True)
    assert len(carrier_checks(Counter(), Counter(), carrier)) == 1


def test_a_number_called_twice_at_once_does_not_hold() -> None:
    carrier = CarrierSays(Counter({FIRST: 2}), frozenset({FIRST}))
    _, once = carrier_checks(Counter({FIRST: 2}), Counter(), carrier)
    assert not once.holds


def test_an_asterisk_that_does_not_answer_is_a_failed_check() -> None:
    assert channel_check(0).holds
    assert not channel_check(1).holds
    silent = channel_check(None)
    assert (silent.holds, silent.detail) == (False, "Asterisk could not be asked")


@pytest.mark.parametrize("name", ["database_url", "redis_url", "ari_url"])
def test_the_demo_refuses_an_installation_and_names_the_variable(name: str) -> None:
    plain = Settings().model_copy(update={"database_url": None, "redis_url": None, "ari_url": None})
    require_embedded(plain)
    value = "http://pbx.example/ari" if name == "ari_url" else SecretStr("redis://db.example")
    with pytest.raises(Invalid, match=f"OUTDIAL_{name.upper()}"):
        require_embedded(plain.model_copy(update={name: value}))
