"""Which calls wait for a reviewer, and which raw file is kept of them."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from dialer.call.recorded import greeting_name, is_for_review, keeps_greeting, kept_file, raw_name
from dialer.call.states import Call, CallPolicy
from dialer.call.verdicts import AnalysisPolicy, Treatment, is_audited, is_reviewed

ALL = AnalysisPolicy(audit_share=0.0, review_share=1.0)
KEEPS = replace(ALL, keep_greeting=True)
ID = UUID(int=7)


def call(analysis: AnalysisPolicy | None, *, record: bool, **facts: object) -> Call:
    """A call as it ends; recorded if it should have been."""
    made = Call(ID, CallPolicy(record=record, analysis=analysis), recording=record)
    return replace(made, **facts)  # type: ignore[arg-type]


def test_reviews_and_audits_are_drawn_apart_and_by_the_share() -> None:
    dice = Random(4)
    ids = [UUID(int=dice.getrandbits(128), version=4) for _ in range(4000)]
    reviewed = {one for one in ids if is_reviewed(one, 0.2)}
    audited = {one for one in ids if is_audited(one, 0.2)}
    assert 0.17 < len(reviewed) / len(ids) < 0.23
    assert 0.02 < len(reviewed & audited) / len(ids) < 0.06, "as chance has it: 4 %"
    assert not [one for one in ids if is_reviewed(one, 0.0)]
    assert all(is_reviewed(one, 1.0) for one in ids)


@pytest.mark.parametrize("treatment", [t for t in Treatment if t is not Treatment.ACTED])
def test_only_what_was_acted_on_is_reviewed(treatment: Treatment) -> None:
    for analysis in (ALL, KEEPS):
        assert is_for_review(call(analysis, record=True, treatment=Treatment.ACTED))
        assert not is_for_review(call(analysis, record=True, treatment=treatment))
    assert kept_file(call(KEEPS, record=False, treatment=treatment)) is None


def test_a_recorded_call_keeps_its_file_whatever_it_was() -> None:
    assert kept_file(call(None, record=True)) == raw_name(ID)
    assert kept_file(call(KEEPS, record=True, treatment=Treatment.ACTED)) == raw_name(ID)
    assert not keeps_greeting(call(KEEPS, record=True))


def test_without_recordings_the_greeting_is_kept_only_where_that_is_wanted() -> None:
    acted = {"treatment": Treatment.ACTED}
    assert kept_file(call(ALL, record=False, **acted)) is None
    assert not is_for_review(call(ALL, record=False, **acted)), "nobody could hear it"
    assert kept_file(call(KEEPS, record=False, **acted)) == greeting_name(ID)
    assert is_for_review(call(KEEPS, record=False, **acted))


def test_a_call_that_is_not_drawn_or_goes_to_an_agent_is_not_listened_to_twice() -> None:
    assert not keeps_greeting(call(replace(KEEPS, review_share=0.0), record=False))
    assert not keeps_greeting(call(replace(KEEPS, audit_share=1.0), record=False))
    assert not keeps_greeting(call(None, record=False))
