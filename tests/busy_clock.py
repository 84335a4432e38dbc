"""A clock that a test sets while several processes read it."""

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from dialer.clock import SystemClock

_SECONDS = struct.Struct("d")


class SharedClock:
    """The machine's clock, moved by as many seconds as a file says; whoever opens the file shares it."""

    def __init__(self, path: Path) -> None:
        """Open the clock's file; a new one moves nothing."""
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._moved = mmap.mmap(file.fileno(), _SECONDS.size)
        self._machine = SystemClock()
        self.path = path

    @property
    def _moved_s(self) -> float:
        moved_s: float = _SECONDS.unpack_from(self._moved)[0]
        return moved_s

    def now(self) -> datetime:
        """Return the present instant, as everybody with this clock sees it."""
        return self._machine.now() + timedelta(seconds=self._moved_s)

    def steady_s(self) -> float:
        """Return seconds that only ever pass: setting the clock does not move them."""
        return self._machine.steady_s()

    def set_by(self, moved_by: timedelta) -> None:
        """Set the clock, for everybody at once."""
        _SECONDS.pack_into(self._moved, 0, self._moved_s + moved_by / timedelta(seconds=1))

    def set_to(self, at: datetime) -> None:
        """Set the clock to an instant."""
        self.set_by(at - self.now())
