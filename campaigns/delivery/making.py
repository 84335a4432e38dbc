"""Making: an export that waits becomes a file, whole and once, however often its worker dies.

Whoever writes an export holds a lock that ends with its connection: a killed worker's export is free again.
The file gets its name when it is complete and on the disk; the state ``done`` comes after it. In between
nothing is lost: the next worker writes the same name anew.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select, update

from campaigns.delivery.exports import stored_path
from campaigns.delivery.models import Export
from campaigns.delivery.words import OPEN, ExportState
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.db import SessionFactory, affected, transaction
from dialer.errors import OutdialError

#: A worker tells how far it is, and looks whether it is still wanted, so often, seconds.
TELL_EVERY_S = 0.5
#: An export that ended its worker so often is not tried again.
MOST_TRIES = 5
GIVEN_UP = "The export was broken off several times. It was logged."


class NotWanted(Exception):
    """Somebody cancelled the export, or its file would bring an erased person back."""


@dataclass(slots=True)
class Told:
    """What a writer tells of its work; read by whoever shows it."""

    rows_total: int | None = None
    rows_done: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    wanted: bool = True

    def went_on(self, rows: int) -> None:
        """Count rows.

        Raises:
            NotWanted: the export was cancelled.
        """
        self.rows_done += rows
        if not self.wanted:
            raise NotWanted


#: Writes an export's file to a path and says how it goes.
Writer = Callable[[SessionFactory, Export, Path, Told], Any]


async def make(
    sessions: SessionFactory, folder: Path, export_id: UUID, *, clock: Clock, write: Writer
) -> bool:
    """Write an export that waits, unless another worker is at it; return whether its file is there now.

    What is wrong with the export ends it as failed; what is wrong with us is raised, and it stays open.
    """
    async with _held(sessions, export_id) as mine:
        row = await _begin(sessions, export_id, clock) if mine else None
        if row is None:
            return False
        if row.tries > MOST_TRIES:
            await fail(sessions, row, GIVEN_UP, clock=clock)
            return False
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        path = stored_path(folder, row)
        part = path.with_suffix(".part")
        told = Told()
        await asyncio.to_thread(_cleared, part)  # of what a killed worker left
        try:
            async with _shown(sessions, row, told):
                await write(sessions, row, part, told)
            size, digest = await asyncio.to_thread(_finished, part, path)
        except NotWanted:
            return False
        except OutdialError as fault:
            await fail(sessions, row, fault.detail, clock=clock)
            return False
        finally:
            await asyncio.to_thread(_cleared, part)
        done = await _end(sessions, row, told, size, digest, clock)
        if not done:
            path.unlink(missing_ok=True)
        return done


@asynccontextmanager
async def _held(sessions: SessionFactory, export_id: UUID) -> AsyncIterator[bool]:
    """Hold an export for as long as this connection lives; False: somebody else does."""
    lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
    async with sessions() as session:
        yield bool((await session.execute(lock, {"key": f"export {export_id}"})).scalar_one())


async def _begin(sessions: SessionFactory, export_id: UUID, clock: Clock) -> Export | None:
    async with transaction(sessions) as session:
        row = await session.get(Export, export_id, with_for_update=True)
        if row is None or row.state not in OPEN:
            return None
        row.state, row.started_at, row.tries = ExportState.RUNNING, clock.now(), row.tries + 1
        row.rows_done, row.rows_total = 0, None
        session.add(row)
        return row


async def fail(sessions: SessionFactory, row: Export, reason: str, *, clock: Clock) -> None:
    """End an export as failed; ``reason`` is a sentence for people."""
    async with transaction(sessions) as session:
        changed = await session.execute(
            update(Export)
            .where(_is(row), col(Export.state).in_(OPEN))
            .values(state=ExportState.FAILED, state_reason=reason, ended_at=clock.now())
        )
        if affected(changed):
            facts = {"reason": reason}
            await audit.trace(session, row, "export.failed", facts, user_id=None, clock=clock)


async def _end(
    sessions: SessionFactory, row: Export, told: Told, size: int, digest: str, clock: Clock
) -> bool:
    async with transaction(sessions) as session:
        changed = await session.execute(
            update(Export)
            .where(_is(row), col(Export.state) == ExportState.RUNNING)
            .values(
                state=ExportState.DONE,
                rows_done=told.rows_done,
                rows_total=told.rows_done,
                facts=told.facts,
                size=size,
                sha256=digest,
                ended_at=clock.now(),
            )
        )
        if not affected(changed):
            return False
        facts = {"rows": told.rows_done, "sha256": digest, "size": size}
        await audit.trace(session, row, "export.done", facts, user_id=None, clock=clock)
        return True


@asynccontextmanager
async def _shown(sessions: SessionFactory, row: Export, told: Told) -> AsyncIterator[None]:
    """Store now and then how far the writer is, and tell it when it is not wanted any more."""
    stop = asyncio.Event()

    async def show() -> None:
        while not stop.is_set():
            async with transaction(sessions, durable=False) as session:
                changed = await session.execute(
                    update(Export)
                    .where(_is(row), col(Export.state) == ExportState.RUNNING)
                    .values(rows_done=told.rows_done, rows_total=told.rows_total)
                )
            told.wanted = affected(changed) == 1
            try:
                await asyncio.wait_for(stop.wait(), TELL_EVERY_S)
            except TimeoutError:
                continue

    showing = asyncio.create_task(show())
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([showing])
    showing.result()
    told.went_on(0)


def scratch_of(part: Path) -> Path:
    """Return a folder for what a writer keeps beside its file; it goes with the part, however that ends."""
    folder = part.with_suffix(".parts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _cleared(part: Path) -> None:
    part.unlink(missing_ok=True)
    shutil.rmtree(part.with_suffix(".parts"), ignore_errors=True)


def _is(row: Export) -> Any:
    return (col(Export.id) == row.id) & (col(Export.client_id) == row.client_id)


def _finished(part: Path, path: Path) -> tuple[int, str]:
    """Digest a file, bring it to the disk and give it its name; return its bytes and its SHA-256."""
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        os.fsync(file.fileno())
    part.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return size, digest


async def waiting(sessions: SessionFactory) -> list[UUID]:
    """Return the exports that have no file yet, the oldest first."""
    statement = select(Export.id).where(col(Export.state).in_(OPEN)).order_by(col(Export.asked_at))
    async with sessions() as session:
        return list(await session.exec(statement))
