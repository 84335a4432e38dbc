"""Places: which of a campaign's zone groups may be dialled now, and until when that holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from compliance.places.placement import Confidence, Placement, PlacementSource


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a place is open at an instant, and the instant at which that changes."""

    is_open: bool
    changes_at: datetime | None  #: None: not within the horizon


#: Answers for one place and instant; asks the gate's windows.
AskWindows = Callable[[Placement, datetime], Opening]


@dataclass(slots=True)
class PlaceBook:
    """The places of a campaign's leads, with their openings remembered until they change."""

    ask: AskWindows
    places: dict[int, Placement] = field(default_factory=dict)
    _openings: dict[int, Opening] = field(default_factory=dict)

    def forget(self) -> None:
        """Ask anew for every place: the hours or the rules may be others now."""
        self._openings.clear()

    def open_places(self, at: datetime) -> list[int]:
        """Return the places whose leads may be claimed at ``at``.

        A place without a zone is open: the gate refuses its leads, which gives each its reason.
        """
        return [place_id for place_id in self.places if self.opening(place_id, at).is_open]

    def opening(self, place_id: int, at: datetime) -> Opening:
        """Return the opening of one place at ``at``."""
        known = self._openings.get(place_id)
        if known is not None and (known.changes_at is None or at < known.changes_at):
            return known
        found = self.ask(self.places[place_id], at)
        self._openings[place_id] = found
        return found


# A loose index scan: one step for each place there is, not for each lead.
# Source: PostgreSQL wiki, "Loose indexscan".
_PLACES = text(
    """
    WITH RECURSIVE step AS (
        SELECT l.lane, (SELECT min(place_id) FROM lead WHERE campaign_id = :campaign_id
                        AND lane = l.lane AND state = 'waiting') AS place_id
        FROM unnest(CAST(:lanes AS smallint[])) AS l(lane)
        UNION ALL
        SELECT s.lane, (SELECT min(place_id) FROM lead WHERE campaign_id = :campaign_id
                        AND lane = s.lane AND state = 'waiting' AND place_id > s.place_id)
        FROM step s WHERE s.place_id IS NOT NULL
    )
    SELECT DISTINCT place_id FROM step WHERE place_id IS NOT NULL
    """
)


async def waiting_places(
    session: AsyncSession, campaign_id: UUID, lanes: Iterable[int]
) -> set[int]:
    """Return the places of the campaign's waiting leads in ``lanes``."""
    facts = {"campaign_id": campaign_id, "lanes": sorted(lanes)}
    return set((await session.execute(_PLACES, facts)).scalars())


async def load_places(session: AsyncSession, place_ids: Iterable[int]) -> dict[int, Placement]:
    """Return the placements of places by id."""
    rows = await session.execute(
        text(
            "SELECT id, zones, jurisdictions, source, confidence FROM place"
            " WHERE id = ANY(CAST(:ids AS int[]))"
        ),
        {"ids": sorted(place_ids)},
    )
    return {
        row.id: Placement(
            tuple(row.zones),
            tuple(row.jurisdictions),
            PlacementSource(row.source),
            Confidence(row.confidence),
        )
        for row in rows
    }
