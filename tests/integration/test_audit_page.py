"""The audit log as administrators read it: who saw and changed what, and nothing of other clients."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from campaigns.accounts.trail import PAGE, TrailFilter, read_trail
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.accounts import signed_in
from tests.integration.api_world import World, api_world

V1 = "/api/v1"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _write(
    world: World, action: str, *, client_id: UUID | None = None, subject_id: UUID | None = None
) -> None:
    async with transaction(world.sessions) as session:
        await audit.record(
            session,
            client_id=client_id or world.client_id,
            user_id=None,
            at=world.clock.now(),
            action=action,
            subject="campaign",
            subject_id=subject_id or new_id(),
            facts={"note": "<b>bold</b>"},
        )


async def _actions(world: World, **wanted: object) -> list[str]:
    async with transaction(world.sessions) as session:
        asked = TrailFilter(**wanted)  # type: ignore[arg-type]
        found = await read_trail(session, asked, client_id=world.client_id)
    return [entry.row.action for entry in found]


async def test_downloads_leave_a_trace_with_who_took_what(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), leads=2)
    got = await api.get(f"{V1}/campaigns/{campaign_id}/results.csv")
    assert got.status_code == 200
    manager = await world.api()
    assert (
        await manager.get(f"{V1}/compliance/evidence", params={"number": "+79430000001"})
    ).status_code == 200
    async with transaction(world.sessions) as session:
        wanted = TrailFilter(action="results.downloaded", subject_id=campaign_id)
        (entry,) = await read_trail(session, wanted, client_id=world.client_id)
        (proof,) = await read_trail(
            session, TrailFilter(action="evidence.downloaded"), client_id=world.client_id
        )
    assert entry.login == "user-1"
    assert entry.row.facts == {"rows": 2, "sha256": got.headers["x-content-sha256"]}
    assert proof.row.facts["one_number"] is True


async def test_a_lookup_of_a_person_leaves_a_trace_without_the_number(world: World) -> None:
    anna = await signed_in(world)
    campaign_id = await world.campaign(await world.api(), leads=1)
    found = await anna.post(f"/campaigns/{campaign_id}/leads/find", words="+79430000001")
    assert found.status_code == 200
    async with transaction(world.sessions) as session:
        wanted = TrailFilter(action="person.looked_up", login=anna.user.login)
        (entry,) = await read_trail(session, wanted, client_id=world.client_id)
    assert len(entry.row.facts["leads"]) == 1
    assert "9430000001" not in str(entry.row.facts)


async def test_entries_are_found_by_person_action_thing_and_time(world: World) -> None:
    thing = new_id()
    await _write(world, "campaign.created", subject_id=thing)
    world.clock.advance(3600)
    noon = world.clock.now()
    await _write(world, "campaign.changed", subject_id=thing)
    await _write(world, "campaign.changed")
    await _write(world, "results%downloaded")
    assert await _actions(world, subject_id=thing) == ["campaign.changed", "campaign.created"]
    assert await _actions(world, until=noon) == ["campaign.created"]
    assert len(await _actions(world, since=noon)) == 3
    assert len(await _actions(world, action="campaign")) == 3
    assert await _actions(world, action="results%") == ["results%downloaded"]
    assert await _actions(world, action="c%") == []  # a sign for "anything" is a letter here
    assert await _actions(world, login="nobody") == []
    assert await _actions(world, subject="contact") == []


async def test_an_administrator_reads_turns_pages_and_filters(world: World) -> None:
    boss = await signed_in(world, Role.ADMIN)
    thing = new_id()
    await _write(world, "campaign.created", subject_id=thing)
    for _ in range(PAGE + 5):
        world.clock.advance(1)
        await _write(world, "campaign.changed")
    page = (await boss.browser.get("/audit")).text
    assert page.count("<strong>Campaign changed</strong>") == PAGE
    assert "&lt;b&gt;bold" in page
    older = page.split('<a href="/audit?before=')[1].split('"')[0]
    rest = (await boss.browser.get(f"/audit?before={older}")).text
    assert rest.count("<strong>Campaign changed</strong>") == 5
    assert "<strong>Right password</strong>" in rest
    one = (await boss.browser.get(f"/audit?thing={thing}")).text
    assert one.count("<strong>") == 1
    day = world.clock.now().date()
    for query, count in (
        (f"since={day}&until={day}&what=campaign.created", 1),
        (f"since={day + timedelta(days=1)}", 0),
        (f"until={day - timedelta(days=1)}", 0),
        (f"who={boss.user.login}", 1),
        (f"thing={boss.user.id}", 2),
        ("thing=mistyped", 0),
        ("since=0000-99-99&before=nonsense~x&what=campaign.created", 1),
    ):
        assert (await boss.browser.get(f"/audit?{query}")).text.count("<strong>") == count, query


async def test_nobody_reads_another_clients_log(world: World) -> None:
    thing = new_id()
    await _write(world, "campaign.created", client_id=world.other_client_id, subject_id=thing)
    boss = await signed_in(world, Role.ADMIN)
    assert "Nothing was found." in (await boss.browser.get(f"/audit?thing={thing}")).text
    assert "Campaign made</strong>" not in (await boss.browser.get("/audit")).text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERVISOR, Role.CLIENT, Role.AGENT])
async def test_only_administrators_read_it(world: World, role: Role) -> None:
    browser = await world.browser(role)
    assert (await browser.get("/audit")).status_code == 403
    assert (await browser.get("/users")).status_code == 403
