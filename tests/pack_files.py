"""Small rule packs to read: a heading, and a good row of each kind."""

from pathlib import Path

import pytest

from compliance.rulebook.pack_reading import PackError
from compliance.rulebook.packs import RuleBook, load_packs

#: The heading of a pack of France.
HEADING = 'schema = 1\ncompiled = 2026-11-21\ntzdata_min = "2026f"\njurisdiction = "FR"\n'

#: What a row of every kind has.
COMMON = """
[[rule]]
id = "{id}"
jurisdiction = "FR"
kind = "{kind}"
purposes = ["sales"]
channels = ["human"]
party = ["consumer"]
source = "the law"
verified = "source-seen"
"""

#: What a row of each kind has besides.
TERMS = {
    "window": (
        'windows = { mon_fri = [["09:00", "20:00"]], sat = [["10:00", "12:00"]], sun = [] }\n'
        'clock = "Europe/Paris"'
    ),
    "cap": 'caps = [{ count = 3, per_hours = 24, counts = "attempts", scope = "person" }]',
    "ring": "min_ring_seconds = 15",
    "abandonment": (
        'max_rate = 0.03\nwindow = "24h"\nscope = "campaign"\nconnect_within_s = 2\n'
        'clock_from = "answer"\ndenominator = "answered"'
    ),
    "message": 'play_within_s = 2\nmust_state = ["name"]',
    "caller_id": 'must_present = true\ndenied_prefixes = ["+336"]',
    "consent": 'basis = "prior_consent"\nexempt = ["customer_12m"]',
    "automation": 'effect = "ban"',
    "dnc": 'list = "FR-LIST"\nmax_age_days = 30',
    "retention": "keep_days = 30",
    "emergency": 'switch = "fr-emergency"',
}


def row(kind: str, rule_id: str = "fr-row") -> str:
    """A good row."""
    return COMMON.format(id=rule_id, kind=kind) + TERMS[kind] + "\n"


def read(tmp_path: Path, text: str) -> RuleBook:
    """Read the text as the only pack of a folder."""
    (tmp_path / "fr.toml").write_text(text, encoding="utf-8")
    return load_packs(tmp_path)


def refusal(tmp_path: Path, text: str) -> dict[str, object]:
    """Read a pack that must be refused; return the facts of the refusal."""
    with pytest.raises(PackError) as caught:
        read(tmp_path, text)
    for fact in caught.value.facts.values():
        assert str(fact) in str(caught.value)
    return caught.value.facts
