"""Browsers' telephones: their names and passwords, and what pages may connect to."""

import re

import pytest
from pydantic import ValidationError

from api.security import CONTENT_SECURITY_POLICY, policy_for
from campaigns.agents.models import Agent
from campaigns.agents.phones import (
    Credentials,
    PhoneElsewhere,
    browser_endpoint,
    fresh_credentials,
    user_of,
)
from campaigns.agents.sessions import ENDPOINT_PATTERN
from dialer.ari.phones import PushedPhone, _objects
from dialer.ids import new_id
from dialer.settings import Settings


def agent(endpoint: str | None = None) -> Agent:
    agent_id = new_id()
    return Agent(
        id=agent_id,
        client_id=new_id(),
        name="Olga",
        endpoint=endpoint or browser_endpoint(agent_id),
    )


def test_only_the_own_name_is_a_browsers_telephone() -> None:
    olga = agent()
    assert user_of(olga) == f"web-{olga.id.hex}"
    assert user_of(agent("PJSIP/agent-1")) is None
    assert user_of(agent(olga.endpoint)) is None, "another agent's browser is not one's own"


def test_a_browsers_endpoint_is_one_that_may_be_dialled() -> None:
    assert re.fullmatch(ENDPOINT_PATTERN, browser_endpoint(new_id()))


def test_each_page_gets_another_password_and_nothing_shows_it() -> None:
    olga = agent()
    first, second = fresh_credentials(olga), fresh_credentials(olga)
    assert first.password != second.password
    assert len(first.password) >= 32
    for shown in (repr(first), str(first), repr(PushedPhone("u", "r", first.digest))):
        assert first.password not in shown
        assert first.digest not in shown


def test_who_has_a_telephone_of_the_own_gets_no_password() -> None:
    with pytest.raises(PhoneElsewhere):
        fresh_credentials(agent("PJSIP/agent-1"))


def test_the_digest_is_that_of_the_standard() -> None:
    # printf 'web-1:outdial:secret' | md5sum
    assert Credentials("web-1", "secret").digest == "28ec31fed2c01b2c4b48131b0ff9895e"


@pytest.mark.parametrize("path", ["/desk", "/desk/phone/check", "/desk/anything"])
def test_pages_of_the_desk_may_connect_to_the_exchange(path: str) -> None:
    policy = policy_for(path, "wss://phones.example.com")
    assert "connect-src 'self' wss://phones.example.com;" in policy
    assert policy.replace(" wss://phones.example.com", "") == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["/campaigns", "/desks", "/sign-in", "/"])
def test_other_pages_may_not(path: str) -> None:
    assert policy_for(path, "wss://phones.example.com") == CONTENT_SECURITY_POLICY
    assert policy_for("/desk", None) == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("wss://phones.example.com/ws", "wss://phones.example.com"),
        ("ws://127.0.0.1:8088/ws", "ws://127.0.0.1:8088"),
        ("wss://[2001:db8::1]:8089/ws", "wss://[2001:db8::1]:8089"),
    ],
)
def test_the_address_of_the_telephones(address: str, origin: str) -> None:
    assert Settings(phone_websocket_url=address).phone_origin() == origin


@pytest.mark.parametrize(
    "address", ["https://phones.example.com", "wss://a; script-src *", "wss://a b", "ws:///x"]
)
def test_what_would_change_the_policy_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(phone_websocket_url=address)


def test_a_telephone_hands_nobody_over_by_itself() -> None:
    """A REFER would lead the customer past the transfer targets, the gate and the recording."""
    objects = dict(_objects(PushedPhone("web-1", "r", "d"), ""))
    assert objects["endpoint"]["allow_transfer"] == "no"
    assert objects["endpoint"]["allow_subscribe"] == "no"
