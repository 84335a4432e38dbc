"""The shipped packs, and which of their rows bind a call."""

from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from compliance.rulebook.packs import PACKS, RuleBook, RuleNotFound, load_packs
from compliance.rulebook.rules import (
    Cap,
    CapScope,
    CapTerms,
    Channel,
    Counted,
    DncSemantics,
    DncTerms,
    EmergencyTerms,
    Party,
    PastEvent,
    Purpose,
    Rule,
    RuleKind,
    WindowTerms,
)

BOOK = load_packs()
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def ids(
    *jurisdictions: str,
    purpose: Purpose = Purpose.SALES,
    channel: Channel = Channel.HUMAN,
    party: Party = Party.CONSUMER,
    on: date = MONDAY,
    without: frozenset[str] = frozenset(),
    book: RuleBook = BOOK,
) -> set[str]:
    rules = book.select(
        jurisdictions=jurisdictions,
        purpose=purpose,
        channel=channel,
        party=party,
        on=on,
        without=without,
    )
    assert list(rules) == sorted(rules, key=lambda rule: rule.id)
    return {rule.id for rule in rules}


# What is shipped


def test_every_row_is_there() -> None:
    assert Counter(rule.kind for rule in BOOK.rules) == {
        RuleKind.WINDOW: 46,
        RuleKind.CONSENT: 21,
        RuleKind.DNC: 21,
        RuleKind.CAP: 14,
        RuleKind.CALLER_ID: 6,
        RuleKind.ABANDONMENT: 5,
        RuleKind.RECORDING: 6,
        RuleKind.MESSAGE: 4,
        RuleKind.RETENTION: 3,
        RuleKind.AUTOMATION: 3,
        RuleKind.RING: 2,
        RuleKind.EMERGENCY: 2,
    }
    assert Counter(rule.verified for rule in BOOK.rules) == {
        "source-seen": 108,
        "prior-knowledge": 25,
    }
    countries = Counter(rule.jurisdiction.partition("-")[0] for rule in BOOK.rules)
    assert (len(countries), countries["US"], countries["GB"], countries["RU"]) == (32, 54, 9, 8)


def test_each_pack_is_one_country() -> None:
    for path in PACKS.glob("*.toml"):
        country = path.stem.upper()
        assert f'\njurisdiction = "{country}"\n' in path.read_text(encoding="utf-8")
        assert path.stem in {rule.id.partition("-")[0] for rule in BOOK.rules}


def test_what_was_seen_says_where() -> None:
    for rule in BOOK.rules:
        assert rule.source
        if rule.verified == "source-seen":
            assert rule.url, rule.id
            assert rule.source_kind, rule.id


def test_a_row_arrives_whole() -> None:
    morning, afternoon = (time(10), time(13)), (time(14), time(20))
    rule = BOOK.get("fr-window")
    assert rule.terms == WindowTerms(
        weekdays=((morning, afternoon),) * 5 + ((), ()), holiday=(), calendar="FR"
    )
    assert (rule.effective_from, rule.effective_to) == (date(2023, 3, 1), None)
    assert rule.lifted_by == {"express_prior_consent_time"}
    assert rule.parties == {Party.CONSUMER}
    assert rule.channels == {Channel.HUMAN, Channel.AUTOMATED}


def test_odd_windows_arrive() -> None:
    evening = ((time(10), time(19)),)
    italy = BOOK.get("it-window").terms
    assert isinstance(italy, WindowTerms)
    assert (italy.pre_holiday, italy.holiday, italy.weekdays[5]) == (evening, (), evening)
    mississippi, texas = BOOK.get("us-ms-window").terms, BOOK.get("us-tx-window").terms
    assert isinstance(mississippi, WindowTerms)
    assert isinstance(texas, WindowTerms)
    assert mississippi.clock == "America/Chicago"
    assert (texas.clock, texas.holiday) == (None, None)


def test_scopes_and_silences_arrive() -> None:
    attempts = Counted.ATTEMPTS
    assert BOOK.get("us-fed-cap-debt").terms == CapTerms(
        (
            Cap(7, attempts, CapScope.PERSON_AND_SUBJECT, per_hours=168),
            Cap(0, attempts, CapScope.PERSON_AND_SUBJECT, 168, None, PastEvent.CONVERSATION),
        )
    )
    scopes = {
        rule.id: cap.scope
        for rule in BOOK.rules
        if isinstance(rule.terms, CapTerms)
        for cap in rule.terms.caps
    }
    assert scopes["us-fed-exempt-robocall-cap"] is CapScope.NUMBER
    assert scopes["us-fl-cap"] is CapScope.PERSON_AND_SUBJECT
    assert scopes["ru-debt-cap"] is scopes["fr-cap"] is CapScope.PERSON
    assert scopes["br-short-calls"] is CapScope.COMPANY


def test_business_days_become_days_and_say_so() -> None:
    rule = BOOK.get("us-fed-dnc-internal")
    assert rule.terms == DncTerms("SELLER-INTERNAL", honour_within_days=14, keep_days=1826)
    assert rule.note.endswith("; 10 business days are counted as 14 days")


