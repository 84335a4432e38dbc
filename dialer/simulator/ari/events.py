"""Applications and the events they are sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from dialer.clock import Clock

#: What Asterisk calls itself in every event: the MAC address of its host.
ASTERISK_ID = "02:00:00:00:00:01"

_encode = msgspec.json.Encoder().encode


class Timestamps:
    """ARI's timestamps: the clock is read once, then the monotonic clock leads."""

    def __init__(self, clock: Clock) -> None:
        self._started_at = clock.now()
        self._epoch_s = self._started_at.timestamp() - monotonic()
        self._second = -1
        self._prefix = ""

    def now(self) -> str:
        """Return the present instant, to the millisecond, in UTC."""
        second, fraction = divmod(self._epoch_s + monotonic(), 1)
        if second != self._second:
            moment = self._started_at.fromtimestamp(second, self._started_at.tzinfo)
            self._second = int(second)
            self._prefix = moment.strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._prefix}.{int(fraction * 1000):03d}+0000"


@dataclass(slots=True, eq=False)
class Application:
    """A Stasis application: the newest websocket that named it hears its events."""

    name: str
    sink: Callable[[bytes], None] | None = None
    allowed: frozenset[str] = frozenset()
    disallowed: frozenset[str] = frozenset()

    def wants(self, kind: str) -> bool:
        """Return whether the event filter lets this type of event through."""
        if kind in self.disallowed:
            return False
        return not self.allowed or kind in self.allowed


@dataclass(slots=True, eq=False)
class Events:
    """The applications by name, and the way to tell them something."""

    timestamps: Timestamps
    applications: dict[str, Application] = field(default_factory=dict)

    def connect(self, name: str, sink: Callable[[bytes], None]) -> Application:
        """Give the application to a new websocket; the one it had before is told so."""
        application = self.applications.setdefault(name, Application(name))
        if application.sink is not None:
            self.emit(name, "ApplicationReplaced")
        application.sink = sink
        return application

    def disconnect(self, name: str, sink: Callable[[bytes], None], *, keep: bool) -> None:
        """Take the socket away, unless a newer one has the application; forget it unless ``keep``."""
        application = self.applications.get(name)
        if application is None or application.sink != sink:
            return
        application.sink = None
        if not keep:
            del self.applications[name]

    def is_connected(self, name: str) -> bool:
        """Return whether some websocket would hear the application's events."""
        application = self.applications.get(name)
        return application is not None and application.sink is not None

    def emit(self, name: str, kind: str, **facts: object) -> None:
        """Send an event of type ``kind`` to the application, if it is connected and wants it."""
        application = self.applications.get(name)
        if application is None or application.sink is None or not application.wants(kind):
            return
        application.sink(
            _encode(
                {
                    "type": kind,
                    "timestamp": self.timestamps.now(),
                    **facts,
                    "asterisk_id": ASTERISK_ID,
                    "application": name,
                }
            )
        )
