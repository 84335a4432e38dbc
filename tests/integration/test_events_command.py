"""``outdial events``: what happened, where it is told, and telling it again."""

import asyncio
import json
from typing import Any

from sqlalchemy import text

from dialer.clock import SystemClock
from dialer.db import SessionFactory
from tests.commands import Outdial
from tests.events_world import Happening


async def test_events_are_listed_and_sent_again(sessions: SessionFactory, outdial: Outdial) -> None:
    world = await Happening.begin(sessions, SystemClock())
    async with sessions() as session:
        statement = text("SELECT name FROM client WHERE id = :id")
        name = (await session.execute(statement, {"id": world.made.client_id})).scalar_one()
    row = await world.endpoint("https://crm.example/hook")
    await world.happen()
    await world.place()

    async def run(*arguments: object) -> tuple[int, str]:
        given = ("events", *arguments, "--client", name)
        return await asyncio.to_thread(outdial, *given)

    async def told_by(*arguments: object) -> Any:
        code, said = await run(*arguments, "--json")
        assert code == 0, said
        return json.loads(said)

    listed = await told_by("list", "--after", 6, "--kind", "result.saved", "--numbers")
    assert [one["type"] for one in listed] == ["result.saved"] * 6
    assert listed[0]["data"]["phone"] == "+74952000000"
    code, said = await run("list", "--limit", 2)
    assert code == 0
    assert "result.saved" in said
    [endpoint] = await told_by("endpoints")
    assert (endpoint["state"], endpoint["waiting"], endpoint["given_up"]) == ("open", 18, 0)
    again = await told_by("replay", row.id, "--position", 3, "--campaign", world.made.id)
    assert again["position"] == 3
    code, said = await run("replay", row.id, "--at", "2026-11-23T12:00:00")
    assert code == 2, said
