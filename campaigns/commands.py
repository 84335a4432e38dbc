"""Messages between entry points and a campaign's runner, over Redis.

PostgreSQL is the record: what a message tells can also be read there, so a lost message costs
seconds, never facts. Entry points change rows first and send after the commit.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from redis.asyncio import Redis

#: A stream is trimmed to about this many messages; a runner reads them within milliseconds.
STREAM_LENGTH = 10_000


class CommandName(StrEnum):
    """What a runner can be told."""

    REFRESH = "refresh"  #: read the campaign row again (started, paused, stopped, settings)
    AGENTS_CHANGED = (
        "agents_changed"  #: read the open sessions again (sign-in, ready, pause, sign-out)
    )
    DISPOSED = "disposed"  #: {"session_id", "call_id", "code"}: the disposition is already stored
    HANG_UP = "hang_up"  #: {"call_id", "by"}
    PREVIEW_DECIDED = "preview_decided"  #: an agent wants to dial or to skip: the row says which
    PHONE_CAME = "phone_came"  #: {"session_id"}: the agent's browser registered and holds no leg
    SUPERVISOR_CAME = "supervisor_came"  #: {"monitoring_id"}: as ``PHONE_CAME``, a supervisor's
    TALK = "talk"  #: {"call_id", "wish", "target" or "keys"}: what an agent wants of a talk
    CANCEL_CALL = "cancel_call"  #: {"call_id", "reason"}: end it if nobody has answered yet


def command_stream(campaign_id: UUID) -> str:
    """Return the Redis stream a campaign's runner reads."""
    return f"outdial:commands:{campaign_id}"


def board_channel(campaign_id: UUID) -> str:
    """Return the pub/sub channel with the campaign's live figures as JSON."""
    return f"outdial:board:{campaign_id}"


def board_key(campaign_id: UUID) -> str:
    """Return the key that keeps the newest live figures for a few seconds."""
    return f"outdial:board:last:{campaign_id}"


def lease_key(campaign_id: UUID) -> str:
    """Return the key that lives as long as the campaign's owner says that it does."""
    return f"outdial:lease:{campaign_id}"


def agents_channel(campaign_id: UUID) -> str:
    """Return the pub/sub channel with each change of an agent's state as JSON.

    {"session_id", "campaign_id", "state", "call_id", "preview_id", "leg_up", "at"}. A shared agent
    goes on under another ``campaign_id``: what follows is told on that one's channel.
    Of a talk that was held, transferred or not recorded, or went on: {"session_id", "call_id", "talk"}.
    And questions to an agent whose call is an audit of machine detection:
    {"session_id", "call_id", "question": "person_or_machine"}.
    """
    return f"outdial:agents:{campaign_id}"


def room_key(campaign_id: UUID) -> str:
    """Return the key that says how many shared agents a campaign can use now; it lives seconds."""
    return f"outdial:room:{campaign_id}"


async def send(
    redis: Redis, campaign_id: UUID, name: CommandName, facts: Mapping[str, str] | None = None
) -> None:
    """Leave a message for the runner of a campaign."""
    body = json.dumps({"name": name.value, **(facts or {})})
    await redis.xadd(
        command_stream(campaign_id), {"body": body}, maxlen=STREAM_LENGTH, approximate=True
    )
