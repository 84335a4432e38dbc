"""Recordings on pages and in the API: whose they are, who hears what, by which link, and the trace of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import numpy as np
import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.desk.models import ContactEdit
from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart
from campaigns.recordings.opus import decode
from campaigns.tenancy.models import AuditEntry, Role
from dialer.call.talks import PartEnd, PartKind
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.recordings_world import AGENT_HZ, Recorded, recorded, share
from workers.jobs.recordings import sweep_recordings

SECONDS = 90.0


async def _prepared(sessions: SessionFactory, clock: FrozenClock, folder: Path) -> Recorded:
    """Two kept recordings; in the first, 60 s in, the agent corrected a field, and there is a gap."""
    made = await recorded(sessions, clock, folder, calls=2, seconds=SECONDS)
    async with transaction(sessions) as session:
        attempt = await session.get_one(Attempt, made.attempts[0])
        assert attempt.answered_at is not None
        whose: dict[str, Any] = {"client_id": attempt.client_id, "attempt_id": attempt.id}
        session.add(
            ContactEdit(
                **whose,
                contact_id=attempt.contact_id,
                field="Street",
                before="Old 1",
                after="New 2",
                edited_at=attempt.answered_at + timedelta(seconds=60),
            )
        )
        session.add(
            CallPart(
                **whose,
                kind=PartKind.HELD,
                began_at=attempt.answered_at + timedelta(seconds=10),
                ended_at=attempt.answered_at + timedelta(seconds=12),
                ending=PartEnd.RESUMED,
            )
        )
    assert await sweep_recordings({"deps": made.deps}) == 2
    return made


async def _audio(client: AsyncClient, url: str) -> np.ndarray:
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return np.concatenate(list(decode(answer.content)))


async def _actions(sessions: SessionFactory) -> list[str]:
    async with sessions() as session:
        rows = await session.exec(
            select(AuditEntry.action)
            .where(col(AuditEntry.action).startswith("recording"))
            .order_by(col(AuditEntry.id))
        )
        return list(rows)


def _source(page: str) -> str:
    """Return the address of a page's player."""
    start = page.index(' src="', page.index("<audio")) + 6
    return page[start : page.index('"', start)].replace("&amp;", "&")


