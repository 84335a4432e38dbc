"""``python -m dialer.simulator.sip carrier|phones``: one part of the simulated world as a process.

Prints one JSON line, ``{"ready": true, "port": ..., "control_port": ...}``, once it listens, and
ends on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import dataclasses
import functools
import json
import random
import resource
import signal
import sys
from pathlib import Path
from typing import Protocol

import uvloop

from dialer.clock import SystemClock
from dialer.simulator.population import Population, PopulationProfile
from dialer.simulator.sip.carrier import Carrier
from dialer.simulator.sip.control import Answer, ControlPort
from dialer.simulator.sip.event_log import EventLog
from dialer.simulator.sip.orders import obey_as_carrier, obey_as_phones, read_profile
from dialer.simulator.sip.phone import PhoneBank


class _Part(Protocol):
    """What runs: a carrier or a bank of phones."""

    @property
    def port(self) -> int: ...
    async def start(self, port: int) -> None: ...
    def stop(self) -> None: ...


def _now() -> float:
    return SystemClock().now().timestamp()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dialer.simulator.sip", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name in ("carrier", "phones"):
        part = parts.add_parser(name)
        part.add_argument("--port", type=int, default=0, help="SIP port; 0: a free one")
        part.add_argument("--control-port", type=int, default=0, help="0: a free one")
        part.add_argument("--rtp-start", type=int, default=0, help="lowest RTP port; 0: any free")
        part.add_argument(
            "--while-stdin", action="store_true", help="end when standard input is closed"
        )
        part.add_argument("--log", type=Path, default=None, help="JSON lines, appended")
    carrier, phones = parts.choices["carrier"], parts.choices["phones"]
    carrier.add_argument("--seed", type=int, default=1)
    carrier.add_argument("--profile", default="survey", help="a name or @file.json")
    carrier.add_argument("--speed", type=float, default=None, help="overrides the profile's")
    phones.add_argument("--count", type=int, default=1)
    phones.add_argument("--first", type=int, default=1, help="number of the first phone")
    phones.add_argument("--user-prefix", default="agent-")
    phones.add_argument("--registrar", default=None, help="host:port; without it nobody registers")
    phones.add_argument("--password", default="", help="of every phone")
    phones.add_argument("--expires", type=int, default=120, help="seconds")
    return parser.parse_args()


def _profile(given: str, speed: float | None) -> PopulationProfile:
    value = json.loads(Path(given[1:]).read_text()) if given.startswith("@") else given
    profile = read_profile(value)
    return profile if speed is None else dataclasses.replace(profile, speed=speed)


def _allow_many_sockets() -> None:
    """Raise the soft limit of open files: every stream is a socket."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _run(arguments: argparse.Namespace) -> None:
    # Tags must differ from those of an earlier run on the same port, hence the clock as a seed.
    rng = random.Random(_now())
    log = EventLog(arguments.log, _now)
    if arguments.part == "carrier":
        population = Population(_profile(arguments.profile, arguments.speed), arguments.seed)
        carrier = Carrier(population, log, now=_now, rng=rng, first_rtp_port=arguments.rtp_start)
        await _serve(carrier, functools.partial(obey_as_carrier, carrier), arguments)
        return
    numbers = range(arguments.first, arguments.first + arguments.count)
    users = [f"{arguments.user_prefix}{number}" for number in numbers]
    bank = PhoneBank(users, log, now=_now, rng=rng, first_rtp_port=arguments.rtp_start)
    await _serve(bank, functools.partial(obey_as_phones, bank), arguments)


async def _serve(part: _Part, obey: "functools.partial[Answer]", args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if args.while_stdin:  # whoever started it holds the other end, and may be killed
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    await part.start(args.port)
    control = ControlPort(obey)
    await control.start(args.control_port)
    if isinstance(part, PhoneBank) and args.registrar:
        host, _, port = args.registrar.rpartition(":")
        part.register((host, int(port)), args.password, expires_s=args.expires)
    ready = {"ready": True, "port": part.port, "control_port": control.port}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    await stop.wait()
    control.stop()
    part.stop()
    await asyncio.sleep(0)  # lets the transports close


def main() -> None:
    """Run one part until it is told to stop."""
    _allow_many_sockets()
    uvloop.run(_run(_arguments()))


if __name__ == "__main__":
    main()
