"""Recordings on answering machines: closed unless a rule or an express consent opens them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from compliance.consent import Consent
from compliance.counting.own_caps import OwnLimits
from compliance.facts import Facts
from compliance.gate import Clearance, clear
from compliance.hours.windows import WEEKDAYS, parse_hours
from compliance.law import load_law
from compliance.machine_messages import NO_RULE, may_leave_message
from compliance.places.placement import Confidence, Placement, PlacementSource
from compliance.rulebook.rules import Channel, Party, Purpose

LAW = load_law()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # noon in London, a Monday


def placed(*jurisdictions: str) -> Placement:
    return Placement(("Europe/London",), jurisdictions, PlacementSource.NUMBER, Confidence.NARROW)


SURVEY = Facts(
    e164="+442079460000",
    lead_id=UUID(int=1),
    at=NOON,
    placement=placed("XX"),
    purpose=Purpose.SURVEY,
    channel=Channel.PREDICTIVE,
    party=Party.CONSUMER,
    subject="",
    hours=parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS}),
    ring_timeout_s=25.0,
    suppressed=False,
    dnc={},
    own_dnc=(),
    consents=(),
    history=(),
    limits=OwnLimits(3),
    company_counts={},
    attempts_made=0,
    max_attempts=6,
)


def given(kind: str, **changed: Any) -> tuple[Consent, ...]:
    """A person's only consent."""
    return (replace(Consent(kind, "", NOON - timedelta(days=1), None, "form 17"), **changed),)


def test_where_no_rule_speaks_of_recordings_none_is_left() -> None:
    assert isinstance(clear(SURVEY, LAW), Clearance), "an agent may call"
    leave = may_leave_message(SURVEY, LAW)
    assert not leave.allowed
    assert leave.reasons == (NO_RULE,)


def test_an_express_consent_opens_it_and_a_relation_does_not() -> None:
    assert may_leave_message(replace(SURVEY, consents=given("prior_express")), LAW).allowed
    assert not may_leave_message(replace(SURVEY, consents=given("customer_12m")), LAW).allowed
    over = given("prior_express", withdrawn_at=NOON - timedelta(hours=1))
    assert not may_leave_message(replace(SURVEY, consents=over), LAW).allowed


def test_a_rule_on_recordings_asks_for_its_consent_and_is_named() -> None:
    charity = replace(SURVEY, placement=placed("GB"), purpose=Purpose.CHARITY)
    refused = may_leave_message(charity, LAW)
    assert not refused.allowed
    assert "consent_missing" in refused.reasons
    assert "gb-consent-auto" in refused.rules
    agreed = may_leave_message(replace(charity, consents=given("prior_consent")), LAW)
    assert agreed.allowed
    assert agreed.rules == ("gb-consent-auto",)


def test_a_ban_stays_a_ban_whatever_the_consent() -> None:
    russia = replace(
        SURVEY,
        placement=Placement(("Europe/Moscow",), ("RU",), PlacementSource.NUMBER, Confidence.NARROW),
        purpose=Purpose.SALES,
        consents=given("prior_express_written"),
    )
    leave = may_leave_message(russia, LAW)
    assert not leave.allowed
    assert "machine_banned" in leave.reasons


@pytest.mark.parametrize(
    "unknown",
    [{"consents": None}, {"placement": None}, {"purpose": None}, {"suppressed": None}],
)
def test_what_is_not_known_refuses(unknown: dict[str, Any]) -> None:
    known = replace(SURVEY, consents=given("prior_express"))
    assert may_leave_message(known, LAW).allowed
    assert not may_leave_message(replace(known, **unknown), LAW).allowed


def test_on_a_simulated_trunk_nobody_lives() -> None:
    assert may_leave_message(replace(SURVEY, simulated=True), LAW).allowed


def test_the_receipt_says_by_what_a_message_may_be_left() -> None:
    consented = may_leave_message(replace(SURVEY, consents=given("prior_express")), LAW)
    assert consented.receipt() == {
        "allowed": True,
        "reasons": [],
        "rules": [],
        "consents": [{"of": "prior_express", "proof": "form 17"}],
    }
    charity = replace(SURVEY, placement=placed("GB"), purpose=Purpose.CHARITY)
    agreed = may_leave_message(replace(charity, consents=given("prior_consent")), LAW).receipt()
    assert agreed["allowed"]
    assert agreed["rules"]
    assert [one["of"] for one in agreed["consents"]] == agreed["rules"]
    assert {one["proof"] for one in agreed["consents"]} == {"form 17"}
    refused = may_leave_message(charity, LAW).receipt()
    assert (refused["allowed"], refused["consents"]) == (False, [])
    assert refused["reasons"]
