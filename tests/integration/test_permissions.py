"""Every page and every route names its permission, and every form is asked where it comes from."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from redis.asyncio import Redis

from api.auth import ApiNeeds, Needs, PageNeeds
from api.security import require_same_origin
from campaigns.accounts.permissions import TABLE, Permission, may
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from tests.integration.api_world import World, api_world

#: Routes without a permission, and why.
PUBLIC = {
    "GET /health": "what watches the process has no login; it tells two words",
    **dict.fromkeys(
        ("GET /take/{token}", "GET /take/{token}/{position}"),
        "the link of a letter or webhook: signed, ends, opens one delivery",
    ),
    **dict.fromkeys(
        ("GET /take-report/{token}", "GET /take-report/{token}/{kind}"),
        "the link of a report's letter: signed, ends, opens one making of one report",
    ),
    "GET /metrics": "the same; docs/operations.md keeps it behind the proxy",
    "GET /sign-in": "nobody is known yet",
    "POST /sign-in": "nobody is known yet",
    "GET /wall/show": "a screen in the hall: its cookie holds a secret of its own, asked at each request",
    "GET /wall/show/stream": "the same",
    "GET /wall/show/{secret}": "opens such a screen by its secret",
    "POST /sign-out": "ends whatever session the browser has",
    "GET /look/colours.css": "the sign-in page has the look of its address",
    "GET /look/logo": "the same",
    **dict.fromkeys(
        (
            f"{method} /sign-in/{step}"
            for method in ("GET", "POST")
            for step in ("code", "password", "second-factor")
        ),
        "a step of signing in: its session opens nothing else",
    ),
}

#: Paths that are no routes of ours: files and the description of the API, for everybody.
FILES = {"/static", "/api/v1/openapi.json"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


def _asked(dependant: Any) -> Iterator[Any]:
    """Everything a route depends on, at any depth."""
    yield dependant.call
    for one in dependant.dependencies:
        yield from _asked(one)


def _routes(world: World) -> Iterator[tuple[str, RouteContext]]:
    for route in iter_route_contexts(world.app.routes):
        if not isinstance(route.original_route, APIRoute):
            assert route.path in FILES, f"{route.path} is no route that can name a permission"
            continue
        for method in sorted(route.methods or ()):
            yield f"{method} {route.path}", route


async def test_every_route_names_one_permission(world: World) -> None:
    naming: dict[str, set[Permission]] = {}
    for name, route in _routes(world):
        needs = {one.permission for one in _asked(route.dependant) if isinstance(one, Needs)}
        naming[name] = needs
    assert len(naming) > 100
    without = {name for name, needs in naming.items() if not needs}
    assert without == set(PUBLIC), "a route names a permission, or stands in PUBLIC with its reason"


async def test_programs_and_browsers_come_by_their_own_doors(world: World) -> None:
    for name, route in _routes(world):
        kinds = {type(one) for one in _asked(route.dependant) if isinstance(one, Needs)}
        own = ApiNeeds if " /api/" in name else PageNeeds
        assert kinds <= {own}, name


async def test_every_page_that_takes_a_form_asks_where_it_comes_from(world: World) -> None:
    forms = [
        (name, route)
        for name, route in _routes(world)
        if " /api/" not in name and name.split()[0] not in {"GET", "HEAD"}
    ]
    assert len(forms) > 20
    for name, route in forms:
        assert require_same_origin in set(_asked(route.dependant)), name


async def test_every_form_of_another_site_is_refused_before_anything_else(world: World) -> None:
    browser = await world.browser(Role.ADMIN)
    for name, _ in _routes(world):
        method, path = name.split()
        if path.startswith("/api/") or method in {"GET", "HEAD"}:
            continue
        address = "/".join(str(new_id()) if "{" in part else part for part in path.split("/"))
        answer = await browser.request(method, address, headers={"Origin": "https://evil.test"})
        assert answer.status_code == 403, name


async def test_no_page_opens_without_a_session_and_no_route_without_a_token(world: World) -> None:
    nobody = world.anonymous()
    for name, _ in _routes(world):
        method, path = name.split()
        if name in PUBLIC:
            continue
        address = "/".join(str(new_id()) if "{" in part else part for part in path.split("/"))
        answer = await nobody.request(method, address, headers={"Origin": "http://outdial.test"})
        led_away = answer.status_code == 303 and answer.headers["location"] == "/sign-in"
        assert led_away or answer.status_code in {401, 422}, (name, answer.status_code)


async def test_every_answer_carries_the_strict_policy(world: World) -> None:
    browser = await world.browser(Role.ADMIN)
    for path in ("/campaigns", "/account", "/users", "/audit", "/sign-in", "/nothing", "/health"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_the_table_names_every_permission_and_every_role_may_something() -> None:
    assert set(TABLE) == set(Permission)
    for role in Role:
        who = Identity(new_id(), new_id(), role, "anna")
        assert may(who, Permission.OWN_ACCOUNT)
    agent = Identity(new_id(), new_id(), Role.AGENT, "olga")
    allowed = {one for one in Permission if may(agent, one)}
    assert allowed == {
        Permission.OWN_ACCOUNT,
        Permission.ASK_LAW,
        Permission.SEE_CALLS,
        Permission.TAKE_CALLS,
        Permission.OWN_SCORES,
    }
    client = Identity(new_id(), new_id(), Role.CLIENT, "boss")
    assert {one for one in Permission if may(client, one)} == {
        Permission.OWN_ACCOUNT,
        Permission.SEE,
        Permission.TAKE_RESULTS,
        Permission.PORTAL,
        Permission.ACCEPT,
    }


async def test_a_clients_user_opens_the_portal_and_nothing_of_the_centre(world: World) -> None:
    """Every route is asked: what is not named here is closed, pages of the centre and its API alike."""
    own = {Permission.OWN_ACCOUNT, Permission.SEE, Permission.TAKE_RESULTS}
    own |= {Permission.PORTAL, Permission.ACCEPT}
    browser, api = await world.browser(Role.CLIENT), await world.api(Role.CLIENT)
    browser.headers["Origin"] = "http://outdial.test"
    closed = 0
    for name, route in _routes(world):
        needs = {one.permission for one in _asked(route.dependant) if isinstance(one, Needs)}
        if name in PUBLIC or needs <= own:
            beginnings: tuple[str, ...]
            beginnings = ("/portal", "/api/v1/deliveries", "/api/v1/exports", "/account", "/work")
            beginnings += ("/saved-reports", "/api/v1/saved-reports", "/crosstabs")
            beginnings += ("/api/v1/crosstabs", "/api/v1/events", "/api/v1/results")
            beginnings += ("/api/v1/portal",)
            path = name.split()[1]
            is_file = path == "/api/v1/campaigns/{campaign_id}/exports"
            assert name in PUBLIC or path == "/" or is_file or path.startswith(beginnings), name
            continue
        method, path = name.split()
        address = "/".join(str(new_id()) if "{" in part else part for part in path.split("/"))
        answer = await (api if path.startswith("/api/") else browser).request(method, address)
        assert answer.status_code in {403, 422}, (name, answer.status_code)
        closed += 1
    assert closed > 200
    assert (await browser.get("/")).headers["location"] == "/portal"
