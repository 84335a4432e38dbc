"""The only source of "now"."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def steady_s(self) -> float:
        """Return seconds that only ever pass, from any origin: whoever sets the clock does not move it."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def steady_s(self) -> float:
        """Return seconds that only ever pass."""
        return time.monotonic()


class FrozenClock:
    """A clock that moves only when told: for tests, replays and virtual time."""

    def __init__(self, at: datetime) -> None:
        """Stop the clock at ``at`` (aware)."""
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._at = at.astimezone(UTC)
        self._steady_s = 0.0

    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return self._at

    def steady_s(self) -> float:
        """Return the seconds by which it was moved forward."""
        return self._steady_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward by ``seconds``: they pass."""
        self._at += timedelta(seconds=seconds)
        self._steady_s += seconds

    def set_by(self, seconds: float) -> None:
        """Set the clock by ``seconds`` (below 0: back); no time passes."""
        self._at += timedelta(seconds=seconds)
