"""What a field of the set-up page is: its part of the page, how it is asked for, when a change takes hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.labels import mark


class Section(StrEnum):
    """A part of the page."""

    WHAT = "what"
    WHEN = "when"
    WHO = "who"
    HOW = "how"
    AGAIN = "again"
    LAW = "law"


class Kind(StrEnum):
    """How a field is asked for."""

    CHOICE = "choice"
    NUMBER = "number"
    TICK = "tick"
    TEXT = "text"
    HOURS = "hours"
    INSTANT = "instant"
    LISTS = "lists"
    POOL = "pool"


class Live(StrEnum):
    """When a change reaches a campaign that runs."""

    NEXT_CALL = "next_call"  #: at once, for every call that begins after it
    NEXT_SHIFT = "next_shift"  #: for agents who sign in after it
    NEW_RUNNER = "new_runner"  #: calls under way end as they began; the campaign is taken over anew


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on the page."""

    name: str
    section: Section
    kind: Kind
    label: str
    help: str  #: one line: what it does
    choices: Mapping[str, str] | None = None  #: value -> words; of a choice with fixed values
    empty: str | None = None  #: words of "none"; None: it cannot be empty
    scale: float = 1.0  #: the setting is the number on the page times this
    unit: str = ""
    least: float = 0
    most: float = 1000
    step: float = 1
    live: Live = Live.NEXT_CALL


SECTIONS = {
    Section.WHAT: mark("What"),
    Section.WHEN: mark("When"),
    Section.WHO: mark("Who"),
    Section.HOW: mark("How"),
    Section.AGAIN: mark("Again"),
    Section.LAW: mark("Law"),
}
LIVES = {
    Live.NEXT_CALL: mark("Running campaigns follow at once."),
    Live.NEXT_SHIFT: mark("In a running campaign it holds for shifts that begin after the change."),
    Live.NEW_RUNNER: mark(
        "In a running campaign calls under way end on the old trunk; new ones wait a second or two."
    ),
}
