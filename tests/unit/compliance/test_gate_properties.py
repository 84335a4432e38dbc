"""What holds of the gate for any facts."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance.facts import Facts
from compliance.gate import Clearance, Refusal, clear
from compliance.hours.windows import is_open, parse_hours
from compliance.rulebook.rules import Purpose
from tests.unit.compliance.test_gate import FINE, HOURS, LAW, NOON, NOWHERE, THREE, placed

facts = st.builds(
    replace,
    st.just(FINE),
    at=st.integers(0, 14 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    placement=st.sampled_from(
        [
            None,
            NOWHERE,
            placed("XX"),
            placed("XX", zones=("Asia/Kolkata", "Europe/Kyiv")),
            placed("US", "US-FL", zones=("America/New_York",)),
        ]
    ),
    purpose=st.sampled_from([None, Purpose.SURVEY, Purpose.DEBT]),
    hours=st.sampled_from(
        [None, parse_hours({}), HOURS, parse_hours({"sat": [["10:00", "14:00"]]})]
    ),
    suppressed=st.sampled_from([None, True, False, False]),
    history=st.sampled_from([None, (), THREE[:1], THREE]),
    attempts_made=st.integers(0, 7),
    simulated=st.booleans(),
)


@given(known=facts)
def test_nothing_is_cleared_outside_the_hours_or_against_a_wish(known: Facts) -> None:
    if isinstance(clear(known, LAW), Refusal):
        return
    assert known.suppressed is False
    assert known.attempts_made < known.max_attempts
    assert known.history is not None
    if not known.simulated:
        assert known.placement is not None
        assert known.purpose is not None
        terms = [known.hours] if known.hours is not None else []
        assert is_open(terms, known.placement.zones, known.at, calendars=LAW.calendars)


@given(known=facts)
def test_asked_again_at_the_promised_moment_it_is_allowed(known: Facts) -> None:
    answer = clear(known, LAW)
    if isinstance(answer, Refusal) and answer.next_allowed_at is not None:
        assert answer.next_allowed_at > known.at
        later = clear(replace(known, at=answer.next_allowed_at), LAW)
        assert isinstance(later, Clearance)


@given(known=facts)
def test_a_refusal_has_reasons_and_names_none_twice(known: Facts) -> None:
    answer = clear(known, LAW)
    if isinstance(answer, Refusal):
        assert answer.reasons
        assert len(set(answer.reasons)) == len(answer.reasons)
