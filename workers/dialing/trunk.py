"""A trunk as one runner uses it: its rate, its breaker, its room."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy import text

from campaigns.leads.trunk_room import Room
from dialer.call.causes import TRUNK_FAULTS
from dialer.call.states import CallOutcome
from dialer.db import SessionFactory, transaction
from dialer.pacing.breaker import Breaker
from dialer.pacing.limits import Bucket
from workers.dialing.away import DATABASE_AWAY

log = structlog.get_logger()

#: A trunk whose lines or calls a second other campaigns use is asked for room this soon again, and
#: after this long in any case.
FULL_PAUSE_S, FULL_PAUSE_MOST_S = 0.1, 1.0


@dataclass(slots=True)
class TrunkLine:
    """The state of a trunk in memory; ``on_pause`` stores why it rests, for people."""

    id: UUID
    name: str
    endpoint: str
    max_channels: int
    calls_per_s: float
    simulated: bool
    on_pause: Callable[[str | None, datetime | None], None]
    now: Callable[[], datetime]
    breaker: Breaker = field(default_factory=Breaker)
    bucket: Bucket = field(init=False)
    paused_reason: str | None = None  #: as last told to ``on_pause``
    rests_until: datetime | None = None  #: as its row says: another campaign or a person paused it
    rests_for: str | None = None  #: why
    _full_until_s: float = 0.0  #: it had no room over all campaigns: not asked again before

    def __post_init__(self) -> None:
        """Begin with a full second's worth of calls."""
        self.bucket = Bucket(self.calls_per_s, max(1.0, self.calls_per_s), monotonic())

    def limit(self, max_channels: int, calls_per_s: float) -> None:
        """Take changed limits over."""
        self.max_channels = max_channels
        if calls_per_s != self.calls_per_s:
            self.calls_per_s = calls_per_s
            self.bucket = replace(self.bucket.refilled(monotonic()), rate_per_s=calls_per_s)

    def rest(self, until: datetime | None, reason: str | None) -> None:
        """Take over what the trunk's row says; ``until`` None: it does not rest."""
        self.rests_until, self.rests_for = until, reason

    def is_resting(self) -> bool:
        """Tell whether nobody's calls may go out, by the trunk's row."""
        return self.rests_until is not None and self.rests_until > self.now()

    def has_no_room(self, room: Room, now: datetime) -> None:
        """Note that there was no room for a call, over all campaigns: each try costs statements."""
        if room.paused_until is not None:
            self.rest(room.paused_until, self.rests_for)
            return
        missing = 1 - room.bucket.refilled(now.timestamp()).tokens
        wait_s = max(FULL_PAUSE_S, missing / room.bucket.rate_per_s)
        self._full_until_s = monotonic() + min(FULL_PAUSE_MOST_S, wait_s)

    def calls_allowed(self) -> int:
        """Return how many calls may start now: the rate limit, the breaker and others' together."""
        now_s = monotonic()
        if now_s < self._full_until_s or self.is_resting():
            return 0
        allowed = self.breaker.allowed(now_s)
        available = self.bucket.available(now_s)
        return available if allowed is None else min(allowed, available)

    def placed(self, calls: int) -> None:
        """Note calls that are about to go out."""
        now_s = monotonic()
        self.bucket = self.bucket.spent(min(calls, self.bucket.available(now_s)), now_s)
        self.breaker = self.breaker.placed(now_s)

    def ended(self, outcome: CallOutcome) -> None:
        """Note how a call ended; the breaker may open (again) or close."""
        now_s = monotonic()
        before, fault = self.breaker, outcome in TRUNK_FAULTS
        self.breaker = before.ended(now_s, fault=fault)
        opened_at_s = self.breaker.opened_at_s
        if opened_at_s is not None and opened_at_s != before.opened_at_s:
            faults, calls = before.faults()
            probe = before.opened_at_s is not None
            self.paused_reason = (
                "the trunk refused a trial call again"
                if probe
                else f"the trunk failed {faults + fault} of the last {calls + 1} calls"
            )
            log.warning("trunk.paused", trunk=self.name, reason=self.paused_reason)
            self.on_pause(
                self.paused_reason, self.now() + timedelta(seconds=self.breaker.policy.pause_s)
            )
        elif opened_at_s is None and before.opened_at_s is not None:
            self.paused_reason = None
            log.info("trunk.resumed", trunk=self.name)
            self.on_pause(None, None)


async def store_pause(
    sessions: SessionFactory, trunk_id: UUID, reason: str | None, until: datetime | None
) -> None:
    """Store why a trunk rests and until when, for everybody to see; None: it works again."""
    try:
        async with transaction(sessions) as session:
            await session.execute(
                text(
                    "UPDATE trunk SET paused_reason = :reason, paused_until = :until WHERE id = :id"
                    " AND (rests_until IS NULL OR rests_until <= now())"
                ),
                {"id": trunk_id, "reason": reason, "until": until},
            )
    except DATABASE_AWAY as error:
        log.warning("trunk.pause_not_stored", error=type(error).__name__)
