"""What follows a message that was not taken: another try, giving it up, or the end of the endpoint. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.delivery.deliveries.retrying import MOST_PATIENCE_S, wait_s
from campaigns.delivery.deliveries.words import DeliveryReason

#: Events are news: once a receiver is repaired, nobody waits longer than this for the next try.
LONGEST_WAIT_S = 1800.0
#: A message that its receiver refuses so long holds up its campaign no longer.
GIVE_UP_AFTER = timedelta(days=1)
#: An endpoint that takes nothing at all so long is disabled: a person must look.
DISABLE_AFTER = timedelta(days=5)

#: No repetition mends these.
HOPELESS = frozenset(
    {DeliveryReason.GONE, DeliveryReason.PRIVATE_ADDRESS, DeliveryReason.SECRET_LOST}
)


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The same message goes out again at ``at``."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The message is a dead letter, and its campaign goes on with the next."""


@dataclass(frozen=True, slots=True)
class Disable:
    """Nothing goes to the endpoint any more; every event stays where it is."""


def after_failure(
    reason: DeliveryReason,
    *,
    tries: int,
    first_try_at: datetime,
    failing_since: datetime,
    now: datetime,
    spread: float,
    asked_to_wait_s: float | None = None,
) -> TryAgain | GiveUp | Disable:
    """Return what follows a try that failed.

    Args:
        reason: why it failed.
        tries: how many this message had, with this one.
        first_try_at: when its first was.
        failing_since: since when the endpoint has taken nothing.
        now: when this one ended.
        spread: a random number in 0..1.
        asked_to_wait_s: what the other side asked for (``Retry-After``), seconds.
    """
    if reason in HOPELESS or now - failing_since >= DISABLE_AFTER:
        return Disable()
    if reason is DeliveryReason.REFUSED and now - first_try_at >= GIVE_UP_AFTER:
        return GiveUp()
    wait = min(wait_s(tries, spread), LONGEST_WAIT_S)
    if asked_to_wait_s is not None:
        wait = max(wait, min(asked_to_wait_s, MOST_PATIENCE_S))
    return TryAgain(now + timedelta(seconds=wait))
