"""What measures are made of: counts and sums that add up over any grouping.

A component is an integer (a count, or milliseconds), so that adding cells in any order gives the same
sum. ``tally.py`` says in SQL how each is counted.
"""

from collections.abc import Mapping
from decimal import Decimal

#: The thresholds for which waits are counted, seconds; a client's service level is one of them.
WAITS_S = (1, 2, 5, 10, 20, 30, 60)

#: Of attempts, by the hour in which they began.
OF_CALLS = (
    *("attempts", "ended", "answered", "persons", "connected", "lost", "talked", "self_served"),
    *("machine", "hung_up_early", "no_answer", "busy", "rejected", "invalid_number", "congestion"),
    *("unreachable", "no_response", "cancelled", "not_sent", "interrupted"),
    *("wait_ms", *(f"taken_{limit_s}s" for limit_s in WAITS_S)),
    *("talk_ms", "hold_ms", "line_ms"),
    *("disposed", "successes", "refusals"),
    *("forms_begun", "forms_complete", "forms_screened_out", "forms_quota_full"),
    *("csat_answers", "csat_satisfied"),
)
#: Of the agents' state log, by the hour in which the time was spent.
OF_AGENTS = (
    *("on_call_ms", "wrap_up_ms", "ready_ms", "previewing_ms", "dialing_ms", "reserved_ms"),
    *("connecting_ms", "paused_ms", "agent_days"),
)
#: Of cases (leads that were dialled), by the day of the last attempt.
OF_CASES = (
    *("cases", "case_attempts", "cases_done", "cases_done_at_first"),
    *("complete", "partial", "refused", "non_contact", "other"),
    *("unknown_household", "unknown_other", "not_eligible"),
)
STORED = (*OF_CALLS, *OF_AGENTS, *OF_CASES)
#: What a query works out of stored ones and of the client's settings.
DERIVED = ("taken_in_time", "cost", "unknown_eligible")

#: What was counted, by component; a missing one is 0.
Counts = Mapping[str, int | Decimal]


def unknown_eligible(counts: Counts) -> Decimal:
    """Return how many cases of unknown eligibility are taken to be eligible.

    Their share is that among the cases whose eligibility is known.

    Source: AAPOR, Standard Definitions, 9th edition (2016), "e": the proportional allocation.
    """
    eligible = sum(
        counts.get(name, 0) for name in ("complete", "partial", "refused", "non_contact", "other")
    )
    known = eligible + counts.get("not_eligible", 0)
    unknown = counts.get("unknown_household", 0) + counts.get("unknown_other", 0)
    return Decimal(unknown) * Decimal(eligible) / Decimal(known) if known else Decimal(unknown)
