"""What the network said, as an outcome: the measured table, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call.causes import TRUNK_FAULTS, outcome_of
from dialer.call.states import ANSWERED_OUTCOMES, CallOutcome

O = CallOutcome  # noqa: E741 - the table below reads by it

#: (final response, Asterisk's cause, outcome), as measured on Asterisk 22 (docs/telephony.md).
MEASURED = [
    (486, 17, O.BUSY),
    (600, 17, O.BUSY),
    (503, 34, O.CONGESTION),
    (580, 34, O.CONGESTION),
    (500, 38, O.CONGESTION),
    (502, 27, O.CONGESTION),
    (504, 102, O.CONGESTION),
    (408, 18, O.NO_RESPONSE),
    (403, 21, O.REJECTED),
    (603, 21, O.REJECTED),
    (404, 1, O.INVALID_NUMBER),
    (410, 22, O.INVALID_NUMBER),
    (484, 28, O.INVALID_NUMBER),
    (480, 19, O.UNREACHABLE),
    (488, 58, O.CONGESTION),
    (487, 127, O.CANCELLED),
    (607, 127, O.REJECTED),
    (608, 127, O.REJECTED),
]


@pytest.mark.parametrize("rang", [False, True])
@pytest.mark.parametrize(("sip_code", "cause", "outcome"), MEASURED)
def test_the_far_end_said_so(sip_code: int, cause: int, outcome: CallOutcome, rang: bool) -> None:
    assert outcome_of(cause, sip_code, remote=True, rang=rang) is outcome


def test_our_ring_time_out_is_not_a_480() -> None:
    assert outcome_of(19, 480, remote=False, rang=True) is CallOutcome.NO_ANSWER
    assert outcome_of(19, 480, remote=False, rang=False) is CallOutcome.NO_RESPONSE
    assert outcome_of(19, None, remote=False, rang=True) is CallOutcome.NO_ANSWER


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (1, O.INVALID_NUMBER),
        (17, O.BUSY),
        (18, O.NO_RESPONSE),
        (20, O.UNREACHABLE),
        (21, O.REJECTED),
        (22, O.INVALID_NUMBER),
        (28, O.INVALID_NUMBER),
        (34, O.CONGESTION),
    ],
)
def test_the_cause_decides_where_no_code_came(cause: int, outcome: CallOutcome) -> None:
    assert outcome_of(cause, None, remote=True, rang=True) is outcome


def test_what_a_person_did_is_no_fault_of_the_trunk() -> None:
    personal = {O.BUSY, O.REJECTED, O.NO_ANSWER, O.INVALID_NUMBER, O.UNREACHABLE, O.CANCELLED}
    assert not TRUNK_FAULTS & (personal | ANSWERED_OUTCOMES)


@given(
    cause=st.integers(0, 200),
    sip_code=st.none() | st.integers(300, 699),
    remote=st.booleans(),
    rang=st.booleans(),
)
def test_total_and_never_answered(
    cause: int, sip_code: int | None, remote: bool, rang: bool
) -> None:
    outcome = outcome_of(cause, sip_code, remote=remote, rang=rang)
    assert outcome not in ANSWERED_OUTCOMES | {CallOutcome.NOT_SENT}
