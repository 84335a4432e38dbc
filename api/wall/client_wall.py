"""One client's wall in this process: looked at once for all viewers, told to each as it changes.

Runners tell each change of an agent at once; a look at the tables twice a second finds what was not told;
counts are made every few seconds. A viewer more costs no look and no count more.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from api.channels import listen
from api.deps import Services
from api.pages.board import parse_live
from api.wall.keys import CAMPAIGN, Audience, key_of, millis
from api.wall.rows import RowMaker, Told, campaign_row
from campaigns.commands import agents_channel, board_channel, board_key, lease_key
from campaigns.desk.moments import read_notice
from campaigns.wall.looking import AgentNow, Look, after_look, after_notice, look
from campaigns.wall.patches import Journal, Patch, Row
from campaigns.wall.reading import Reader
from dialer.db import transaction
from dialer.errors import OutdialError
from dialer.rows import Whose

log = structlog.get_logger()

#: The tables are looked at this often: they tell what a lost notice did not.
LOOK_S = 0.5
#: Counts are made this often.
COUNT_S = 5.0
#: Changes are sent at most this often; what comes meanwhile goes together.
GAP_S = 0.15
#: A worker that takes a campaign over, or a Redis that was emptied, writes the lease within this.
LEASE_GRACE = timedelta(seconds=3)
_AWAY = (SQLAlchemyError, OSError, OutdialError)


@dataclass(eq=False, slots=True)
class Viewer:
    """One page or screen that shows the wall."""

    audience: Audience
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, within_s: float) -> None:
        """Wait for changes, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self.news.wait()
        self.news.clear()


