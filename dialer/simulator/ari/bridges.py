"""One mixing or holding bridge and its snapshot."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from dialer.simulator.ari.channels import Channel

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, eq=False)
class Bridge:
    """A bridge. ``members`` keeps the order of entering."""

    id: str
    name: str
    kind: str  #: "mixing" or "holding"
    created: str  #: ARI timestamp
    app: str = ""  #: the application that hears of it; empty until one is known
    members: dict[str, "Channel"] = field(default_factory=dict)
    hears_music: bool = False
    _snapshot: msgspec.Raw | None = None

    def changed(self) -> None:
        """Forget the snapshot: something in it is different now."""
        self._snapshot = None

    def snapshot(self) -> msgspec.Raw:
        """Return the bridge as ARI shows it, in JSON."""
        if self._snapshot is None:
            self._snapshot = msgspec.Raw(_encode(self._as_ari()))
        return self._snapshot

    def _as_ari(self) -> dict[str, object]:
        return {
            "id": self.id,
            "technology": "holding_bridge" if self.kind == "holding" else "simple_bridge",
            "bridge_type": self.kind,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": [channel.id for channel in self.members.values()],
            "creationtime": self.created,
            "video_mode": "none",
        }
