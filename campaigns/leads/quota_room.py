"""How many more leads each quota lets be called: pure, and counted down between two looks at the database.

What is under way may become a success, so together they never pass a target: near its end a quota lets
only as many calls out as it lacks successes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.selection import Quota, quotas_of


@dataclass(slots=True)
class QuotaRoom:
    """The room of a campaign's quotas, by index."""

    quotas: Sequence[Quota] = ()
    rooms: list[int] = field(default_factory=list)
    full_cells: frozenset[int] = frozenset()  #: those that have their successes
    whole: int | None = None  #: of all leads together; None: no limit
    is_over: bool = False  #: whoever is asked would fall into a full quota on answers

    def of(self, cell: int) -> int | None:
        """Return how many leads of a cell may be called; None: as many as one likes."""
        rooms = [self.rooms[index] for index in quotas_of(self.quotas, cell)]
        if self.whole is not None:
            rooms.append(self.whole)
        return min(rooms, default=None)

    def take(self, cell: int) -> bool:
        """Count a lead of a cell as called; False: there is no room for it."""
        if self.of(cell) == 0:
            return False
        for index in quotas_of(self.quotas, cell):
            self.rooms[index] -= 1
        if self.whole is not None:
            self.whole -= 1
        return True

    def cap(self, tier: Mapping[int, int], cells: Mapping[int, int]) -> dict[int, int]:
        """Return a tier in which no lane is asked for more than its cell has room for.

        ``cells`` are the lanes' quota cells. Lanes that share a quota may still have too many together:
        ``take`` finds them.
        """
        capped = {}
        for lane, wanted in tier.items():
            room = self.of(cells.get(lane, 0))
            if room != 0:
                capped[lane] = wanted if room is None else min(wanted, room)
        return capped
