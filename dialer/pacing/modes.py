"""Progressive and power dialling: a fixed number of calls per ready agent."""

from dataclasses import dataclass
from enum import StrEnum
from math import floor


class DialMode(StrEnum):
    """How a campaign decides the number of calls in flight."""

    PROGRESSIVE = "progressive"  #: one call per ready agent: nobody is abandoned for lack of agents
    POWER = "power"  #: a fixed ratio of calls per ready agent


@dataclass(frozen=True, slots=True)
class PacingSnapshot:
    """What matters now."""

    agents_ready: int
    calls_in_flight: int  #: dialling or ringing, or answered and still without an agent
    free_channels: int  #: over all usable trunks
    calls_allowed: int  #: tokens of the trunks' calls-per-second limits


@dataclass(frozen=True, slots=True)
class PacingPolicy:
    """What the campaign wants."""

    mode: DialMode
    dial_ratio: float = 1.0  #: calls per ready agent, 1..; used by POWER


def calls_to_place(now: PacingSnapshot, policy: PacingPolicy) -> int:
    """Return how many calls to place now: 0 up to the smallest limit.

    Without a ready agent the answer is 0 in every mode (invariant 5).
    """
    if now.agents_ready <= 0:
        return 0
    ratio = policy.dial_ratio if policy.mode is DialMode.POWER else 1.0
    wanted = floor(now.agents_ready * max(1.0, ratio)) - now.calls_in_flight
    return max(0, min(wanted, now.free_channels, now.calls_allowed))
