"""Wishes of agents for their calls, from the runner's stream to the floor."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from campaigns.agents.controls import Control, take_keys
from dialer.call import talk_events as te
from dialer.ids import new_id

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

_PLAIN: dict[Control, Callable[[datetime], te.TalkEvent]] = {
    Control.HOLD: te.HoldRequested,
    Control.UNHOLD: te.UnholdRequested,
    Control.PAUSE_RECORDING: te.PauseRecordingRequested,
    Control.RESUME_RECORDING: te.ResumeRecordingRequested,
    Control.JOIN: te.JoinRequested,
    Control.COMPLETE: te.CompleteRequested,
    Control.CANCEL: te.CancelRequested,
}


def bring(parts: "Assembly", facts: dict[str, Any]) -> None:
    """Bring a wish to its call; one that is not understood is left."""
    try:
        call_id, wish = UUID(str(facts["call_id"])), Control(facts["wish"])
    except (KeyError, ValueError):
        log.warning("wish.not_understood")
        return
    floor = parts.floor
    if wish is Control.KEYS:
        parts.voice.spawn(_bring_keys(parts, call_id, str(facts.get("keys", ""))))
    elif wish in (Control.TRANSFER, Control.CONSULT):
        asks, target = wish is Control.CONSULT, str(facts.get("target", ""))
        event = te.TransferRequested(floor.clock.now(), target, new_id(), consult=asks)
        floor.feed_call(call_id, event)
    elif wish in _PLAIN:
        floor.feed_call(call_id, _PLAIN[wish](floor.clock.now()))


async def _bring_keys(parts: "Assembly", call_id: UUID, name: str) -> None:
    try:
        digits = await take_keys(parts.redis, name)
    except RedisError as error:
        log.warning("keys.lost", error=type(error).__name__)
        return
    if digits:
        event = te.KeysRequested(parts.clock.now(), digits)
        parts.floor.feed_call(call_id, event)
