"""The trunk's token bucket: never faster than the rate, whatever is asked and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.limits import Bucket

rates = st.floats(0.1, 50)
#: (seconds since the last question, how many calls are wanted)
questions = st.lists(st.tuples(st.floats(0, 5), st.integers(0, 40)), max_size=40)


def full(rate_per_s: float) -> Bucket:
    return Bucket(rate_per_s, max(1.0, rate_per_s), 0.0)


def test_one_seconds_worth_at_once_and_then_the_rate() -> None:
    bucket = full(4).spent(4, 0)
    assert bucket.available(0) == 0
    assert bucket.available(0.25) == 1
    assert bucket.available(0.5) == 2
    assert bucket.available(3600) == 4


def test_a_slow_trunk_places_a_call_now_and_then() -> None:
    bucket = full(0.5).spent(1, 0)
    assert bucket.available(1.9) == 0
    assert bucket.available(2) == 1
    assert bucket.available(100) == 1


def test_more_calls_than_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="more calls than tokens"):
        full(4).spent(5, 0)


def test_an_earlier_instant_gives_no_tokens_twice() -> None:
    bucket = full(4).spent(4, 10).refilled(0)
    assert bucket.available(10) == 0


@given(rate=rates, asked=questions)
def test_never_faster_than_the_rate(rate: float, asked: list[tuple[float, int]]) -> None:
    bucket, now_s = full(rate), 0.0
    placed: list[tuple[float, int]] = []
    for pause_s, wanted in asked:
        now_s += pause_s
        calls = min(wanted, bucket.available(now_s))
        bucket = bucket.spent(calls, now_s)
        placed.append((now_s, calls))
        assert 0 <= bucket.tokens <= max(1.0, rate)
    for first, (since_s, _) in enumerate(placed):
        for until in range(first, len(placed)):
            burst = sum(calls for _, calls in placed[first : until + 1])
            assert burst <= max(1.0, rate) + rate * (placed[until][0] - since_s) + 1e-6


@given(rate=rates, asked=questions)
def test_looking_costs_nothing(rate: float, asked: list[tuple[float, int]]) -> None:
    bucket, now_s = full(rate).spent(1, 0), 0.0
    looked = bucket
    for pause_s, _ in asked:
        now_s += pause_s
        looked = looked.refilled(now_s)
    assert looked.tokens == pytest.approx(bucket.refilled(now_s).tokens)


@given(rate=rates)
def test_an_idle_trunk_is_full_again_after_its_capacity_came_in(rate: float) -> None:
    bucket = full(rate)
    empty = bucket.spent(bucket.available(0), 0)
    assert empty.available(max(1.0, rate) / rate + 1e-6) >= int(max(1.0, rate))
