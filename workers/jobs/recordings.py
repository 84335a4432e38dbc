"""Finish recordings: Asterisk's raw stereo file becomes a WAV file that any player opens."""

import asyncio
import wave
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, update

from campaigns.leads.models import Attempt
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: MixMonitor's D option writes two interleaved channels of 16-bit samples at the line's 8 kHz.
CHANNELS, SAMPLE_BYTES, RATE_HZ = 2, 2, 8_000
_CHUNK_FRAMES = 64 * 1024
SWEEP_LIMIT = 200


def raw_to_wav(raw: Path, to: Path) -> int:
    """Write a raw recording as WAV and return its length in frames.

    Left is the customer, right is the agent. The WAV appears under its name only when it is whole.
    """
    part = to.with_suffix(".part")
    frames = 0
    with raw.open("rb") as source, wave.open(str(part), "wb") as target:
        target.setnchannels(CHANNELS)
        target.setsampwidth(SAMPLE_BYTES)
        target.setframerate(RATE_HZ)
        while chunk := source.read(_CHUNK_FRAMES * CHANNELS * SAMPLE_BYTES):
            whole = len(chunk) - len(chunk) % (CHANNELS * SAMPLE_BYTES)
            target.writeframes(chunk[:whole])
            frames += whole // (CHANNELS * SAMPLE_BYTES)
    part.replace(to)
    return frames


async def finish_recording(ctx: dict[str, Any], attempt_id: str) -> bool:
    """Finish one attempt's recording. Safe to repeat; False when its raw file is not there."""
    deps: BackgroundDeps = ctx["deps"]
    return await finish(deps, UUID(attempt_id))


async def finish(deps: BackgroundDeps, attempt_id: UUID) -> bool:
    """Convert the raw file, store the name, and only then remove the raw file."""
    raw = deps.settings.raw_recordings() / f"{attempt_id.hex}.raw"
    name = f"{attempt_id}.wav"
    folder = deps.settings.recordings()
    folder.mkdir(parents=True, exist_ok=True)
    if not raw.exists():
        log.warning("recording.raw_missing", attempt_id=str(attempt_id))
        return False
    frames = await asyncio.to_thread(raw_to_wav, raw, folder / name)
    async with transaction(deps.sessions) as session:
        await session.execute(
            update(Attempt)
            .where(col(Attempt.id) == attempt_id)
            .values(recording=name, recording_raw=None)
        )
    raw.unlink(missing_ok=True)
    log.info("recording.finished", attempt_id=str(attempt_id), seconds=round(frames / RATE_HZ, 1))
    return True


async def sweep_recordings(ctx: dict[str, Any]) -> int:
    """Finish recordings whose job was lost; return how many."""
    deps: BackgroundDeps = ctx["deps"]
    async with deps.sessions() as session:
        rows = await session.execute(
            text(
                "SELECT id FROM attempt WHERE recording_raw IS NOT NULL"
                " AND ended_at < now() - interval '10 seconds' ORDER BY ended_at LIMIT :limit"
            ),
            {"limit": SWEEP_LIMIT},
        )
        due = [row.id for row in rows]
    finished = 0
    for attempt_id in due:
        finished += await finish(deps, attempt_id)
    return finished
