"""Holiday calendars: what the shipped tables say, what is added to them, and what is not known."""

import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from compliance.hours.calendars import Calendars, load_calendars, read_calendars
from compliance.hours.freeze_holidays import TABLES, HolidaysMissing, freeze
from compliance.hours.recurrence import Recurrence, days_of, easter, parse_recurrence

STATES = ("US-AL", "US-LA", "US-NE", "US-PA", "US-RI", "US-UT")
COUNTRIES = ("AU", "BR", "CL", "CO", "ES", "FR", "IT", "KZ", "NL", "NZ", "RU", "UA", "ZA")
YEARS = range(2025, 2029)


@pytest.mark.parametrize("key", [*STATES, *COUNTRIES])
def test_every_calendar_covers_its_years_and_no_others(key: str) -> None:
    calendars = load_calendars()
    assert [calendars.covers(key, year) for year in (2024, *YEARS, 2029)] == (
        [False] + [True] * len(YEARS) + [False]
    )
    for year in YEARS:
        assert 7 <= sum(day.year == year for day in calendars.days[key]) <= 42


@pytest.mark.parametrize(
    ("key", "day", "expected"),
    [
        ("US-AL", "2026-07-03", True),  # 4 July is a Saturday: both days
        ("US-AL", "2026-07-04", True),
        ("US-AL", "2027-07-05", True),  # a Sunday: Monday
        ("US-AL", "2026-11-26", True),  # Thanksgiving
        ("US-AL", "2026-02-17", True),  # Mardi Gras, in two counties
        ("US-LA", "2026-02-17", True),
        ("US-LA", "2026-11-27", True),  # Acadian Day
        ("US-NE", "2026-11-27", True),
        ("US-PA", "2026-04-03", True),  # Good Friday
        ("US-PA", "2026-06-14", True),  # Flag Day
        ("US-PA", "2027-11-02", True),  # municipal election
        ("US-RI", "2026-05-04", True),  # Independence Day of the state
        ("US-RI", "2025-05-05", True),  # the same, observed
        ("US-RI", "2026-11-03", True),  # election day
        ("US-RI", "2027-11-02", False),  # odd year
        ("US-RI", "2026-08-10", True),  # Victory Day
        ("US-RI", "2026-07-03", True),  # federal observance
        ("US-RI", "2026-07-06", True),  # the state's own
        ("US-UT", "2026-07-24", True),
        ("US-UT", "2026-11-27", False),
        ("FR", "2026-04-06", True),
        ("FR", "2026-04-03", False),  # Good Friday in Alsace and Moselle only
        ("FR", "2026-12-26", False),
        ("ES", "2026-09-11", True),  # Catalonia
        ("ES", "2026-05-02", True),  # Madrid
        ("IT", "2026-10-04", True),  # since 2026
        ("NL", "2026-05-05", True),
        ("RU", "2026-01-09", True),  # days off in lieu
        ("RU", "2027-02-22", True),
        ("RU", "2027-02-20", False),  # a working Saturday keeps a Saturday's hours
        ("RU", "2028-11-06", True),
        ("UA", "2026-08-24", True),  # a working day under martial law, yet a holiday
        ("UA", "2026-06-29", True),  # Constitution Day on a Sunday
        ("UA", "2026-05-11", False),
        ("KZ", "2026-05-26", True),  # Eid al-Adha is estimated: a day before and after
        ("KZ", "2026-05-27", True),
        ("KZ", "2026-05-28", True),
        ("KZ", "2026-05-29", False),
        ("ZA", "2026-08-10", True),
        ("AU", "2027-12-28", True),  # all states move it
        ("AU", "2026-06-08", False),  # King's Birthday: most states
        ("CO", "2026-06-08", True),
        ("CL", "2026-09-18", True),
        ("BR", "2026-11-20", True),
        ("NZ", "2026-07-10", True),
    ],
)
def test_a_day_of_a_calendar(key: str, day: str, expected: bool) -> None:
    assert load_calendars().is_holiday(key, date.fromisoformat(day)) is expected


def test_france_has_the_eleven_days_of_its_labour_code() -> None:
    days = load_calendars().days["FR"]
    assert [sum(day.year == year for day in days) for year in YEARS] == [11] * len(YEARS)


def test_an_unknown_calendar_covers_nothing() -> None:
    calendars = load_calendars()
    assert not calendars.covers("XX", 2026)
    assert not calendars.is_holiday("XX", date(2026, 1, 1))


