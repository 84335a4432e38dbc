"""Promised calls that fall due soon keep agents free: their own, or for anybody's promise any agent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from campaigns.leads.due_callbacks import Coming

if TYPE_CHECKING:
    from workers.dialing.floor import Desk

#: An agent takes no other call so long before a promised one, as in the laboratory's scenarios.
RESERVE: Final = timedelta(seconds=60)
#: And not longer after its time: something hinders it, and others wait.
RESERVE_AFTER: Final = timedelta(seconds=120)


@dataclass(slots=True)
class Promises:
    """The promised calls of about this minute, as the last look at the database showed them."""

    coming: list[Coming] = field(default_factory=list)
    _tried: set[UUID] = field(default_factory=set)  #: leads whose calls were to be placed

    def use(self, coming: Sequence[Coming]) -> None:
        """Take over what a look showed; what was tried since the last one may be tried again."""
        self.coming = list(coming)
        self._tried.clear()

    def spare(self, desks: Iterable["Desk"]) -> list["Desk"]:
        """Return those of the ready desks that no promise keeps, the longest ready first."""
        names = {one.agent for one in self.coming}
        free = sorted((desk for desk in desks if desk.name not in names), key=ready_since)
        anybody = sum(1 for one in self.coming if one.agent is None)
        return free[: max(0, len(free) - anybody)]

    def for_answer(self, desks: Iterable["Desk"]) -> "Desk | None":
        """Return the ready desk for a person who has answered: best one that no promise keeps.

        Nobody is abandoned beside a free agent: rather a promised call comes some minutes late.
        """
        free = list(desks)
        spare = self.spare(free) if self.coming else free
        return min(spare or free, key=ready_since, default=None)

    def take_due(self, now: datetime, names: Sequence[str], most: int) -> list[Coming]:
        """Take up to ``most`` promises whose time has come and whose agent is free.

        ``names`` are the free agents', one for each desk; "" is an agent without a name.
        """
        own = {one.agent for one in self.coming}
        free, anybody = set(names) & own, sum(1 for name in names if name not in own)
        taken: list[Coming] = []
        for one in self.coming:
            if one.due_at > now or one.lead_id in self._tried or len(taken) >= most:
                continue
            if one.agent is None and anybody:
                anybody -= 1
            elif one.agent in free:
                free.remove(one.agent)
            else:
                continue
            taken.append(one)
        self._tried.update(one.lead_id for one in taken)
        return taken

    def forget(self, lead_id: UUID) -> None:
        """Keep nobody any longer for this lead's call: it is on its way."""
        self.coming = [one for one in self.coming if one.lead_id != lead_id]


def ready_since(desk: "Desk") -> datetime:
    """Return since when an agent is ready; one who is not comes last."""
    return desk.agent.since or datetime.max.replace(tzinfo=UTC)
