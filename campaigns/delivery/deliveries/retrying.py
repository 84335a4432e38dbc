"""When a delivery that failed is tried again, and when it is given up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.delivery.deliveries.words import PERMANENT, DeliveryReason

#: The waits grow threefold from ten seconds to six hours, over three days: a server that is repaired on
#: Monday still gets what failed on Friday night.
#: Source: Standard Webhooks, "Retry schedule": exponential, with jitter, over days.
FIRST_WAIT_S = 10.0
GROWTH = 3.0
LONGEST_WAIT_S = 6 * 3600.0
GIVE_UP_AFTER = timedelta(days=3)
#: Each wait is up to this share shorter or longer, so that what failed together does not come back together.
JITTER = 0.2
#: A server that asks for more patience than this is not believed, seconds.
MOST_PATIENCE_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class NextTry:
    """What follows a try that failed; ``at`` None: it is given up."""

    at: datetime | None


def wait_s(tries: int, spread: float) -> float:
    """Return the seconds to wait after so many tries (1 and more).

    Args:
        tries: how many there were.
        spread: a random number in 0..1, from the caller.
    """
    plain = min(FIRST_WAIT_S * GROWTH ** min(tries - 1, 20), LONGEST_WAIT_S)
    return plain * (1 - JITTER + 2 * JITTER * spread)


def after_failure(
    reason: DeliveryReason,
    *,
    tries: int,
    first_try_at: datetime,
    now: datetime,
    spread: float,
    asked_to_wait_s: float | None = None,
) -> NextTry:
    """Return when to try again.

    Args:
        reason: why it failed; some reasons no repetition mends.
        tries: how many there were, with this one.
        first_try_at: when the first was.
        now: when this one ended.
        spread: a random number in 0..1.
        asked_to_wait_s: what the other side asked for (``Retry-After``), seconds.
    """
    if reason in PERMANENT or now - first_try_at >= GIVE_UP_AFTER:
        return NextTry(None)
    wait = wait_s(tries, spread)
    if asked_to_wait_s is not None:
        wait = max(wait, min(asked_to_wait_s, MOST_PATIENCE_S))
    return NextTry(now + timedelta(seconds=wait))
