"""What a background worker's jobs share."""

from dataclasses import dataclass

from dialer.clock import Clock
from dialer.db import SessionFactory
from dialer.settings import Settings


@dataclass(frozen=True, slots=True)
class BackgroundDeps:
    """Opened once per process."""

    settings: Settings
    sessions: SessionFactory
    clock: Clock
