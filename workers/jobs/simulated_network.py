"""The simulated carrier and the virtual telephones: two processes that live as long as the worker."""

import asyncio
import socket
import sys
from contextlib import suppress

import structlog

from dialer.settings import Settings

log = structlog.get_logger()

#: Telephones, as many as the embedded exchange knows.
PHONES = 40
#: People talk so much shorter than in life: a demonstration shows a day in an hour.
SPEED = 6.0
_STOP_S = 5.0


class SimulatedNetwork:
    """Starts what is not there; what somebody else started on the ports (the demo) is used as it is."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing runs before ``ensure``."""
        carrier = ["carrier", "--speed", str(SPEED)]
        phones = ["phones", "--count", str(PHONES)]
        self._parts = [
            (port, arguments)
            for port, arguments in (
                (settings.simulated_carrier_port, carrier),
                (settings.simulated_phones_port, phones),
            )
            if port is not None
        ]
        self._processes: dict[int, asyncio.subprocess.Process] = {}

    async def ensure(self) -> None:
        """Start the parts that are not running."""
        for port, arguments in self._parts:
            process = self._processes.get(port)
            if (process is None or process.returncode is not None) and _is_free(port):
                self._processes[port] = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "dialer.simulator.sip", *arguments),
                    *("--port", str(port), "--while-stdin"),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                )
                log.info("simulated_network.started", part=arguments[0])

    async def stop(self) -> None:
        """End what was started here."""
        for process in self._processes.values():
            if process.returncode is None:
                process.terminate()
        for process in self._processes.values():
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _STOP_S)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
