"""Compare the quick way to read phone numbers with the library, a million times.

Run as ``python -m bench.phone_equality [count] [seed]``; it prints what it found, and ends with 1 if one
answer differs.
"""

import sys
from collections.abc import Callable
from random import Random
from time import perf_counter

from bench.phone_sample import mixed, well_formed
from dialer.phone import InvalidPhone, parse_slowly
from dialer.phone_fast import FastAnswer, FastPhones

_Sample = list[tuple[str, str]]
_Read = Callable[[str, str], FastAnswer]


def by_library(text: str, region: str) -> FastAnswer:
    """Return the library's answer in the form of the quick one."""
    try:
        return parse_slowly(text, region)
    except InvalidPhone:
        return False


def timed(read: _Read, sample: _Sample) -> tuple[list[FastAnswer], float]:
    """Return the answers and the seconds they took."""
    start = perf_counter()
    answers = [read(text, region) for text, region in sample]
    return answers, perf_counter() - start


def compared(name: str, sample: _Sample, quick: FastPhones) -> int:
    """Print one table row for ``sample`` and return the number of different answers."""
    truth, slow_s = timed(by_library, sample)
    first, cold_s = timed(quick.parse, sample)
    again, warm_s = timed(quick.parse, sample)
    answered = sum(answer is not None for answer in first)
    valid = sum(answer is not False for answer in truth)
    wrong = sum(
        answer is not None and answer != right
        for answers in (first, again)
        for answer, right in zip(answers, truth, strict=True)
    )
    size = len(sample)
    print(
        f"{name}: {size} numbers, {valid / size:.1%} valid, {answered / size:.2%} answered,"
        f" {wrong} mismatches; microseconds a number: library {slow_s / size * 1e6:.2f},"
        f" quick {cold_s / size * 1e6:.2f} the first time (x{slow_s / cold_s:.0f}),"
        f" {warm_s / size * 1e6:.2f} the second (x{slow_s / warm_s:.0f})"
    )
    return wrong


def main(count: int, seed: int) -> int:
    """Compare ``count`` numbers, a half of them well-formed, and return the mismatches."""
    rng = Random(seed)
    wrong = 0
    for name, draw in (("well-formed", well_formed), ("mixed", mixed)):
        wrong += compared(name, list(draw(rng, count // 2)), FastPhones())
    return wrong


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]] + [1_000_000, 1][len(sys.argv) - 1 :]
    sys.exit(1 if main(*arguments) else 0)
