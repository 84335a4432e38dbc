"""The gate's lists of one code together, its next moments judged anew, and the window on its receipts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from compliance.consent import Consent
from compliance.facts import DncFact
from compliance.gate import Clearance, Refusal, RefusalReason, clear
from compliance.receipts import with_refusal
from compliance.rulebook.rules import DncSemantics, Purpose
from tests.unit.compliance.test_gate import (
    ALLOWING,
    FINE,
    FRESH,
    LAW,
    LISTED,
    NIGHT,
    NOON,
    TEXAS,
    VERSION_1,
    called,
    placed,
    refusal,
)

R = RefusalReason
OLD = replace(VERSION_1, own_max_age_days=1)
ALLOWED = replace(ALLOWING, listed=True)
TEXAN = replace(FINE, placement=TEXAS, at=NOON + timedelta(hours=9))  # 12:00 in Texas
BOUGHT = Consent("purchase", "*", NOON - timedelta(days=100), None, "order 4")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ((VERSION_1, LISTED), R.DNC_LISTED),
        ((LISTED, VERSION_1), R.DNC_LISTED),
        ((VERSION_1, OLD), R.DNC_STALE),
        ((ALLOWED, ALLOWING), R.NOT_ON_ALLOW_LIST),
        ((VERSION_1, ALLOWING), R.NOT_ON_ALLOW_LIST),
        ((VERSION_1, VERSION_1), None),
        ((ALLOWED, ALLOWED), None),
        ((VERSION_1, ALLOWED), None),
    ],
    ids=str,
)
def test_lists_of_one_code_must_all_let_a_call_through(
    held: tuple[DncFact, ...], reason: RefusalReason | None
) -> None:
    answer = clear(replace(FINE, own_dnc=("OURS",), dnc={"OURS": held}), LAW)
    assert (answer.reasons if isinstance(answer, Refusal) else None) == (
        None if reason is None else (reason,)
    )


def _national(*held: DncFact) -> Mapping[str, tuple[DncFact, ...]]:
    return {**FRESH, "US-NATIONAL": held}


def test_a_row_of_law_takes_every_list_of_its_code() -> None:
    own = replace(LISTED, version="own")
    answer = clear(replace(TEXAN, dnc=_national(VERSION_1, own)), LAW)
    assert isinstance(answer, Refusal)
    assert (answer.reasons, answer.rules) == ((R.DNC_LISTED,), ("us-fed-dnc",))
    assert answer.receipt is not None
    assert answer.receipt["dnc"]["US-NATIONAL"] == ["v1", "own"]


def test_the_stricter_meaning_of_a_list_wins_and_no_relation_opens_it() -> None:
    dnc = _national(replace(VERSION_1, semantics=DncSemantics.ALLOW_LIST))
    answer = clear(replace(TEXAN, dnc=dnc, consents=(BOUGHT,)), LAW)
    assert isinstance(answer, Refusal)
    assert answer.reasons == (R.NOT_ON_ALLOW_LIST,)
    relation = clear(replace(TEXAN, dnc=_national(LISTED), consents=(BOUGHT,)), LAW)
    assert isinstance(relation, Clearance)


def test_a_moment_at_which_something_else_refuses_for_good_is_no_next_moment() -> None:
    """The list is fresh enough at night and too old in the morning."""
    ours = {"own_dnc": ("OURS",), "at": NIGHT}
    lasting = replace(VERSION_1, own_max_age_days=2)
    assert refusal(**ours, dnc={"OURS": (lasting,)}).reasons == (R.OUTSIDE_WINDOW,)
    assert refusal(**ours, dnc={"OURS": (lasting,)}).next_allowed_at == NOON - timedelta(hours=3)
    ageing = replace(lasting, obtained_at=NIGHT - timedelta(days=2))
    assert refusal(**ours, dnc={"OURS": (ageing,)}).reasons == (R.OUTSIDE_WINDOW,)
    assert refusal(**ours, dnc={"OURS": (ageing,)}).next_allowed_at is None


def test_the_next_moment_of_several_full_caps_is_one_that_is_allowed() -> None:
    new_york = placed("US", zones=("America/New_York",))
    talked = called(24, was_answered=True, had_conversation=True)
    history = (called(1), called(2), called(3), talked)
    at = NOON + timedelta(hours=8)
    debtor = replace(FINE, placement=new_york, purpose=Purpose.DEBT, at=at, history=history)
    answer = clear(debtor, LAW)
    assert isinstance(answer, Refusal)
    assert answer.next_allowed_at is not None
    assert isinstance(clear(replace(debtor, at=answer.next_allowed_at), LAW), Clearance)


def test_the_receipt_tells_the_hours_and_until_when_they_hold() -> None:
    passed = clear(FINE, LAW)
    assert isinstance(passed, Clearance)
    evening = datetime(2026, 11, 23, 17, 0, tzinfo=UTC) - timedelta(seconds=FINE.ring_timeout_s)
    hours = "mon-sun 09:00-20:00"
    assert passed.receipt["window"] == {"hours": hours, "open": True, "until": evening.isoformat()}
    kept = refusal(at=NIGHT).receipt
    assert kept is not None
    morning = (NOON - timedelta(hours=3)).isoformat()
    assert kept["window"] == {"hours": hours, "open": False, "until": morning}


def test_a_refusal_after_the_gate_keeps_the_gates_receipt() -> None:
    passed = clear(FINE, LAW)
    assert isinstance(passed, Clearance)
    kept = with_refusal(passed.receipt, R.CALLER_ID_MISSING)
    assert kept["refused"] == [{"reason": "no_caller_id", "rules": []}]
    assert kept["packs"] == LAW.book.digest
    assert passed.receipt["refused"] == []
