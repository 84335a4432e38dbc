"""Keys of a wall's rows, and who is sent which. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

CAMPAIGN, AGENT, TRUNK, CALLER = "c", "a", "t", "n"
QUOTA, LIST, ALARM, AGENT_ALARM = "q", "l", "x", "y"
#: The campaign in the key of what belongs to none.
EVERY = "-"


def key_of(kind: str, campaign_id: UUID | None, *rest: object) -> str:
    """Return a row's key."""
    return "/".join((kind, str(campaign_id) if campaign_id else EVERY, *map(str, rest)))


def millis(at: datetime | None) -> int | None:
    """Return an instant as milliseconds since 1970."""
    return None if at is None else round(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Audience:
    """Which rows a viewer is sent."""

    campaigns: frozenset[str] = frozenset()  #: ids; none: all
    names: bool = True  #: agents by name, and alarms about them; not on a screen in the hall

    def sees(self, key: str) -> bool:
        """Tell whether a row is one of the viewer's."""
        kind, campaign = key.split("/", 2)[:2]
        if not self.names and kind in (AGENT, AGENT_ALARM):
            return False
        return not self.campaigns or campaign == EVERY or campaign in self.campaigns
