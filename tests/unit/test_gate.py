"""The gate: closed to what is not known, honest about every reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.gate import CLEARANCE_LIVES_S, Clearance, Facts, Refusal, RefusalReason, clear
from compliance.windows import WEEKDAYS, is_open, parse_hours

R = RefusalReason
HOURS = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS})
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow, a Monday
NIGHT = NOON - timedelta(hours=9)
FINE = Facts(
    e164="+79161234567",
    lead_id=UUID(int=1),
    at=NOON,
    zones=("Europe/Moscow",),
    hours=HOURS,
    ring_timeout_s=25.0,
    suppressed=False,
    attempts_last_24h=0,
    attempts_made=0,
    max_attempts_per_day=3,
    max_attempts=6,
    simulated=False,
)

facts = st.builds(
    replace,
    st.just(FINE),
    at=st.integers(0, 14 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    zones=st.sampled_from(
        [(), ("Europe/Moscow",), ("Europe/Kyiv", "Asia/Kolkata"), ("America/New_York",)]
    ),
    hours=st.sampled_from(
        [None, parse_hours({}), HOURS, parse_hours({"sat": [["10:00", "14:00"]]})]
    ),
    suppressed=st.sampled_from([None, True, False, False]),
    attempts_last_24h=st.none() | st.integers(0, 4),
    attempts_made=st.integers(0, 7),
    simulated=st.booleans(),
)


def refusal(**changed: Any) -> Refusal:
    answer = clear(replace(FINE, **changed))
    assert isinstance(answer, Refusal)
    return answer


def test_a_clearance_names_its_number_and_lives_for_seconds() -> None:
    answer = clear(FINE)
    assert isinstance(answer, Clearance)
    assert (answer.e164, answer.lead_id) == (FINE.e164, FINE.lead_id)
    assert answer.expires_at == NOON + timedelta(seconds=CLEARANCE_LIVES_S)


def test_the_receipt_tells_what_was_known_and_no_number() -> None:
    answer = clear(FINE)
    assert isinstance(answer, Clearance)
    assert answer.receipt["cleared_at"] == NOON.isoformat()
    assert answer.receipt["zones"] == ["Europe/Moscow"]
    assert answer.receipt["tzdata"]
    assert FINE.e164 not in str(answer.receipt)


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        ({"suppressed": None}, R.SUPPRESSION_UNKNOWN),
        ({"attempts_last_24h": None}, R.DAILY_CAP),
        ({"zones": ()}, R.ZONE_UNKNOWN),
        ({"hours": None}, R.NO_HOURS),
        ({"hours": parse_hours({})}, R.NO_HOURS),
    ],
)
def test_what_is_not_known_refuses(unknown: dict[str, Any], reason: RefusalReason) -> None:
    assert refusal(**unknown).reasons == (reason,)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"suppressed": True}, R.SUPPRESSED),
        ({"attempts_last_24h": 3}, R.DAILY_CAP),
        ({"attempts_made": 6}, R.ATTEMPT_CAP),
        ({"at": NIGHT}, R.OUTSIDE_WINDOW),
    ],
)
def test_each_rule_refuses_alone(changed: dict[str, Any], reason: RefusalReason) -> None:
    assert refusal(**changed).reasons == (reason,)


def test_a_refusal_names_all_reasons_the_final_ones_first() -> None:
    answer = refusal(at=NIGHT, suppressed=True, attempts_made=6, attempts_last_24h=3)
    assert answer.reasons == (R.SUPPRESSED, R.ATTEMPT_CAP, R.OUTSIDE_WINDOW, R.DAILY_CAP)
    assert refusal(hours=None, zones=()).reasons == (R.NO_HOURS, R.ZONE_UNKNOWN)


def test_a_closed_window_is_asked_again_when_it_opens() -> None:
    assert refusal(at=NIGHT).next_allowed_at == NOON - timedelta(hours=3)


def test_the_daily_cap_is_asked_again_a_day_later_inside_the_window() -> None:
    assert refusal(attempts_last_24h=3).next_allowed_at == NOON + timedelta(hours=24)
    late = NOON + timedelta(hours=8) - timedelta(seconds=10)  # ten seconds before 20:00
    next_morning_but_one = NOON + timedelta(hours=45)
    assert refusal(attempts_last_24h=3, at=late).next_allowed_at == next_morning_but_one


@pytest.mark.parametrize("final", [{"suppressed": True}, {"attempts_made": 6}, {"zones": ()}])
def test_what_time_does_not_heal_waits_for_a_person(final: dict[str, Any]) -> None:
    assert refusal(**final).next_allowed_at is None


def test_a_simulated_trunk_ignores_the_hours_and_nothing_else() -> None:
    anytime = replace(FINE, simulated=True, at=NIGHT, hours=None, zones=())
    assert isinstance(clear(anytime), Clearance)
    for changed, reason in (
        ({"suppressed": True}, R.SUPPRESSED),
        ({"suppressed": None}, R.SUPPRESSION_UNKNOWN),
        ({"attempts_last_24h": 3}, R.DAILY_CAP),
        ({"attempts_last_24h": None}, R.DAILY_CAP),
        ({"attempts_made": 6}, R.ATTEMPT_CAP),
    ):
        answer = clear(replace(anytime, **changed))
        assert isinstance(answer, Refusal)
        assert answer.reasons == (reason,)


@given(known=facts)
def test_cleared_exactly_when_every_rule_allows(known: Facts) -> None:
    opened = known.hours is not None and is_open(
        known.hours, known.zones, known.at, margin_s=known.ring_timeout_s
    )
    today = known.attempts_last_24h
    allowed = (
        known.suppressed is False
        and (known.simulated or opened)
        and known.attempts_made < known.max_attempts
        and today is not None
        and today < known.max_attempts_per_day
    )
    assert isinstance(clear(known), Clearance) == allowed


@given(known=facts)
def test_asked_again_at_the_promised_moment_the_hours_do_not_refuse(known: Facts) -> None:
    answer = clear(known)
    if isinstance(answer, Refusal) and answer.next_allowed_at is not None:
        assert answer.next_allowed_at > known.at
        later = clear(replace(known, at=answer.next_allowed_at, attempts_last_24h=0))
        assert isinstance(later, Clearance)


@given(known=facts)
def test_a_refusal_has_reasons_and_names_none_twice(known: Facts) -> None:
    answer = clear(known)
    if isinstance(answer, Refusal):
        assert answer.reasons
        assert len(set(answer.reasons)) == len(answer.reasons)
