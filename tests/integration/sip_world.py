"""A carrier and a caller on loopback, for the tests of the simulated SIP world."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dialer.clock import SystemClock
from dialer.simulator.population import PROFILES, Population
from dialer.simulator.sip.call import CallState
from dialer.simulator.sip.caller import Caller, ClientCall
from dialer.simulator.sip.carrier import Carrier
from dialer.simulator.sip.carrier_log import CarrierBook, read_log
from dialer.simulator.sip.event_log import EventLog

CALLER_ID = "+74950000001"


def now() -> float:
    """Return Unix seconds."""
    return SystemClock().now().timestamp()


async def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
    """Wait for a condition; fail if it does not come to pass."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.01)


class World:
    """A carrier, the file it logs to, and a caller."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.carrier = self.new_carrier()
        self.caller = Caller(now=now, rng=random.Random(2))

    def new_carrier(self) -> Carrier:
        """Return a carrier whose numbers all answer, not started."""
        population = Population(PROFILES["answers_all"], 1)
        log = EventLog(self.path, now)
        return Carrier(population, log, now=now, rng=random.Random(1))

    def call(self, number: str, **facts: Any) -> ClientCall:
        """Call a number."""
        facts.setdefault("caller_id", CALLER_ID)
        return self.caller.call(number, self.carrier.port, **facts)

    async def up(self, number: str) -> ClientCall:
        """Call a number and wait until the call is up."""
        call = self.call(number)
        await until(lambda: call.state is CallState.UP)
        return call

    def book(self) -> CarrierBook:
        """Read the carrier's log."""
        return read_log(self.path)


@asynccontextmanager
async def running_world(path: Path) -> AsyncIterator[World]:
    """Run a carrier and a caller."""
    made = World(path)
    await made.carrier.start()
    await made.caller.start()
    yield made
    made.caller.stop()
    made.carrier.stop()
    await asyncio.sleep(0)
