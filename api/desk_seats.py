"""A desk in this process: an agent's shift, and the pages that show it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from campaigns.desk.figures import OwnFigures
from campaigns.desk.moments import Moment
from campaigns.tenancy.tokens import Identity


@dataclass(eq=False, slots=True)
class Seat:
    """One page that shows a desk."""

    who: Identity
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_in: bool = True  #: the browser's session lives

    async def wait(self, within_s: float) -> None:
        """Wait for news, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self.news.wait()
        self.news.clear()


@dataclass(slots=True)
class Desk:
    """One agent's shift, and the pages that show it."""

    moment: Moment
    figures: OwnFigures = field(default_factory=OwnFigures)
    counted: bool = False
    seats: set[Seat] = field(default_factory=set)

    def become(self, moment: Moment) -> None:
        """Note what the agent does now, and wake the pages if that is something else."""
        if moment != self.moment:
            self.moment = moment
            self.wake()

    def wake(self) -> None:
        """Wake the pages."""
        for seat in self.seats:
            seat.news.set()
