"""Files on their way to a place: each checked, put, marked; how far it is can be seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from sqlmodel import col, update

from campaigns.delivery.deliveries.carrying import Means, Parcel
from campaigns.delivery.deliveries.files import sha256_of
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.putting import Place, Sent
from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.db import SessionFactory, transaction

_SHOW_EVERY_S = 1.0


async def put_all(sessions: SessionFactory, means: Means, parcel: Parcel, place: Place) -> None:
    """Put every file that is not marked as sent, in order: the manifest last.

    Raises:
        SendFault: a file is lost, or the place does not take it.
    """
    left = [one for one in parcel.files if one.sent_at is None]
    if not left:
        return
    await check_files(means, parcel.delivery.id, left)
    before = sum(one.size for one in parcel.files if one.sent_at is not None)
    async with _shown(sessions, parcel.delivery.id, before) as sent, place.opened() as putter:
        for one in left:
            path = means.folder.of(parcel.delivery.id) / one.name
            await putter.put(path, one.name, sent)
            async with transaction(sessions) as session:
                row = await session.get_one(DeliveryFile, (parcel.delivery.id, one.position))
                row.sent_at = means.clock.now()
                session.add(row)


async def check_files(means: Means, delivery_id: UUID, files: list[DeliveryFile]) -> None:
    """Refuse to send a file that is not the one the manifest tells of.

    Raises:
        SendFault: it is not there, or another one.
    """
    for one in files:
        try:
            found = await sha256_of(means.folder.of(delivery_id) / one.name)
        except OSError as error:
            raise SendFault(DeliveryReason.FILE_LOST, one.name) from error
        if found != one.sha256:
            raise SendFault(DeliveryReason.FILE_LOST, f"{one.name}: another checksum")


@asynccontextmanager
async def _shown(sessions: SessionFactory, delivery_id: UUID, before: int) -> AsyncIterator[Sent]:
    """Give a callback for bytes that went out; their sum is stored once a second."""
    done, stored = before, before

    def sent(size: int) -> None:
        nonlocal done
        done += size

    async def show() -> None:
        nonlocal stored
        while True:
            await asyncio.sleep(_SHOW_EVERY_S)
            if done != stored:
                stored = done
                # What a crash loses of it is counted again.
                async with transaction(sessions, durable=False) as session:
                    await session.exec(
                        update(Delivery)
                        .where(col(Delivery.id) == delivery_id)
                        .values(bytes_sent=stored)
                    )

    showing = asyncio.create_task(show())
    try:
        yield sent
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
