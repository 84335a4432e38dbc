"""Which instant a person means who says a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.leads.promised_time import FARTHEST, CallbackTimeWrong, promised_moment
from compliance.places.placement import Confidence, Placement, PlacementSource

NOW = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
KYIV = "Europe/Kyiv"


def placed(*zones: str) -> Placement:
    return Placement(zones, ("XX",), PlacementSource.NUMBER, Confidence.NARROW)


def said(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_time_is_read_on_the_contacts_clock() -> None:
    at, zone = promised_moment(said("2026-10-21T10:00"), None, placed(KYIV), NOW)
    assert (at, zone) == (datetime(2026, 10, 21, 7, 0, tzinfo=UTC), KYIV)


def test_the_zone_that_was_said_goes_before_the_numbers() -> None:
    at, zone = promised_moment(said("2026-10-21T10:00"), "Asia/Omsk", placed(KYIV), NOW)
    assert (at, zone) == (datetime(2026, 10, 21, 4, 0, tzinfo=UTC), "Asia/Omsk")


def test_zones_with_one_clock_agree_and_others_must_be_named() -> None:
    place = placed("Europe/Berlin", "Europe/Paris")
    assert promised_moment(said("2026-10-21T10:00"), None, place, NOW)[1] == "Europe/Berlin"
    with pytest.raises(CallbackTimeWrong) as refused:
        promised_moment(said("2026-10-21T10:00"), None, placed("Asia/Omsk", KYIV), NOW)
    assert refused.value.facts["zones"] == ["Asia/Omsk", KYIV]


def test_an_aware_time_needs_no_agreement() -> None:
    at = said("2026-10-21T10:00+03:00")
    assert promised_moment(at, None, placed("Asia/Omsk", KYIV), NOW) == (at, "Asia/Omsk")


def test_an_hour_that_comes_twice_means_the_first() -> None:
    at, _ = promised_moment(said("2026-10-25T03:30").replace(fold=1), None, placed(KYIV), NOW)
    assert at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "zones", "says"),
    [
        ("2026-10-20T11:59", None, [KYIV], "past"),
        ("2026-10-20T12:00", None, [KYIV], "past"),
        ("2027-01-20T12:00", None, [KYIV], "90 days"),
        ("2026-10-21T10:00", "Mars/Base", [KYIV], "no time zone"),
        ("2026-10-21T10:00", "../etc/passwd", [KYIV], "no time zone"),
        ("2026-10-21T10:00", None, [], "Nobody knows"),
    ],
)
def test_what_cannot_be_promised_is_explained(
    at: str, zone: str | None, zones: list[str], says: str
) -> None:
    with pytest.raises(CallbackTimeWrong, match=says):
        promised_moment(said(at), zone, placed(*zones), NOW)


def test_an_hour_that_the_clock_skips_is_refused() -> None:
    before = datetime(2027, 3, 20, tzinfo=UTC)
    with pytest.raises(CallbackTimeWrong, match="skips"):
        promised_moment(said("2027-03-28T03:30"), None, placed(KYIV), before)


@given(
    st.integers(-60, 100 * 24 * 60),
    st.sampled_from([KYIV, "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_clock_shows_what_was_promised(minutes: int, zone: str) -> None:
    wish = (NOW + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    try:
        at, _ = promised_moment(wish, None, placed(zone), NOW)
    except CallbackTimeWrong:
        assert minutes <= 60 or minutes >= FARTHEST.days * 24 * 60 - 60
    else:
        assert at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wish.replace(fold=0)
        assert NOW < at <= NOW + FARTHEST
