"""Imports for tests: a client with a folder for uploads, and short ways through the stages."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from campaigns.lists.models import ListImport
from campaigns.lists.reading.limits import USUAL_LIMITS, Limits
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.committing import Committed
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.uploads import Upload, UploadFolder, one_chunk
from campaigns.lists.undo.undoing import Undone, undo
from campaigns.models import Campaign
from campaigns.states import ImportState
from compliance.dnc.shelf import DncShelf
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.factories import make_client, make_trunk
from tests.world import LAW


@dataclass
class Importing:
    """One client's imports."""

    sessions: SessionFactory
    clock: FrozenClock
    folder: UploadFolder
    shelf: DncShelf
    client_id: UUID

    @classmethod
    async def begin(
        cls, sessions: SessionFactory, clock: FrozenClock, path: Path, limits: Limits = USUAL_LIMITS
    ) -> "Importing":
        """Make a client."""
        async with transaction(sessions) as session:
            client = await make_client(session, clock.now())
        folder = UploadFolder(path / "uploads", limits)
        return cls(sessions, clock, folder, DncShelf(path / "dnc"), client.id)

    async def keep(self, data: bytes, file_name: str = "people.csv") -> Upload:
        """Store a file."""
        return await self.folder.keep(one_chunk(data), file_name=file_name)

    async def stage(
        self,
        data: bytes,
        file_name: str = "people.csv",
        *,
        mapping: dict[str, Any] | None = None,
        **options: Any,
    ) -> ListImport:
        """Store and stage a file."""
        upload = await self.keep(data, file_name)
        async with transaction(self.sessions) as session:
            return await staging.stage(
                session,
                self.folder,
                upload,
                client_id=self.client_id,
                file_name=file_name,
                name="People",
                options=ImportOptions.read({"region": "RU", **options}),
                user_id=None,
                clock=self.clock,
                book=LAW.book,
                mapping=mapping,
            )

    async def begin_commit(self, row: ListImport) -> None:
        """Decide that it is written."""
        async with transaction(self.sessions) as session:
            await committing.begin_commit(
                session,
                self.folder,
                row.id,
                client_id=self.client_id,
                user_id=None,
                clock=self.clock,
            )

    async def commit(self, row: ListImport) -> Committed:
        """Write a staged import."""
        await self.begin_commit(row)
        done = await committing.write(self.sessions, self.folder, row.id, clock=self.clock)
        assert done is not None
        return done

    async def bring_in(
        self, data: bytes, file_name: str = "people.csv", **options: Any
    ) -> Committed:
        """Stage and write a file; the clock moves on, so imports come one after another."""
        self.clock.advance(1)
        return await self.commit(await self.stage(data, file_name, **options))

    async def undo(self, import_id: UUID) -> Undone:
        """Take an import back."""
        async with transaction(self.sessions) as session:
            return await undo(
                session, import_id, client_id=self.client_id, user_id=None, clock=self.clock
            )

    async def state(self, import_id: UUID) -> ImportState:
        """Return an import's state."""
        async with self.sessions() as session:
            return (await session.get_one(ListImport, import_id)).state

    async def campaign(self, **settings: Any) -> Campaign:
        """Make a campaign on a real trunk, without lists."""
        async with transaction(self.sessions) as session:
            trunk = await make_trunk(session, simulated=False)
            campaign = Campaign(
                client_id=self.client_id,
                name=f"Campaign {new_id().hex[-6:]}",
                trunk_id=trunk.id,
                settings={"purpose": "sales", **settings},
                created_at=self.clock.now(),
            )
            session.add(campaign)
        return campaign

    async def scalar(self, sql: str, **facts: Any) -> Any:
        """Return the single value of a query."""
        async with self.sessions() as session:
            return (await session.execute(text(sql), facts)).scalar()

    async def rows(self, sql: str, **facts: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(sql), facts)]

    async def counts(self, *tables: str) -> dict[str, int]:
        """Return how many rows some tables have."""
        return {
            table: int(await self.scalar(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in tables
        }


def people(*rows: str, headings: str = "name;phone") -> bytes:
    """Return a CSV file."""
    return "\n".join([headings, *rows, ""]).encode()


def many(count: int, first: int = 0) -> bytes:
    """Return a list of people with different numbers."""
    return people(*(f"Person {n};8943{first + n:07}" for n in range(count)))


def stored(imports: Importing) -> list[str]:
    """Return the names of the files that are kept."""
    folder = imports.folder.directory
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
