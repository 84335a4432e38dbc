"""The chart of a report: its first measures over time, or its first measure in bars. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from campaigns.charts.bars import Bar, bars
from campaigns.charts.drawing import Drawing
from campaigns.charts.series import Series, Spot, over_time
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Unit
from campaigns.reports.saying import say_figure
from campaigns.saved_reports.printing import Printed, PrintedLine

#: Rows that a reader compares at a glance; more are in the table.
MOST_BARS = 10
#: Measures below each other on one axis of time.
MOST_PLOTS = 3
#: One value is no course, and more than these have no room.
_TIMES = range(2, 400)
_OVER_TIME = {
    *(Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.YEAR),
    *(Dimension.HOUR, Dimension.WEEKDAY, Dimension.CONTACT_HOUR, Dimension.CONTACT_WEEKDAY),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, and what stands above it."""

    drawing: Drawing
    title: str = ""  #: "": the drawing says it itself
    is_cut: bool = False  #: it leaves rows out


def chart_of(report: Printed, *, width: float) -> Chart | None:
    """Draw a report; None: it has nothing to compare."""
    places = [at for at, column in enumerate(report.columns) if not column.is_before]
    if not report.lines or not places:
        return None
    if _is_course(report):
        times, lines = _by_time(report)
        if len(times) in _TIMES:
            plots = [_series(report, at, lines) for at in places[:MOST_PLOTS]]
            return Chart(over_time(report.title, times, plots, width=width))
    return _in_bars(report, places[0], width)


def _is_course(report: Printed) -> bool:
    """Tell whether the rows follow each other in time."""
    by = report.dimensions
    return len(by) == 1 and by[0] in _OVER_TIME and not report.is_sorted


def _by_time(report: Printed) -> tuple[list[str], list[PrintedLine | None]]:
    """Return the axis and its rows; days on which nothing was counted are there, too."""
    known = {line.names[0]: line for line in report.lines if line.names[0] != report.words.unknown}
    if report.dimensions[0] is not Dimension.DAY:
        return list(known), list(known.values())
    days = report.days if len(report.days) in _TIMES else tuple(known)
    language = report.words.language
    times = [str(format_date(date.fromisoformat(day), "d MMM", locale=language)) for day in days]
    return times, [known.get(day) for day in days]


def _series(report: Printed, at: int, lines: Sequence[PrintedLine | None]) -> Series:
    measure = report.columns[at].measure
    is_count = measure.unit is Unit.COUNT
    values = [None if line is None else line.figures[at].value for line in lines]
    spots = tuple(
        Spot((0.0 if is_count else None) if one is None else float(one)) for one in values
    )

    def figure(value: float) -> str:
        return say_figure(measure, value, locale=report.words.language, currency=report.currency)

    return Series(report.columns[at].name, spots, figure, is_line=not is_count, whole=is_count)


def _in_bars(report: Printed, at: int, width: float) -> Chart | None:
    known = [
        (" · ".join(line.names), line.figures[at].text, float(value))
        for line in report.lines
        if (value := line.figures[at].value) is not None
    ]
    if len(known) < 2:
        return None
    rows = [Bar(name, max(value, 0.0), text, "") for name, text, value in known[:MOST_BARS]]
    title = report.columns[at].name
    return Chart(bars(title, rows, width=width), title, is_cut=len(report.lines) > len(rows))
