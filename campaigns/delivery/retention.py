"""Retention: files full of personal data are deleted when they are old."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select

from campaigns.delivery.exports import stored_path
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportState
from campaigns.lists.models import OriginalFile
from campaigns.registers.models import KeepingTime, Kept
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

#: An export's file can be written anew at any time; its row stays, with the digest of what it was.
KEEP_EXPORTS = timedelta(days=30)
#: A database refresh is delivered long before; the file itself is the client's.
KEEP_ORIGINALS = timedelta(days=400)
#: A file that no row names is left behind by a crash once it is this old.
_STRAY_AFTER = timedelta(days=1)


async def let_go(sessions: SessionFactory, exports: Path, originals: Path, *, clock: Clock) -> None:
    """Delete old files, and those that no row names."""
    now = clock.now()
    old = _older(Kept.EXPORTS, Export, col(Export.ended_at), now, KEEP_EXPORTS).where(
        col(Export.state) == ExportState.DONE
    )
    async with transaction(sessions) as session:
        for row in await session.exec(old.with_for_update(skip_locked=True)):
            stored_path(exports, row).unlink(missing_ok=True)
            row.state = ExportState.GONE
            session.add(row)
    since = col(OriginalFile.kept_at)
    aged = _older(Kept.ORIGINALS, OriginalFile, since, now, KEEP_ORIGINALS)
    async with transaction(sessions) as session:
        for kept in await session.exec(aged.with_for_update(skip_locked=True)):
            (originals / kept.stored_as).unlink(missing_ok=True)
            await session.delete(kept)
    async with sessions() as session:
        done = select(Export).where(col(Export.state) == ExportState.DONE)
        named = {stored_path(exports, row) for row in await session.exec(done)}
    before_s = (now - _STRAY_AFTER).timestamp()
    await asyncio.to_thread(_sweep, exports, named, before_s)


def _older(what: Kept, table: Any, since: Any, now: datetime, usual: timedelta) -> Any:
    """Return the rows whose time is over: by what their client has said, else as is usual."""
    said = (
        select(KeepingTime.keep_days)
        .where(col(KeepingTime.client_id) == table.client_id, col(KeepingTime.what) == what)
        .scalar_subquery()
    )
    days = func.coalesce(said, usual.days)
    return select(table).where(since + func.make_interval(0, 0, 0, days) < now)


def _sweep(folder: Path, named: set[Path], before_s: float) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        if path not in named and path.is_file() and path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)
