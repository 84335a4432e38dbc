"""The live board: what the runner publishes, joined with what the tables say."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

import structlog
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.deps import Services
from campaigns import lifecycle
from campaigns.commands import board_key
from campaigns.models import Campaign
from campaigns.reports.figures import Figures, figures_of
from campaigns.startable import NO_AGENTS
from campaigns.states import CampaignState
from dialer.agent.states import AgentState
from dialer.db import transaction
from dialer.rows import Whose

log = structlog.get_logger()

#: How long counted figures may be shown again. All viewers of a campaign share one count.
FIGURES_LIVE_S = 1.0


_STATES = frozenset(AgentState)


def _known_states(counts: Any) -> Any:
    known = isinstance(counts, dict)
    return {key: n for key, n in counts.items() if key in _STATES} if known else counts


class Live(BaseModel):
    """What a campaign's runner publishes. Nothing is required: it may be older or newer than we."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    agents: Annotated[dict[AgentState, int], BeforeValidator(_known_states)] = Field(
        default_factory=dict
    )
    in_flight: dict[str, int] = Field(default_factory=dict)
    trunk: dict[str, Any] = Field(default_factory=dict)
    why: list[str] = Field(default_factory=list)  #: why nothing, or not more, is dialled
    notes: list[str] = Field(default_factory=list)  #: what else should be known
    placed: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """One campaign as the page shows it."""

    campaign: Campaign
    figures: Figures
    live: Live | None  #: None: no runner has published anything lately

    @property
    def agents(self) -> Mapping[AgentState, int]:
        """Return agents by state: the runner's if it speaks, else the log's."""
        return self.live.agents if self.live is not None else self.figures.agents.now

    @property
    def in_flight(self) -> Mapping[str, int]:
        """Return calls by how far they are: the runner's if it speaks, else the attempts'."""
        return self.live.in_flight if self.live is not None else self.figures.calls.in_flight

    @property
    def why(self) -> tuple[str, ...]:
        """Return why nothing, or not more, is dialled, as sentences."""
        if self.live is not None and (self.live.why or self.live.notes):
            return (*self.live.why, *self.live.notes)
        if self.campaign.state is CampaignState.RUNNING and not sum(self.agents.values()):
            return (NO_AGENTS,)
        return (self.campaign.state_reason,) if self.campaign.state_reason else ()


@dataclass(frozen=True, slots=True)
class _Count:
    campaign: Campaign
    figures: Figures
    at: float  #: monotonic, seconds


@dataclass(slots=True)
class _Counted:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    last: _Count | None = None


class Boards:
    """Boards of one process; the count of a campaign is shared by everybody who looks at it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._counted: dict[UUID, _Counted] = {}

    async def board(self, campaign_id: UUID, *, client_id: UUID, fresh: bool = False) -> Board:
        """Return the board of a client's campaign; ``fresh`` counts anew.

        Raises:
            CampaignNotFound: no such campaign, or it is another client's.
        """
        counted = self._counted.get(campaign_id, _Counted())
        async with counted.lock:
            count = counted.last
            if fresh or count is None or not _is_fit(count, client_id):
                count = counted.last = await self._count(campaign_id, client_id)
                self._counted[campaign_id] = counted  # only what exists is kept
        live = await read_live(self._services.redis, campaign_id)
        return Board(count.campaign, count.figures, live)

    async def _count(self, campaign_id: UUID, client_id: UUID) -> _Count:
        async with transaction(self._services.sessions, whose=Whose(client_id)) as session:
            campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
            now = self._services.clock.now()
            figures = await figures_of(session, campaign, now=now)
        return _Count(campaign, figures, monotonic())


def _is_fit(count: _Count, client_id: UUID) -> bool:
    """Tell whether a count may be shown again, to whom it belongs."""
    is_fresh = monotonic() - count.at <= FIGURES_LIVE_S
    return is_fresh and count.campaign.client_id == client_id


async def read_live(redis: Redis, campaign_id: UUID) -> Live | None:
    """Return what the runner published last, if that was a moment ago."""
    try:
        raw = await redis.get(board_key(campaign_id))
    except (RedisError, OSError):
        return None  # the tables still answer
    return parse_live(raw) if raw is not None else None


def parse_live(raw: bytes | str) -> Live | None:
    """Return a published board; None for one that we cannot read."""
    try:
        published = json.loads(raw)
        return Live.model_validate(published.get("live", published))
    except (ValueError, AttributeError, ValidationError):
        log.warning("board.not_understood")
        return None
