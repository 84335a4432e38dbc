"""A dialing worker in a process of its own, to be stopped, frozen or killed by a test."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from dialer.settings import PROJECT_ROOT, child_environment
from dialer.simulator.ari.server import AriSimulator
from tests.hall import PASSWORD, Place
from tests.world import test_settings

_RUN = (
    "import asyncio\n"
    "from dialer import settings\n"
    "from workers.main import run_dialing\n"
    "asyncio.run(run_dialing(settings.load()))\n"
)


class WorkerProcess:
    """One worker's process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return await asyncio.to_thread(self.process.wait, 20)


@asynccontextmanager
async def worker_process(
    place: Place, sim: AriSimulator, log: Path, **changes: Any
) -> AsyncIterator[WorkerProcess]:
    """Run a worker's process with settings ``changes``; killed at the end if it still runs."""
    settings = test_settings(
        place.database_url,
        place.redis_url,
        ari_url=sim.base_url,
        ari_password=SecretStr(PASSWORD),
        **changes,
    )
    with log.open("ab") as output:
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-c", _RUN],
            cwd=PROJECT_ROOT,
            env=child_environment(settings),
            stdout=output,
            stderr=output,
        )
    try:
        yield WorkerProcess(process)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