def test_additions_and_removals_leave_the_original_alone() -> None:
    calendars = load_calendars()
    mourning, new_year = date(2026, 3, 3), date(2026, 1, 1)
    changed = calendars.with_additions("FR", [mourning]).without("FR", [new_year])
    assert changed.is_holiday("FR", mourning)
    assert not changed.is_holiday("FR", new_year)
    assert changed.is_holiday("IT", new_year)
    assert not calendars.is_holiday("FR", mourning)
    assert calendars.is_holiday("FR", new_year)
    added = calendars.with_additions("XX", [mourning])
    assert added.is_holiday("XX", mourning)
    assert not added.covers("XX", 2026)


def test_every_addition_has_a_source_and_says_how_sure_it_is() -> None:
    additions = tomllib.loads((TABLES / "additions.toml").read_text())["addition"]
    assert {entry["verified"] for entry in additions} == {"source-seen", "prior-knowledge"}
    assert all(entry["name"] and entry["source"] for entry in additions)
    assert all(entry["verified"] == "prior-knowledge" or entry["url"] for entry in additions)


def test_the_shipped_tables_are_what_the_library_says(tmp_path: Path) -> None:
    freeze(YEARS, tmp_path)
    made = {table.name: table.read_text() for table in tmp_path.iterdir()}
    assert made == {table.name: table.read_text() for table in TABLES.glob("*.csv")}


def test_freezing_without_the_library_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(HolidaysMissing, match="make setup"):
        freeze([2026], tmp_path)


def read(folder: Path, table: str, additions: str = "") -> Calendars:
    (folder / "XX.csv").write_text(f"key,date,name,kind\n{table}")
    (folder / "additions.toml").write_text(additions)
    return read_calendars(folder)


def test_a_folder_is_read_with_its_additions(tmp_path: Path) -> None:
    calendars = read(
        tmp_path,
        "XX,2026-01-01,New Year,public\nXX,2026-12-31,Moon,estimated\nXX,2026-07-01,Old,public\n",
        """
        [[addition]]
        key = "XX"
        rule = { month = 3, day = 1 }
        extra_dates = [2026-04-04]
        drop_dates = [2026-07-01]
        source = "a law"
        """,
    )
    told = ("2026-01-01", "2026-03-01", "2026-04-04", "2026-12-30", "2026-12-31", "2027-01-01")
    assert calendars.days["XX"] == {date.fromisoformat(day) for day in told}
    assert not calendars.covers("XX", 2027)  # the moon's third day does not make a year known


@pytest.mark.parametrize(
    ("table", "additions", "match"),
    [
        ("XX,2026-01-01,New Year,maybe\n", "", "unknown kind"),
        ("XX,1 January,New Year,public\n", "", "isoformat"),
        ("", '[[addition]]\nkey = "YY"\nsource = "a law"', "no table"),
        ("XX,2026-01-01,New Year,public\n", '[[addition]]\nkey = "XX"', "without a source"),
    ],
)
def test_a_folder_that_cannot_be_understood_is_refused(
    tmp_path: Path, table: str, additions: str, match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        read(tmp_path, table, additions)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "XX.csv").write_text("day,name\n")
    with pytest.raises(ValueError, match="columns"):
        read_calendars(tmp_path)


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2008, "03-23"), (2011, "04-24"), (2019, "04-21"), (2026, "04-05"), (2038, "04-25")],
)
def test_easter(year: int, expected: str) -> None:
    assert f"{easter(year):%m-%d}" == expected


@pytest.mark.parametrize(
    ("rule", "year", "expected"),
    [
        (Recurrence(month=5, day=4), 2025, ["2025-05-04"]),
        (
            Recurrence(month=5, day=4, monday_after=frozenset({6})),
            2025,
            ["2025-05-04", "2025-05-05"],
        ),
        (
            Recurrence(month=7, day=4, monday_after=frozenset({5, 6})),
            2026,
            ["2026-07-04", "2026-07-06"],
        ),
        (Recurrence(month=11, nth=1, weekday=0, offset_days=1), 2027, ["2027-11-02"]),
        (Recurrence(month=11, nth=4, weekday=3), 2026, ["2026-11-26"]),
        (Recurrence(month=1, day=1, even_years=True), 2027, []),
        (Recurrence(easter_days=-47), 2026, ["2026-02-17"]),
    ],
)
def test_a_rule_falls_on(rule: Recurrence, year: int, expected: list[str]) -> None:
    assert [str(day) for day in days_of(rule, year)] == expected


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"month": 5},
        {"day": 4},
        {"month": 5, "day": 4, "easter_days": 1},
        {"month": 5, "nth": 1},
        {"month": 5, "day": 4, "weekday": "mon"},
        {"month": 5, "nth": 1, "weekday": "someday"},
        {"month": 5, "day": 4, "hour": 1},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_recurrence(raw)
