"""Days of the week that have the same hours, for whoever says them in words. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from compliance.rulebook.rules import DayWindows


def day_spans(weekdays: Sequence[DayWindows]) -> Iterable[tuple[int, int, DayWindows]]:
    """Yield the first and the last day (0 = Monday) of each run of days with the same hours."""
    for windows, run in groupby(enumerate(weekdays), key=lambda day: day[1]):
        days = [number for number, _ in run]
        yield days[0], days[-1], windows
