"""Finish recordings: Asterisk's raw stereo file becomes a WAV file that any player opens."""

import asyncio
import wave
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import col, select, update

from campaigns.leads.models import Attempt
from dialer.call.recorded import greeting_name, piece_names, raw_name
from dialer.db import transaction
from dialer.ids import new_id
from workers.deps import BackgroundDeps
from workers.jobs.metrics import RECORDINGS_LOST

log = structlog.get_logger()

#: MixMonitor's D option writes two interleaved channels of 16-bit samples at the line's 8 kHz.
CHANNELS, SAMPLE_BYTES, RATE_HZ = 2, 2, 8_000
_CHUNK_FRAMES = 64 * 1024
SWEEP_PAGE = 200
#: The sweep leaves a call's own job this long, seconds.
SWEEP_AFTER_S = 10
#: A raw file that is not there this long after the call will not come any more, seconds.
GIVE_UP_AFTER_S = 600


def raw_to_wav(raw: Path, to: Path) -> int:
    """Write a raw recording as WAV, see ``join_raw``."""
    return join_raw([raw], to)


def join_raw(raws: Sequence[Path], to: Path) -> int:
    """Write the pieces of a raw recording as one WAV file and return its length in frames.

    Left is the customer, right is the agent. The WAV appears under its name only when it is whole.
    """
    part = to.with_name(f"{to.stem}.{new_id().hex}.part")  # of this call: two may write at once
    try:
        frames = _write_wav(raws, part)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return frames


def _write_wav(raws: Sequence[Path], part: Path) -> int:
    with wave.open(str(part), "wb") as target:
        target.setnchannels(CHANNELS)
        target.setsampwidth(SAMPLE_BYTES)
        target.setframerate(RATE_HZ)
        return sum(_append(raw, target) for raw in raws)


def _append(raw: Path, target: wave.Wave_write) -> int:
    frames = 0
    with raw.open("rb") as source:
        while chunk := source.read(_CHUNK_FRAMES * CHANNELS * SAMPLE_BYTES):
            whole = len(chunk) - len(chunk) % (CHANNELS * SAMPLE_BYTES)
            target.writeframes(chunk[:whole])
            frames += whole // (CHANNELS * SAMPLE_BYTES)
    return frames


async def finish_recording(ctx: dict[str, Any], attempt_id: str) -> bool:
    """Finish one attempt's recording. Safe to repeat; False when its raw file is not there."""
    deps: BackgroundDeps = ctx["deps"]
    return await finish(deps, UUID(attempt_id))


async def finish(deps: BackgroundDeps, attempt_id: UUID) -> bool:
    """Convert the raw file, store the name, and only then remove the raw file.

    What was said after gaps in the recording stands in files of its own and is joined to it. Returns
    False when the raw file is not there; after ten minutes it is not looked for any more.
    """
    raw, *pieces = raw_files(deps.settings.raw_recordings(), attempt_id)
    name = f"{attempt_id}.wav"
    folder = deps.settings.recordings()
    folder.mkdir(parents=True, exist_ok=True)
    if not raw.exists():
        await _miss(deps, attempt_id, raw.parent)
        return False
    frames = await asyncio.to_thread(join_raw, [raw, *pieces], folder / name)
    async with transaction(deps.sessions) as session:
        await session.execute(
            update(Attempt)
            .where(col(Attempt.id) == attempt_id)
            .values(recording=name, recording_raw=None)
        )
    for one in (*pieces, raw):
        one.unlink(missing_ok=True)
    log.info("recording.finished", attempt_id=str(attempt_id), seconds=round(frames / RATE_HZ, 1))
    return True


def raw_files(folder: Path, attempt_id: UUID) -> list[Path]:
    """Return the raw file of the whole call (where only its greeting was kept, that) and its pieces."""
    whole, greeting = folder / raw_name(attempt_id), folder / greeting_name(attempt_id)
    first = greeting if greeting.exists() and not whole.exists() else whole
    return [first, *sorted(folder.glob(piece_names(attempt_id)))]


async def _miss(deps: BackgroundDeps, attempt_id: UUID, folder: Path) -> None:
    """Note that a raw file is not there, and give it up when it cannot come any more."""
    # Without its folder every file is missing: then it is the set-up that must be mended.
    if not await asyncio.to_thread(folder.is_dir):
        log.warning("recording.raw_missing", attempt_id=str(attempt_id), folder_missing=True)
        return
    async with transaction(deps.sessions) as session:
        given_up = await session.execute(
            update(Attempt)
            .where(
                col(Attempt.id) == attempt_id,
                col(Attempt.recording_raw).is_not(None),
                col(Attempt.ended_at) < deps.clock.now() - timedelta(seconds=GIVE_UP_AFTER_S),
            )
            .values(recording_raw=None)
            .returning(col(Attempt.id))
        )
        lost = given_up.one_or_none() is not None
    if lost:
        RECORDINGS_LOST.inc()
        log.error("recording.lost", attempt_id=str(attempt_id))
    else:
        log.warning("recording.raw_missing", attempt_id=str(attempt_id))


async def sweep_recordings(ctx: dict[str, Any]) -> int:
    """Finish recordings whose job was lost; return how many."""
    deps: BackgroundDeps = ctx["deps"]
    finished = 0
    last: UUID | None = None
    # By id, each once: one that cannot be finished now does not keep the others waiting.
    while page := await _unfinished(deps, after=last):
        for attempt_id in page:
            try:
                finished += await finish(deps, attempt_id)
            except OSError as error:
                log.warning(
                    "recording.not_finished", attempt_id=str(attempt_id), error=error.strerror
                )
        last = page[-1]
    return finished


async def _unfinished(deps: BackgroundDeps, *, after: UUID | None) -> list[UUID]:
    """Return the next attempts in the order of their ids whose recording is not finished."""
    statement = (
        select(Attempt.id)
        .where(
            col(Attempt.recording_raw).is_not(None),
            col(Attempt.ended_at) < deps.clock.now() - timedelta(seconds=SWEEP_AFTER_S),
        )
        .order_by(col(Attempt.id))
        .limit(SWEEP_PAGE)
    )
    if after is not None:
        statement = statement.where(col(Attempt.id) > after)
    async with deps.sessions() as session:
        return list(await session.exec(statement))
