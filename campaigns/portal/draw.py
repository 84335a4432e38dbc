"""Drawing a sample so that anybody can draw it again: the seed and the ids decide, nothing else. Pure."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID


def size_of(population: int, percent: int) -> int:
    """Return how many are drawn: the share rounded up, one at least, never more than there are."""
    wanted = -(-population * percent // 100)
    return min(population, max(1, wanted)) if population else 0


def drawn(ids: Iterable[UUID], seed: str, count: int) -> list[UUID]:
    """Return ``count`` of the ids: those whose SHA-256 with the seed is the smallest, in that order.

    The order of the ids does not matter, and each set of so many is as likely as any other.
    """
    return sorted(set(ids), key=lambda one: (_place(seed, one), one))[:count]


def _place(seed: str, one: UUID) -> bytes:
    return sha256(f"{seed} {one}".encode()).digest()
