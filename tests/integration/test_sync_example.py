"""The example of docs/events.md works as it stands there, over real HTTP."""

import asyncio
import re
from typing import Any

from redis.asyncio import Redis

from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import PROJECT_ROOT
from tests.events_world import Happening
from tests.factories import make_campaign, numbers
from tests.integration.api_world import World, api_world
from tests.serving import serve

_EXAMPLE = re.compile(r"```python\n(.+?)```", re.DOTALL)


async def test_the_example_brings_contacts_in_and_results_out(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> None:
    async with api_world(sessions, redis, clock) as world, serve(world.app) as url:
        await _sync(world, url)


async def _sync(world: World, base: str) -> None:
    [code] = _EXAMPLE.findall((PROJECT_ROOT / "docs" / "events.md").read_text())
    example: dict[str, Any] = {"BASE": base, "TOKEN": await world.token()}
    exec(compile(code, "docs/events.md", "exec"), example)  # noqa: S102 - our own page
    async with transaction(world.sessions) as session:
        made = await make_campaign(
            session, world.clock.now(), leads=numbers(2), client_id=world.client_id
        )
    happening = Happening(world.sessions, world.clock, made)
    contacts = [
        {"external_id": "C-1", "phones": ["+79430000001"]},
        {"external_id": "C-2", "phones": ["none"]},
    ]
    for _ in range(2):
        refused = await asyncio.to_thread(example["push"], made.list_id, contacts, "batch-1")
        assert set(refused) == {"C-2"}
    await happening.happen()
    await happening.place()
    stored: dict[str, Any] = {}
    cursor = await asyncio.to_thread(
        example["pull"], 0, lambda key, result: stored.update({result["lead_id"]: result})
    )
    assert {one["disposition"] for one in stored.values()} == {"sale"}
    assert len(stored) == 2
    assert await asyncio.to_thread(example["pull"], cursor, stored.__setitem__) == cursor
