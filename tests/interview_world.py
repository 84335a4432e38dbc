"""A call somebody talks on, a campaign with a form, the agent's browser: for tests of interviews in calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from sqlalchemy import text

from api.browsers import COOKIE
from campaigns.agents.models import Agent, AgentSession
from campaigns.forms import publishing
from campaigns.forms.form import Form
from campaigns.leads.models import Attempt, Lead
from campaigns.states import LeadState
from campaigns.tenancy.models import Role, User
from dialer.agent.states import AgentState
from dialer.db import transaction
from tests.integration.api_world import BASE_URL, World

#: What the page's script sends with everything.
FRAGMENT = {"HX-Request": "true", "Origin": BASE_URL}


@dataclass
class Operator:
    """An agent with a shift and a browser."""

    user: User
    session_id: UUID
    browser: AsyncClient


@dataclass
class Talk:
    """A conversation, as the operator's page sees it."""

    attempt: Attempt
    operator: Operator
    lead: Lead
    sequence: int = field(default=0)

    @property
    def url(self) -> str:
        """Where the interview is."""
        return f"/desk/interview/{self.attempt.id}"

    async def look(self, question: str = "", **headers: str) -> Response:
        """Ask for the piece of the desk."""
        query = {"question": question} if question else {}
        return await self.operator.browser.get(self.url, params=query, headers=FRAGMENT | headers)

    async def interview_id(self) -> str:
        """Return the interview's id, as the page knows it."""
        return between((await self.look()).text, 'data-interview="', '"')

    async def send(self, code: str, value: Any = None, **more: Any) -> Response:
        """Send an answer as the script does, numbered on unless a number is given."""
        self.sequence += 1
        body = {"interview": more.pop("interview", None) or await self.interview_id()}
        body |= {"sequence": self.sequence, "value": value, **more}
        return await self.operator.browser.post(
            f"{self.url}/answers/{code}", json=body, headers=FRAGMENT
        )


def between(page: str, start: str, end: str) -> str:
    """Return what stands between two marks of a page; the first of several."""
    assert start in page, page
    return page.split(start, 1)[1].split(end, 1)[0]


def asked(page: Response) -> str:
    """Return the code of the question on the page; empty: nothing is asked."""
    assert page.status_code == 200, page.text
    return between(page.text, 'data-question="', '"') if "data-question=" in page.text else ""


def ending(page: Response) -> str:
    """Return how the interview has ended; empty: it has not."""
    return between(page.text, 'data-ending="', '"')


async def publish(world: World, form: Form) -> None:
    """Publish a form of the client."""
    async with transaction(world.sessions) as session:
        facts: dict[str, Any] = {
            "client_id": world.client_id,
            "user_id": None,
            "clock": world.clock,
        }
        await publishing.save_draft(session, form, **facts)
        await publishing.publish(session, form.code, **facts)


async def campaign_with(world: World, form: Form | None, **settings: Any) -> UUID:
    """Publish a form and make a campaign whose calls use it."""
    if form is not None:
        await publish(world, form)
        settings["form"] = form.code
    manager = await world.api()
    async with manager:
        number = world.users
        return await world.campaign(manager, name=f"Campaign {number}", settings=settings)


async def operator(world: World, campaign_id: UUID) -> Operator:
    """Make an agent who is signed in to the campaign and to the pages."""
    user = await world.user(Role.AGENT)
    async with transaction(world.sessions) as session:
        agent = Agent(
            client_id=world.client_id, user_id=user.id, name=user.login, endpoint="PJSIP/x"
        )
        session.add(agent)
        await session.flush()
        shift = AgentSession(
            client_id=world.client_id,
            agent_id=agent.id,
            campaign_id=campaign_id,
            started_at=world.clock.now(),
            wants=AgentState.READY,
        )
        session.add(shift)
    browser = world.anonymous()
    browser.cookies.set(COOKIE, await world.session_token(user))
    return Operator(user, shift.id, browser)


async def person(
    world: World,
    campaign_id: UUID,
    row: int = 1,
    name: str = "Olha",
    record: Mapping[str, str] | None = None,
) -> Lead:
    """Enrol a contact with fields; its lead is on the line."""
    lead = await world.lead(campaign_id, row=row, state=LeadState.DIALING)
    await change(
        world, "UPDATE contact SET name = :name WHERE id = :id", id=lead.contact_id, name=name
    )
    for heading, value in (record or {}).items():
        await change(
            world,
            "UPDATE contact SET fields = fields || jsonb_build_object("
            "CAST(:heading AS text), CAST(:value AS text)) WHERE id = :id",
            id=lead.contact_id,
            heading=heading,
            value=value,
        )
    return lead


async def talk(world: World, lead: Lead, who: Operator, **facts: Any) -> Talk:
    """Connect a call of the lead with the operator."""
    now: datetime = world.clock.now()
    told = {"answered_at": now, "connected_at": now, "agent_session_id": who.session_id}
    attempt = await world.attempt(lead, int(lead.e164[-4:]), **(told | facts))
    return Talk(attempt, who, lead)


async def hang_up(world: World, call: Talk, disposition: str | None = None) -> None:
    """End the call, with or without its result."""
    await change(
        world,
        "UPDATE attempt SET ended_at = :now, outcome = 'connected', disposition = :code"
        " WHERE id = :id",
        id=call.attempt.id,
        now=world.clock.now(),
        code=disposition,
    )
    if disposition is not None:
        done = "UPDATE lead SET state = 'done', result = :code WHERE id = :id"
        await change(world, done, id=call.attempt.lead_id, code=disposition)


async def change(world: World, statement: str, **facts: Any) -> None:
    """Change rows."""
    async with transaction(world.sessions) as session:
        await session.execute(text(statement), facts)


async def rows(world: World, statement: str, **facts: Any) -> list[Mapping[str, Any]]:
    """Return rows as mappings."""
    async with world.sessions() as session:
        return [dict(row) for row in (await session.execute(text(statement), facts)).mappings()]
