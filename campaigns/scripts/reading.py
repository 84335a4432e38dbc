"""A script as an operator reads it in one call, and the operator's place in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.scripts.rich_text import as_html
from campaigns.scripts.script import Script
from campaigns.scripts.variables import Fill, filled_line

#: A talk that goes round in circles is kept up to so many steps, the newest ones.
LONGEST_TRAIL = 200


@dataclass(frozen=True, slots=True)
class ShownBranch:
    """A button: what the person says, and where the talk goes on."""

    says: str
    to: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step in one language, filled."""

    code: str
    title: str  #: plain text
    html: str  #: safe: made by ``rich_text``
    branches: tuple[ShownBranch, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operator is."""

    step: str  #: empty: the script has no steps
    moved: bool = False  #: the step the operator was at is gone


def language_for(script: Script, *wished: str) -> str:
    """Return the first wished language that the script has, else its usual one."""
    return next((one for one in wished if one in script.languages), script.languages[0])


def place_in(script: Script, trail: Sequence[str]) -> Place:
    """Return where an operator who came along ``trail`` is now, in a script that may have changed.

    A step keeps its code from version to version, so the place is kept; if the step is gone, the latest
    one before it that is still there; else the beginning.
    """
    if not script.steps:
        return Place("")
    for back, code in enumerate(reversed(trail)):
        if code in script.by_code:
            return Place(code, moved=back > 0)
    return Place(script.steps[0].code, moved=bool(trail))


def trail_of(script: Script, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the steps somebody says to have gone through, without those that are not there."""
    known = [code for code in codes if code in script.by_code]
    return tuple(known[-LONGEST_TRAIL:])


def steps_in(script: Script, language: str, fill: Fill) -> tuple[ShownStep, ...]:
    """Return all steps in a language, their variables filled."""
    return tuple(
        ShownStep(
            step.code,
            filled_line(step.title.within(language), fill),
            as_html(step.body.within(language), fill),
            tuple(
                ShownBranch(filled_line(branch.says.within(language), fill), branch.to)
                for branch in step.branches
                if branch.to in script.by_code
            ),
            step.ends,
        )
        for step in script.steps
    )
