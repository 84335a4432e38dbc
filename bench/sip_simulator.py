"""What the simulated carrier costs: places calls at a steady rate and measures its process.

``python bench/sip_simulator.py --rate 100 --seconds 10 --profile answers_all --talk``
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

import psutil
import uvloop

from dialer.simulator.sip import audio
from dialer.simulator.sip.call import Call, CallEvent
from dialer.simulator.sip.caller import Caller
from dialer.simulator.sip.carrier_log import read_log
from dialer.simulator.sip.control import give_order

_SETTLE_S = 6.0


async def measure(args: argparse.Namespace) -> None:
    """Run the load and print what it took."""
    log = Path(tempfile.mkdtemp()) / "carrier.jsonl"
    command = ["-m", "dialer.simulator.sip", "carrier", "--profile", args.profile]
    command += ["--speed", str(args.speed), "--log", str(log)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    meter = psutil.Process(process.pid)
    before = sum(meter.cpu_times()[:2])
    codes = await place_calls(args, ready["port"])
    spent_s = sum(meter.cpu_times()[:2]) - before
    stats = await give_order(ready["control_port"], {"do": "stats"})
    process.terminate()
    await process.wait()
    report(args, codes, spent_s, stats, log)


async def place_calls(args: argparse.Namespace, port: int) -> Counter[int | None]:
    """Place the calls, wait until they have ended and count their final codes."""
    caller = Caller(now=time.monotonic, rng=random.Random(1))
    await caller.start()
    codes: Counter[int | None] = Counter()

    def observe(call: Call, event: CallEvent) -> None:
        if event is CallEvent.ANSWERED and args.talk and call.stream is not None:
            call.stream.play(audio.clip("tone_700"))
        if event is CallEvent.ENDED:
            codes[call.final_code] += 1

    start = time.monotonic()
    for n in range(args.rate * args.seconds):
        await asyncio.sleep(start + n / args.rate - time.monotonic())
        caller.call(f"+7495{n:07d}", port, observe=observe)
    await asyncio.sleep(_SETTLE_S)
    caller.stop()
    return codes


def report(
    args: argparse.Namespace,
    codes: Counter[int | None],
    spent_s: float,
    stats: dict[str, object],
    log: Path,
) -> None:
    """Print one JSON object."""
    book = read_log(log)
    rings = [c.answered_at - c.invited_at for c in book.answered if c.answered_at]
    calls = args.rate * args.seconds
    figures = {
        "calls": calls,
        "invites_in_book": book.total,
        "codes": dict(codes),
        "carrier_cpu_s": round(spent_s, 2),
        "carrier_cpu_ms_per_call": round(1000 * spent_s / calls, 2),
        "carrier_cpu_of_a_core_while_loaded": round(spent_s / args.seconds, 3),
        "max_concurrent_answered": book.max_concurrent_answered(),
        "answer_delay_s": [round(f(rings), 3) for f in (min, median, max)] if rings else None,
        "packets_received": sum(call.packets_received for call in book.calls),
        "median_longest_gap_ms": median(c.longest_gap_ms for c in book.calls),
        "stats": stats,
    }
    print(json.dumps(figures, indent=1))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100, help="calls a second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--profile", default="answers_all")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--talk", action="store_true", help="the caller sends audio too")
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
