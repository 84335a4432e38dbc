"""People of the call centre work for several clients, one at a time; clients are made and put away."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.accounts import factors
from campaigns.accounts.models import SecondFactor
from campaigns.agents.models import Agent, AgentSession
from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy import access, tokens
from campaigns.tenancy.models import AuditEntry, Client, ClientAccess, Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import SAME_ORIGIN
from tests.factories import make_campaign
from tests.integration.api_world import World, api_world
from tests.staff import staff_of


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _made(world: World, browser: AsyncClient, name: str, **form: object) -> UUID:
    answer = await browser.post("/clients", data={"name": name, **form})
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].rsplit("/", 1)[-1])


async def _client(world: World, client_id: UUID) -> Client:
    async with transaction(world.sessions) as session:
        return await session.get_one(Client, client_id)


async def _actions(world: World, client_id: UUID) -> list[str]:
    statement = (
        select(AuditEntry.action)
        .where(col(AuditEntry.client_id) == client_id)
        .order_by(col(AuditEntry.id))
    )
    async with transaction(world.sessions) as session:
        return list((await session.exec(statement)).all())


async def test_whoever_may_makes_a_client_works_for_it_and_comes_back(world: World) -> None:
    anna, browser = await staff_of(world)
    assert "/work" not in (await browser.get("/campaigns")).text
    form = {
        "legal_entity": "Acme Ltd",
        "zone": "Asia/Almaty",
        "countries": "kz, ru",
        "number_types": ["premium"],
        "factor_roles": ["client"],
    }
    made = await _made(world, browser, "  Acme   Bank ", **form)
    client = await _client(world, made)
    assert (client.name, client.zone, client.allowed_countries) == (
        *("Acme Bank", "Asia/Almaty"),
        ["KZ", "RU"],
    )
    assert (client.allowed_number_types, client.second_factor_roles) == (["premium"], ["client"])
    taken = await browser.post("/clients", data={"name": "Acme Bank"})
    assert taken.status_code == 409
    assert "exists" in taken.text
    odd = await browser.post("/clients", data={"name": "Odd", "countries": "Mars"})
    assert odd.status_code == 422
    assert "MARS" in odd.text

    page = (await browser.get("/campaigns")).text
    assert "Sweet Home" in page
    assert 'href="/work"' in page
    assert (await browser.post(f"/work/{made}")).status_code == 303
    page = (await browser.get("/campaigns")).text
    assert "Acme Bank" in page
    assert "Sweet Home" not in page
    made_here = await browser.post("/users", data={"login": "acme.boss", "role": "client"})
    assert made_here.status_code == 200
    assert "acme.boss" in made_here.text
    async with transaction(world.sessions) as session:
        boss = (await session.exec(select(User).where(col(User.login) == "acme.boss"))).one()
        assert (boss.client_id, boss.password_must_change) == (made, True)
    # The own account stays where it is, also while working for somebody else.
    account = await browser.get("/account")
    assert account.status_code == 200
    assert "this browser" in account.text
    audit = (await browser.get("/audit")).text
    assert anna.login in audit
    assert "Began to work for the client" in audit

    assert (await browser.post(f"/work/{world.client_id}")).status_code == 303
    assert "Sweet Home" in (await browser.get("/campaigns")).text
    assert "work.left" in await _actions(world, made)
    assert {"work.entered", "work.left"} <= set(await _actions(world, world.client_id))


async def test_clients_are_found_renamed_archived_and_brought_back(world: World) -> None:
    _anna, browser = await staff_of(world, Role.MANAGER)
    made = await _made(world, browser, "Acme Bank")
    await _made(world, browser, "Bravo 100%")
    assert "Bravo" not in (await browser.get("/clients?q=acme")).text
    assert "Bravo 100%" in (await browser.get("/clients?q=100%25")).text
    assert "called so" in (await browser.get("/clients?q=100_")).text
    renamed = await browser.post(f"/clients/{made}", data={"name": "Acme Insurance"})
    assert renamed.status_code == 303
    clash = await browser.post(f"/clients/{made}", data={"name": "Bravo 100%"})
    assert clash.status_code == 409
    assert (await _client(world, made)).name == "Acme Insurance"
    own = await browser.post(f"/clients/{world.client_id}/archive")
    assert own.status_code == 409

    async with transaction(world.sessions) as session:
        busy = await make_campaign(session, world.clock.now(), client_id=made)
    assert (await browser.post(f"/clients/{made}/archive")).status_code == 409
    assert (await _client(world, made)).archived_at is None
    async with transaction(world.sessions) as session:
        (await session.get_one(Campaign, busy.id)).state = CampaignState.STOPPED
    helper = await world.browser(Role.SUPERVISOR, made)
    api = await world.api(Role.SUPERVISOR, made)
    assert (await helper.get("/campaigns")).status_code == 200
    assert (await browser.post(f"/work/{made}")).status_code == 303
    assert (await browser.post(f"/clients/{made}/archive")).status_code == 409  # works there now
    await browser.post(f"/work/{world.client_id}")

    gone = await browser.post(f"/clients/{made}/archive")
    assert gone.headers["location"] == f"/clients?undo={made}"
    assert "Undo" in (await browser.get(gone.headers["location"])).text
    assert (await helper.get("/campaigns")).headers["location"] == "/sign-in"
    assert (await api.get("/api/v1/campaigns")).status_code == 401
    assert "Acme" not in (await browser.get("/work")).text
    assert (await browser.post(f"/work/{made}")).status_code == 403
    assert "Acme Insurance" in (await browser.get("/clients?archived=true")).text
    assert (await browser.post(f"/clients/{made}/bring-back")).status_code == 303
    assert (await helper.get("/campaigns")).status_code == 200
    done = await _actions(world, made)
    assert {"client.created", "client.changed", "client.archived", "client.brought_back"} <= set(
        done
    )


async def test_who_was_not_given_it_manages_no_clients(world: World) -> None:
    plain = await world.browser(Role.ADMIN)
    assert (await plain.get("/clients")).status_code == 403
    made = await plain.post("/clients", data={"name": "Mine"}, headers=SAME_ORIGIN)
    assert made.status_code == 403
    _, supervisor = await staff_of(world, Role.SUPERVISOR)
    assert (await supervisor.get("/clients")).status_code == 403
    _, browser = await staff_of(world)
    for answer in (
        await browser.get(f"/clients/{world.other_client_id}"),
        await browser.post(f"/clients/{world.other_client_id}", data={"name": "Taken"}),
        await browser.post(f"/clients/{world.other_client_id}/archive"),
        await browser.post(f"/work/{world.other_client_id}"),
    ):
        assert answer.status_code == 403
        assert "Somebody Else" not in answer.text
    assert (await _client(world, world.other_client_id)).name == "Somebody Else"


async def test_an_administrator_gives_and_takes_access(world: World) -> None:
    anna, browser = await staff_of(world)
    made = await _made(world, browser, "Acme Bank")
    olga = await world.user(Role.AGENT)
    page = f"/users/{olga.id}"
    form = {"client_id": str(made), "role": "supervisor"}
    assert (await browser.post(f"{page}/access", data=form)).status_code == 303
    assert "Acme Bank" in (await browser.get(page)).text
    own = {"client_id": str(world.client_id), "role": "admin"}
    assert "own client" in (await browser.post(f"{page}/access", data=own)).text
    other = {"client_id": str(world.other_client_id), "role": "admin"}
    assert (await browser.post(f"{page}/access", data=other)).status_code == 403

    helper = world.anonymous()
    helper.headers.update(SAME_ORIGIN)
    helper.cookies.set(COOKIE, await world.session_token(olga))
    assert (await helper.get("/campaigns")).status_code == 403  # an agent at her own client
    assert (await helper.post(f"/work/{made}")).status_code == 303
    assert (await helper.get("/campaigns")).status_code == 200  # a supervisor at the other
    assert (await helper.get("/users")).status_code == 403

    await browser.post(f"/work/{made}")
    listed = (await browser.get("/users")).text
    assert olga.login in listed
    assert "Take access away" in listed
    assert (await browser.get(page)).status_code == 404  # whose account it is stays elsewhere
    assert (await browser.post(f"{page}/disable")).status_code == 404
    left = await browser.post(f"/users/helpers/{olga.id}/leave")
    assert left.status_code == 303
    assert (await helper.get("/campaigns")).status_code == 403  # at her own client again
    assert (await helper.post(f"/work/{made}")).status_code == 403
    assert (await browser.post(f"/users/helpers/{olga.id}/leave")).status_code == 404
    trail = (await browser.get(f"/audit?who={anna.login}")).text
    assert "Work for the client no longer allowed" in trail
    async with transaction(world.sessions) as session:
        row = await session.get_one(ClientAccess, (olga.id, made))
        assert (row.role, row.given_by, row.ended_at is not None) == (
            *(Role.SUPERVISOR, anna.id),
            True,
        )


async def test_a_client_that_wants_a_second_factor_gets_it(world: World) -> None:
    anna, browser = await staff_of(world)
    made = await _made(world, browser, "Acme Bank", factor_roles=["admin"])
    refused = await browser.post(f"/work/{made}")
    assert refused.status_code == 409
    assert "second factor" in refused.text
    async with transaction(world.sessions) as session:
        session.add(
            SecondFactor(
                user_id=anna.id,
                client_id=anna.client_id,
                secret="A" * 32,
                created_at=world.clock.now(),
                confirmed_at=world.clock.now(),
            )
        )
    # The session showed no code yet: that comes first.
    assert (await browser.get("/work")).headers["location"] == "/sign-in/code"
    async with transaction(world.sessions) as session:
        await factors.drop(session, anna)
    async with transaction(world.sessions) as session:
        (await session.get_one(Client, made)).second_factor_roles = []
    assert (await browser.post(f"/work/{made}")).status_code == 303
    async with transaction(world.sessions) as session:
        (await session.get_one(Client, made)).second_factor_roles = ["admin"]
    # Asked for later: the session is at its own client again, not shut out.
    assert "Sweet Home" in (await browser.get("/campaigns")).text


async def test_nobody_leaves_a_client_in_the_middle_of_a_shift(world: World) -> None:
    anna, browser = await staff_of(world)
    made = await _made(world, browser, "Acme Bank")
    async with transaction(world.sessions) as session:
        campaign = await make_campaign(session, world.clock.now(), client_id=world.client_id)
        agent = Agent(client_id=world.client_id, user_id=anna.id, name="Anna", endpoint="PJSIP/a")
        session.add(agent)
        await session.flush()
        shift = AgentSession(
            client_id=world.client_id,
            agent_id=agent.id,
            campaign_id=campaign.id,
            started_at=world.clock.now(),
        )
        session.add(shift)
    refused = await browser.post(f"/work/{made}")
    assert refused.status_code == 409
    assert "End your shift first" in refused.text
    async with transaction(world.sessions) as session:
        (await session.get_one(AgentSession, shift.id)).ended_at = world.clock.now()
    assert (await browser.post(f"/work/{made}")).status_code == 303


async def _asked(world: World, token: str, client: str | None) -> Response:
    api = world.anonymous()
    api.headers["Authorization"] = f"Bearer {token}"
    if client is not None:
        api.headers["Outdial-Client"] = client
    return await api.get("/api/v1/campaigns")


async def test_a_token_works_for_the_client_that_its_header_names(world: World) -> None:
    anna, browser = await staff_of(world)
    made = await _made(world, browser, "Acme Bank")
    async with transaction(world.sessions) as session:
        token = await tokens.issue(session, anna.id, world.clock)
        ours = await make_campaign(session, world.clock.now(), client_id=world.client_id)
        theirs = await make_campaign(session, world.clock.now(), client_id=made)
    for client, expected in (
        (None, ours.id),
        ("Sweet Home", ours.id),
        ("Acme Bank", theirs.id),
        (str(made), theirs.id),
    ):
        told = (await _asked(world, token, client)).text
        assert str(expected) in told
        assert str({ours.id, theirs.id} - {expected}) not in told
    for client in ("Somebody Else", str(world.other_client_id), "No such client", "'"):
        assert (await _asked(world, token, client)).json()["type"].endswith("client_not_allowed")
    async with transaction(world.sessions) as session:
        await access.take(session, anna.id, made, by=None, clock=world.clock)
    assert (await _asked(world, token, "Acme Bank")).status_code == 403
