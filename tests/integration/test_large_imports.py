"""A file that is too large to be read while somebody waits: written by a worker, checked elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World
from tests.integration.list_browsing import list_world


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with list_world(sessions, redis, clock, tmp_path / "up") as made:
        yield made


async def test_a_large_file_is_not_checked_while_the_caller_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await world.api()
    form = {"name": "People", "region": "RU", "text": "name;phone\nAnna;8 495 123-45-67\n"}
    staged = await api.post("/api/v1/imports", data=form)
    at = f"/api/v1/imports/{staged.json()['id']}"
    monkeypatch.setattr("campaigns.lists.staged.committing.SMALL_ROWS", 1)
    monkeypatch.setattr("campaigns.lists.staged.committing._SMALL_BYTES", 1)
    refused = await api.post(f"{at}/dry-run")
    assert (refused.status_code, refused.json()["code"]) == (422, "too_large_to_check")
    assert "outdial import FILE --dry-run" in refused.json()["detail"]
    committed = await api.post(f"{at}/commit", params={"wait": True})
    assert committed.json()["state"] == "committing"
    assert len(world.jobs.enqueued) == 1
    late = await api.post(f"{at}/dry-run")
    assert (late.status_code, late.json()["code"]) == (409, "import_not_staged")
