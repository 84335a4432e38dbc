"""Which agent is kept for which call: asked at each answer and each end, so by the call's id."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from workers.dialing.floor import Desk


@dataclass(slots=True)
class Keeping:
    """An index of ``Desk.held_for``, which alone says the truth: an entry it denies is none."""

    _desks: "dict[UUID, Desk]" = field(default_factory=dict)

    def keep(self, desk: "Desk", call_id: UUID) -> None:
        """Keep the desk for this call alone."""
        desk.held_for = call_id
        self._desks[call_id] = desk

    def desk_for(self, call_id: UUID) -> "Desk | None":
        """Return the desk that is kept for the call."""
        desk = self._desks.get(call_id)
        return desk if desk is not None and desk.held_for == call_id else None

    def forget(self, call_id: UUID) -> None:
        """Forget a call that is over."""
        self._desks.pop(call_id, None)
