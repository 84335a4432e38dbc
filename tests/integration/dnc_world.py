"""What tests of do-not-call lists start from: a client, and the directory of its lists."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from campaigns.law import dnc_lists
from campaigns.law.dnc_lists import Loaded
from campaigns.law.list_sources import ListSource, Owner
from compliance.models import DncList
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction

CODE = "US-NATIONAL"


class Shelves:
    """A client, and the directory of the lists."""

    def __init__(
        self, sessions: SessionFactory, clock: FrozenClock, client_id: UUID, path: Path
    ) -> None:
        self.sessions, self.clock, self.client_id, self.path = sessions, clock, client_id, path
        self.directory = path / "dnc"

    def source(self, text: str, obtained_at: datetime, code: str = CODE) -> ListSource:
        """Write a file and return it as a source."""
        file = self.path / "list.txt"
        file.write_text(text)
        return ListSource(code, file, obtained_at, "US")

    async def load(self, text: str, obtained_at: datetime, **how: Any) -> Loaded:
        """Load a full list."""
        code, everybody = how.pop("code", CODE), how.pop("everybody", False)
        async with transaction(self.sessions) as session:
            return await dnc_lists.load_list(
                session,
                self.source(text, obtained_at, code),
                directory=self.directory,
                owner=Owner(self.client_id, for_everybody=everybody),
                clock=self.clock,
                **how,
            )

    async def change(self, text: str, obtained_at: datetime) -> Loaded:
        """Apply a change list."""
        async with transaction(self.sessions) as session:
            return await dnc_lists.apply_changes(
                session,
                self.source(text, obtained_at),
                directory=self.directory,
                owner=Owner(self.client_id),
                clock=self.clock,
            )

    async def rows(self) -> list[DncList]:
        """Return what is in force."""
        async with self.sessions() as session:
            return list(await dnc_lists.find_lists(session, client_id=self.client_id))

    async def has(self, e164: str) -> bool:
        """Tell whether the one list in force has a number."""
        (row,) = await self.rows()
        return await dnc_lists.contains(row, e164, directory=self.directory)
