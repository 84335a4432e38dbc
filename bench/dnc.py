"""How fast a national do-not-call list is built, loaded and asked: ``python -m bench.dnc``.

Each stage runs in a process of its own, so that its memory is its own. The baseline is a sorted numpy
array asked with ``searchsorted``, read from the same file by the same reader.
"""

import argparse
import asyncio
import json
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import psutil
from pyroaring import BitMap64

from bench.dnc_section import section
from bench.dnc_world import World, generate
from bench.engine import machine
from bench.report import save, write_section
from compliance.dnc.bitmaps import LoadedList
from compliance.dnc.building import build
from compliance.dnc.reading import read_numbers
from compliance.dnc.shelf import DncShelf
from compliance.dnc.tally import Tally
from compliance.dnc.versions import DncVersionRef
from dialer.settings import PROJECT_ROOT

NUMBERS = 250_000_000
SEED = 20_261_120
OBTAINED_AT = datetime(2026, 11, 1, tzinfo=UTC)
#: Often enough to see a pause of a millisecond.
LOOK_S = 0.0005
_ROUNDS = 3


def build_list(world: World) -> dict[str, Any]:
    """Build our version from the flat file."""
    begun_s = perf_counter()
    version, report = build(
        world.flat, world.folder, list_code="US-NATIONAL", region="US", obtained_at=OBTAINED_AT
    )
    seconds = perf_counter() - begun_s
    assert report.refused == 0
    return {
        "build_s": round(seconds, 1),
        "numbers": version.numbers,
        "file_mb": round((world.folder / version.file).stat().st_size / 1e6, 1),
        "build_peak_mb": _peak_mb(),
        "file": version.file,
        "sha256": version.sha256,
    }


def build_baseline(world: World, numbers: int) -> dict[str, Any]:
    """Read the same file into one sorted array and store it."""
    begun_s, at = perf_counter(), 0
    array = np.empty(numbers, dtype=np.uint64)
    for chunk in read_numbers(world.flat, region="US", tally=Tally()):
        array[at : at + len(chunk)] = chunk
        at += len(chunk)
    array.sort()
    np.save(world.sorted_array, array)
    size_mb = round(world.sorted_array.stat().st_size / 1e6, 1)
    seconds = round(perf_counter() - begun_s, 1)
    return {"build_s": seconds, "file_mb": size_mb, "build_peak_mb": _peak_mb()}


def ask_list(world: World, ref: DncVersionRef) -> dict[str, Any]:
    """Load our version beside a running event loop and ask it."""
    shelf = DncShelf(world.folder)
    before_mb = _rss_mb()
    begun_s = perf_counter()
    pause_s = asyncio.run(_longest_pause(lambda: shelf.sync({"us": ref})))
    load_s = perf_counter() - begun_s
    held = shelf.get("us")
    assert held is not None
    rss_mb = round(_rss_mb() - before_mb, 1)
    queries = np.load(world.queries)
    return {
        "load_s": round(load_s, 2),
        "rss_mb": rss_mb,
        **_rates(held.contains, held.flags, queries),
        "hits": int(held.flags(queries).sum()),
        "loop_pause_ms": round(pause_s * 1e3, 1),
        "loop_pause_one_piece_ms": round(_pause_in_one_piece(held) * 1e3, 1),
    }


def ask_baseline(world: World) -> dict[str, Any]:
    """Load the sorted array and ask it the same."""
    before_mb = _rss_mb()
    begun_s = perf_counter()
    array = np.load(world.sorted_array)
    load_s = perf_counter() - begun_s
    rss_mb = round(_rss_mb() - before_mb, 1)

    def contains(e164: str) -> bool:
        number = np.uint64(int(e164))
        at = array.searchsorted(number)
        return bool(at < len(array) and array[at] == number)

    def flags(asked: Any) -> Any:
        at = np.minimum(array.searchsorted(asked), len(array) - 1)
        return array[at] == asked

    queries = np.load(world.queries)
    return {
        "load_s": round(load_s, 2),
        "rss_mb": rss_mb,
        **_rates(contains, flags, queries),
        "hits": int(flags(queries).sum()),
    }


def _rates(contains: Callable[[str], bool], flags: Any, queries: Any) -> dict[str, Any]:
    texts = [f"+{number}" for number in queries[:200_000].tolist()]
    in_order = np.sort(queries)
    single_s = _best_s(lambda: [contains(text) for text in texts])
    unsorted_s, sorted_s = _best_s(lambda: flags(queries)), _best_s(lambda: flags(in_order))
    return {
        "single_per_s": round(len(texts) / single_s),
        "batch_per_s": round(len(queries) / unsorted_s),
        "batch_sorted_per_s": round(len(queries) / sorted_s),
    }


def _best_s(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        begun_s = perf_counter()
        work()
        seconds.append(perf_counter() - begun_s)
    return min(seconds)


async def _longest_pause(work: Callable[[], Any]) -> float:
    """Return the longest time in which the event loop could do nothing, seconds."""
    task = asyncio.ensure_future(work())
    longest_s, last_s = 0.0, perf_counter()
    while not task.done():
        await asyncio.sleep(LOOK_S)
        now_s = perf_counter()
        longest_s, last_s = max(longest_s, now_s - last_s), now_s
    await task
    return longest_s


def _pause_in_one_piece(held: LoadedList) -> float:
    """Return the pause if the list were one bitmap in its file, read in a thread just the same."""
    data = held.bitmap.serialize()
    return asyncio.run(_longest_pause(lambda: asyncio.to_thread(BitMap64.deserialize, data)))


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


def alone(stage: Callable[..., Any], *arguments: object) -> Any:
    """Run a stage in a fresh process and return its figures."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(stage, *arguments).result()


def bench(folder: Path, numbers: int) -> dict[str, Any]:
    """Measure our list and its baseline."""
    facts, world = machine(), World(folder)
    written = alone(generate, world, numbers, SEED)
    source_mb = round(world.flat.stat().st_size / 1e6, 1)
    built = alone(build_list, world)
    ref = DncVersionRef(built.pop("file"), built.pop("sha256"))
    assert built["numbers"] == written
    ours = built | alone(ask_list, world, ref)
    base = alone(build_baseline, world, written) | alone(ask_baseline, world)
    assert ours["hits"] == base["hits"], "the two answer differently: the figures mean nothing"
    return {
        **ours,
        "source_mb": source_mb,
        "baseline": {"name": "sorted numpy array, searchsorted", **base},
        "ratio": {
            **{
                key: round(base[key] / ours[key], 2)
                for key in ("build_s", "load_s", "file_mb", "rss_mb")
            },
            **{
                key: round(ours[key] / base[key], 2)
                for key in ("single_per_s", "batch_per_s", "batch_sorted_per_s")
            },
        },
        "machine": facts,
    }


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=NUMBERS)
    args = parser.parse_args()
    run_dir = PROJECT_ROOT / ".run"
    run_dir.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=run_dir, prefix="bench-dnc-") as folder:
        figures = bench(Path(folder), args.numbers)
    print(json.dumps(figures, indent=1))
    if args.numbers == NUMBERS:
        save("dnc", figures)
        write_section("dnc", section(figures))


if __name__ == "__main__":
    main()
