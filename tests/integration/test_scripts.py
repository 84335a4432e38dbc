"""Scripts in the database: drafts, versions that never change, who may what, and nothing of other clients."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from campaigns.tenancy.models import AuditEntry, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.script_world import V1, writer
from tests.scripts import TALK, script, step


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _actions(world: World) -> list[str]:
    statement = select(AuditEntry.action).order_by(col(AuditEntry.id))
    async with world.sessions() as session:
        found = (await session.exec(statement)).all()
    return [action for action in found if action.startswith(("script.", "article."))]


async def test_a_published_version_never_changes(world: World) -> None:
    author = await writer(world)
    assert await author.publish() == 1
    longer = script(*TALK.steps[:2], step("s3", "Bye.", ends=True))
    assert await author.publish(longer) == 2
    old = (await author.api.get(f"{V1}/scripts/{author.code}", params={"version": 1})).json()
    assert old["content"] == TALK.model_dump(mode="json")
    assert old["published_by"] is not None
    assert await _actions(world) == [
        *("script.created", "script.draft_begun", "script.published"),
        *("script.draft_begun", "script.draft_saved", "script.published"),
    ]
    for statement in (
        "UPDATE script_version SET content = '{}'",
        "UPDATE script_version SET published_at = NULL",
        "DELETE FROM script_version",
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            async with transaction(world.sessions) as session:
                await session.execute(text(statement))


async def test_a_script_with_a_dead_end_is_not_published(world: World) -> None:
    author = await writer(world)
    content = script(step("s1", "Words.", "Yes>s9")).model_dump(mode="json")
    made = await author.api.post(f"{V1}/scripts", json={"name": "Обзвон", "content": content})
    assert made.json()["code"] == "obzvon"
    refused = await author.api.post(f"{V1}/scripts/obzvon/publish", json={})
    assert refused.status_code == 409
    assert refused.json()["code"] == "script_not_publishable"
    told = refused.json()["facts"]["findings"]
    assert {one["code"] for one in told} == {"missing_target"}
    findings = (await author.api.get(f"{V1}/scripts/obzvon/findings")).json()
    assert findings[0]["sentence"].startswith("The answer “Yes” leads nowhere")


async def test_a_draft_is_undone_thrown_away_and_not_overwritten(world: World) -> None:
    author = await writer(world)
    await author.publish()
    address = f"{V1}/scripts/{author.code}"
    other = script(step("s1", "Other.", ends=True)).model_dump(mode="json")
    assert (await author.api.post(f"{address}/draft/undo")).json()["code"] == "no_draft"
    saved = await author.api.put(f"{address}/draft", json={"content": other, "revision": 0})
    assert saved.json()["revision"] == 1
    late = await author.api.put(f"{address}/draft", json={"content": other, "revision": 0})
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    undone = (await author.api.post(f"{address}/draft/undo")).json()
    assert undone["content"] == TALK.model_dump(mode="json")
    again = (await author.api.post(f"{address}/draft/undo")).json()
    assert again["content"] == other, "undoing the undo brings it back"
    assert (await author.api.delete(f"{address}/draft")).status_code == 204
    assert (await author.api.get(address)).json()["number"] == 1
    refused = await author.api.post(f"{address}/publish", json={})
    assert refused.json()["code"] == "no_draft"


async def test_going_back_publishes_an_earlier_version_again(world: World) -> None:
    author = await writer(world)
    await author.publish()
    await author.publish(script(step("s1", "Worse.", ends=True)))
    address = f"{V1}/scripts/{author.code}"
    drafted = script(step("s1", "In work.", ends=True)).model_dump(mode="json")
    await author.api.put(f"{address}/draft", json={"content": drafted})
    back = await author.api.post(f"{address}/versions/1/publish")
    assert back.json()["number"] == 3
    third = (await author.api.get(address, params={"version": 3})).json()
    assert third["content"] == TALK.model_dump(mode="json")
    draft = (await author.api.get(address)).json()
    assert (draft["number"], draft["published_at"]) == (4, None)
    assert draft["content"] == drafted
    assert (await author.api.post(f"{address}/versions/4/publish")).status_code == 404


async def test_who_may_write_and_who_may_read(world: World) -> None:
    author = await writer(world)
    await author.publish()
    address = f"{V1}/scripts/{author.code}"
    reader = await world.api(Role.CLIENT)
    assert (await reader.get(address)).status_code == 403
    assert (await reader.post(f"{address}/publish", json={})).status_code == 403
    agent = await world.api(Role.AGENT)
    assert (await agent.get(address)).status_code == 403


async def test_nothing_of_another_clients_scripts_is_there(world: World) -> None:
    author = await writer(world)
    await author.publish()
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    address = f"{V1}/scripts/{author.code}"
    content = TALK.model_dump(mode="json")
    assert (await stranger.get(f"{V1}/scripts")).json() == []
    for method, path, body in (
        ("GET", address, None),
        ("GET", f"{address}/findings", None),
        ("PUT", f"{address}/draft", {"content": content}),
        ("POST", f"{address}/draft/undo", None),
        ("DELETE", f"{address}/draft", None),
        ("POST", f"{address}/publish", {}),
        ("POST", f"{address}/versions/1/publish", None),
    ):
        answer = await stranger.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "script_not_found"), path
    with pytest.raises(DBAPIError, match="another client"):
        async with transaction(world.sessions) as session:
            await session.execute(
                text(
                    "INSERT INTO script_version (id, client_id, script_id, number, content, revision,"
                    " created_at) SELECT gen_random_uuid(), :other, id, 9, '{}', 0, now() FROM script"
                ),
                {"other": world.other_client_id},
            )


async def test_a_campaign_takes_only_its_clients_scripts(world: World) -> None:
    author = await writer(world)
    await author.publish()
    manager = await world.api()
    campaign_id = await world.campaign(manager)
    patch = f"{V1}/campaigns/{campaign_id}"
    chosen = await manager.patch(patch, json={"settings": {"script": author.code}})
    assert chosen.json()["settings"]["script"] == author.code
    wrong = await manager.patch(patch, json={"settings": {"script": "nobody"}})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "script_not_found")
    stranger = await world.api(client_id=world.other_client_id)
    body = {"name": "Theirs", "settings": {"script": author.code}}
    assert (await stranger.post(f"{V1}/campaigns", json=body)).status_code == 404
    none = await manager.patch(patch, json={"settings": {"script": None}})
    assert none.json()["settings"]["script"] is None
