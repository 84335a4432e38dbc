"""A campaign's pacing policy: its settings, which rows of law only ever tighten."""

from datetime import date

import pytest

from campaigns.pacing.law import WINDOW_S, pacing_policy, shares_budget
from campaigns.settings import CampaignSettings
from compliance.rulebook.rules import Channel, Party, Purpose, Rule
from dialer.pacing.policy import PacingMode
from tests.world import LAW

DAY = date(2026, 11, 23)


def rules_of(*jurisdictions: str) -> tuple[Rule, ...]:
    """The rows that bind sales calls to consumers there."""
    return LAW.book.select(
        jurisdictions=jurisdictions,
        purpose=Purpose.SALES,
        channel=Channel.PREDICTIVE,
        party=Party.CONSUMER,
        on=DAY,
    )


def test_without_a_row_the_settings_hold() -> None:
    chosen = CampaignSettings(
        mode=PacingMode.PREDICTIVE,
        abandon_target=0.01,
        abandon_ceiling=0.02,
        max_ratio=3,
        least_agents=4,
        cancel_ringing=False,
        max_wait_s=1.5,
    )
    policy = pacing_policy(chosen, ())
    assert (policy.mode, policy.target_rate, policy.ceiling) == ("predictive", 0.01, 0.02)
    assert (policy.max_ratio, policy.least_agents, policy.cancels) == (3, 4, False)
    assert (policy.patience_s, policy.least_ring_s) == (1.5, 15)
    assert policy.window.length_s == WINDOW_S


@pytest.mark.parametrize("place", ["US", "GB", "CA"])
def test_a_row_lowers_a_ceiling_and_never_raises_it(place: str) -> None:
    rows = rules_of(place)
    lowest = min(r.terms.max_rate for r in rows if hasattr(r.terms, "max_rate"))
    wide = CampaignSettings(abandon_ceiling=0.05, abandon_target=0.05)
    policy = pacing_policy(wide, rows)
    assert policy.ceiling == lowest
    assert policy.target_rate <= policy.ceiling
    careful = pacing_policy(CampaignSettings(abandon_ceiling=0.01, abandon_target=0.01), rows)
    assert careful.ceiling == 0.01


def test_a_fixed_ratio_gives_way_where_a_row_limits_abandonment() -> None:
    chosen = CampaignSettings(mode=PacingMode.POWER, dial_ratio=3)
    assert pacing_policy(chosen, ()).mode is PacingMode.POWER
    assert pacing_policy(chosen, rules_of("US")).mode is PacingMode.PREDICTIVE


def test_calls_ring_as_long_as_the_strictest_row_wants() -> None:
    policy = pacing_policy(CampaignSettings(ring_timeout_s=15), rules_of("US", "GB"))
    assert (
        policy.setup_s == CampaignSettings().longest_dial_s - CampaignSettings().ring_timeout_s > 0
    )
    assert policy.least_ring_s >= 15
    assert policy.ring_limit_s >= policy.least_ring_s


def test_canada_counts_over_all_campaigns_of_a_company() -> None:
    assert shares_budget(rules_of("CA"))
    assert not shares_budget(rules_of("US"))
