"""The runner's inbox: messages of entry points from the campaign's Redis stream.

The place up to which messages were read is kept in Redis, so a new owner goes on where the former
stopped. An emptied Redis loses only messages whose facts PostgreSQL has.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from campaigns.commands import CommandName, command_stream

log = structlog.get_logger()

BLOCK_MS = 1_000
#: A cursor nobody moved for a day belongs to a campaign that is over.
CURSOR_LIVES_S = 86_400


class Inbox:
    """Reads one campaign's messages in order."""

    def __init__(
        self,
        redis: Redis,
        campaign_id: UUID,
        *,
        on_message: Callable[[CommandName, dict[str, Any]], None],
    ) -> None:
        """Hand each message to ``on_message``, which must not raise for odd content."""
        self._redis = redis
        self._stream = command_stream(campaign_id)
        self._cursor_key = f"{self._stream}:cursor"
        self._on_message = on_message

    async def run(self) -> None:
        """Read for ever; while Redis is away, wait for it."""
        cursor: str | None = None
        while True:
            try:
                if cursor is None:
                    cursor = await self._first_cursor()
                cursor = await self._read(cursor)
            except RedisError as error:
                log.warning("inbox.waits", error=type(error).__name__)
                cursor = None
                await asyncio.sleep(0.5)

    async def _first_cursor(self) -> str:
        kept = await self._redis.get(self._cursor_key)
        return kept.decode() if kept else "0-0"

    async def _read(self, cursor: str) -> str:
        answer: Any = await self._redis.xread({self._stream: cursor}, count=100, block=BLOCK_MS)
        if not answer:
            # An emptied Redis starts its ids anew by the clock: ours stay smaller than new ones.
            return cursor
        for message_id, fields in answer[0][1]:
            cursor = message_id.decode()
            self._deliver(fields)
        await self._redis.set(self._cursor_key, cursor, ex=CURSOR_LIVES_S)
        return cursor

    def _deliver(self, fields: dict[bytes, bytes]) -> None:
        try:
            body = json.loads(fields[b"body"])
            name = CommandName(body.pop("name"))
        except (KeyError, ValueError, TypeError):
            log.warning("inbox.message_not_understood")
            return
        self._on_message(name, body)
