"""The page on pacing against the laboratory: keys, start values, figures, names."""

import json
import re
from dataclasses import fields
from typing import Any

import msgspec
import pytest

from dialer.simulator.pacing_lab.controllers import NAMES
from dialer.simulator.pacing_lab.figures import Figures, Series
from dialer.simulator.pacing_lab.scenario import Campaign, Scenario, read
from dialer.simulator.pacing_lab.shapes import (
    Amd,
    AnswerRate,
    Bursts,
    Callbacks,
    ClockJump,
    Drift,
    Duration,
    Jumps,
    Law,
    Outage,
    Pauses,
    Ring,
    Segment,
    Shift,
    Stuck,
    Turn,
    Wave,
)
from tests.documents import DOCS, rows, section, words

#: Start values that the page tells in words.
IN_WORDS = {"ring", "talk", "wrap"}


def part(heading: str) -> str:
    """A part of the section on scenarios."""
    text = "\n" + section("pacing.md", "Scenario")
    found = re.search(rf"\n### {heading}\n(.*?)(?=\n### |\Z)", text, re.DOTALL)
    return found.group(1) if found else text.split("\n### ")[0]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Keys of a day", Scenario),
        ("Shifts", Shift),
        ("Campaign", Campaign),
        ("Durations", Duration),
        ("Answer rate", AnswerRate),
    ],
)
def test_every_key_is_told_with_its_start_value_and_no_other(heading: str, kind: Any) -> None:
    told = rows(part(heading))
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    assert set(told) == set(known)
    for name, field in known.items():
        if field.required and name != "campaigns":
            assert told[name][0] == "must be given", name
        elif name not in IN_WORDS and name != "campaigns":
            default = (
                field.default_factory() if field.default is msgspec.NODEFAULT else field.default
            )
            assert told[name][0].strip("`") == json.dumps(default), name


@pytest.mark.parametrize(
    ("heading", "row", "kind"),
    [
        ("Keys of a day", "pauses", Pauses),
        ("Keys of a day", "stuck", Stuck),
        ("Keys of a day", "outages", Outage),
        ("Keys of a day", "clock_jumps", ClockJump),
        ("Campaign", "segments", Segment),
        ("Campaign", "ring", Ring),
        ("Campaign", "amd", Amd),
        ("Campaign", "callbacks", Callbacks),
        ("Answer rate", "drift", Drift),
        ("Answer rate", "jumps", Jumps),
        ("Answer rate", "bursts", Bursts),
        ("Answer rate", "wave", Wave),
        ("Answer rate", "turns", Turn),
    ],
)
def test_every_key_of_a_small_part_is_told(heading: str, row: str, kind: Any) -> None:
    assert set(kind.__struct_fields__) <= words(rows(part(heading))[row][1])


def test_the_page_knows_the_laws_of_durations() -> None:
    assert {f'"{law}"' for law in Law} <= words(part("Durations"))


def test_the_example_can_be_simulated() -> None:
    text = (DOCS / "pacing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert [one.name for one in read(json.loads(example)).campaigns] == ["spring", "old list"]


def test_every_figure_is_told_and_no_other() -> None:
    told = section("pacing.md", "Output")
    assert set(rows(told)) == {field.name for field in fields(Figures)}
    assert {field.name for field in fields(Series)} <= words(told)


def test_every_controller_is_told() -> None:
    assert set(NAMES) <= set(rows(section("pacing.md", "In short")))
