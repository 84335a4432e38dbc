"""A decision of pacing in plain values, and the one that stands in for a controller that failed."""

from typing import Any

from dialer.pacing.facts import Decision, Limit, PacingFacts, Why
from dialer.pacing.watch import CONTROLLER_FAILED


def careful(facts: PacingFacts) -> Decision:
    """Return what can never be wrong: one call for each free agent."""
    free = facts.ready - facts.reserved - len(facts.ringing) - len(facts.waiting)
    place = max(0, min(free, facts.free_channels, facts.calls_allowed, facts.leads_due))
    why = Why(Limit.AGENTS, None, 0.0, facts.ready, 0.0, 0.0, 0.0, note=CONTROLLER_FAILED)
    return Decision(place, (), why)


def seen(facts: PacingFacts) -> dict[str, Any]:
    """Return what the controller was shown, for people."""
    return {
        "ready": facts.ready,
        "reserved": facts.reserved,
        "talking": len(facts.talking_since_s),
        "wrapping": len(facts.wrapping_since_s),
        "leaving": facts.leaving,
        "ringing": len(facts.ringing),
        "waiting": len(facts.waiting),
    }


def reasons(why: Why) -> dict[str, Any]:
    """Return why it decided as it did, for people."""
    return {
        "limit": why.limit.value,
        "risk": None if why.risk is None else round(why.risk, 5),
        "threshold": round(why.threshold, 5),
        "expected_free": round(why.expected_free, 2),
        "answer_rate": round(why.answer_rate, 4),
        "doubt": round(why.doubt, 4),
        "budget_left": round(why.budget_left, 2),
        "note": why.note,
    }