@pytest.fixture
async def made(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Recorded:
    return await _prepared(sessions, clock, tmp_path)


async def test_recordings_are_found_heard_masked_held_and_traced(
    made: Recorded, sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> None:
    first, second = made.attempts
    own = made.made.client_id
    settings = {
        name: getattr(made.settings, name)
        for name in ("recordings_dir", "recording_store", "secret_keys")
    }
    async with api_world(sessions, redis, clock) as world:
        services = world.app.state.services
        changed = services.settings.model_copy(update=settings)
        object.__setattr__(services, "settings", changed)
        boss = await world.browser(Role.MANAGER, own)
        await _finds(boss, first, second, made)
        page = (await boss.get(f"/recordings/{first}")).text
        assert "Street" in page
        assert "On hold" in page
        url = _source(page)
        heard = await _audio(boss, url)
        assert share(heard[400_000:440_000, 0], AGENT_HZ) > 0.9
        await _ranges(boss, url)
        await _links_are_personal(world, boss, url, first, second, own, clock)
        await _masks(world, boss, first, own, made)
        await _disputes(boss, first)
        told = await boss.post(
            f"/recordings/{first}/heard",
            data={"from_s": "3.04", "to_s": "8.5", "speed": "1.5"},
            headers={"Origin": "http://outdial.test"},
        )
        assert told.status_code == 204
        api = await world.api(Role.SUPERVISOR, own)
        await _speaks_json(world, api, first)
    actions = await _actions(sessions)
    assert actions.count("recording.heard") >= 3
    assert {"recording.listened", "recording.held", "recording.let_go"} <= set(actions)
    assert "recording.downloaded" in actions
    async with sessions() as session:
        rows = await session.exec(
            select(AuditEntry).where(col(AuditEntry.action) == "recording.listened")
        )
        (entry,) = rows.all()
    assert entry.facts == {"from_s": 3.0, "to_s": 8.5, "speed": 1.5}
    assert entry.subject_id == first


async def _finds(boss: AsyncClient, first: UUID, second: UUID, made: Recorded) -> None:
    everything = (await boss.get("/recordings")).text
    assert str(first) in everything
    assert str(second) in everything
    sorted_up = (await boss.get("/recordings?sort=duration&up=1")).text
    assert 'aria-sort="ascending"' in sorted_up
    for query, there in {
        f"campaign={made.made.id}&result=sale&least=60&most=120": True,
        "least=91": False,
        "result=no_sale": False,
        "contact=nobody": False,
        "until=2020-01-01": False,
        "held=1": False,
    }.items():
        found = (await boss.get(f"/recordings?{query}")).text
        assert (str(first) in found) is there, query
        assert there or "No recording fits" in found


async def _ranges(boss: AsyncClient, url: str) -> None:
    whole = (await boss.get(url)).content
    size = len(whole)
    assert size > 3 * 65_536, "several sealed pieces"
    for asked, first, last in (
        ("bytes=0-1", 0, 1),
        ("bytes=65530-65545", 65_530, 65_545),
        (f"bytes=131072-{size * 2}", 131_072, size - 1),
        ("bytes=-10", size - 10, size - 1),
    ):
        part = await boss.get(url, headers={"Range": asked})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert part.content == whole[first : last + 1]
    beyond = await boss.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


async def _links_are_personal(
    world: World,
    boss: AsyncClient,
    url: str,
    first: UUID,
    second: UUID,
    own: UUID,
    clock: FrozenClock,
) -> None:
    colleague = await world.browser(Role.SUPERVISOR, own)
    assert (await colleague.get(url)).status_code == 403, "made for somebody else"
    assert (await boss.get(url.replace(str(first), str(second)))).status_code == 403
    assert (await boss.get(url.replace("/audio", "/download"))).status_code == 403
    asked = parse_qs(urlsplit(url).query)
    later = url.replace(asked["until"][0], str(int(asked["until"][0]) + 60))
    assert (await boss.get(later)).status_code == 403
    stranger = await world.browser(Role.MANAGER)
    for path in (f"/recordings/{first}", url, "/recordings"):
        answer = await stranger.get(path)
        assert str(first) not in answer.text or answer.status_code == 404
    agent = await world.browser(Role.AGENT, own)
    assert (await agent.get("/recordings")).status_code == 403
    clock.advance(2 * 3600 + 1)
    assert (await boss.get(url)).status_code == 403, "too late"


async def _masks(world: World, boss: AsyncClient, first: UUID, own: UUID, made: Recorded) -> None:
    """The client's users hear silence from before the correction until after it, others everything."""
    client = await world.browser(Role.CLIENT, own)
    assert (await client.get(f"/recordings/{first}")).status_code == 403
    page = (await client.get(f"/portal/recordings/{first}")).text
    assert "Personal data are hidden" not in page
    saved = await boss.post(
        "/recordings/settings",
        data={"keep_days": "90", "mask": "silence", "personal": "phone, mail"},
        headers={"Origin": "http://outdial.test"},
    )
    assert saved.status_code == 303
    wrong = await boss.post(
        "/recordings/settings",
        data={"keep_days": "-3", "mask": "silence"},
        headers={"Origin": "http://outdial.test"},
    )
    assert wrong.status_code == 422
    assert (await client.get(f"/recordings/{first}")).status_code == 403
    page = (await client.get(f"/portal/recordings/{first}")).text
    assert "Personal data are hidden" in page
    heard = await _audio(client, _source(page))
    assert len(heard) == pytest.approx(SECONDS * 8_000, abs=400)
    assert np.abs(heard[round(30.2 * 8_000) : round(61.8 * 8_000)]).max() < 40
    assert share(heard[5 * 8_000 : 25 * 8_000, 0], AGENT_HZ) > 0.9
    assert share(heard[65 * 8_000 : 85 * 8_000, 0], AGENT_HZ) > 0.9
    refused = await client.get("/recordings/settings")
    assert refused.status_code == 403
    whole = await _audio(boss, _source((await boss.get(f"/recordings/{first}")).text))
    assert share(whole[40 * 8_000 : 50 * 8_000, 0], AGENT_HZ) > 0.9


async def _disputes(boss: AsyncClient, first: UUID) -> None:
    ours = {"Origin": "http://outdial.test"}
    path = f"/recordings/{first}"
    assert (await boss.post(f"{path}/hold", data={"reason": "x"}, headers=ours)).status_code == 409
    held = await boss.post(f"{path}/hold", data={"reason": "A complaint"}, headers=ours)
    assert held.status_code == 303
    assert "A complaint" in (await boss.get(path)).text
    assert str(first) in (await boss.get("/recordings?held=1")).text
    assert (await boss.post(f"{path}/let-go", headers=ours)).status_code == 303
    assert (await boss.post(f"{path}/let-go", headers=ours)).status_code == 409


async def _speaks_json(world: World, api: AsyncClient, first: UUID) -> None:
    listed = (await api.get("/api/v1/recordings?limit=1")).json()
    assert (len(listed["items"]), listed["next_offset"]) == (1, 1)
    one = (await api.get(f"/api/v1/recordings/{first}")).json()
    assert [mark["kind"] for mark in one["markers"]] == [
        *("connected", "held", "field", "disposition")
    ]
    assert one["markers"][-1]["at_s"] == SECONDS
    assert one["deletes_at"] is not None
    assert len(one["peaks"]) == 2 * 900
    link = (await api.post(f"/api/v1/recordings/{first}/links", json={"use": "download"})).json()
    taken = await api.get(link["url"])
    assert taken.status_code == 200
    assert "attachment" in taken.headers["content-disposition"]
    other = await world.api(Role.MANAGER)
    for path in (f"/api/v1/recordings/{first}", link["url"]):
        assert (await other.get(path)).status_code == 404
    assert (await other.get("/api/v1/recordings")).json()["items"] == []
