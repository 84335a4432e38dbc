"""What an installation's rows may be: trunks, caller IDs, agents' endpoints."""

from typing import Any

import pytest

from campaigns.agents import sessions as shifts
from campaigns.tenancy import bootstrap
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Conflict, Invalid
from tests.factories import make_client

TRUNK: dict[str, Any] = {
    "name": "north",
    "endpoint": "PJSIP/{number}@north",
    "max_channels": 3,
    "calls_per_s": 1.0,
}


async def test_a_trunk_to_people_never_becomes_a_simulated_one(sessions: SessionFactory) -> None:
    async with transaction(sessions) as session:
        await bootstrap.ensure_trunk(session, **TRUNK, simulated=False)
    with pytest.raises(Conflict, match="another name"):
        async with transaction(sessions) as session:
            await bootstrap.ensure_trunk(session, **TRUNK, simulated=True)
    async with transaction(sessions) as session:
        other = TRUNK | {"name": "demo"}
        assert (await bootstrap.ensure_trunk(session, **other, simulated=True)).simulated
        assert (await bootstrap.ensure_trunk(session, **other, simulated=True)).simulated
        assert not (await bootstrap.ensure_trunk(session, **other, simulated=False)).simulated


@pytest.mark.parametrize(
    "name", ['Acme" <sip:1@x>', "a<b", "a>b", "a\\b", "two\r\nlines", "\x7f", "x" * 41]
)
async def test_a_display_name_cannot_leave_its_header(
    sessions: SessionFactory, clock: FrozenClock, name: str
) -> None:
    async with transaction(sessions) as session:
        client = await make_client(session, clock.now())
        with pytest.raises(Invalid, match="display name"):
            await bootstrap.ensure_caller_id(
                session, client_id=client.id, e164="+74951234567", display_name=name
            )
        good = await bootstrap.ensure_caller_id(
            session, client_id=client.id, e164="+74951234567", display_name="Дом & O'Brien"
        )
    assert good.display_name == "Дом & O'Brien"


@pytest.mark.parametrize(
    "endpoint",
    [
        "PJSIP/+74951234567@carrier",
        "PJSIP/agent-1@carrier",
        "Local/agent-1",
        "PJSIP/",
        "PJSIP/a/b",
        "PJSIP/agent.1",
        "PJSIP/agent-1\n",
        f"PJSIP/{'a' * 65}",
    ],
)
async def test_an_agents_endpoint_is_a_telephone_and_nothing_else(
    sessions: SessionFactory, clock: FrozenClock, endpoint: str
) -> None:
    async with transaction(sessions) as session:
        client = await make_client(session, clock.now())
        with pytest.raises(Invalid, match="PJSIP/agent-1"):
            await shifts.create_agent(session, client_id=client.id, name="Olga", endpoint=endpoint)
        agent = await shifts.create_agent(
            session, client_id=client.id, name="Olga", endpoint="PJSIP/agent_1-b"
        )
    assert agent.endpoint == "PJSIP/agent_1-b"