def test_lists_and_switches_keep_their_meaning() -> None:
    terms = {r.id: r.terms for r in BOOK.rules if isinstance(r.terms, DncTerms)}
    assert terms["us-fed-dnc"] == DncTerms("US-NATIONAL", DncSemantics.BLOCK_LIST, 31, 548, 92)
    assert terms["tr-dnc"].semantics is DncSemantics.ALLOW_LIST
    assert terms["in-dnc"].semantics is DncSemantics.ONLINE_SCRUB
    assert BOOK.get("us-la-emergency").terms == EmergencyTerms("us-la-emergency")


def test_the_book_knows_its_age_and_places() -> None:
    assert (BOOK.tzdata_min, BOOK.compiled) == ("2026f", date(2026, 11, 21))
    assert {"US", "US-FL", "FR"} <= BOOK.jurisdictions()
    assert len(BOOK.jurisdictions()) == len({rule.jurisdiction for rule in BOOK.rules})


def test_an_unknown_id_is_not_found() -> None:
    with pytest.raises(RuleNotFound) as caught:
        BOOK.get("us-zz-window")
    assert caught.value.facts == {"rule": "us-zz-window"}


# Which rows bind a call


def test_france_turns_to_opt_in_on_one_day() -> None:
    turn = date(2026, 8, 11)
    before, after = ids("FR", on=turn - DAY), ids("FR", on=turn)
    assert before ^ after == {"fr-dnc", "fr-optin"}
    assert ("fr-dnc" in before, "fr-optin" in after) == (True, True)


def test_britain_lost_its_safe_harbour_on_one_day() -> None:
    turn = date(2017, 3, 1)
    abandon = {"gb-abandon", "gb-abandon-old"}
    assert ids("GB", on=turn - DAY) & abandon == {"gb-abandon-old"}
    assert ids("GB", on=turn) & abandon == {"gb-abandon"}
    assert ids("GB", on=date(2006, 2, 28)) & abandon == set()
    assert ids("GB", on=date(2006, 3, 1)) & abandon == {"gb-abandon-old"}


def test_a_bill_never_binds() -> None:
    assert BOOK.get("ru-robot-disclosure-bill").is_bill
    for purpose in Purpose:
        for channel in Channel:
            assert "ru-robot-disclosure-bill" not in ids("RU", purpose=purpose, channel=channel)


@pytest.mark.parametrize(
    ("rule", "place", "caught"),
    [
        ("us-fed-window", "US", set(Channel)),  # lists human and automated
        ("us-fl-consent-auto", "US-FL", {Channel.PREDICTIVE, Channel.AUTOMATED}),
        ("ru-auto-ban", "RU", {Channel.PREDICTIVE, Channel.AUTOMATED}),
        ("us-fed-consent-auto", "US", {Channel.AUTOMATED}),
        ("us-mn-window", "US-MN", {Channel.AUTOMATED}),
    ],
)
def test_the_channel_decides(rule: str, place: str, caught: set[Channel]) -> None:
    assert {channel for channel in Channel if rule in ids(place, channel=channel)} == caught


def test_a_row_on_people_does_not_bind_a_talking_machine() -> None:
    people = replace(BOOK.get("us-fed-window"), channels=frozenset({Channel.HUMAN}))
    book = RuleBook(rules=(people,), tzdata_min="2026f", compiled=MONDAY)
    caught = {channel for channel in Channel if ids("US", channel=channel, book=book)}
    assert caught == {Channel.HUMAN, Channel.PREDICTIVE}


def test_a_predictive_call_owes_what_a_hand_dialled_one_owes() -> None:
    for place in BOOK.jurisdictions():
        for purpose in Purpose:
            by_hand = ids(place, purpose=purpose, channel=Channel.HUMAN)
            by_machine = ids(place, purpose=purpose, channel=Channel.PREDICTIVE)
            assert by_hand <= by_machine


def test_purpose_party_and_place_decide() -> None:
    assert "us-fed-window-debt" in ids("US", purpose=Purpose.DEBT)
    assert "us-fed-window" not in ids("US", purpose=Purpose.DEBT)
    assert ids("GB", party=Party.BUSINESS) == {"gb-dnc", "gb-recording"}
    assert "us-fl-window" not in ids("US")
    assert {"us-fl-window", "us-fed-window"} <= ids("US", "US-FL")
    assert ids() == set()
    assert ids("ZZ") == set()


def test_a_row_can_be_switched_off() -> None:
    assert ids("US") - ids("US", without=frozenset({"us-fed-ring"})) == {"us-fed-ring"}


def test_a_row_for_everywhere_binds_everywhere() -> None:
    anywhere = replace(BOOK.get("nz-window"), id="house-window", jurisdiction="*")
    book = RuleBook(rules=(anywhere,), tzdata_min="2026f", compiled=MONDAY)
    assert ids("ZZ", book=book) == ids(book=book) == {"house-window"}


def test_the_same_question_is_answered_from_memory() -> None:
    def ask(book: RuleBook, *places: str) -> tuple[Rule, ...]:
        return book.select(
            jurisdictions=places,
            purpose=Purpose.SALES,
            channel=Channel.HUMAN,
            party=Party.CONSUMER,
            on=MONDAY,
        )

    assert ask(BOOK, "US", "US-FL") is ask(BOOK, "US-FL", "US")
    fewer = RuleBook(rules=BOOK.rules[:1], tzdata_min="2026f", compiled=BOOK.compiled)
    assert ask(fewer, "US", "US-FL") == ()
