"""A CRM's two ways: contacts come in by its own keys, results go out by a cursor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from campaigns.leads.fates import store_fates
from campaigns.leads.recycle import UNDISPOSED, LeadFate
from campaigns.states import LeadState
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.events_world import Happening
from tests.factories import MadeCampaign, make_campaign
from tests.integration.api_world import World, api_world
from workers.dialing.saved import close_forgotten_leads

ANNA: dict[str, Any] = {
    "external_id": "C-1",
    "name": "Anna",
    "phones": ["+7 943 000-00-01", "89430000002"],
    "language": "ru",
    "tags": ["vip", "north"],
    "fields": {"Tariff": "XL"},
}
BORIS: dict[str, Any] = {"external_id": "C-2", "name": "Boris", "phones": ["+79430000003"]}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def made(world: World) -> MadeCampaign:
    async with transaction(world.sessions) as session:
        return await make_campaign(session, world.clock.now(), client_id=world.client_id)


def _path(made: MadeCampaign) -> str:
    return f"/api/v1/lists/{made.list_id}/contacts"


async def _put(api: AsyncClient, made: MadeCampaign, *contacts: Any, **more: Any) -> dict[str, Any]:
    answer = await api.put(_path(made), json={"contacts": list(contacts), **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_contacts_are_added_updated_and_refused_with_the_reasons_of_imports(
    world: World, made: MadeCampaign
) -> None:
    api = await world.api()
    nobody = {"external_id": "C-3", "name": "Nobody"}
    broken = {"external_id": "C-4", "phones": ["12"]}
    first = await _put(api, made, ANNA, BORIS, nobody, broken)
    assert [one["outcome"] for one in first["contacts"]] == ["added", "added", "refused", "refused"]
    assert [one["reason"] for one in first["contacts"][2:]] == ["no_phone", "invalid_phone"]
    assert (first["added"], first["updated"], first["refused"]) == (2, 0, 2)
    world.clock.advance(60)
    moved = ANNA | {"name": "Anna Ivanova", "phones": ["+79430000001", "+79430000009"]}
    second = await _put(api, made, moved)
    [anna] = second["contacts"]
    assert (anna["outcome"], anna["contact_id"]) == ("updated", first["contacts"][0]["contact_id"])
    told = (await api.get(f"/api/v1/contacts/{anna['contact_id']}")).json()
    assert told["name"] == "Anna Ivanova"
    assert [one["e164"] for one in told["phones"]] == [
        "+79430000001",
        "+79430000002",
        "+79430000009",
    ]
    assert told["tags"] == ["vip", "north"]
    listed = (await api.get(f"/api/v1/lists/{made.list_id}")).json()
    assert listed["rows_in"] == listed["rows_accepted"] + listed["rows_refused"] == 5
    happening = Happening(world.sessions, world.clock, made)
    assert await happening.kinds() == ["import.committed"] * 2


async def test_the_same_request_is_done_once(world: World, made: MadeCampaign) -> None:
    api = await world.api()
    body = {"contacts": [ANNA], "campaign_id": str(made.id)}
    key = {"Idempotency-Key": "crm-77"}
    answers = await asyncio.gather(
        *(api.put(_path(made), json=body, headers=key) for _ in range(3))
    )
    assert {one.status_code for one in answers} <= {200, 409}
    done = next(one.json() for one in answers if one.status_code == 200)
    assert done["enrolled"] == 1
    again = await api.put(_path(made), json=body, headers=key)
    assert again.json() == done
    happening = Happening(world.sessions, world.clock, made)
    assert await happening.scalar("SELECT count(*) FROM list_import") == 1
    other = await api.put(_path(made), json={"contacts": [BORIS]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_used")
    refused = {"contacts": [ANNA], "campaign_id": str(UUID(int=7))}
    mended = {"Idempotency-Key": "crm-78"}
    assert (await api.put(_path(made), json=refused, headers=mended)).status_code == 404
    assert (await api.put(_path(made), json=body, headers=mended)).status_code == 200
    world.clock.advance(2 * 86_400)
    nowhere = {"contacts": [BORIS], "campaign_id": str(UUID(int=7))}
    assert (await api.put(_path(made), json=nowhere, headers=key)).status_code == 404
    kept = "SELECT count(*) FROM kept_answer WHERE key = 'crm-77'"
    assert await happening.scalar(kept) == 0, "begun anew and refused: it may come again mended"
    forgotten = await api.put(_path(made), json={"contacts": [BORIS]}, headers=key)
    assert forgotten.status_code == 200


async def test_bad_contacts_are_refused_as_a_whole(world: World, made: MadeCampaign) -> None:
    api = await world.api()
    for contacts in (
        [],
        [{"name": "no key"}],
        [ANNA | {"external_id": " "}],
        [ANNA | {"unknown": 1}],
        [ANNA | {"priority": 1000}],
        [ANNA | {"name": "a\0b"}],
        [ANNA | {"phones": ["1"] * 11}],
        [BORIS] * 1001,
    ):
        refused = await api.put(_path(made), json={"contacts": contacts})
        assert refused.status_code == 422, contacts[:1]
    taken = await api.put(_path(made), json={"contacts": [ANNA | {"fields": {"phone": "x"}}]})
    assert taken.json()["code"] == "reserved_field"
    nowhere = await api.put(f"/api/v1/lists/{UUID(int=3)}/contacts", json={"contacts": [ANNA]})
    assert nowhere.json()["code"] == "list_not_found"
    stranger = await world.api(client_id=world.other_client_id)
    assert (await stranger.put(_path(made), json={"contacts": [ANNA]})).status_code == 404
    client = await world.api(Role.CLIENT)
    assert (await client.put(_path(made), json={"contacts": [ANNA]})).status_code == 403
    happening = Happening(world.sessions, world.clock, made)
    assert await happening.scalar("SELECT count(*) FROM contact") == 0


async def _two_leads(
    world: World, made: MadeCampaign, api: AsyncClient
) -> tuple[Happening, str, UUID, UUID]:
    """Put Anna and Boris into the campaign; return the place behind what that told, and their leads."""
    await _put(api, made, ANNA, BORIS, campaign_id=str(made.id))
    happening = Happening(world.sessions, world.clock, made)
    await happening.place()
    cursor = (await api.get("/api/v1/events/cursor")).json()["last"]
    leads = (
        "SELECT l.id FROM lead l JOIN contact c ON c.id = l.contact_id WHERE c.external_key = :k"
    )
    anna, boris = [await happening.scalar(leads, k=key) for key in ("C-1", "C-2")]
    return happening, cursor, anna, boris


async def test_results_are_pulled_once_each_as_they_stand_with_the_clients_own_key(
    world: World, made: MadeCampaign
) -> None:
    api = await world.api()
    happening, cursor, anna, _ = await _two_leads(world, made, api)
    [attempt] = await happening.call([anna])
    await happening.end([attempt])
    await happening.dispose([attempt], "sale")
    await happening.dispose([attempt], "refused")
    await happening.place()
    page = (await api.get("/api/v1/results", params={"after": cursor})).json()
    [one] = page["results"]
    assert (one["external_id"], one["disposition"]) == ("C-1", "refused")
    assert one["phone"].endswith("01")
    assert "+7943" not in one["phone"]
    whole = {"after": cursor, "numbers": "true", "campaign_id": str(made.id)}
    [open_one] = (await api.get("/api/v1/results", params=whole)).json()["results"]
    assert open_one["phone"] == "+79430000001"
    after = {"after": page["next"]}
    assert (await api.get("/api/v1/results", params=after)).json()["results"] == []
    stranger = await world.api(client_id=world.other_client_id)
    assert (await stranger.get("/api/v1/results")).json()["results"] == []


async def test_an_opt_out_and_an_erasure_come_back_to_the_crm(
    world: World, made: MadeCampaign
) -> None:
    api = await world.api()
    done = await _put(api, made, ANNA)
    happening = Happening(world.sessions, world.clock, made)
    await happening.place()
    cursor = (await api.get("/api/v1/events/cursor")).json()["last"]
    suppressed = await api.post("/api/v1/suppressions", json={"numbers": ["+79430000002"]})
    assert suppressed.status_code == 201, suppressed.text
    erased = await api.post("/api/v1/erasures", json={"external_key": "C-1", "reason": "asked"})
    assert erased.status_code == 201, erased.text
    await happening.place()
    events = (await api.get("/api/v1/events", params={"after": cursor})).json()["events"]
    told = {one["type"]: one["data"] for one in reversed(events)}
    assert told["contact.erased"]["contact_id"] == done["contacts"][0]["contact_id"]
    assert told["contact.erased"]["external_id"] is None
    assert told["opt_out.added"]["external_ids"] == [], "nothing names the person any more"
    assert "C-1" not in str(events)


async def test_a_contact_that_is_closed_without_a_result_of_a_call_is_told_too(
    world: World, made: MadeCampaign
) -> None:
    api = await world.api()
    happening, cursor, anna, boris = await _two_leads(world, made, api)
    # Nobody closed the talk with Anna; Boris was refused for good before he was ever called.
    [talk] = await happening.call([anna])
    await happening.run("UPDATE lead SET state = 'dialing' WHERE id = :id", id=anna)
    await happening.end([talk])
    await happening.place()
    told = (await api.get("/api/v1/results", params={"after": cursor})).json()
    assert told["results"] == [], "she may still get a result"
    async with transaction(world.sessions) as session:
        await close_forgotten_leads(session, made.id, set())
        refused = LeadFate(LeadState.DONE, result="dnc_listed")
        await store_fates(session, {boris: refused})
    await happening.place()
    told = (await api.get("/api/v1/results", params={"after": told["next"]})).json()
    assert {one["external_id"]: one["result"] for one in told["results"]} == {
        "C-1": UNDISPOSED,
        "C-2": "dnc_listed",
    }
    events = (await api.get("/api/v1/events", params={"after": cursor})).json()["events"]
    assert [one["data"]["result"] for one in events if one["type"] == "lead.closed"] == [
        UNDISPOSED,
        "dnc_listed",
    ]
