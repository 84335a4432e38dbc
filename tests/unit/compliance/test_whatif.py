"""What-if questions: what they assume, cite and ignore."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.law.instants import BadInstant, instant_text, parse_instant
from campaigns.law.kinds import consent_kinds
from campaigns.law.whatif import Question, check
from campaigns.law.wording import what
from compliance.law import load_law
from compliance.rulebook.rules import Channel, DncTerms, Purpose, Rule

LAW = load_law()
NEW_YORK, PARIS, MOSCOW = "+12125551234", "+33145678901", "+79161234567"


def ask(e164: str, at: str, channel: Channel = Channel.HUMAN, **facts: Any) -> dict[str, Any]:
    return check(LAW, Question(e164, Purpose.SALES, channel, parse_instant(at), **facts))


def test_a_refusal_cites_the_rule_that_refused_with_its_source() -> None:
    (cited,) = ask("+13055551234", "2026-11-25T01:00:00Z", region="US-FL")["rules"]
    assert cited["id"] == "us-fl-window"
    assert "08:00-20:00" in cited["what"]
    assert "501.616" in cited["source"]


def test_the_operators_contract_is_assumed_and_can_be_denied() -> None:
    noon, held = "2026-11-23T09:00:00Z", ("prior_consent",)
    assert ask(MOSCOW, noon, consents=held)["allowed"] is True
    without = ask(MOSCOW, noon, consents=held, operator_contract=False)
    assert without["reasons"] == ["consent_missing"]
    assert len(without["assumed"]) < len(ask(MOSCOW, noon, consents=held)["assumed"])


def test_a_single_consent_opens_what_it_is_for() -> None:
    morning = "2026-08-11T10:00:00Z"
    assert ask(PARIS, morning, consents=("prior_consent_gdpr",))["allowed"] is True
    assert ask(PARIS, morning, consents=("purchase",))["allowed"] is False


def test_a_consent_to_be_called_opens_no_hour_but_one_about_the_hour_does() -> None:
    night = "2026-11-23T04:00:00Z"
    assert ask(NEW_YORK, night, consents=("all",))["reasons"] == ["outside_window"]
    assert ask(NEW_YORK, night, consents=("prior_consent_time",))["allowed"] is True


def test_an_emergency_stops_sales() -> None:
    day = "2026-11-23T18:00:00Z"
    assert ask("+12255551234", day, region="US-LA")["allowed"] is True
    declared = frozenset({"us-la-emergency"})
    said = ask("+12255551234", day, region="US-LA", emergencies=declared)
    assert said["reasons"] == ["emergency"]


def test_a_country_without_hours_is_open_all_day() -> None:
    said = ask("+442071838750", "2026-11-23T23:59:59Z", ring_timeout_s=25)
    assert said["allowed"] is True


def test_the_ring_time_out_is_kept_clear_of_the_closing() -> None:
    """A call that would still ring at nine in the evening is not placed."""
    at = "2026-11-24T01:59:50Z"
    assert ask(NEW_YORK, at)["allowed"] is True
    assert ask(NEW_YORK, at, ring_timeout_s=25)["reasons"] == ["outside_window"]


def test_what_cannot_be_understood_is_told() -> None:
    said = ask(NEW_YORK, "2026-11-23T15:00:00Z", region="Atlantis", zone="Europe/Atlantis")
    assert len(said["ignored"]) == 2


def test_a_country_code_is_no_subdivision() -> None:
    """``CA`` of a Canadian number is Canada, not California."""
    said = ask("+17095551234", "2026-11-23T15:00:00Z", region="CA")
    assert "US-CA" not in said["jurisdictions"]
    assert said["ignored"] == []


def test_a_premium_number_is_refused_whatever_the_hour() -> None:
    said = ask("+78091234567", "2026-11-23T09:00:00Z", consents=("all",))
    assert (said["allowed"], said["next_allowed_at"]) == (False, None)
    assert "premium_number" in said["reasons"]


def test_instants_keep_their_zone() -> None:
    assert parse_instant("2026-11-23") == parse_instant("2026-11-23T03:00:00+03:00")
    moscow = datetime.fromisoformat("2026-11-23T03:00:00+03:00")
    assert instant_text(moscow) == "2026-11-23T00:00:00Z"


@pytest.mark.parametrize("wrong", ["yesterday", "2026-11-23T13:00:00", "2026-13-01", ""])
def test_an_instant_without_a_zone_or_sense_is_refused(wrong: str) -> None:
    with pytest.raises(BadInstant):
        parse_instant(wrong)


def test_every_kind_a_rule_names_is_known() -> None:
    kinds = consent_kinds(LAW.book)
    assert {"prior_express_written", "purchase", "agreed_time", "running_contract"} <= kinds
    assert "all" not in kinds


@pytest.mark.parametrize("rule", LAW.book.rules, ids=lambda rule: rule.id)
def test_every_rule_can_be_told_in_words(rule: Rule) -> None:
    said = what(rule)
    assert len(said) > 10
    named = rule.terms.list_code if isinstance(rule.terms, DncTerms) else ""
    assert "_" not in said.replace(named, "")
