"""Bounds from outside on the calls to place: agents, leads, lines, calls per second, ratio."""

from math import floor

from dialer.pacing.facts import Limit, PacingFacts
from dialer.pacing.policy import PacingMode, PredictivePolicy

#: Calls in flight for each agent at work, whatever is believed: a list may answer again.
MOST_LINES = 20


def most_calls(facts: PacingFacts, policy: PredictivePolicy) -> tuple[int, Limit]:
    """Return the most calls that may be placed whatever their risk, and what bounds them."""
    if facts.agents <= 0:
        return 0, Limit.NO_AGENTS
    most, limit = facts.leads_due, Limit.LEADS
    if facts.free_channels < most:
        most, limit = facts.free_channels, Limit.CHANNELS
    if facts.calls_allowed < most:
        most, limit = facts.calls_allowed, Limit.RATE
    up = len(facts.ringing) + len(facts.waiting)
    room = MOST_LINES * facts.agents - up
    if policy.max_ratio is not None:
        room = min(room, floor(policy.max_ratio * facts.agents) - up - len(facts.talking_since_s))
    if room < most:
        most, limit = room, Limit.RATIO
    return max(0, most), limit


def safe_calls(facts: PacingFacts) -> int:
    """Return the calls for which an agent is free now: progressive dialling."""
    on_the_way = len(facts.ringing) + len(facts.waiting)
    return max(0, facts.ready - facts.reserved - on_the_way)


def fixed_calls(facts: PacingFacts, policy: PredictivePolicy) -> int:
    """Return the calls of a mode or moment without prediction."""
    if policy.mode is PacingMode.PREVIEW:
        return 0
    if policy.mode is not PacingMode.POWER:
        return safe_calls(facts)
    free = max(0, facts.ready - facts.reserved)
    on_the_way = len(facts.ringing) + len(facts.waiting)
    return max(0, floor(free * policy.dial_ratio) - on_the_way)
