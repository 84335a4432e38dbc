"""Named timers: the machines ask for them, and get an event when they are due."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from uuid import UUID


class TimerKind(StrEnum):
    """What a timer is for."""

    RING = "ring"
    WAIT = "wait"
    WRAP_UP = "wrap_up"
    PREVIEW = "preview"
    LEG_RETRY = "leg_retry"
    LEG_LIMIT = "leg_limit"
    COMFORT = "comfort"
    GONE_CHECK = "gone_check"
    HANG_UP_RETRY = "hang_up_retry"
    DIAL_LIMIT = "dial_limit"


class Timers:
    """At most one timer for each owner and kind; starting one replaces the former."""

    def __init__(self) -> None:
        """Begin without timers."""
        self._handles: dict[tuple[UUID, TimerKind], asyncio.TimerHandle] = {}

    def start(self, owner: UUID, kind: TimerKind, after_s: float, due: Callable[[], None]) -> None:
        """Call ``due`` after ``after_s`` seconds, unless stopped or replaced before."""
        self.stop(owner, kind)

        def fire() -> None:
            self._handles.pop((owner, kind), None)
            due()

        loop = asyncio.get_running_loop()
        self._handles[owner, kind] = loop.call_later(after_s, fire)

    def is_running(self, owner: UUID, kind: TimerKind) -> bool:
        """Tell whether this timer has been started and is not due yet."""
        return (owner, kind) in self._handles

    def stop(self, owner: UUID, kind: TimerKind) -> None:
        """Forget a timer; one that is not there is fine."""
        handle = self._handles.pop((owner, kind), None)
        if handle is not None:
            handle.cancel()

    def stop_of(self, owner: UUID) -> None:
        """Forget every timer of an owner."""
        for kind in TimerKind:
            self.stop(owner, kind)

    def stop_all(self) -> None:
        """Forget every timer."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()
