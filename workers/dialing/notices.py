"""Live notices over Redis: the board's figures and each change of an agent's state.

They are a convenience, never a record: when Redis is away or slow they are dropped and counted.
"""

import asyncio
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from campaigns.commands import agents_channel, board_channel, board_key
from dialer.agent.states import AgentState
from dialer.call.states import Call
from workers.dialing import metrics
from workers.dialing.floor import Desk

log = structlog.get_logger()

QUEUE_LENGTH = 2_000
#: How long the newest figures stay readable for a page that has just been opened.
BOARD_LIVES_S = 15


class Notices:
    """One campaign's notices."""

    def __init__(self, redis: Redis, campaign_id: UUID) -> None:
        """Send to ``redis`` once ``run()`` runs."""
        self._redis = redis
        self._campaign_id = campaign_id
        self._queue: asyncio.Queue[tuple[str, str, bool]] = asyncio.Queue(QUEUE_LENGTH)
        self._last_board = ""

    def agent_changed(self, desk: Desk) -> None:
        """Tell who listens that an agent's state changed."""
        agent = desk.agent
        facts = {
            "session_id": str(agent.id),
            "campaign_id": str(self._campaign_id),
            "state": agent.state.value,
            "call_id": str(agent.call_id) if agent.call_id else None,
            "preview_id": str(agent.preview_id) if agent.preview_id else None,
            "leg_up": agent.leg_up,
            "at": agent.since.isoformat() if agent.since else None,
        }
        self._put(agents_channel(self._campaign_id), facts)

    def handed_over(self, desk: Desk, campaign_id: UUID, at: datetime) -> None:
        """Tell who listens that an agent works for another campaign now: listen there."""
        facts = {
            "session_id": str(desk.agent.id),
            "campaign_id": str(campaign_id),
            "state": AgentState.CONNECTING.value,
            "call_id": None,
            "leg_up": desk.agent.leg_up,
            "at": at.isoformat(),
        }
        self._put(agents_channel(self._campaign_id), facts)

    def ask_machine(self, call: Call) -> None:
        """Ask the agent of an audited call whether it is a person; who has none yet is not asked."""
        if call.agent_id is not None:
            facts = {
                "session_id": str(call.agent_id),
                "call_id": str(call.id),
                "question": "person_or_machine",
            }
            self._put(agents_channel(self._campaign_id), facts)

    def talk_changed(self, call: Call) -> None:
        """Tell who listens that a talk was held, transferred, recorded or not, or went on."""
        facts = {
            "session_id": str(call.agent_id) if call.agent_id else None,
            "call_id": str(call.id),
            "talk": call.talk.state.value,
        }
        self._put(agents_channel(self._campaign_id), facts)

    def board(self, figures: dict[str, Any]) -> None:
        """Tell the live figures, if they differ from the last ones; ``at`` alone is no difference."""
        text = json.dumps(figures, sort_keys=True)
        if text != self._last_board:
            self._last_board = text
            self._put(board_channel(self._campaign_id), figures, keep=True)

    def _put(self, channel: str, facts: dict[str, Any], *, keep: bool = False) -> None:
        try:
            self._queue.put_nowait((channel, json.dumps(facts), keep))
        except asyncio.QueueFull:
            metrics.NOTICES_LOST.inc()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            channel, text, keep = await self._queue.get()
            try:
                await self._redis.publish(channel, text)
                if keep:
                    await self._redis.set(board_key(self._campaign_id), text, ex=BOARD_LIVES_S)
            except RedisError as error:
                metrics.NOTICES_LOST.inc()
                log.warning("notice.lost", error=type(error).__name__)
                await asyncio.sleep(0.5)


async def show_failure(redis: Redis, campaign_id: UUID, why: str) -> None:
    """Put on the board why a campaign has no runner at the moment."""
    figures: dict[str, Any] = {
        "agents": {},
        "in_flight": {},
        "trunk": None,
        "why": [why],
        "placed": 0,
    }
    text = json.dumps(figures)
    await redis.set(board_key(campaign_id), text, ex=BOARD_LIVES_S)
    await redis.publish(board_channel(campaign_id), text)
