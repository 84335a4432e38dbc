"""Progressive and power pacing: the numbers of an example, and what holds for all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.modes import DialMode, PacingPolicy, PacingSnapshot, calls_to_place

counts = st.integers(0, 300)
snapshots = st.builds(PacingSnapshot, counts, counts, counts, counts)
policies = st.builds(PacingPolicy, st.sampled_from(DialMode), st.floats(1, 5))
PLENTY = PacingSnapshot(agents_ready=10, calls_in_flight=0, free_channels=99, calls_allowed=99)


@pytest.mark.parametrize(
    ("mode", "ratio", "calls"),
    [
        (DialMode.PROGRESSIVE, 3.0, 10),
        (DialMode.POWER, 1.0, 10),
        (DialMode.POWER, 1.25, 12),
        (DialMode.POWER, 3.0, 30),
        (DialMode.POWER, 0.1, 10),
    ],
)
def test_ten_ready_agents(mode: DialMode, ratio: float, calls: int) -> None:
    assert calls_to_place(PLENTY, PacingPolicy(mode, ratio)) == calls


def test_calls_on_their_way_count() -> None:
    on_their_way = replace(PLENTY, calls_in_flight=7)
    assert calls_to_place(on_their_way, PacingPolicy(DialMode.PROGRESSIVE)) == 3


@given(now=snapshots, policy=policies)
def test_never_more_than_any_limit(now: PacingSnapshot, policy: PacingPolicy) -> None:
    calls = calls_to_place(now, policy)
    ratio = policy.dial_ratio if policy.mode is DialMode.POWER else 1.0
    assert 0 <= calls <= min(now.free_channels, now.calls_allowed)
    assert calls == 0 or calls + now.calls_in_flight <= now.agents_ready * ratio


@given(now=snapshots, policy=policies)
def test_no_ready_agent_no_call(now: PacingSnapshot, policy: PacingPolicy) -> None:
    assert calls_to_place(replace(now, agents_ready=0), policy) == 0


@given(now=snapshots, policy=policies, more=st.integers(1, 50))
def test_more_room_never_dials_less(now: PacingSnapshot, policy: PacingPolicy, more: int) -> None:
    calls = calls_to_place(now, policy)
    roomier = (
        replace(now, agents_ready=now.agents_ready + more),
        replace(now, free_channels=now.free_channels + more),
        replace(now, calls_allowed=now.calls_allowed + more),
    )
    assert all(calls_to_place(other, policy) >= calls for other in roomier)
    busier = replace(now, calls_in_flight=now.calls_in_flight + more)
    assert calls_to_place(busier, policy) <= calls


@given(now=snapshots, ratios=st.tuples(st.floats(1, 5), st.floats(1, 5)))
def test_a_higher_ratio_never_dials_less(now: PacingSnapshot, ratios: tuple[float, float]) -> None:
    low, high = (PacingPolicy(DialMode.POWER, ratio) for ratio in sorted(ratios))
    assert calls_to_place(now, low) <= calls_to_place(now, high)


@given(now=snapshots, policy=policies)
def test_progressive_never_dials_more_than_power(now: PacingSnapshot, policy: PacingPolicy) -> None:
    progressive = replace(policy, mode=DialMode.PROGRESSIVE)
    power = replace(policy, mode=DialMode.POWER)
    assert calls_to_place(now, progressive) <= calls_to_place(now, power)


@given(now=snapshots, policy=policies)
def test_placing_what_was_asked_for_asks_for_nothing_more(
    now: PacingSnapshot, policy: PacingPolicy
) -> None:
    calls = calls_to_place(now, policy)
    placed = replace(
        now,
        calls_in_flight=now.calls_in_flight + calls,
        free_channels=now.free_channels - calls,
        calls_allowed=now.calls_allowed - calls,
    )
    assert calls_to_place(placed, policy) == 0
