"""Nobody is made an agent at a browser that is somebody else's: its page would answer by itself."""

import pytest

from campaigns.agents.phones import browser_endpoint
from campaigns.agents.sessions import create_agent
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.factories import make_client


async def test_a_browsers_telephone_is_its_own_agents(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        clients = [(await make_client(session, clock.now())).id for _ in range(2)]
        olga = await create_agent(session, client_id=clients[0], name="Olga", endpoint=None)
        assert olga.endpoint == browser_endpoint(olga.id)
        user = olga.endpoint.removeprefix("PJSIP/")
        for client_id in clients:
            for name in (user, user.upper()):
                with pytest.raises(Invalid, match="its own agent's"):
                    await create_agent(
                        session, client_id=client_id, name="Eve", endpoint=f"PJSIP/{name}"
                    )
