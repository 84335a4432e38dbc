"""Keep recordings: a WAV becomes sealed Opus in the storage, and goes only when that was read back.

The row says what is to be done (``campaigns/recordings/keeping.py``), a job is only a hint, and the
sweep does whatever is left. Nothing is deleted before its successor is stored, read, and noted.
"""

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from campaigns.recordings import keeping, retention
from campaigns.recordings.keeping import Claimed
from campaigns.recordings.keys import seal_key
from campaigns.recordings.models import Reason
from campaigns.recordings.opus import Encoded, NoTalk, NotFaithful, encode_wav
from campaigns.recordings.sealed_file import SealBroken, new_key, seal, unseal
from campaigns.recordings.store import ObjectMissing, RecordingStore, StoreAway, open_store
from compliance.facts import Law
from compliance.law import load_law
from dialer.db import transaction
from dialer.errors import ConfigurationError, OutdialError
from dialer.sealing import KeyRing, ring_from
from dialer.settings import Settings
from workers.deps import BackgroundDeps
from workers.jobs.metrics import RECORDINGS_BEHIND, RECORDINGS_KEPT, RECORDINGS_TROUBLE

log = structlog.get_logger()

SWEEP_PAGE = 100
#: Conversions at a time: they take a processor each, and calls come first.
AT_ONCE = asyncio.Semaphore(1)

