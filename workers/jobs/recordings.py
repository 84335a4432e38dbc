"""Finish recordings: Asterisk's raw stereo file becomes a WAV file that any player opens."""

import asyncio
import errno
import wave
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import col, select, update

from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart
from campaigns.recordings.keeping import put_state
from campaigns.recordings.models import Reason, RecordingState
from dialer.call.recorded import greeting_name, piece_names, raw_name
from dialer.call.talks import PartEnd, PartKind
from dialer.db import affected, transaction
from dialer.ids import new_id
from workers.deps import BackgroundDeps
from workers.jobs.kept_recordings import keep
from workers.jobs.metrics import RECORDINGS_LOST, RECORDINGS_TROUBLE

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


def join_raw(raws: Sequence[Path], to: Path, starts_s: Sequence[float] = ()) -> int:
    """Write the pieces of a raw recording as one WAV file and return its length in frames.

    Left is the customer, right is the agent. ``starts_s`` says when in the call each piece after the
    first began, seconds: what was not recorded is silent, so that an instant of the talk is the same
    instant of the recording. The WAV appears under its name only when it is whole.
    """
    part = to.with_name(f"{to.stem}.{new_id().hex}.part")  # of this call: two may write at once
    try:
        frames = _write_wav(raws, part, starts_s)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return frames


def _write_wav(raws: Sequence[Path], part: Path, starts_s: Sequence[float]) -> int:
    with wave.open(str(part), "wb") as target:
        target.setnchannels(CHANNELS)
        target.setsampwidth(SAMPLE_BYTES)
        target.setframerate(RATE_HZ)
        frames = 0
        for number, raw in enumerate(raws):
            start_s = starts_s[number - 1] if 0 < number <= len(starts_s) else 0.0
            frames += _pad(round(start_s * RATE_HZ) - frames, target)
            frames += _append(raw, target)
        return frames


def _pad(frames: int, target: wave.Wave_write) -> int:
    """Write silence, and return how much; none where the piece begins at once."""
    left = frames
    while left > 0:
        now = min(left, _CHUNK_FRAMES)
        target.writeframes(bytes(now * CHANNELS * SAMPLE_BYTES))
        left -= now
    return max(0, frames)


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
    False when the raw file is not there; after ten minutes it is not looked for any more. A WAV that
    cannot be written, such as on a full disk, is told by the row; the raw file stays.
    """
    raw, *pieces = raw_files(deps.settings.raw_recordings(), attempt_id)
    if not raw.exists():
        await _miss(deps, attempt_id, raw.parent)
        return False
    wav = deps.settings.recordings() / f"{attempt_id}.wav"
    try:
        wav.parent.mkdir(parents=True, exist_ok=True)
        frames = await asyncio.to_thread(
            join_raw, [raw, *pieces], wav, await _starts_s(deps, attempt_id)
        )
    except OSError as error:
        await _not_written(deps, attempt_id, error)
        raise
    if not await _finished(deps, attempt_id, wav):
        return False
    for one in (*pieces, raw):
        one.unlink(missing_ok=True)
    log.info("recording.finished", attempt_id=str(attempt_id), seconds=round(frames / RATE_HZ, 1))
    await keep(deps, attempt_id)
    return True


async def _finished(deps: BackgroundDeps, attempt_id: UUID, wav: Path) -> bool:
    """Note the WAV; False: another did meanwhile, or the person was erased, and the WAV goes."""
    async with transaction(deps.sessions) as session:
        noted = await session.execute(
            update(Attempt)
            .where(col(Attempt.id) == attempt_id, col(Attempt.recording_raw).is_not(None))
            .values(recording=wav.name, recording_raw=None)
        )
        if affected(noted):
            now = deps.clock.now()
            await put_state(session, attempt_id, RecordingState.WAITING, Reason.NONE, now=now)
            return True
        attempt = await session.get(Attempt, attempt_id, with_for_update=True)
        if attempt is None or attempt.recording != wav.name:
            await asyncio.to_thread(wav.unlink, missing_ok=True)
    return False


async def _not_written(deps: BackgroundDeps, attempt_id: UUID, error: OSError) -> None:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = Reason.DISK_FULL if full else Reason.NOT_READABLE
    RECORDINGS_TROUBLE.labels(reason.value).inc()
    async with transaction(deps.sessions) as session:
        await put_state(session, attempt_id, RecordingState.RAW, reason, now=deps.clock.now())


async def _starts_s(deps: BackgroundDeps, attempt_id: UUID) -> list[float]:
    """Return when the pieces after gaps began, seconds from the answer."""
    async with deps.sessions() as session:
        answered_at = await session.scalar(
            select(Attempt.answered_at).where(col(Attempt.id) == attempt_id)
        )
        ends = await session.exec(
            select(CallPart.ended_at)
            .where(
                col(CallPart.attempt_id) == attempt_id,
                col(CallPart.kind) == PartKind.UNRECORDED,
                col(CallPart.ending) == PartEnd.RESUMED,
            )
            .order_by(col(CallPart.began_at))
        )
    if answered_at is None:
        return []
    return [(end - answered_at).total_seconds() for end in ends if end is not None]


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
            now = deps.clock.now()
            await put_state(session, attempt_id, RecordingState.FAILED, Reason.RAW_MISSING, now=now)
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
