"""Preparing: before an export, what counts of each interview is worked out where it is not yet."""

import asyncio
from contextlib import suppress
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.interviews import InterviewNotFound, load
from campaigns.forms.results import keep_result, missing
from dialer.db import SessionFactory, transaction

#: Interviews of one transaction: their rows are locked for a fraction of a second.
_BATCH = 100


async def prepare_results(sessions: SessionFactory, campaign_id: UUID, *, client_id: UUID) -> int:
    """Work out the results that are missing or stale; return how many there were.

    An interview that goes on while this runs has the result of a moment ago.
    """
    async with sessions() as session:
        ids = sorted(await missing(session, campaign_id, client_id=client_id))
    for start in range(0, len(ids), _BATCH):
        async with transaction(sessions) as session:
            for interview_id in ids[start : start + _BATCH]:
                await prepare_interview(session, interview_id, client_id)
    return len(ids)


async def prepare_interview(session: AsyncSession, interview_id: UUID, client_id: UUID) -> None:
    """Work out what counts of one interview, in the caller's transaction; its row stays locked."""
    with suppress(InterviewNotFound):  # its person was erased meanwhile
        sitting = await load(session, interview_id, client_id=client_id, for_update=True)
        now = await asyncio.to_thread(sitting.walk)
        await keep_result(session, sitting.row, now.counted)
