"""Scorecards to begin with, one for each kind of campaign. Their texts are translated where they are used."""

from collections.abc import Mapping
from enum import StrEnum

from campaigns.quality.scorecard import Item, Sheet


class Preset(StrEnum):
    """What a scorecard begins with."""

    EMPTY = "empty"
    SURVEY = "survey"
    SALE = "sale"
    DEBT = "debt"


def _sheet(pass_percent: int, *items: tuple[str, int, int, str]) -> Sheet:
    """Return a sheet of (text, weight, points, flags): ``c`` critical, ``n`` may not apply."""
    return Sheet(
        items=tuple(
            Item(
                code=f"q{number}",
                text=text,
                weight=weight,
                points=points,
                critical="c" in flags,
                may_not_apply="n" in flags,
            )
            for number, (text, weight, points, flags) in enumerate(items, 1)
        ),
        pass_percent=pass_percent,
    )


_GREETED = ("Gave the own name and said for whom the call is", 10, 1, "")
_POLITE = ("Was polite to the end", 10, 1, "c")
_CLEAR = ("Spoke clearly, at a pace that can be followed", 10, 4, "")

PRESETS: Mapping[Preset, Sheet] = {
    Preset.EMPTY: _sheet(80),
    Preset.SURVEY: _sheet(
        80,
        _GREETED,
        ("Said that the call is recorded where the script says so", 10, 1, "cn"),
        ("Read the questions word for word", 20, 4, ""),
        ("Left the answers to the contact", 20, 1, "c"),
        ("Asked further where an answer was vague", 15, 4, "n"),
        ("Wrote down what was said", 20, 4, ""),
        _CLEAR,
        _POLITE,
    ),
    Preset.SALE: _sheet(
        75,
        _GREETED,
        ("Found out what the customer needs", 20, 4, ""),
        ("Told of the offer rightly and fully", 20, 4, ""),
        ("Promised nothing that is not true", 10, 1, "c"),
        ("Answered objections", 15, 4, "n"),
        ("Asked for the decision", 15, 1, ""),
        ("Respected a no", 10, 1, "cn"),
        _CLEAR,
        _POLITE,
    ),
    Preset.DEBT: _sheet(
        85,
        ("Made sure who is speaking before naming the debt", 20, 1, "c"),
        _GREETED,
        ("Named amount, creditor and ways to pay rightly", 20, 4, ""),
        ("Neither threatened nor pressed", 20, 1, "c"),
        ("Agreed on a date and an amount", 20, 1, "n"),
        _CLEAR,
        _POLITE,
    ),
}
