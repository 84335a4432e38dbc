"""Retention: files full of personal data are deleted when they are old."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from campaigns.delivery.exports import stored_path
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportState
from campaigns.lists.models import OriginalFile
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
    old = select(Export).where(
        col(Export.state) == ExportState.DONE, col(Export.ended_at) < now - KEEP_EXPORTS
    )
    async with transaction(sessions) as session:
        for row in await session.exec(old.with_for_update(skip_locked=True)):
            stored_path(exports, row).unlink(missing_ok=True)
            row.state = ExportState.GONE
            session.add(row)
    aged = select(OriginalFile).where(col(OriginalFile.kept_at) < now - KEEP_ORIGINALS)
    async with transaction(sessions) as session:
        for kept in await session.exec(aged.with_for_update(skip_locked=True)):
            (originals / kept.stored_as).unlink(missing_ok=True)
            await session.delete(kept)
    async with sessions() as session:
        done = select(Export).where(col(Export.state) == ExportState.DONE)
        named = {stored_path(exports, row) for row in await session.exec(done)}
    before_s = (now - _STRAY_AFTER).timestamp()
    await asyncio.to_thread(_sweep, exports, named, before_s)


def _sweep(folder: Path, named: set[Path], before_s: float) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        if path not in named and path.is_file() and path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)
