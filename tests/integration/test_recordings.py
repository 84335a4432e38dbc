"""Raw recordings become WAV files, and those that are missing keep nobody waiting."""

import wave
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from campaigns.leads.models import Attempt, Lead
from dialer.call.recorded import greeting_name, piece_name, raw_name
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.settings import Settings
from tests.factories import make_campaign, numbers
from tests.tones import read_wav
from workers.deps import BackgroundDeps
from workers.jobs import recordings
from workers.jobs.metrics import RECORDINGS_LOST
from workers.jobs.recordings import join_raw, raw_files

FRAMES = 80


@pytest.fixture
def deps(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> BackgroundDeps:
    raw = tmp_path / "raw"
    raw.mkdir()
    settings = Settings().model_copy(
        update={"recordings_dir": tmp_path / "done", "raw_recordings_dir": raw}
    )
    return BackgroundDeps(settings, sessions, clock)


async def _talks(deps: BackgroundDeps, *ended_s_ago: float) -> list[UUID]:
    """Store a recorded attempt for each; the raw files are the test's business."""
    now = deps.clock.now()
    async with transaction(deps.sessions) as session:
        made = await make_campaign(session, now, leads=numbers(len(ended_s_ago)))
        attempts = []
        for number, ago_s in enumerate(ended_s_ago):
            lead = await session.get_one(Lead, made.lead_ids[number])
            attempt = Attempt(
                client_id=made.client_id,
                campaign_id=made.id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                e164=numbers(1, number)[0],
                trunk_id=made.trunk_id,
                fence=0,
                number_in_lead=1,
                started_at=now - timedelta(hours=1),
                ended_at=now - timedelta(seconds=ago_s),
                outcome=CallOutcome.CONNECTED,
            )
            attempt.recording_raw = f"{attempt.id.hex}.raw"
            session.add(attempt)
            attempts.append(attempt.id)
    return attempts


def _record(deps: BackgroundDeps, attempt_id: UUID) -> Path:
    raw = deps.settings.raw_recordings() / f"{attempt_id.hex}.raw"
    raw.write_bytes(b"\x01\x02\x03\x04" * FRAMES)
    return raw


async def _names(deps: BackgroundDeps, attempt_id: UUID) -> tuple[str | None, bool]:
    async with deps.sessions() as session:
        attempt = await session.get_one(Attempt, attempt_id)
    return attempt.recording, attempt.recording_raw is not None


async def test_missing_raw_files_are_given_up_and_starve_nobody(
    deps: BackgroundDeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "SWEEP_PAGE", 2)
    *missing, fresh, there, live = await _talks(deps, 3600, 3600, 601, 300, 300, 5)
    raw = _record(deps, there)
    lost_before = RECORDINGS_LOST._value.get()
    assert await recordings.sweep_recordings({"deps": deps}) == 1
    assert await _names(deps, there) == (f"{there}.wav", False)
    assert not raw.exists()
    for attempt_id in missing:
        assert await _names(deps, attempt_id) == (None, False)
    assert RECORDINGS_LOST._value.get() - lost_before == len(missing)
    for attempt_id in (fresh, live):
        assert await _names(deps, attempt_id) == (None, True)
    finished = deps.settings.recordings()
    assert [path.name for path in finished.iterdir()] == [f"{there}.wav"]
    with wave.open(str(finished / f"{there}.wav"), "rb") as talk:
        assert (talk.getnchannels(), talk.getnframes()) == (2, FRAMES)


async def test_without_the_folder_nothing_is_given_up(deps: BackgroundDeps) -> None:
    (attempt_id,) = await _talks(deps, 3600)
    deps.settings.raw_recordings().rmdir()
    assert await recordings.sweep_recordings({"deps": deps}) == 0
    assert await _names(deps, attempt_id) == (None, True)


async def test_a_file_that_cannot_be_read_does_not_stop_the_sweep(deps: BackgroundDeps) -> None:
    broken, good = await _talks(deps, 300, 300)
    (deps.settings.raw_recordings() / f"{broken.hex}.raw").mkdir()
    _record(deps, good)
    assert await recordings.sweep_recordings({"deps": deps}) == 1
    assert await _names(deps, broken) == (None, True)
    assert await _names(deps, good) == (f"{good}.wav", False)


def test_pieces_after_gaps_are_joined_in_their_order(tmp_path: Path) -> None:
    """What another call has, or a greeting, is none of it."""
    call_id, frame = new_id(), b"\1\0\1\0"
    (tmp_path / raw_name(call_id)).write_bytes(frame * 100)
    for value in (2, 3):
        piece = tmp_path / piece_name(call_id, new_id())
        piece.write_bytes(bytes((value, 0, value, 0)) * 50)
    (tmp_path / piece_name(new_id(), new_id())).write_bytes(frame)
    (tmp_path / greeting_name(call_id)).write_bytes(frame)
    files = raw_files(tmp_path, call_id)
    assert len(files) == 3
    assert join_raw(files, tmp_path / "whole.wav") == 200
    left, _ = read_wav(tmp_path / "whole.wav")
    assert list(left) == [1] * 100 + [2] * 50 + [3] * 50
