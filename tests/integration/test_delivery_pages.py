"""Pages and API of deliveries: a manager plans, the client downloads, disputes and accepts."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from httpx import AsyncClient
from pydantic import SecretStr
from redis.asyncio import Redis

from campaigns.delivery.deliveries.links import link_of
from campaigns.states import LeadState
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from tests.accounts import SAME_ORIGIN
from tests.deliveries_world import RING, to_sftp
from tests.integration.api_world import World, api_world
from tests.receivers import PASSWORD, hook, sftp_host
from tests.world import SECRET_KEY
from workers.deps import BackgroundDeps
from workers.jobs.deliveries import sweep

PLAN = {"name": "Nightly", "formats": "results_csv", "schedule": "by_hand", "zone": "Europe/Kyiv"}


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        settings = services.settings.model_copy(
            update={
                "deliveries_dir": tmp_path / "kept",
                "delivery_networks": "127.0.0.0/8",
                "public_url": "https://calls.example.com",
                "secret_keys": SecretStr(SECRET_KEY),
            }
        )
        object.__setattr__(services, "settings", settings)
        yield made


async def work(world: World) -> int:
    """Do what a worker does."""
    settings = world.app.state.services.settings
    deps = BackgroundDeps(settings, world.sessions, world.clock)
    return await sweep(deps, asyncio.Semaphore(4))


async def campaign_with_results(world: World, api: AsyncClient) -> UUID:
    """Make a campaign with two results."""
    campaign_id = await world.campaign(api)
    for row in (1, 2):
        facts = {"result": "sale", "next_attempt_at": None}
        await world.lead(campaign_id, row=row, state=LeadState.DONE, **facts)
    return campaign_id


def place_of(answer: object) -> str:
    """Return where a form led to."""
    status, headers = answer.status_code, answer.headers  # type: ignore[attr-defined]
    assert status == 303, answer.text  # type: ignore[attr-defined]
    return str(headers["location"])


async def test_a_manager_makes_tests_and_sends_a_plan_and_the_client_judges_the_results(
    world: World,
) -> None:
    campaign_id = await campaign_with_results(world, await world.api())
    manager, boss = await world.browser(), await world.browser(Role.CLIENT)
    for browser in (manager, boss):
        browser.headers.update(SAME_ORIGIN)
    plans = f"/campaigns/{campaign_id}/deliveries"
    assert "no delivery plan yet" in (await manager.get(plans)).text
    assert (await boss.get(plans)).status_code == 403
    made = await manager.post(f"{plans}/new?kind=portal", data=PLAN | {"name": ""})
    assert made.status_code == 422
    assert "Name" in made.text
    plan = place_of(await manager.post(f"{plans}/new?kind=portal", data=PLAN))
    assert "Nightly" in (await manager.get(plans)).text
    assert "It works." in (await manager.post(f"{plan}/test")).text
    delivery = place_of(await manager.post(f"{plan}/send"))
    waiting = (await manager.get(delivery)).text
    assert "being made" in waiting
    now = f"{delivery}/now?seen=waiting"
    assert f'hx-get="{now}"' in waiting
    still = await manager.get(now)
    assert ("hx-refresh" in still.headers, now in still.text) == (False, True)
    await work(world)
    ready = await manager.get(now)
    assert (ready.headers["hx-refresh"], "hx-get" in ready.text) == ("true", False)
    page = (await manager.get(delivery)).text
    assert ("hx-get" in page, "Layout 1" in page) == (False, True)
    # The plan may stay with that layout; one that is not there is refused.
    other = PLAN | {"layout_number": "7"}
    assert "There is no such layout." in (await manager.post(plan, data=other)).text
    place_of(await manager.post(plan, data=PLAN | {"layout_number": "1"}))
    assert '<option value="1" selected>Layout 1</option>' in (await manager.get(plan)).text
    assert "Nightly" in page
    assert (await boss.get(delivery)).status_code == 403, "the client has pages of its own"
    portal = f"/portal{delivery}"
    page = (await boss.get(portal)).text
    assert "Agreed / sale" in page, "a result is said in words"
    file = await boss.get(f"{portal}/files/0")
    assert file.headers["x-content-sha256"] == hashlib.sha256(file.content).hexdigest()
    assert file.headers["x-content-sha256"] in page
    first, second = dict.fromkeys(re.findall(r'id="result-([0-9a-f-]+)"', page))
    # Disputed, answered, accepted; the whole only when nothing waits for an answer.
    result, answered = f"{portal}/results/{first}", f"{delivery}/results/{first}/answer"
    given = {"reason": "wrong_answer", "comment": "<b>no</b>"}
    place_of(await boss.post(f"{result}/verdict", data=given))
    assert "&lt;b&gt;no&lt;/b&gt;" in (await manager.get(delivery)).text
    assert "1 disputed" in (await boss.get("/portal/deliveries")).text
    refused = await boss.post(f"{portal}/accept")
    assert (refused.status_code, "not answered yet" in refused.text) == (409, True)
    assert (await manager.post(f"{result}/verdict")).status_code == 403
    assert (await boss.post(answered, data={"conceded": "true"})).status_code == 403
    place_of(await manager.post(answered, data={"conceded": "false", "answer": "Heard."}))
    assert "Heard." in (await boss.get(portal)).text
    place_of(await boss.post(f"{result}/verdict"))
    place_of(await boss.post(f"{portal}/accept"))
    late = await boss.post(
        f"{portal}/results/{second}/verdict", data={"reason": "other", "comment": ""}
    )
    assert late.status_code == 409
    api = await world.api(Role.CLIENT)
    told = (await api.get(f"/api/v1{delivery}")).json()
    assert (told["verdicts"], told["accepted_at"] is not None) == ({"accepted": 1}, True)
    audit = (await (await world.browser(Role.ADMIN)).get("/audit")).text
    for action in ("Delivery plan made", "Delivered file downloaded", "Result disputed"):
        assert action in audit


async def test_a_link_opens_one_delivery_until_it_ends(world: World, clock: FrozenClock) -> None:
    api = await world.api()
    campaign_id = await campaign_with_results(world, api)
    body = {**PLAN, "formats": ["results_csv"], "target": {"kind": "portal"}}
    plan = (await api.post(f"/api/v1/campaigns/{campaign_id}/delivery-plans", json=body)).json()
    sent = (await api.post(f"/api/v1/delivery-plans/{plan['id']}/send")).json()
    await work(world)
    link = link_of(RING, UUID(sent["id"]), clock.now() + timedelta(days=1))
    nobody = world.anonymous()
    page = await nobody.get(link)
    assert page.status_code == 200
    file = await nobody.get(f"{link}/0")
    shown = (await api.get(f"/api/v1/deliveries/{sent['id']}")).json()
    assert hashlib.sha256(file.content).hexdigest() == shown["files"][0]["sha256"]
    assert (await nobody.get(f"{link}/9")).status_code == 404
    assert (
        await nobody.get(link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1])
    ).status_code == 404
    clock.advance(25 * 3600)
    assert (await nobody.get(link)).status_code == 404


async def test_an_sftp_plan_shows_the_servers_key_until_somebody_trusts_it(
    world: World, tmp_path: Path
) -> None:
    campaign_id = await campaign_with_results(world, await world.api())
    manager = await world.browser()
    manager.headers.update(SAME_ORIGIN)
    (tmp_path / "sftp").mkdir()
    async with sftp_host(tmp_path / "sftp") as host:
        target = {k: str(v) for k, v in to_sftp(host).items() if k not in {"kind", "host_key"}}
        new = f"/campaigns/{campaign_id}/deliveries/new?kind=sftp"
        plan = place_of(await manager.post(new, data=PLAN | target))
        tested = (await manager.post(f"{plan}/test")).text
        assert "Nobody has confirmed" in tested
        assert "SHA256:" in tested
        place_of(await manager.post(f"{plan}/host-key", data={"host_key": host.host_key}))
        assert "It works." in (await manager.post(f"{plan}/test")).text
        page = (await manager.get(plan)).text
        assert PASSWORD not in page
        # Left empty, the password stays.
        place_of(await manager.post(plan, data=PLAN | target | {"password": "", "name": "Other"}))
        assert "Nobody has confirmed" in (await manager.post(f"{plan}/test")).text


async def test_dead_letters_are_seen_and_sent_again_together(world: World) -> None:
    campaign_id = await campaign_with_results(world, await world.api())
    manager = await world.browser()
    manager.headers.update(SAME_ORIGIN)
    async with hook() as receiver:
        new = f"/campaigns/{campaign_id}/deliveries/new?kind=webhook"
        plan = place_of(await manager.post(new, data=PLAN | {"url": receiver.url}))
        secret = (await manager.post(f"{plan}/secret")).text
        assert re.search(r"<code>whsec_[A-Za-z0-9+/=]+</code>", secret)
        receiver.answers = [410]
        delivery = place_of(await manager.post(f"{plan}/send"))
        await work(world)
        dead = (await manager.get("/deliveries?state=dead")).text
        assert "gone for good" in dead
        ids = {"ids": [delivery.rpartition("/")[2]]}
        refused = await manager.post("/deliveries/retry", data=ids)
        assert (refused.status_code, "plan is paused" in refused.text) == (409, True)
        place_of(await manager.post(f"{plan}/resume"))
        place_of(await manager.post("/deliveries/retry", data=ids))
        assert await work(world) == 1
    assert "Nothing was given up." in (await manager.get("/deliveries?state=dead")).text


async def test_another_clients_deliveries_are_not_there(world: World) -> None:
    api = await world.api()
    campaign_id = await campaign_with_results(world, api)
    body = {**PLAN, "formats": ["results_csv"], "target": {"kind": "portal"}}
    plan = (await api.post(f"/api/v1/campaigns/{campaign_id}/delivery-plans", json=body)).json()
    sent = (await api.post(f"/api/v1/delivery-plans/{plan['id']}/send")).json()
    await work(world)
    lead = (await api.get(f"/api/v1/deliveries/{sent['id']}/results")).json()[0]["lead_id"]
    strangers = [
        await world.api(role, client_id=world.other_client_id)
        for role in (Role.MANAGER, Role.CLIENT)
    ]
    delivery, own = f"/api/v1/deliveries/{sent['id']}", f"/api/v1/delivery-plans/{plan['id']}"
    asked = [
        ("GET", delivery, None),
        ("GET", f"{delivery}/results", None),
        ("GET", f"{delivery}/files/0", None),
        ("POST", f"{delivery}/again", None),
        ("POST", f"{delivery}/retry", None),
        ("POST", f"{delivery}/accept", None),
        ("POST", f"{delivery}/results/{lead}/accept", None),
        ("POST", f"{delivery}/results/{lead}/dispute", {"reason": "other"}),
        ("POST", f"{delivery}/results/{lead}/answer", {"conceded": True}),
        ("GET", own, None),
        ("PUT", own, body),
        ("DELETE", own, None),
        *(
            ("POST", f"{own}/{step}", None)
            for step in ("pause", "resume", "test", "send", "secret")
        ),
        ("GET", f"/api/v1/campaigns/{new_id()}/delivery-plans", None),
        ("POST", f"/api/v1/campaigns/{campaign_id}/delivery-plans", body),
    ]
    for method, path, json in asked:
        answers = {(await one.request(method, path, json=json)).status_code for one in strangers}
        assert answers <= {403, 404}, (method, path, answers)
    for one in strangers:
        assert (await one.get("/api/v1/deliveries")).json() == []
    assert (await api.post(f"{delivery}/accept")).status_code == 403, (
        "managers do not accept their work"
    )
