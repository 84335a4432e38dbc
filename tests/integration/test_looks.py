"""White label: a client's people see its name, its logo and its colours, at its address, too."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import select

from campaigns.tenancy import looks
from campaigns.tenancy.models import Client, ClientLook, Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import SAME_ORIGIN
from tests.integration.api_world import World, api_world

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
LOOK = {"name": "Acme Voice", "accent": "#7A1FA2", "domain": "Calls.Acme.test"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _manager(world: World, *, manages: bool = True) -> AsyncClient:
    browser = await world.browser(Role.MANAGER)
    browser.headers.update(SAME_ORIGIN)
    async with transaction(world.sessions) as session:
        for user in (await session.exec(select(User))).all():
            user.manages_clients = manages
    return browser


async def test_a_look_is_seen_by_the_clients_people_and_at_its_address(world: World) -> None:
    browser = await _manager(world)
    assert "Outdial</a>" in (await browser.get("/look")).text
    kept = await browser.post("/look", data=LOOK, files={"logo": ("logo.png", PNG, "image/png")})
    assert kept.status_code == 303, kept.text
    page = (await browser.get("/campaigns")).text
    assert "Acme Voice</a>" in page
    assert "· Acme Voice</title>" in page
    style = await browser.get("/look/colours.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "--accent: #7a1fa2; --on-accent: #ffffff;" in style.text
    assert "prefers-color-scheme: dark" in style.text
    logo = await browser.get("/look/logo")
    assert (logo.content, logo.headers["content-type"]) == (PNG, "image/png")
    assert logo.headers["x-content-type-options"] == "nosniff"

    stranger = world.anonymous()
    assert "Acme" not in (await stranger.get("/sign-in")).text
    assert (await stranger.get("/look/logo")).status_code == 404
    assert (await stranger.get("/look/colours.css")).text == ""
    at = {"Host": "calls.acme.TEST:8443"}
    signing_in = (await stranger.get("/sign-in", headers=at)).text
    assert "Acme Voice</a>" in signing_in
    assert "/look/colours.css" in signing_in
    assert (await stranger.get("/look/logo", headers=at)).content == PNG
    # Signed in it is the session's client that counts, whatever the address.
    other = await world.browser(Role.MANAGER, world.other_client_id)
    assert "Acme" not in (await other.get("/campaigns", headers=at)).text
    assert (await other.get("/look/colours.css", headers=at)).text == ""

    world.clock.advance(1)
    before = page.partition("colours.css?v=")[2][:16]
    gone = await browser.post("/look", data={**LOOK, "name": "", "without_logo": "true"})
    assert gone.status_code == 303
    page = (await browser.get("/campaigns")).text
    assert "Outdial</a>" in page
    assert before not in page
    assert (await browser.get("/look/logo")).status_code == 404
    async with transaction(world.sessions) as session:
        assert await looks.shown_name(session, world.client_id) == "Outdial"
        (await session.get_one(Client, world.client_id)).archived_at = world.clock.now()
    assert "/look/colours.css" not in (await stranger.get("/sign-in", headers=at)).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"accent": "#ffcc00"}, "choose a darker one"),
        ({"accent_dark": "#101010"}, "choose a lighter one"),
        ({"accent": "purple"}, "is written as #"),
        ({"accent": "#123456}body{"}, "is written as #"),
        ({"name": "x" * 41}, "at most 40"),
        ({"domain": "https://acme.test/"}, "is a name such as"),
        ({"domain": "localhost"}, "is a name such as"),
    ],
)
async def test_what_cannot_be_kept_is_said(world: World, change: dict[str, str], said: str) -> None:
    browser = await _manager(world)
    refused = await browser.post("/look", data={**LOOK, **change})
    assert refused.status_code == 422
    assert said in refused.text
    async with transaction(world.sessions) as session:
        assert await looks.find(session, world.client_id) is None


async def test_a_logo_is_a_picture_that_can_hold_no_script(world: World) -> None:
    browser = await _manager(world)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for file in (svg, b"GIF89a" + bytes(9), PNG + bytes(262144), b"<html>"):
        answer = await browser.post(
            "/look", data=LOOK, files={"logo": ("a.png", file, "image/png")}
        )
        assert answer.status_code == 422
        assert "A logo is a PNG" in answer.text
    huge = await browser.post("/look", data=LOOK, files={"logo": ("a.png", PNG * 200_000)})
    assert huge.status_code in {413, 422}


async def test_an_address_is_one_clients_and_set_by_those_who_manage_clients(world: World) -> None:
    async with transaction(world.sessions) as session:
        session.add(
            ClientLook(
                client_id=world.other_client_id,
                domain="calls.acme.test",
                changed_at=world.clock.now(),
            )
        )
    plain = await _manager(world, manages=False)
    assert (await plain.post("/look", data=LOOK)).status_code == 303  # without the address
    async with transaction(world.sessions) as session:
        row = await looks.find(session, world.client_id)
        assert row is not None
        assert (row.name, row.domain) == ("Acme Voice", None)
    manages = await _manager(world)
    taken = await manages.post("/look", data=LOOK)
    assert taken.status_code == 409
    assert "Another client has this address" in taken.text
    supervisor = await world.browser(Role.SUPERVISOR)
    assert (await supervisor.get("/look")).status_code == 403
