"""Who may connect: an owner that was cut off must not take the events from its successor."""

import asyncio
from contextlib import suppress

from dialer.ari.connection import AriConnection, AriEndpoint
from dialer.simulator.ari.server import AriSimulator
from tests.world import until


async def test_nobody_connects_without_being_the_owner() -> None:
    asked: list[bool] = []
    owner = False

    async def may_connect() -> bool:
        asked.append(owner)
        return owner

    async with AriSimulator(password="secret") as sim:
        connection = AriConnection(
            AriEndpoint(sim.base_url, "outdial", "secret"),
            "outdial-test",
            on_event=lambda _: None,
            on_connected=lambda: None,
            on_lost=lambda: None,
            may_connect=may_connect,
        )
        task = asyncio.create_task(connection.run())

        async def asked_again() -> bool:
            return len(asked) >= 3

        async def is_up() -> bool:
            return connection.is_up

        await until(asked_again, "the owner was asked for again and again")
        assert not connection.is_up
        owner = True
        await until(is_up, "the owner connects")
        owner = False
        before = len(asked)
        sim.drop_connections()

        async def asked_before_coming_back() -> bool:
            return len(asked) > before + 1 and not connection.is_up

        await until(asked_before_coming_back, "a lost connection is not taken back")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
