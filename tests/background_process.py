"""A background worker in a process of its own, to be killed by a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dialer.settings import Settings
from tests.nursery import Child, Nursery

_RUN = (
    "import asyncio\n"
    "from dialer import settings\n"
    "from workers.main import run_background\n"
    "asyncio.run(run_background(settings.load()))\n"
)


@asynccontextmanager
async def background_process(
    home: Nursery, settings: Settings, log: Path, *, before: str = ""
) -> AsyncIterator[Child]:
    """Run a background worker's process, after the code ``before``; killed at the end if it still runs."""
    child = await asyncio.to_thread(home.start, before + _RUN, settings, log)
    try:
        yield child
    finally:
        await child.kill()
