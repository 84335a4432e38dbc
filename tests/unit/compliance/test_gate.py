"""The gate: closed to what is not known, honest about every reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from compliance.consent import Consent
from compliance.counting.frequency import PastAttempt
from compliance.counting.own_caps import OwnLimits
from compliance.facts import DncFact, Facts
from compliance.gate import CLEARANCE_LIVES_S, Clearance, Refusal, RefusalReason, clear
from compliance.hours.windows import WEEKDAYS, parse_hours
from compliance.law import load_law
from compliance.places.numbering import NumberRefusal
from compliance.places.placement import Confidence, Placement, PlacementSource
from compliance.reasons import REMEDY
from compliance.rulebook.rules import Channel, DncSemantics, Party, PastEvent, Purpose

R = RefusalReason
LAW = load_law()
HOURS = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS})
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow, a Monday
NIGHT = NOON - timedelta(hours=9)


def placed(*jurisdictions: str, zones: tuple[str, ...] = ("Europe/Moscow",)) -> Placement:
    sure = Confidence.NARROW if zones else Confidence.UNKNOWN
    return Placement(zones, jurisdictions, PlacementSource.NUMBER, sure)


NOWHERE = placed("XX", zones=())
FINE = Facts(
    e164="+79161234567",
    lead_id=UUID(int=1),
    at=NOON,
    placement=placed("XX"),
    purpose=Purpose.SALES,
    channel=Channel.PREDICTIVE,
    party=Party.CONSUMER,
    subject="",
    hours=HOURS,
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


def called(hours_ago: float, **changed: Any) -> PastAttempt:
    """An earlier call to the number that nobody answered."""
    values: dict[str, Any] = {
        "started_at": NOON - timedelta(hours=hours_ago),
        "same_number": True,
        "same_person": True,
        "same_subject": True,
        "was_answered": False,
        "had_conversation": False,
        "events": frozenset(),
        "talk_s": 0.0,
        "ring_s": 20.0,
    }
    return PastAttempt(**(values | changed))


THREE = tuple(called(hour) for hour in (1, 2, 3))


def refusal(**changed: Any) -> Refusal:
    answer = clear(replace(FINE, **changed), LAW)
    assert isinstance(answer, Refusal)
    return answer


def test_a_clearance_names_its_number_and_lives_for_seconds() -> None:
    answer = clear(FINE, LAW)
    assert isinstance(answer, Clearance)
    assert (answer.e164, answer.lead_id) == (FINE.e164, FINE.lead_id)
    assert answer.expires_at == NOON + timedelta(seconds=CLEARANCE_LIVES_S)


def test_the_receipt_tells_what_was_decided_upon_and_no_number() -> None:
    answer = clear(replace(FINE, placement=placed("US", "US-FL"), dnc=FRESH), LAW)
    kept = refusal(placement=placed("US", "US-FL"), dnc=FRESH).receipt
    assert isinstance(answer, Refusal)  # Florida wants written consent where a machine dials
    assert kept is not None
    assert kept["packs"] == LAW.book.digest
    assert kept["tzdata"] == LAW.tzdata
    assert (kept["zones"], kept["jurisdictions"]) == (["Europe/Moscow"], ["US", "US-FL"])
    assert "us-fl-window" in kept["rules"]
    assert {"rule": "us-fl-cap", "used": 0, "of": 3, "period": "24 h"} in kept["caps"]
    assert kept["dnc"] == {"US-NATIONAL": ["v1"], "US-STATE-LISTS": ["v2"]}
    assert FINE.e164[1:] not in str(kept)


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        ({"suppressed": None}, R.SUPPRESSION_UNKNOWN),
        ({"history": None}, R.HISTORY_UNKNOWN),
        ({"placement": NOWHERE}, R.ZONE_UNKNOWN),
        ({"placement": None}, R.ZONE_UNKNOWN),
        ({"hours": None}, R.NO_HOURS),
        ({"purpose": None}, R.PURPOSE_UNKNOWN),
        ({"placement": placed("FR"), "consents": None}, R.CONSENT_UNKNOWN),
        ({"own_dnc": ("OURS",)}, R.DNC_MISSING),
    ],
)
def test_what_is_not_known_refuses(unknown: dict[str, Any], reason: RefusalReason) -> None:
    assert reason in refusal(**unknown).reasons


VERSION_1 = DncFact(False, NOON - timedelta(days=2), "v1")
FRESH = {"US-NATIONAL": (VERSION_1,), "US-STATE-LISTS": (replace(VERSION_1, version="v2"),)}
LISTED = replace(VERSION_1, listed=True)
ALLOWING = replace(VERSION_1, semantics=DncSemantics.ALLOW_LIST)
TEXAS = placed("US", "US-TX", zones=("America/Chicago",))
WRITTEN = Consent("prior_express_written", "*", NOON - timedelta(days=9), None, "form 7")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"suppressed": True}, R.SUPPRESSED),
        ({"history": THREE}, R.DAILY_CAP),
        ({"attempts_made": 6}, R.ATTEMPT_CAP),
        ({"at": NIGHT}, R.OUTSIDE_WINDOW),
        ({"hours": parse_hours({})}, R.NO_HOURS),
        ({"number_refusal": NumberRefusal.PREMIUM_NUMBER}, R.PREMIUM_NUMBER),
        ({"placement": placed("NL"), "purpose": Purpose.SALES}, R.CONSENT_MISSING),
        ({"placement": placed("US", "US-LA"), "emergencies": {"us-la-emergency"}}, R.EMERGENCY),
        ({"placement": placed("US", "US-LA"), "emergencies": None}, R.EMERGENCY),
        ({"own_dnc": ("OURS",), "dnc": {"OURS": (LISTED,)}}, R.DNC_LISTED),
        ({"own_dnc": ("OURS",), "dnc": {"OURS": (ALLOWING,)}}, R.NOT_ON_ALLOW_LIST),
        (
            {"own_dnc": ("OURS",), "dnc": {"OURS": (replace(VERSION_1, own_max_age_days=1),)}},
            R.DNC_STALE,
        ),
        ({"placement": placed("TR"), "dnc": {"TR-IYS": (VERSION_1,)}}, R.DNC_STALE),
        (
            {"placement": placed("TR"), "dnc": {"TR-IYS": (replace(VERSION_1, obtained_at=NOON),)}},
            R.NOT_ON_ALLOW_LIST,
        ),
    ],
)
def test_each_rule_refuses(changed: dict[str, Any], reason: RefusalReason) -> None:
    assert reason in refusal(**changed).reasons


def test_a_machine_may_not_dial_for_sales_in_russia_and_a_person_may() -> None:
    consent = Consent("prior_consent", "*", NIGHT, None, "contract 5")
    operator = Consent("operator_contract_and_not_refused", "*", NIGHT, None, "operator")
    moscow = replace(FINE, placement=placed("RU", "RU-MOW"), consents=(consent, operator))
    banned = clear(moscow, LAW)
    assert isinstance(banned, Refusal)
    assert (banned.reasons, banned.rules) == ((R.MACHINE_BANNED,), ("ru-auto-ban",))
    assert isinstance(clear(replace(moscow, channel=Channel.HUMAN), LAW), Clearance)
    exempted = replace(moscow, exempted=frozenset({"ru-auto-ban"}))
    assert isinstance(clear(exempted, LAW), Clearance)


def test_a_national_list_blocks_and_a_relation_lifts_it() -> None:
    afternoon = NOON + timedelta(hours=9)  # 12:00 in Texas
    listed = {**FRESH, "US-NATIONAL": (LISTED,)}
    texan = replace(FINE, placement=TEXAS, at=afternoon, dnc=listed)
    blocked = clear(texan, LAW)
    assert isinstance(blocked, Refusal)
    assert (blocked.reasons, blocked.rules) == ((R.DNC_LISTED,), ("us-fed-dnc",))
    bought = Consent("purchase", "*", NOON - timedelta(days=100), None, "order 4")
    allowed = clear(replace(texan, consents=(bought,)), LAW)
    assert isinstance(allowed, Clearance)
    assert {"rule": "us-fed-dnc", "proof": "order 4"} in allowed.receipt["consents"]


def test_a_cap_of_law_frees_itself_and_a_refusal_for_ever_does_not() -> None:
    spoke = frozenset({PastEvent.CONVERSATION})
    debtor = replace(FINE, placement=placed("US", zones=("America/New_York",)), at=NOON)
    talked = called(24, events=spoke, was_answered=True, had_conversation=True)
    answer = clear(
        replace(debtor, purpose=Purpose.DEBT, history=(talked,), at=NOON + timedelta(hours=8)), LAW
    )
    assert isinstance(answer, Refusal)
    assert answer.reasons == (R.QUIET_PERIOD,)
    # A week after the talk it is 04:00 in New York: the campaign's hours open at nine there.
    assert answer.next_allowed_at == datetime(2026, 11, 29, 14, 0, tzinfo=UTC)
    refused = called(24, events=frozenset({PastEvent.REFUSAL}))
    dubai = refusal(placement=placed("AE", zones=("Asia/Dubai",)), history=(refused,))
    assert R.NEVER_AGAIN in dubai.reasons
    assert dubai.next_allowed_at is None


def test_a_refusal_names_all_reasons_the_standing_ones_first() -> None:
    answer = refusal(at=NIGHT, suppressed=True, attempts_made=6, history=THREE)
    assert answer.reasons[:2] == (R.SUPPRESSED, R.ATTEMPT_CAP)
    assert R.OUTSIDE_WINDOW in answer.reasons
    assert "campaign-hours" in answer.rules


def test_a_closed_window_is_asked_again_when_it_opens() -> None:
    assert refusal(at=NIGHT).next_allowed_at == NOON - timedelta(hours=3)


def test_the_daily_cap_is_asked_again_when_the_first_call_is_a_day_old() -> None:
    full = refusal(history=tuple(called(hour) for hour in (1, 2, 5)))
    assert full.next_allowed_at == NOON + timedelta(hours=21)  # 09:00 in Moscow


def test_the_next_moment_is_found_beyond_a_change_of_the_law() -> None:
    """France let no window stand in the way of a call by consent of time; nor does a later row."""
    sunday = datetime(2026, 8, 9, 10, 0, tzinfo=UTC)
    paris = placed("FR", zones=("Europe/Paris",))
    consent = Consent("prior_express_written", "*", sunday - timedelta(days=9), None, "form 7")
    answer = refusal(
        placement=paris, at=sunday, consents=(consent,), dnc={"FR-BLOCTEL": (fresh(sunday),)}
    )
    assert answer.next_allowed_at == datetime(2026, 8, 10, 8, 0, tzinfo=UTC)


def fresh(at: datetime) -> DncFact:
    return DncFact(False, at - timedelta(days=1), "v1")


@pytest.mark.parametrize(
    "final", [{"suppressed": True}, {"attempts_made": 6}, {"placement": NOWHERE}]
)
def test_what_time_does_not_heal_waits_for_a_person(final: dict[str, Any]) -> None:
    assert refusal(**final).next_allowed_at is None


def test_a_simulated_trunk_ignores_the_law_and_keeps_the_clients_own_wishes() -> None:
    anytime = replace(
        FINE, simulated=True, at=NIGHT, hours=None, placement=None, purpose=None, consents=None
    )
    assert isinstance(clear(anytime, LAW), Clearance)
    for changed, reason in (
        ({"suppressed": True}, R.SUPPRESSED),
        ({"suppressed": None}, R.SUPPRESSION_UNKNOWN),
        ({"history": (called(-8.5), called(-8.6), called(-8.7))}, R.DAILY_CAP),
        ({"history": None}, R.HISTORY_UNKNOWN),
        ({"attempts_made": 6}, R.ATTEMPT_CAP),
    ):
        answer = clear(replace(anytime, **changed), LAW)
        assert isinstance(answer, Refusal)
        assert answer.reasons == (reason,)


def test_every_reason_has_a_remedy() -> None:
    assert set(REMEDY) == set(RefusalReason)
