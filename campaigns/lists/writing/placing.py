"""Placing: the rows of ``place`` for the numbers of an import, made once and known by their ids."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.traits import NO_TRAITS, Traits
from compliance.models import Place
from compliance.places.placement import Placement
from compliance.places.zones import place
from dialer.db import make_sessions, transaction

#: Placements recognised without being compared; a full memory starts afresh.
_REMEMBERED = 100_000


class Places:
    """Gives each number the place it may be in: first a slot, and an id once the slot is saved."""

    def __init__(self) -> None:
        """Begin without any place."""
        self.ids: list[int] = []  #: slot -> id in the database, of saved slots
        self._placements: list[Placement] = []
        self._slots: dict[Placement, int] = {}
        #: Comparing a placement costs more than finding it, and :func:`place` gives the same object
        #: again: so its identity is looked at first. The object is kept, or another could take its id.
        self._recognised: dict[int, tuple[int, Placement]] = {}

    def slot(self, e164: str, traits: Traits) -> int:
        """Return the slot of the number's place; any thread, but one at a time."""
        if traits is NO_TRAITS:
            found = place(e164)
        else:
            found = place(
                e164, zone=traits.zone, region=traits.region, postal_code=traits.postal_code
            )
        known = self._recognised.get(id(found))
        return known[0] if known is not None else self._recognise(found)

    def _recognise(self, found: Placement) -> int:
        slot = self._slots.setdefault(found, len(self._placements))
        if slot == len(self._placements):
            self._placements.append(found)
        if len(self._recognised) >= _REMEMBERED:
            self._recognised.clear()
        self._recognised[id(found)] = slot, found
        return slot

    async def save(self, session: AsyncSession) -> None:
        """Give every new slot its id.

        New places are committed at once in a transaction of their own: they say nothing of the
        client, and two long imports must not wait for each other because they meet the same place.
        """
        fresh = self._placements[len(self.ids) :]
        if not fresh:
            return
        engine = session.bind
        if not isinstance(engine, AsyncEngine):
            raise TypeError("an import needs a session of an engine")
        async with transaction(make_sessions(engine)) as own:
            values = [
                {
                    "zones": list(one.zones),
                    "jurisdictions": list(one.jurisdictions),
                    "source": one.source,
                    "confidence": one.confidence,
                }
                for one in fresh
            ]
            await own.exec(insert(Place).values(values).on_conflict_do_nothing())
            known = {_placement(row): row.id for row in (await own.exec(select(Place))).all()}
        self.ids += [known[one] or 0 for one in fresh]


def _placement(row: Place) -> Placement:
    return Placement(tuple(row.zones), tuple(row.jurisdictions), row.source, row.confidence)
