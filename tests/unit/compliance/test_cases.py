"""The cases of law that were worked out by hand: number, place, purpose and instant, and the answer."""

from dataclasses import dataclass
from typing import Any

import pytest

from campaigns.law.instants import parse_instant
from campaigns.law.whatif import Question, check
from compliance.law import load_law
from compliance.rulebook.rules import Channel, Purpose

LAW = load_law()

#: Name; number; the list's region; purpose and channel; consents; asked at (UTC, 2026); answer; next.
TABLE = """
1 New York opens         | +12125551234  | US-NY  | sales human      |     | 11-23T13:00 | yes | same
3 Florida closes at 20   | +13055551234  | US-FL  | sales human      |     | 11-25T01:00 | no  | 11-25T13:00
6 Florida number in CA   | +13055551234  | US-CA  | sales human      |     | 11-23T15:00 | no  | 11-23T16:00
7 Alabama on Sunday      | +12055551234  | US-AL  | sales human      |     | 11-29T18:00 | no  | 11-30T14:00
8 and on Thanksgiving    | +12055551234  | US-AL  | sales human      |     | 11-26T18:00 | no  | 11-27T14:00
10 Texas, Sunday morning | +12145551234  | US-TX  | sales human      |     | 11-29T17:30 | no  | 11-29T18:00
11 summer time ends soon | +12125551234  | US-NY  | sales human      |     | 10-31T12:30 | yes | same
12 and has ended         | +12125551234  | US-NY  | sales human      |     | 11-01T12:30 | no  | 11-01T13:00
14 Newfoundland, 2 zones | +17095551234  | CA-NL  | sales human      |     | 11-28T21:45 | no  | 11-29T14:00
15 France at lunch       | +33145678901  | FR     | sales human      | all | 11-23T12:15 | no  | 11-23T13:00
17 last opt-out day      | +33145678901  | FR     | sales human      |     | 08-10T10:00 | yes | same
18 first opt-in day      | +33145678901  | FR     | sales human      |     | 08-11T10:00 | no  | none
19 a Vladivostok range   | +79011344567  |        | debt human       |     | 11-28T10:30 | no  | 11-28T23:00
19b Moscow in Primorye   | +79161234567  | RU-PRI | debt human       |     | 11-28T10:30 | no  | 11-29T06:00
21 Russian advertising   | +79161234567  | RU-MOW | sales predictive | all | 11-23T09:00 | no  | none
23 Australia, no region  | +61412345678  | AU     | sales human      |     | 11-23T00:30 | no  | 11-23T01:00
24 a survey on Sunday    | +61412345678  | AU     | survey human     |     | 11-29T01:30 | yes | same
26 Kazakhstan, one clock | +77011234567  | KZ     | debt human       |     | 11-24T15:30 | yes | same
28 the Emirates close    | +971501234567 | AE     | sales human      |     | 11-23T14:00 | no  | 11-24T05:00
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    name: str
    question: Question
    allowed: bool
    following: str | None

    def ask(self, at: str | None = None) -> dict[str, Any]:
        """Return the answer, at another instant when one is given."""
        asked = self.question
        instant = parse_instant(at) if at else asked.at
        return check(
            LAW,
            Question(
                asked.e164,
                asked.purpose,
                asked.channel,
                instant,
                region=asked.region,
                consents=asked.consents,
            ),
        )


def read(row: str) -> Case:
    cells = [cell.strip() for cell in row.split("|")]
    name, number, region, kind, consents, asked_at, allowed, following = cells
    purpose, channel = kind.split()
    question = Question(
        number,
        Purpose(purpose),
        Channel(channel),
        parse_instant(f"2026-{asked_at}:00Z"),
        region=region or None,
        consents=tuple(consents.split()),
    )
    moment = {"same": asked_at, "none": None}.get(following, following)
    return Case(name, question, allowed == "yes", f"2026-{moment}:00Z" if moment else None)


CASES = [read(row) for row in TABLE.strip().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_law_answers_as_worked_out_by_hand(case: Case) -> None:
    said = case.ask()
    assert (said["allowed"], said["next_allowed_at"]) == (case.allowed, case.following), said
    assert (said["reasons"] == []) is case.allowed


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.allowed and c.following], ids=lambda case: case.name
)
def test_the_next_moment_is_allowed(case: Case) -> None:
    assert case.ask(case.following)["allowed"] is True


def test_no_machine_may_dial_advertising_in_russia() -> None:
    (case,) = (case for case in CASES if case.name.startswith("21 "))
    assert [row["id"] for row in case.ask()["rules"]] == ["ru-auto-ban"]
