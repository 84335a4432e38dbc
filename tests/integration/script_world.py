"""What tests of scripts share: a script that is published, a call in which an operator reads it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from api.browsers import COOKIE
from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from campaigns.scripts.script import Script
from campaigns.tenancy.models import Role, User
from dialer.db import transaction
from tests.integration.api_world import BASE_URL, World
from tests.scripts import TALK

V1 = "/api/v1"
SAME_ORIGIN = {"Origin": BASE_URL}


@dataclass
class Call:
    """A call of a campaign, and the operator who talks in it."""

    attempt_id: UUID
    campaign_id: UUID
    user: User
    browser: AsyncClient

    async def panel(self, **asked: str) -> Response:
        """Return the operator's script."""
        return await self.browser.get(f"/desk/script/{self.attempt_id}", params=asked)


@dataclass
class Writer:
    """Somebody who writes scripts over the API."""

    world: World
    api: AsyncClient
    code: str = ""
    bodies: list[Any] = field(default_factory=list)

    async def publish(self, script: Script = TALK, name: str = "Talk") -> int:
        """Save a script and publish it; return its version's number."""
        content = script.model_dump(mode="json")
        if not self.code:
            made = await self.api.post(f"{V1}/scripts", json={"name": name, "content": content})
            assert made.status_code == 201, made.text
            self.code = made.json()["code"]
        else:
            saved = await self.api.put(f"{V1}/scripts/{self.code}/draft", json={"content": content})
            assert saved.status_code == 200, saved.text
        published = await self.api.post(f"{V1}/scripts/{self.code}/publish", json={})
        assert published.status_code == 200, published.text
        return int(published.json()["number"])


async def writer(world: World, role: Role = Role.SUPERVISOR) -> Writer:
    """Return somebody who may write scripts."""
    return Writer(world, await world.api(role))


async def call(
    world: World, script: str | None, *, number: int = 1, **contact_facts: object
) -> Call:
    """Make a call of a campaign with a script, in which an operator talks with a contact."""
    manager = await world.api()
    settings = {"script": script, "purpose": "survey"}
    campaign_id = await world.campaign(manager, name=f"Sweets {number}", settings=settings)
    lead = await world.lead(campaign_id, row=number)
    user = await world.user(Role.AGENT)
    async with transaction(world.sessions) as session:
        contact = await session.get_one(Contact, lead.contact_id)
        for name, value in contact_facts.items():
            setattr(contact, name, value)
        agent = Agent(
            client_id=world.client_id, user_id=user.id, name=f"Olga {number}", endpoint="PJSIP/o"
        )
        session.add_all((contact, agent))
        await session.flush()
        shift = AgentSession(
            client_id=world.client_id,
            agent_id=agent.id,
            campaign_id=campaign_id,
            started_at=world.clock.now(),
        )
        session.add(shift)
    attempt: Attempt = await world.attempt(lead, number, agent_session_id=shift.id)
    browser = world.anonymous()
    browser.cookies.set(COOKIE, await world.session_token(user))
    return Call(attempt.id, campaign_id, user, browser)
