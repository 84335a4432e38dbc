"""What a pack may not say: each refusal names the file, the rule and the fault."""

from pathlib import Path

import pytest

from tests.pack_files import HEADING, TERMS, refusal, row


@pytest.mark.parametrize("kind", TERMS)
def test_an_unknown_key_is_refused(tmp_path: Path, kind: str) -> None:
    facts = refusal(tmp_path, HEADING + row(kind) + "kep_days = 3\n")
    assert facts == {"file": "fr.toml", "rule": "fr-row", "problem": "unknown key: kep_days"}


@pytest.mark.parametrize("kind", TERMS)
def test_a_missing_key_is_refused(tmp_path: Path, kind: str) -> None:
    first = TERMS[kind].splitlines()[0]
    facts = refusal(tmp_path, HEADING + row(kind).replace(first, ""))
    assert facts["problem"] == f"{first.split()[0]} is missing"


@pytest.mark.parametrize(
    ("kind", "good", "bad", "problem"),
    [
        # the row
        ("ring", 'kind = "ring"', 'kind = "rang"', "kind: unknown 'rang'"),
        ("ring", '["sales"]', '["sale"]', "purposes: unknown 'sale'"),
        ("ring", '["sales"]', "[]", "purposes must be a list with something in it"),
        ("ring", '["sales"]', '["sales", "sales"]', "purposes says the same thing twice"),
        ("ring", '["human"]', '["robot"]', "channels: unknown 'robot'"),
        ("ring", '["consumer"]', '"consumer"', "party must be a list"),
        ("ring", '"the law"', '""', "source has a value that cannot be read"),
        ("ring", '"source-seen"', '"sure"', "verified must be one of"),
        ("ring", 'jurisdiction = "FR"\nkind', 'jurisdiction = "DE"\nkind', "does not belong in"),
        ("ring", 'jurisdiction = "FR"\nkind', 'jurisdiction = "fr"\nkind', "jurisdiction has a"),
        ("ring", 'source = "', 'url = "javascript:x"\nsource = "', "url has a value"),
        ("ring", 'source = "', 'status = "draft"\nsource = "', "status must be one of law, bill"),
        ("ring", 'source = "', 'effective_from = "2026-01-01"\nsource = "', "must be a date"),
        ("ring", 'source = "', 'effective_to = 2026-01-01T00:00:00Z\nsource = "', "must be a date"),
        (
            "ring",
            'source = "',
            'effective_from = 2026-01-02\neffective_to = 2026-01-02\nsource = "',
            "effective_to 2026-01-02 must come after",
        ),
        # windows
        ("window", '"09:00", "20:00"', '"09:00", "08:00"', "must end after it begins: 09:00-08:00"),
        ("window", '"09:00", "20:00"', '"09:00", "09:00"', "must end after it begins"),
        ("window", '"09:00", "20:00"', '"9:00", "20:00"', "needs times from 00:00"),
        ("window", '"09:00", "20:00"', '"09:00", "24:00"', "needs times from 00:00"),
        ("window", '"09:00", "20:00"', '"09:00+01:00", "20:00"', "needs times from 00:00"),
        ("window", '"09:00", "20:00"', "9, 20", "needs times from 00:00"),
        ("window", '"09:00", "20:00"', '"09:00"', "needs pairs"),
        ("window", '[["09:00", "20:00"]]', '"09:00"', "must be a list of pairs"),
        ("window", '"20:00"]]', '"20:00"], ["19:00", "21:00"]]', "must be in order and apart"),
        ("window", "sun = []", "sunday = []", "windows: sun missing"),
        ("window", "sun = []", "sun = [], sonntag = []", "unknown key: sonntag"),
        ("window", "sun = []", "sun = [], fri = []", "mon_fri and fri speak of the same day"),
        ("window", "sun = []", "sun = [], holiday = []", "holiday hours need a holiday_calendar"),
        ("window", "Europe/Paris", "Europe/Lutetia", "there is no time zone 'Europe/Lutetia'"),
        ("window", "Europe/Paris", "../Paris", "there is no time zone"),
        # caps
        ("cap", "per_hours = 24, ", "", "either per_hours or per"),
        ("cap", "per_hours = 24", 'per_hours = 24, per = "calendar_day"', "either per_hours or"),
        ("cap", "per_hours = 24", 'per = "fortnight"', "per: unknown 'fortnight'"),
        ("cap", "per_hours = 24", "per_hours = 0", "per_hours must be a whole number of at"),
        ("cap", '"person"', '"household"', "scope must be one of"),
        ("cap", '"attempts"', '"rings"', "counts: unknown 'rings'"),
        ("cap", "count = 3", "count = -1", "count must be a whole number of at least 0"),
        ("cap", "count = 3", "count = 2.5", "count must be a whole number"),
        ("cap", "count = 3", "count = true", "count must be a whole number"),
        ("cap", "count = 3", "count = 0", "a cap of 0 needs an after_event"),
        ("cap", "count = 3", 'count = 3, after_event = "refusal"', "a silence after an event has"),
        (
            "cap",
            "count = 3, per_hours = 24",
            'count = 0, after_event = "refusal", per = "calendar_day"',
            "a silence after an event has",
        ),
        ("cap", "count = 3", 'count = 0, after_event = "rain"', "after_event: unknown 'rain'"),
        ("cap", "count = 3", "count = 3, each = 1", "unknown key: each"),
        ("cap", "[{", "[1, {", "caps must be a table"),
        # the others
        ("ring", "15", '"15"', "min_ring_seconds must be a number"),
        ("ring", "15", "nan", "must lie between 0 and 300"),
        ("abandonment", "0.03", "3", "max_rate must lie between 0 and 1"),
        ("abandonment", '"24h"', '"week"', "window must be one of"),
        ("abandonment", '"campaign"', '"agent"', "scope must be one of"),
        ("message", '["name"]', "[]", "must_state must be a list"),
        ("caller_id", "true", '"yes"', "must_present must be true or false"),
        ("caller_id", '"+336"', '"06"', "denied_prefixes has a value"),
        ("consent", '"prior_consent"', '"prior consent"', "basis has a value"),
        ("automation", '"ban"', '"frown"', "effect must be one of"),
        ("dnc", '"FR-LIST"', '"the list"', "list has a value"),
        ("dnc", "max_age_days = 30", 'semantics = "maybe"', "semantics: unknown 'maybe'"),
        (
            "dnc",
            "max_age_days = 30",
            "honour_within_days = 3\nhonour_within_business_days = 3",
            "exclude each other",
        ),
        ("retention", "30", "0", "keep_days must be a whole number of at least 1"),
    ],
)
def test_a_senseless_row_is_refused(
    tmp_path: Path, kind: str, good: str, bad: str, problem: str
) -> None:
    text = row(kind)
    assert text.count(good) == 1
    facts = refusal(tmp_path, HEADING + text.replace(good, bad))
    assert facts["file"] == "fr.toml"
    assert facts["rule"] == "fr-row"
    assert problem in str(facts["problem"])


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("schema = 1", "schema = 2", "schema 2 is not known, only 1"),
        ("schema = 1", "", "schema is missing"),
        ("2026-11-21", "2026-11-31", "not TOML"),
        ("2026-11-21", '"2026-11-21"', "compiled must be a date"),
        ('"2026f"', '"f2026"', "tzdata_min has a value"),
        ('"FR"', '"France"', "jurisdiction has a value"),
        ("schema = 1", "schema = 1\ncountry = 'FR'", "unknown key: country"),
        ("schema = 1", "schema 1", "not TOML"),
    ],
)
def test_a_senseless_heading_is_refused(tmp_path: Path, good: str, bad: str, problem: str) -> None:
    facts = refusal(tmp_path, HEADING.replace(good, bad) + row("ring"))
    assert facts["file"] == "fr.toml"
    assert facts["rule"] == ""
    assert problem in str(facts["problem"])
