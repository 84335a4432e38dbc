"""What follows a message that was not taken."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.webhooks.trying import (
    DISABLE_AFTER,
    GIVE_UP_AFTER,
    HOPELESS,
    LONGEST_WAIT_S,
    Disable,
    GiveUp,
    TryAgain,
    after_failure,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def _after(
    reason: DeliveryReason, *, message: timedelta, endpoint: timedelta, tries: int = 1
) -> object:
    return after_failure(
        reason,
        tries=tries,
        first_try_at=NOW - message,
        failing_since=NOW - endpoint,
        now=NOW,
        spread=0.5,
    )


@pytest.mark.parametrize("reason", sorted(HOPELESS))
def test_what_no_repetition_mends_disables_at_once(reason: DeliveryReason) -> None:
    assert _after(reason, message=timedelta(), endpoint=timedelta()) == Disable()


def test_only_what_the_receiver_refuses_is_given_up() -> None:
    short = DISABLE_AFTER - timedelta(seconds=1)
    refused, away = DeliveryReason.REFUSED, DeliveryReason.UNREACHABLE
    assert _after(refused, message=GIVE_UP_AFTER, endpoint=short) == GiveUp()
    assert isinstance(_after(away, message=GIVE_UP_AFTER, endpoint=short), TryAgain)
    assert _after(away, message=GIVE_UP_AFTER, endpoint=DISABLE_AFTER) == Disable()


@given(
    tries=st.integers(1, 10_000),
    spread=st.floats(0, 1),
    asked=st.none() | st.floats(0, 10**9),
    reason=st.sampled_from(sorted(set(DeliveryReason) - HOPELESS)),
)
def test_a_next_try_is_always_later_and_never_far(
    tries: int, spread: float, asked: float | None, reason: DeliveryReason
) -> None:
    found = after_failure(
        reason,
        tries=tries,
        first_try_at=NOW,
        failing_since=NOW,
        now=NOW,
        spread=spread,
        asked_to_wait_s=asked,
    )
    assert isinstance(found, TryAgain)
    wait_s = (found.at - NOW).total_seconds()
    assert 0 < wait_s <= (LONGEST_WAIT_S if asked is None else 24 * 3600)
