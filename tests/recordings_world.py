"""Recorded calls for tests: attempts with raw files of two tones, and the job's surroundings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from pydantic import SecretStr

from campaigns.leads.models import Attempt, Lead
from campaigns.recordings.listening import open_recording
from campaigns.recordings.models import Recording
from campaigns.recordings.opus import RATE_HZ, decode
from campaigns.recordings.store import RecordingStore, open_store
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.sealing import ring_from
from dialer.settings import Settings
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.world import SECRET_KEY
from workers.deps import BackgroundDeps

AGENT_HZ, CUSTOMER_HZ = 1_000, 440
#: A worker that is killed where it calls the function that its arguments name.
KILLED = """
import asyncio, os, signal, sys
from uuid import UUID
import campaigns.tables
from dialer.clock import FrozenClock
from dialer.db import make_engine, make_sessions
from dialer.settings import load
from datetime import datetime
from workers.deps import BackgroundDeps
from workers.jobs import kept_recordings

def die(*args, **named):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    setattr(kept_recordings, sys.argv[2], die)
    settings = load()
    clock = FrozenClock(datetime.fromisoformat(sys.argv[3]))
    deps = BackgroundDeps(settings, make_sessions(make_engine(settings.database())), clock)
    await kept_recordings.keep(deps, UUID(sys.argv[1]))

asyncio.run(main())
"""


@dataclass
class Recorded:
    """A campaign with recorded calls that have ended."""

    deps: BackgroundDeps
    clock: FrozenClock
    made: MadeCampaign
    attempts: Sequence[UUID]

    @property
    def settings(self) -> Settings:
        """The job's settings."""
        return self.deps.settings

    @property
    def store(self) -> RecordingStore:
        """The storage."""
        return open_store(self.settings)

    def raw(self, attempt_id: UUID) -> Path:
        """Return where Asterisk's file is."""
        return self.settings.raw_recordings() / f"{attempt_id.hex}.raw"

    def wav(self, attempt_id: UUID) -> Path:
        """Return where the WAV is for a moment."""
        return self.settings.recordings() / f"{attempt_id}.wav"

    async def row(self, attempt_id: UUID) -> Recording:
        """Return what became of a recording."""
        async with self.deps.sessions() as session:
            return await session.get_one(Recording, attempt_id)

    async def heard(self, attempt_id: UUID) -> np.ndarray:
        """Return the frames (agent, customer) of a kept recording."""
        row = await self.row(attempt_id)
        ring = ring_from(self.settings.keys())
        return np.concatenate(list(decode(await open_recording(row, self.store, ring).whole())))

    def with_settings(self, **changes: object) -> BackgroundDeps:
        """Return the job's surroundings, changed."""
        settings = self.settings.model_copy(update=changes)
        return BackgroundDeps(settings, self.deps.sessions, self.clock)


def write_raw(path: Path, seconds: float) -> None:
    """Write what MixMonitor writes: the customer's samples, then the agent's."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    both = np.stack([np.sin(2 * np.pi * hz * time_s) for hz in (CUSTOMER_HZ, AGENT_HZ)], 1)
    path.write_bytes((both * (8000, 3000)).astype("<i2").tobytes())


def share(samples: np.ndarray, hz: int) -> float:
    """Return how much of the sound is one tone: 0 none, 1 nothing else."""
    sound = samples.astype(float)
    turn = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / RATE_HZ)
    energy = float(sound @ sound)
    return 2 * abs(complex((sound * turn).sum())) ** 2 / (len(sound) * energy) if energy else 0.0


async def recorded(
    sessions: SessionFactory, clock: FrozenClock, folder: Path, *, calls: int, seconds: float = 3
) -> Recorded:
    """Store calls that ended a minute ago, with the files of their talks."""
    raw = folder / "raw"
    raw.mkdir()
    settings = Settings().model_copy(
        update={
            "recordings_dir": folder / "done",
            "raw_recordings_dir": raw,
            "recording_store": str(folder / "store"),
            "secret_keys": SecretStr(SECRET_KEY),
        }
    )
    now = clock.now()
    attempts = []
    async with transaction(sessions) as session:
        made = await make_campaign(session, now, leads=numbers(calls))
        for number in range(calls):
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
                started_at=now - timedelta(seconds=70 + seconds),
                answered_at=now - timedelta(seconds=60 + seconds),
                connected_at=now - timedelta(seconds=60 + seconds),
                ended_at=now - timedelta(seconds=60),
                outcome=CallOutcome.CONNECTED,
                disposition="sale",
                disposed_at=now - timedelta(seconds=50),
            )
            attempt.recording_raw = f"{attempt.id.hex}.raw"
            session.add(attempt)
            attempts.append(attempt.id)
            write_raw(raw / attempt.recording_raw, seconds)
    return Recorded(BackgroundDeps(settings, sessions, clock), clock, made, attempts)
