"""Greetings kept for reviewers: those that turned out to be no machine's are deleted at once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from dialer.call.recorded import greeting_name
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: So many files are asked about at once.
_PAGE = 500
#: Nobody waits for these: the call ended without naming the file, or another verdict was found. A file
#: whose call is not in the database is not ours.
_NOT_WANTED = text(
    """
    SELECT a.id FROM attempt a LEFT JOIN amd_verdict v ON v.attempt_id = a.id
    WHERE a.id = ANY(CAST(:ids AS uuid[]))
      AND a.recording_raw IS DISTINCT FROM replace(a.id::text, '-', '') || :ending
      AND (a.ended_at IS NOT NULL OR coalesce(v.treatment, 'acted') <> 'acted')
    """
)


async def sweep_greetings(ctx: dict[str, Any]) -> int:
    """Delete what analyses heard of people, and of machines nobody will review; return how many."""
    deps: BackgroundDeps = ctx["deps"]
    folder = deps.settings.raw_recordings()
    ending = greeting_name(UUID(int=0)).removeprefix(UUID(int=0).hex)
    kept = await asyncio.to_thread(_calls_of, folder, ending)
    deleted = 0
    for first in range(0, len(kept), _PAGE):
        facts = {"ids": kept[first : first + _PAGE], "ending": ending}
        async with deps.sessions() as session:
            found = list((await session.execute(_NOT_WANTED, facts)).scalars())
        deleted += await asyncio.to_thread(_delete, [folder / greeting_name(one) for one in found])
    return deleted


def _calls_of(folder: Path, ending: str) -> Sequence[UUID]:
    """Return the calls whose greetings lie in the folder; other names are not ours."""
    found = []
    for file in folder.glob(f"*{ending}"):
        try:
            found.append(UUID(hex=file.name.removesuffix(ending)))
        except ValueError:
            log.warning("greeting.strange_name")
    return found


def _delete(files: Sequence[Path]) -> int:
    deleted = 0
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("greeting.not_deleted", error=error.strerror)
        else:
            deleted += 1
    return deleted
