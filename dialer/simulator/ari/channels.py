"""One channel, its snapshot, and the register of those alive."""

from asyncio import TimerHandle
from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.media import Playback
from dialer.simulator.behaviour import Behaviour

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, eq=False)
class Channel:
    """A channel between Asterisk and a customer, an agent's phone or a snooped channel."""

    id: str
    name: str
    app: str
    app_args: tuple[str, ...]
    number: str  #: the customer's number, or the agent's endpoint
    trunk: str  #: empty for an agent's phone and a snoop
    created: str  #: ARI timestamp
    shown: tuple[str, ...]  #: variables that belong in the snapshot ("channelvars")
    variables: dict[str, str]
    person: Behaviour | None = None
    snoops: "list[Channel]" = field(default_factory=list)
    state: str = "Down"
    in_stasis: bool = True
    originated: bool = False  #: made by POST /channels: enters Stasis only when answered
    dialled: bool = False
    context: str = "default"
    bridge: Bridge | None = None
    playbacks: list[Playback] = field(default_factory=list)
    timers: list[TimerHandle] = field(default_factory=list)
    listeners: set[str] = field(init=False)  #: applications that are told its end
    hears_music: bool = False
    keys: str = ""  #: sent to it by ARI
    silent_since_s: float | None = None  #: of the loop's clock: nothing arrives from it any more
    _snapshot: msgspec.Raw | None = None

    def __post_init__(self) -> None:
        """Let the application that makes it hear its end, whoever has it then."""
        self.listeners = {self.app}

    @property
    def is_up(self) -> bool:
        """Return whether the channel has been answered."""
        return self.state == "Up"

    def changed(self) -> None:
        """Forget the snapshot: something in it is different now."""
        self._snapshot = None

    def quiet(self) -> None:
        """Cancel everything that was going to happen to this channel."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()

    def snapshot(self) -> msgspec.Raw:
        """Return the channel as ARI shows it, in JSON."""
        if self._snapshot is None:
            self._snapshot = msgspec.Raw(_encode(self._as_ari()))
        return self._snapshot

    def _as_ari(self) -> dict[str, object]:
        # A leg that is still ringing shows the dialler's application, not ours.
        outgoing = self.dialled and not self.is_up
        if outgoing:
            app_name, app_data = "AppDial2", "(Outgoing Line)"
        elif self.in_stasis:
            app_name, app_data = "Stasis", ",".join((self.app, *self.app_args))
        else:
            app_name, app_data = "", ""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": f"{self.id}@simulator",
            "caller": {"name": "", "number": self.number if self.trunk else ""},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": self.context,
                "exten": "s",
                "priority": 1,
                "app_name": app_name,
                "app_data": app_data,
            },
            "creationtime": self.created,
            "language": "en",
            "channelvars": {name: self.variables.get(name, "") for name in self.shown},
        }


class Channels:
    """The channels alive, found by id without regard to case."""

    def __init__(self) -> None:
        self._by_id: dict[str, Channel] = {}
        self._sorted: list[str] = []

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Channel]:
        return iter(list(self._by_id.values()))

    def __contains__(self, channel_id: str) -> bool:
        return channel_id.lower() in self._by_id

    def get(self, channel_id: str) -> Channel | None:
        """Return the live channel of this id, if there is one."""
        return self._by_id.get(channel_id.lower())

    def is_taken(self, channel_id: str) -> bool:
        """Return whether Asterisk would refuse this id for a new channel.

        It compares new ids as prefixes, so with ``abc`` alive neither ``ABC`` nor ``ab`` is free,
        while ``abcd`` is.
        """
        key = channel_id.lower()
        at = bisect_left(self._sorted, key)
        return at < len(self._sorted) and self._sorted[at].startswith(key)

    def add(self, channel: Channel) -> None:
        """Register a new channel."""
        key = channel.id.lower()
        self._by_id[key] = channel
        insort(self._sorted, key)

    def remove(self, channel: Channel) -> bool:
        """Forget a channel; false when it was gone already."""
        key = channel.id.lower()
        if self._by_id.get(key) is not channel:
            return False
        del self._by_id[key]
        del self._sorted[bisect_left(self._sorted, key)]
        return True

    def clear(self) -> None:
        """Forget every channel and what was going to happen to it."""
        for channel in self:
            channel.quiet()
        self._by_id.clear()
        self._sorted.clear()
