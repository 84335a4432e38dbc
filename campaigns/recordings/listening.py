"""Opening a kept recording, as a whole or a stretch of it, and the trace of who listened."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.recordings.finding import NothingKept
from campaigns.recordings.keys import open_key
from campaigns.recordings.models import Recording, RecordingState
from campaigns.recordings.sealed_file import PIECE_BYTES, sealed_size, stretch, unseal
from campaigns.recordings.store import RecordingStore
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.sealing import KeyRing

#: Asked of the storage at once: small enough to begin soon, large enough to be few requests.
_AT_ONCE = 8 * PIECE_BYTES


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept recording that can be read."""

    attempt_id: UUID
    store: RecordingStore
    object: str
    key: bytes
    size: int  #: bytes of the Opus file

    async def read(self, first: int, last: int) -> AsyncIterator[bytes]:
        """Return the bytes ``first`` to ``last`` (inclusive), piece by piece.

        Raises:
            SealBroken: the file was changed.
            StoreAway: the storage does not answer.
        """
        while first <= last:
            until = min(last, (first // _AT_ONCE + 1) * _AT_ONCE - 1)
            yield await self._stretch(first, until)
            first = until + 1

    async def whole(self) -> bytes:
        """Return the Opus file."""
        sealed = await self.store.get_range(self.object, 0, sealed_size(self.size))
        return await anyio.to_thread.run_sync(
            lambda: unseal(sealed, self.key, self.attempt_id, size=self.size)
        )

    async def _stretch(self, first: int, last: int) -> bytes:
        part = stretch(self.size, first, last)
        sealed = await self.store.get_range(self.object, part.start, part.end)
        plain = unseal(
            sealed, self.key, self.attempt_id, size=self.size, first_piece=part.first_piece
        )
        return plain[part.skip : part.skip + part.length]


def open_recording(row: Recording, store: RecordingStore, ring: KeyRing) -> Opened:
    """Open a recording that the caller may hear.

    Raises:
        NothingKept: it is not in the storage.
        Unsealable: its key is not on the ring.
    """
    there = row.state is RecordingState.KEPT
    if not there or row.object is None or row.sealed_key is None or row.size is None:
        raise NothingKept(state=RecordingState(row.state).value)
    key = open_key(ring, row.sealed_key, row.attempt_id)
    return Opened(row.attempt_id, store, row.object, key, row.size)


async def note_heard(
    session: AsyncSession,
    row: Recording,
    facts: dict[str, object],
    *,
    user_id: UUID | None,
    clock: Clock,
    action: str = "recording.heard",
) -> None:
    """Write down who listened to what, took it away, or heard which part."""
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=user_id,
        at=clock.now(),
        action=action,
        subject="attempt",
        subject_id=row.attempt_id,
        facts=facts,
    )


async def note_stretch(
    session: AsyncSession,
    row: Recording,
    played: tuple[float, float, float],
    *,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Write down which part of a recording was played: from and to, in seconds, and how fast."""
    from_s, to_s, speed = played
    facts: dict[str, object] = {"from_s": round(from_s, 1), "to_s": round(to_s, 1), "speed": speed}
    await note_heard(session, row, facts, user_id=user_id, clock=clock, action="recording.listened")
