"""Measures: each is made of components that are counted, and the survey trade's rates are its rates."""

from decimal import Decimal

import pytest

from campaigns.reports.components import DERIVED, STORED, unknown_eligible
from campaigns.reports.measure import Better, Target, Verdict, judge
from campaigns.reports.measures import MEASURES
from campaigns.reports.outcome_rates import BY_OUTCOME, GROUPS, group_of
from dialer.call.states import CallOutcome

#: Counted by ``people.py``, of the whole client.
_PEOPLE = {"operators_now", "supervisors_now", "operators_left", "operators_before"}


def test_every_measure_is_made_of_what_is_counted() -> None:
    known = {*STORED, *DERIVED} | _PEOPLE
    assert {key for key, one in MEASURES.items() if not one.components <= known} == set()
    assert all(key == one.key and one.formula and one.source for key, one in MEASURES.items())
    assert {one.name for one in MEASURES.values()}.__len__() == len(MEASURES)


def test_every_measure_of_the_trade_is_there_with_both_its_targets() -> None:
    trade = {
        *("service_level", "lost_rate", "asa", "aht", "fcr", "occupancy", "calls_per_agent_day"),
        *("cost_per_call", "cost_per_form", "cost_per_sale", "conversion", "self_service"),
        *("agents_per_supervisor", "turnover", "readiness_s", "csat"),
    }
    rates = {f"rr{n}" for n in range(1, 7)} | {f"coop{n}" for n in range(1, 5)}
    rates |= {f"ref{n}" for n in range(1, 4)} | {f"con{n}" for n in range(1, 4)}
    assert trade | rates <= set(MEASURES)
    assert MEASURES["lost_rate"].target == Target(0.05, 0.05)
    assert MEASURES["fcr"].target == Target(0.95, 0.95)


def test_outcome_rates_of_a_survey() -> None:
    """Worked by hand: 400 I, 50 P, 200 R, 100 NC, 50 O, 150 UH, 50 UO, 200 not eligible: e = 0.8."""
    counts = {
        **{"complete": 400, "partial": 50, "refused": 200, "non_contact": 100, "other": 50},
        **{"unknown_household": 150, "unknown_other": 50, "not_eligible": 200},
    }
    assert unknown_eligible(counts) == 160
    expected = {
        **{"rr1": "400/1000", "rr2": "450/1000", "rr3": "400/960", "rr4": "450/960"},
        **{"rr5": "400/800", "rr6": "450/800", "coop1": "400/700", "coop2": "450/700"},
        **{"coop3": "400/650", "coop4": "450/650", "ref1": "200/1000", "ref2": "200/960"},
        **{"ref3": "200/800", "con1": "700/1000", "con2": "700/960", "con3": "700/800"},
    }
    for key, fraction in expected.items():
        over, under = map(Decimal, fraction.split("/"))
        assert MEASURES[key].value(counts) == over / under, key


def test_every_outcome_has_a_code_and_every_code_a_group() -> None:
    assert set(BY_OUTCOME) == set(CallOutcome)
    assert group_of("2.112") == "refused"
    assert group_of("2.27") == "non_contact"
    assert group_of("2.35") == "other"
    assert group_of("3.9") == "unknown_other"
    assert {group_of(code) for code in BY_OUTCOME.values()} <= set(GROUPS.values())


@pytest.mark.parametrize(
    ("value", "peak", "verdict"),
    [
        (Decimal("0.91"), None, Verdict.MET),
        (Decimal("0.85"), None, Verdict.BETWEEN),
        (Decimal("0.5"), None, Verdict.MISSED),
        (Decimal("0.85"), True, Verdict.MET),
        (Decimal("0.85"), False, Verdict.MISSED),
        (None, None, None),
    ],
)
def test_a_value_is_judged_by_the_targets_of_its_hours(
    value: Decimal | None, peak: bool | None, verdict: Verdict | None
) -> None:
    level = MEASURES["service_level"]
    assert level.better is Better.HIGHER
    assert judge(level, value, Target(0.8, 0.9), peak=peak) is verdict


def test_nothing_is_divided_by_nothing() -> None:
    assert MEASURES["asa"].value({}) is None
    assert MEASURES["asa"].value({"wait_ms": 3000, "connected": 2}) == Decimal("1.5")
    assert MEASURES["attempts"].value({}) == 0
