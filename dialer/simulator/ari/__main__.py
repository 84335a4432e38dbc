"""Run the simulated Asterisk as a process of its own: ``python -m dialer.simulator.ari``."""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

import uvloop

from dialer.simulator.ari.server import AriSimulator
from dialer.simulator.ari.world import Invite
from dialer.simulator.population import PROFILES, Population, PopulationProfile


def main() -> None:
    """Serve until SIGTERM or SIGINT; print one JSON line when listening."""
    uvloop.run(_serve(_arguments().parse_args()))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dialer.simulator.ari", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--user", default="outdial")
    parser.add_argument("--password", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--profile", default="survey", help=f"{', '.join(PROFILES)}, or a JSON file of a profile"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="divides the times of people")
    parser.add_argument("--invite-log", type=Path, help="JSON lines, one for each customer dialled")
    return parser


def _profile(name: str) -> PopulationProfile:
    if name in PROFILES:
        return PROFILES[name]
    facts: dict[str, object] = json.loads(Path(name).read_text(encoding="utf-8"))
    return PopulationProfile.from_dict(facts)


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    simulator = AriSimulator(
        host=options.host,
        port=options.port,
        user=options.user,
        password=options.password,
        population=Population(_profile(options.profile), options.seed),
        speed=options.speed,
    )
    log = _open(options.invite_log)
    try:
        async with simulator:
            if log is not None:
                simulator.on_invite(lambda invite: _write(log, invite))
            sys.stdout.write(json.dumps({"ready": True, "port": simulator.port}) + "\n")
            sys.stdout.flush()
            await stopped.wait()
    finally:
        if log is not None:
            log.close()


def _open(path: Path | None) -> IO[str] | None:
    return path.open("a", encoding="utf-8", buffering=1) if path else None


def _write(log: IO[str], invite: Invite) -> None:
    log.write(json.dumps(asdict(invite)) + "\n")


if __name__ == "__main__":
    main()
