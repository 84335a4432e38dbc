"""What the rivals' controllers share: the bounds outside them, and a beat that needs no clock."""

from dialer.pacing.facts import Decision, Limit, PacingFacts, Why

#: a rule may ask for more calls than it can count; a share of a call is not one
_ROUNDING = 1e-9


class Beat:
    """Tells when the next whole period has come, by the instants it is given.

    Args:
        period_s: above 0.
        delay_s: from the first instant to the first beat, 0 and more.
    """

    def __init__(self, period_s: float, delay_s: float = 0.0) -> None:
        self._period_s = period_s
        self._delay_s = delay_s
        self._next_at_s: float | None = None

    def due(self, at_s: float) -> bool:
        """Return whether a beat is due at ``at_s``, and take it.

        A scale that jumps, forwards or back, restarts the beat and is not made up for.
        """
        if self._next_at_s is None:
            self._next_at_s = at_s + self._delay_s
        ahead_s = self._next_at_s - at_s
        if ahead_s > max(self._period_s, self._delay_s):  # the scale went back
            self._next_at_s = at_s
        elif ahead_s > _ROUNDING:
            return False
        self._next_at_s += self._period_s
        if self._next_at_s <= at_s:
            self._next_at_s = at_s + self._period_s
        return True


def free_agents(facts: PacingFacts) -> int:
    """Return the agents who are ready and not kept for a callback."""
    return max(0, facts.ready - facts.reserved)


def bounded(wanted: int, rule: Limit, facts: PacingFacts) -> tuple[int, Limit]:
    """Return how many of the wanted calls may go out, and what bounds them.

    Args:
        wanted: by the controller's own rule; may be negative.
        rule: named where nothing outside the controller bounds it further.
        facts: now.
    """
    if facts.agents <= 0:
        return 0, Limit.NO_AGENTS
    outside = (
        (facts.free_channels, Limit.CHANNELS),
        (facts.calls_allowed, Limit.RATE),
        (facts.leads_due, Limit.LEADS),
    )
    place, limit = max(0, wanted), rule
    for most, name in outside:
        if most < place:
            place, limit = max(0, most), name
    return place, limit


def plain_decision(
    wanted: int, rule: Limit, facts: PacingFacts, answer_rate: float = 0.0, note: str = ""
) -> Decision:
    """Return the decision of a rule that knows no risk and no budget: these are 0 or None."""
    place, limit = bounded(wanted, rule, facts)
    why = Why(
        limit=limit,
        risk=None,
        threshold=0.0,
        expected_free=float(free_agents(facts)),
        answer_rate=answer_rate,
        doubt=0.0,
        budget_left=0.0,
        note=note,
    )
    return Decision(place=place, cancel=(), why=why)
