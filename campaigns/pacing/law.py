"""What a campaign may ask of its pacing: its settings, tightened by the rows of law that bind its calls."""

from collections.abc import Iterable

from campaigns.settings import LEAST_RING_S, CampaignSettings
from compliance.rulebook import strictest
from compliance.rulebook.rules import Rule
from dialer.call.states import SETUP_S
from dialer.pacing.policy import BudgetWindow, PacingMode, PredictivePolicy

#: A share that is kept over every last 24 hours is kept over every longer window too: 30 days and
#: calendar months are made of such days.
WINDOW_S = 86_400.0
#: The target lies this much below a ceiling that the law lowers, as the default does below 3 %.
_TARGET_OF_CEILING = 29 / 30


def pacing_policy(settings: CampaignSettings, rules: Iterable[Rule]) -> PredictivePolicy:
    """Return the policy of a campaign whose calls ``rules`` bind; rows only ever tighten it.

    The budget has no credit: the share is under the ceiling at every moment, not only at the end of
    a window, because nobody knows when a campaign is stopped.
    """
    rows = tuple(rules)
    terms = strictest.abandonment(rows)
    ceiling = min([settings.abandon_ceiling, *(row.max_rate for row in terms)])
    ring_limit_s = max(settings.ring_timeout_s, strictest.ring_at_least_s(rows))
    # A fixed ratio keeps no budget: where a row sets one, the controller does.
    bound = settings.mode is PacingMode.POWER and bool(terms)
    return PredictivePolicy(
        mode=PacingMode.PREDICTIVE if bound else settings.mode,
        dial_ratio=settings.dial_ratio,
        target_rate=min(settings.abandon_target, ceiling * _TARGET_OF_CEILING),
        ceiling=ceiling,
        burst_ceiling=2 * ceiling,
        patience_s=min([settings.max_wait_s, *(row.connect_within_s for row in terms)]),
        least_ring_s=max(LEAST_RING_S, strictest.ring_at_least_s(rows)),
        ring_limit_s=ring_limit_s,
        setup_s=SETUP_S,
        max_ratio=settings.max_ratio,
        least_agents=settings.least_agents,
        target_occupancy=settings.target_occupancy,
        cancels=settings.cancel_ringing,
        window=BudgetWindow(WINDOW_S),
        credit_s=0.0,
    )


def shares_budget(rules: Iterable[Rule]) -> bool:
    """Tell whether a row counts abandoned calls over all campaigns of the legal entity."""
    return any(row.scope == "telemarketer" for row in strictest.abandonment(rules))
