"""``outdial deliver``: plans and deliveries of a client, sent and tried again."""

import asyncio
import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from dialer.clock import SystemClock
from dialer.db import SessionFactory
from tests.commands import Outdial
from tests.deliveries_world import Delivering, delivery_settings


async def test_deliveries_are_listed_sent_and_tried_again(
    sessions: SessionFactory, outdial: Outdial, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = delivery_settings(database_url, redis_url, tmp_path)
    world = await Delivering.begin(sessions, settings, SystemClock())
    async with sessions() as session:
        statement = text("SELECT name FROM client WHERE id = :id")
        name = (await session.execute(statement, {"id": world.client_id})).scalar_one()
    plan = await world.plan({"kind": "portal"})

    async def told_by(*arguments: object) -> Any:
        given = ("deliver", *arguments, "--client", name, "--json")
        code, said = await asyncio.to_thread(outdial, *given)
        assert code == 0, said
        return json.loads(said)

    [told] = await told_by("plans")
    assert (told["id"], told["target"]) == (str(plan.id), "portal")
    sent = await told_by("send", plan.id)
    woken = await told_by("retry", sent["delivery"])
    assert woken["state"] == "waiting"
    assert await world.sweep() == 1
    [row] = await told_by("list")
    assert (row["state"], row["results"]) == ("delivered", 3)
