"""A dialing worker in a process of its own, to be stopped, frozen or killed by a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from dialer.simulator.ari.server import AriSimulator
from tests.hall import PASSWORD, Place
from tests.nursery import Child, nursery
from tests.world import test_settings

_RUN = (
    "import asyncio\n"
    "from dialer import settings\n"
    "from workers.main import run_dialing\n"
    "asyncio.run(run_dialing(settings.load()))\n"
)


@asynccontextmanager
async def worker_process(
    place: Place, sim: AriSimulator, log: Path, **changes: Any
) -> AsyncIterator[Child]:
    """Run a worker's process with settings ``changes``; killed at the end if it still runs."""
    settings = test_settings(
        place.database_url,
        place.redis_url,
        ari_url=sim.base_url,
        ari_password=SecretStr(PASSWORD),
        **changes,
    )
    child = await asyncio.to_thread(nursery().start, _RUN, settings, log)
    try:
        yield child
    finally:
        await child.kill()
