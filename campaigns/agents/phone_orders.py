"""Wishes about browsers' telephones, carried by Redis to whichever dialing worker is free.

Only workers speak with Asterisk. A wish waits for its answer; one that nobody takes is withdrawn, so the
digest of a password is in Redis for milliseconds, and for ``WAIT_S`` at most. The password itself never is.
"""

import json
from enum import StrEnum
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialer.errors import Unavailable
from dialer.ids import new_id

log = structlog.get_logger()

#: The list of wishes, and where an answer is left.
ORDERS_KEY = "outdial:phones:orders"
_ANSWER_KEY = "outdial:phones:answer:{}"

#: So long a page waits for Asterisk, seconds.
WAIT_S = 4
_ANSWER_LIVES_S = 10


class PhoneOrder(StrEnum):
    """What is wished."""

    PUSH = "push"  #: let a telephone register with this digest, and nobody else under its name
    LOOK = "look"  #: is it registered?


class PhonesAway(Unavailable):
    """No worker answered, or Asterisk did not."""

    code = "phones_away"
    message = "The telephone exchange does not answer: try again in a moment."


async def push(redis: Redis, user: str, digest: str) -> None:
    """Have Asterisk know a telephone.

    Raises:
        PhonesAway: nobody did it in time.
    """
    await _order(redis, {"do": PhoneOrder.PUSH.value, "user": user, "digest": digest})


async def is_online(redis: Redis, user: str) -> bool:
    """Tell whether a page is registered.

    Raises:
        PhonesAway: nobody could tell in time.
    """
    return bool(
        (await _order(redis, {"do": PhoneOrder.LOOK.value, "user": user})).get("online", False)
    )


async def _order(redis: Redis, wish: dict[str, str]) -> dict[str, Any]:
    order_id = new_id().hex
    raw = json.dumps({**wish, "id": order_id})
    try:
        await _told(redis.rpush(ORDERS_KEY, raw))
        await redis.expire(ORDERS_KEY, WAIT_S * 2)
        found = await _told(redis.blpop([_ANSWER_KEY.format(order_id)], timeout=WAIT_S))
        if found is None:
            await _told(redis.lrem(ORDERS_KEY, 0, raw))
    except RedisError as error:
        log.warning("phones.redis_away", error=type(error).__name__)
        raise PhonesAway from error
    answer: dict[str, Any] = json.loads(found[1]) if found is not None else {}
    if not answer.get("ok", False):
        raise PhonesAway(reason=str(answer.get("error", "no_worker")))
    return answer


async def _told(answer: Any) -> Any:
    """Wait for an answer: redis-py types those of lists as if they might be there already."""
    return await answer


async def next_order(redis: Redis, wait_s: int) -> dict[str, str] | None:
    """Take the oldest wish; None when there was none for ``wait_s`` seconds."""
    found = await _told(redis.blpop([ORDERS_KEY], timeout=wait_s))
    if found is None:
        return None
    try:
        order = json.loads(found[1])
        return {name: str(value) for name, value in order.items()}
    except (ValueError, AttributeError):
        log.warning("phones.order_not_understood")
        return None


async def answer(redis: Redis, order_id: str, **facts: Any) -> None:
    """Answer a wish."""
    key = _ANSWER_KEY.format(order_id)
    await _told(redis.rpush(key, json.dumps(facts)))
    await redis.expire(key, _ANSWER_LIVES_S)