class ClientWall:
    """The rows of one client, and who watches them."""

    def __init__(self, services: Services, client_id: UUID) -> None:
        """Know nothing yet; ``run()`` looks."""
        self._services, self.client_id = services, client_id
        self._whose = Whose(client_id)
        self.epoch = uuid4().hex[
            :12
        ]  #: numbers of another process, or of an earlier wall, mean nothing
        self.journal = Journal()
        self.viewers: set[Viewer] = set()
        self.looked_at: datetime | None = None  #: the last look at the tables that succeeded
        self.redis_away_since: datetime | None = None
        self.is_known = asyncio.Event()  #: there is something to show
        self._reader = Reader(client_id)
        self._look: Look | None = None
        self._agents: dict[UUID, AgentNow] = {}
        self._told: dict[UUID, Told] = {}
        self._boards: dict[UUID, bytes | str] = {}  #: as they were published last
        self._alive_at: dict[UUID, datetime] = {}
        self._maker = RowMaker()
        self._changed, self._looked = asyncio.Event(), asyncio.Event()
        self._texts: dict[Audience, tuple[int, str]] = {}
        self._patches: dict[tuple[Audience, int], str] = {}

    async def run(self) -> None:
        """Listen, look, count and tell for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(self._services.redis, self._channels, self._take))
            group.create_task(self._look_for_ever())
            group.create_task(self._count_for_ever())
            group.create_task(self._tell_for_ever())

    # --- what viewers ask ------------------------------------------------------------------

    def snapshot(self, audience: Audience) -> str:
        """Return all rows of an audience as JSON; viewers who come together share the text."""
        known = self._texts.get(audience)
        if known is None or known[0] != self.journal.number:
            rows = {key: row for key, row in self.journal.rows.items() if audience.sees(key)}
            known = self._texts[audience] = self.journal.number, _text(rows)
        return known[1]

    def changes(self, audience: Audience, since: int) -> str | None:
        """Return what changed after a number as JSON; None: too long ago, a snapshot is due."""
        known = self._patches.get((audience, since))
        if known is None:
            patch: Mapping[str, Row | None] | None = self.journal.since(since)
            if patch is None:
                return None
            mine = {key: row for key, row in patch.items() if audience.sees(key)}
            known = self._patches[audience, since] = _text(mine) if mine else ""
        return known

    def now_ms(self) -> int:
        """Return the server's clock as milliseconds: browsers' clocks may be wrong by hours."""
        return millis(self._services.clock.now()) or 0

    # --- what runners tell -----------------------------------------------------------------

    def _take(self, channel: str, raw: bytes) -> None:
        campaign = UUID(channel.rsplit(":", 1)[1])
        if channel == board_channel(campaign):
            self._take_board(campaign, raw)
            return
        told = read_notice(raw)
        known = self._agents.get(told.session_id) if told is not None else None
        if told is None or known is None:
            return  # the look finds a shift that began
        agent = after_notice(known, told)
        if agent is not known:
            self._agents[told.session_id] = agent
            self._changed.set()

    def _take_board(self, campaign: UUID, raw: bytes | str | None) -> None:
        if raw is None or self._boards.get(campaign) == raw:
            return
        self._boards[campaign] = raw
        live = parse_live(raw)
        if live is None:
            return
        told = Told((*live.why, *live.notes), heard=True)
        if self._told.get(campaign) != told:
            self._told[campaign] = told
            self._changed.set()

    def _channels(self) -> set[str]:
        here = self._look.campaigns if self._look else {}
        return {name(one) for one in here for name in (agents_channel, board_channel)}

    # --- what the tables say ---------------------------------------------------------------

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except _AWAY as error:  # pages keep what they show, and say since when
                log.warning("wall.database_away", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look at the tables and at the leases once."""
        async with transaction(self._services.sessions, whose=self._whose) as session:
            seen = await look(session, self.client_id, self._services.clock.now())
        agents = {one: after_look(self._agents.get(one), row) for one, row in seen.agents.items()}
        self._look, self._agents, self.looked_at = seen, agents, seen.at
        await self._ask_redis(list(seen.campaigns))
        self._looked.set()
        self._changed.set()

    async def _ask_redis(self, ids: Sequence[UUID]) -> None:
        try:
            keys = [name(one) for one in ids for name in (lease_key, board_key)]
            values = await self._services.redis.mget(keys) if keys else []
        except (RedisError, OSError):
            self.redis_away_since = self.redis_away_since or self._services.clock.now()
            return
        self.redis_away_since = None
        now = self._services.clock.now()
        for one, lease, board in zip(ids, values[::2], values[1::2], strict=True):
            if lease is not None or one not in self._alive_at:
                self._alive_at[one] = now
            self._take_board(one, board)  # a notice may have been lost

    async def _count_for_ever(self) -> None:
        await self._looked.wait()
        while True:
            try:
                await self.count()
            except _AWAY as error:
                log.warning("wall.not_counted", error=type(error).__name__)
            await asyncio.sleep(COUNT_S)

    async def count(self) -> None:
        """Count once what is due."""
        seen = self._look
        if seen is None:
            return  # what is to be counted is not known yet
        async with transaction(self._services.sessions, whose=self._whose) as session:
            await self._reader.read(session, seen)
        self._maker.forget(seen.campaigns)
        self._changed.set()

    # --- what is told ----------------------------------------------------------------------

    async def _tell_for_ever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self.tell()
            await asyncio.sleep(GAP_S)

    def tell(self) -> Patch:
        """Make the rows of now, and wake the viewers if any is another."""
        patch = self.journal.become(self.rows())
        if patch:
            self._patches.clear()
            for viewer in self.viewers:
                viewer.news.set()
        if self._look is not None and not self.is_known.is_set():
            self.is_known.set()
            for viewer in self.viewers:  # nothing at all is known, too: there is nothing
                viewer.news.set()
        return patch

    def rows(self) -> dict[str, Row]:
        """Return all rows of now."""
        seen, reader, maker = self._look, self._reader, self._maker
        if seen is None:
            return {}
        rows: dict[str, Row] = dict(maker.agents(self._agents.values(), reader.figures))
        states: dict[UUID, Counter[str]] = {}
        for agent in self._agents.values():
            states.setdefault(agent.campaign_id, Counter())[agent.state.value] += 1
        for one, campaign in seen.campaigns.items():
            figures = reader.figures.get(one)
            rows[key_of(CAMPAIGN, one)] = campaign_row(
                campaign,
                seen.calls.get(one),
                dict(states.get(one, {})),
                maker.counts(one, figures),
                self._told.get(one, Told()),
                self._stale_since(one),
            )
            rows |= maker.lines(one, figures, reader.trunks)
        rows |= dict(maker.alarms(seen.alarms))
        return rows

    def _stale_since(self, campaign: UUID) -> datetime | None:
        """Return since when nobody moves a campaign's calls; None: somebody does, or nobody knows."""
        alive = self._alive_at.get(campaign)
        if alive is None or self.redis_away_since is not None:
            return None
        return alive if self._services.clock.now() - alive > LEASE_GRACE else None


def _text(rows: Mapping[str, Any]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
