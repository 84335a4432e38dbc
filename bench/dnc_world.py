"""What the do-not-call bench measures on: a generated national list, and questions about it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

AREA_CODES = 340
QUERIES = 1_000_000
FROM_LIST_RATE = 0.1
_LOCAL_FIRST, _LOCAL_COUNT = 2_000_000, 8_000_000
_LINE_BYTES = 12  #: ``212,5551234`` and a line feed
_FRACTION = 1 << 16

Numbers = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class World:
    """Where the generated files are."""

    folder: Path

    @property
    def flat(self) -> Path:
        """Return the list as the FTC writes it: sorted ``NPA,NUMBER`` lines."""
        return self.folder / "list.txt"

    @property
    def queries(self) -> Path:
        """Return a million questions in random order: a tenth from the list, the rest anywhere."""
        return self.folder / "queries.npy"

    @property
    def sorted_array(self) -> Path:
        """Return what the baseline stores."""
        return self.folder / "baseline.npy"


def generate(world: World, numbers: int, seed: int) -> int:
    """Write the list and the questions; return how many numbers there are (about ``numbers``)."""
    source = np.random.default_rng(seed)
    chance = round(numbers / AREA_CODES / _LOCAL_COUNT * _FRACTION)
    codes = np.sort(source.choice(np.arange(201, 1000), size=AREA_CODES, replace=False))
    written, hits = 0, []
    with world.flat.open("wb") as file:
        for code in codes.tolist():
            dice = source.integers(0, _FRACTION, size=_LOCAL_COUNT, dtype=np.uint16)
            local = np.flatnonzero(dice < chance).astype(np.uint64) + np.uint64(_LOCAL_FIRST)
            file.write(_lines(code, local))
            written += len(local)
            share = round(QUERIES * FROM_LIST_RATE / AREA_CODES)
            hits.append(source.choice(_e164(code, local), size=share))
    others = source.integers(0, _LOCAL_COUNT, size=QUERIES - sum(map(len, hits)), dtype=np.uint64)
    anywhere = _e164(0, others + np.uint64(_LOCAL_FIRST))
    anywhere += source.choice(codes, size=len(others)).astype(np.uint64) * np.uint64(10**7)
    queries = np.concatenate([*hits, anywhere])
    source.shuffle(queries)
    np.save(world.queries, queries)
    return written


def _e164(code: int, local: Numbers) -> Numbers:
    return local + np.uint64(10**10 + code * 10**7)


def _lines(code: int, local: Numbers) -> bytes:
    matrix = np.empty((len(local), _LINE_BYTES), dtype=np.uint8)
    matrix[:, :4] = np.frombuffer(f"{code},".encode(), dtype=np.uint8)
    matrix[:, -1] = ord("\n")
    rest = local.astype(np.uint32)
    for column in range(10, 3, -1):
        rest, figure = np.divmod(rest, np.uint32(10))
        matrix[:, column] = figure + ord("0")
    return matrix.tobytes()
