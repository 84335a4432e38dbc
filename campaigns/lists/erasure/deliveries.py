"""What deliveries keep of an erased person: files go, digests and words about the person's results too."""
# ruff: noqa: S608 - put together from constants only

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries import going
from campaigns.delivery.deliveries.files import DeliveryFolder
from campaigns.leads.models import Lead
from campaigns.lists.erasure.subject import Subject
from dialer.db import affected

_HIS = "client_id = :client_id AND lead_id IN (SELECT id FROM lead WHERE contact_id = ANY(:ids))"
# Without its digest a result counts as changed in the next delivery: it is without the person there.
_DIGESTS = f"UPDATE delivered_result SET digest = '' WHERE digest <> '' AND {_HIS}"
_WORDS = f"""
    UPDATE result_verdict SET comment = '', answer = '' WHERE comment || answer <> '' AND {_HIS}
"""


async def hold(session: AsyncSession, subject: Subject) -> None:
    """Let no files with the person be made until the commit.

    Raises:
        FilesBeingMade: some are being made at this moment.
    """
    await going.hold_back(session, await _campaigns(session, subject))


async def files(session: AsyncSession, subject: Subject) -> int:
    """Delete the files of all deliveries of the person's campaigns; what is on its way is made anew."""
    return await going.take_away(
        session,
        await _campaigns(session, subject),
        client_id=subject.client_id,
        folder=DeliveryFolder(subject.deliveries) if subject.deliveries else None,
        now=subject.now,
    )


async def digests(session: AsyncSession, subject: Subject) -> int:
    """Forget what was computed from the person's fields and answers."""
    return affected(await session.execute(text(_DIGESTS), subject.facts(_DIGESTS)))


async def words(session: AsyncSession, subject: Subject) -> int:
    """Forget what client and call centre wrote about the person's results."""
    return affected(await session.execute(text(_WORDS), subject.facts(_WORDS)))


async def _campaigns(session: AsyncSession, subject: Subject) -> set[UUID]:
    mine = select(Lead.campaign_id).where(
        col(Lead.contact_id).in_(subject.ids), col(Lead.client_id) == subject.client_id
    )
    return set((await session.exec(mine)).all())
