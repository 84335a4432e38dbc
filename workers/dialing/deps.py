"""What a dialing worker's parts share."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from compliance.dnc.shelf import DncShelf
from compliance.facts import Law
from dialer.ari.connection import AriEndpoint
from dialer.clock import Clock
from dialer.db import SessionFactory
from dialer.jobs import JobQueue
from dialer.pacing.breaker import BreakerPolicy
from dialer.settings import Settings


@dataclass(frozen=True, slots=True)
class DialingDeps:
    """Opened once per process."""

    worker_id: str
    settings: Settings
    sessions: SessionFactory
    redis: Redis
    jobs: JobQueue
    clock: Clock
    ari: AriEndpoint
    law: Law
    shelf: DncShelf
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
