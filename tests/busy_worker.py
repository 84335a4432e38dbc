"""A dialing worker of a busy day: a process of its own with the day's clock, to be killed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from pydantic import SecretStr

from dialer import settings as dialer_settings
from dialer.simulator.ari.server import AriSimulator
from tests.busy_clock import SharedClock
from tests.hall import PASSWORD, Place
from tests.nursery import Child, Nursery
from tests.world import test_settings
from workers.dialing.supervisor import Supervisor
from workers.main import dialing_deps


def run(clock_file: str) -> None:
    """Own campaigns until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(_own(SharedClock(Path(clock_file))))


async def _own(clock: SharedClock) -> None:
    async with dialing_deps(dialer_settings.load()) as deps:
        await Supervisor(replace(deps, clock=clock)).run()


@asynccontextmanager
async def busy_worker(
    home: Nursery, place: Place, sim: AriSimulator, clock: SharedClock, log: Path
) -> AsyncIterator[Child]:
    """Run a worker; killed at the end if it still lives."""
    settings = test_settings(
        place.database_url, place.redis_url, ari_url=sim.base_url, ari_password=SecretStr(PASSWORD)
    )
    code = f"from tests.busy_worker import run\nrun({str(clock.path)!r})\n"
    await asyncio.to_thread(log.touch)
    child = await asyncio.to_thread(home.start, code, settings, log)
    try:
        yield child
    finally:
        await child.kill()