_REASONS: dict[type[OutdialError], Reason] = {
    NoTalk: Reason.NOT_READABLE,
    NotFaithful: Reason.NOT_FAITHFUL,
    SealBroken: Reason.SEAL_BROKEN,
    ConfigurationError: Reason.NO_KEY,
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What keeping needs besides the database."""

    store: RecordingStore
    keys: str | None
    law: Law

    def ring(self) -> KeyRing:
        """Return the keys.

        Raises:
            ConfigurationError: there are none: nothing is stored in the clear.
        """
        return ring_from(self.keys)


def tools_of(settings: Settings) -> Tools:
    """Return those of an installation, opened once."""
    return Tools(_store(settings), settings.keys(), _law(settings.rule_packs_dir))


@lru_cache(maxsize=2)
def _store(settings: Settings) -> RecordingStore:
    return open_store(settings)


@lru_cache(maxsize=2)
def _law(folder: Path | None) -> Law:
    return load_law(folder)


async def keep(deps: BackgroundDeps, attempt_id: UUID) -> bool:
    """Keep one recording that waits. Safe to repeat; False: not now, and the row says why."""
    async with AT_ONCE:
        async with transaction(deps.sessions) as session:
            claimed = await keeping.claim(session, attempt_id, now=deps.clock.now())
        if claimed is None:
            return False
        try:
            return await _keep(deps, tools_of(deps.settings), claimed)
        except (OutdialError, OSError) as error:
            await _note(deps, claimed, error)
            return False


async def _keep(deps: BackgroundDeps, tools: Tools, claimed: Claimed) -> bool:
    wav = _wav(deps, claimed.attempt_id)
    if claimed.left_over is not None:  # whoever was at work before us was killed
        await tools.store.delete(claimed.left_over)
    ring, key = tools.ring(), new_key()
    encoded = await asyncio.to_thread(encode_wav, wav)
    sealed = await asyncio.to_thread(seal, encoded.data, key, claimed.attempt_id)
    await tools.store.put(claimed.object, sealed)
    await _read_back(tools.store, claimed, encoded, key)
    async with transaction(deps.sessions) as session:
        law = await retention.until_of(session, claimed.attempt_id, tools.law)
        sealed_key = seal_key(ring, key, claimed.attempt_id)
        ours = await keeping.settle(
            session, claimed, encoded, sealed_key, law, now=deps.clock.now()
        )
    if not ours:
        await tools.store.delete(claimed.object)
        return False
    RECORDINGS_KEPT.inc()
    log.info(
        "recording.kept",
        attempt_id=str(claimed.attempt_id),
        seconds=round(encoded.duration_s, 1),
        bytes=len(encoded.data),
    )
    await _delete_wav(deps, claimed.attempt_id)
    return True


async def _read_back(store: RecordingStore, claimed: Claimed, encoded: Encoded, key: bytes) -> None:
    """Read what was stored: only then may the WAV go."""
    try:
        stored = await store.get(claimed.object)
    except ObjectMissing as error:
        raise StoreAway(why="not there after it was stored") from error
    size = len(encoded.data)
    if await asyncio.to_thread(unseal, stored, key, claimed.attempt_id, size=size) != encoded.data:
        raise SealBroken(recording=str(claimed.attempt_id))


async def _note(deps: BackgroundDeps, claimed: Claimed, error: OutdialError | OSError) -> None:
    reason = _reason(error)
    RECORDINGS_TROUBLE.labels(reason.value).inc()
    log.error("recording.not_kept", attempt_id=str(claimed.attempt_id), reason=reason.value)
    async with transaction(deps.sessions) as session:
        if reason is Reason.FILE_MISSING:
            await keeping.give_up(session, claimed, reason)
        else:
            await keeping.postpone(session, claimed, reason, now=deps.clock.now())


def _reason(error: OutdialError | OSError) -> Reason:
    if isinstance(error, FileNotFoundError):
        return Reason.FILE_MISSING
    if isinstance(error, StoreAway):
        return Reason(error.code)
    known = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(known, Reason.NOT_READABLE)


def _wav(deps: BackgroundDeps, attempt_id: UUID) -> Path:
    return deps.settings.recordings() / f"{attempt_id}.wav"


async def _delete_wav(deps: BackgroundDeps, attempt_id: UUID) -> None:
    _wav(deps, attempt_id).unlink(missing_ok=True)
    async with transaction(deps.sessions) as session:
        await keeping.wav_gone(session, attempt_id)


async def sweep_kept(ctx: dict[str, Any]) -> int:
    """Keep what waits, delete what is left over, and count what is behind; return how many were kept."""
    deps: BackgroundDeps = ctx["deps"]
    async with transaction(deps.sessions) as session:
        await keeping.adopt(session, most=SWEEP_PAGE)
    async with deps.sessions() as session:
        waiting = await keeping.waiting(session, now=deps.clock.now(), most=SWEEP_PAGE)
        left = await keeping.with_wav(session, most=SWEEP_PAGE)
    kept = sum([await keep(deps, attempt_id) for attempt_id in waiting])
    for attempt_id in left:
        await _delete_wav(deps, attempt_id)
    await delete_files(deps)
    async with deps.sessions() as session:
        counts = await keeping.states(session)
    RECORDINGS_BEHIND.clear()
    for (state, reason), count in counts.items():
        RECORDINGS_BEHIND.labels(state, reason).set(count)
    return kept


async def sweep_retention(ctx: dict[str, Any]) -> int:
    """Delete the recordings whose time is over, and return how many."""
    deps: BackgroundDeps = ctx["deps"]
    law, gone = tools_of(deps.settings).law, 0
    while True:
        async with deps.sessions() as session:
            due = await retention.due(session, now=deps.clock.now(), most=SWEEP_PAGE)
        dropped = 0
        for attempt_id in due:
            async with transaction(deps.sessions) as session:
                dropped += await retention.drop(session, attempt_id, law, clock=deps.clock)
        gone += dropped
        await delete_files(deps)
        if not dropped:
            return gone


async def delete_files(deps: BackgroundDeps) -> int:
    """Delete the files of recordings whose key is gone; what the storage refuses is tried again."""
    async with deps.sessions() as session:
        rows = await retention.deleting(session, most=SWEEP_PAGE)
    done = 0
    for attempt_id, name in rows:
        try:
            if name is not None:
                await tools_of(deps.settings).store.delete(name)
            _wav(deps, attempt_id).unlink(missing_ok=True)
        except (StoreAway, OSError) as error:
            RECORDINGS_TROUBLE.labels(Reason.STORE_AWAY.value).inc()
            log.warning(
                "recording.not_deleted",
                attempt_id=str(attempt_id),
                error=type(error).__name__,
            )
            continue
        async with transaction(deps.sessions) as session:
            await retention.deleted(session, attempt_id, now=deps.clock.now())
            await keeping.wav_gone(session, attempt_id)
        done += 1
    return done
