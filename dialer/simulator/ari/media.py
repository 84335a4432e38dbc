"""Prompts: what is being played, and the requests that have to wait for its end."""

from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Playback:
    """One prompt on a channel or a bridge, from queued to done."""

    id: str
    app: str
    target: str  #: "channel:<id>" or "bridge:<id>"
    media: str
    language: str = "en"
    state: str = "queued"
    timer: TimerHandle | None = None
    waiting: list[Callable[[], None]] = field(default_factory=list)  #: called at its end

    def as_ari(self) -> dict[str, object]:
        """Return the playback as ARI shows it."""
        return {
            "id": self.id,
            "media_uri": self.media,
            "target_uri": self.target,
            "language": self.language,
            "state": self.state,
        }
