"""Phone numbers: parsed once, never guessed, never printed."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.phone import InvalidPhone, PhoneNumber, masked, parse, time_zones
from dialer.phone_number import masked_in


@pytest.mark.parametrize(
    ("text", "region", "e164", "found"),
    [
        ("8 (916) 123-45-67", "RU", "+79161234567", "RU"),
        ("+7 916 123 45 67", "UA", "+79161234567", "RU"),
        ("9161234567", "RU", "+79161234567", "RU"),
        ("067 123 45 67", "UA", "+380671234567", "UA"),
        ("(212) 555-2368", "US", "+12125552368", "US"),
        ("+44 20 7946 0018", "RU", "+442079460018", "GB"),
        ("8 495 123-45-67 доб. 12", "RU", "+74951234567", "RU"),
        ("044 123 45 67 дод. 5", "UA", "+380441234567", "UA"),
        ("+1 212 555 2368 ext. 9", "RU", "+12125552368", "US"),
        ("8 495 123-45-67 вн. 3", "RU", "+74951234567", "RU"),
        ("8 495 123-45-67 #3", "RU", "+74951234567", "RU"),
    ],
)
def test_what_people_write(text: str, region: str, e164: str, found: str) -> None:
    number = parse(text, region)
    assert (number.e164, number.region) == (e164, found)


@pytest.mark.parametrize("text", ["", "no", "123", "+7916123456", "+0000000000", "00", "тел."])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhone):
        parse(text, "RU")


@pytest.mark.parametrize("text", ["7.91612E+10", "7,9E+10", " 79e10 ", "7.9161234567e10"])
def test_spreadsheet_damage_is_named_and_never_guessed(text: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        parse(text, "RU")
    assert refused.value.facts == {"damage": True}


def test_a_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(InvalidPhone) as refused:
        parse("+7916123456", "RU")
    assert "916" not in str(refused.value)
    assert "916" not in str(refused.value.facts)


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_a_refusal(text: str) -> None:
    try:
        number = parse(text, "RU")
    except InvalidPhone:
        return
    assert number.e164[0] == "+"
    assert 8 <= len(number.e164) - 1 <= 15
    assert parse(number.e164, "US") == number


def test_a_number_does_not_leak_by_being_printed() -> None:
    number = PhoneNumber("+79161234567", "RU")
    shown = f"{number} {number!r} {[number]} {{'to': {number!s}}}"
    assert "+79161234567" not in shown
    assert "161234" not in shown


@given(st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_a_mask_hides_the_middle(e164: str) -> None:
    hidden = masked(e164)
    assert hidden.startswith(e164[:3])
    assert hidden.endswith(e164[-2:])
    assert sum(char.isdigit() for char in hidden) == 4


@pytest.mark.parametrize("short", ["", "1", "+12345"])
def test_what_is_too_short_to_mask_is_hidden_whole(short: str) -> None:
    assert masked(short) == "…"


def test_a_moscow_number_is_in_moscow() -> None:
    assert "Europe/Moscow" in time_zones("+74951234567")


def test_a_mobile_number_may_be_anywhere_in_its_country() -> None:
    assert len(time_zones("+79161234567")) > 5


@pytest.mark.parametrize("unknown", ["", "+", "nonsense", "+99912345678"])
def test_an_unknown_number_has_no_zone(unknown: str) -> None:
    assert time_zones(unknown) == ()


@pytest.mark.parametrize("e164", ["+79161234567", "+12125552368", "+380671234567", "+61291234567"])
def test_every_zone_is_known_to_the_clock(e164: str) -> None:
    assert time_zones(e164)
    for zone in time_zones(e164):
        assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    "written",
    [
        "8 (943) 000-00-01",
        "+79430000001",
        "+٧٩٤٣٠٠٠٠٠٠١",
        "+7 ９４３ ０００ ００ ０１",
        "943.000.00.01",
    ],
)
def test_a_number_is_hidden_however_it_is_written(written: str) -> None:
    assert masked_in(f"call {written}, contract 4455667", ["+79430000001"]) == (
        "call +79…01, contract 4455667"
    )


def test_what_is_no_number_of_the_person_stays() -> None:
    text = "2026-11-22 13:24, +79430000002, 12"
    assert masked_in(text, ["+79430000001"]) == text
