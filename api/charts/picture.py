"""A chart as a page shows it: two drawings, a summary in words, a legend and the table of its figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from babel.numbers import format_decimal, format_percent

from api.report_asking import Asked
from api.report_view import Column, Teller
from api.templating import translate
from campaigns.charts.drawing import Drawing
from campaigns.reports.asking import Filters
from campaigns.reports.measures import MEASURES

#: Widths of the drawings, in pixels: at a desk, and on a telephone of 390.
WIDE, NARROW = 1000.0, 330.0


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend."""

    look: str  #: class of the shape
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table."""

    text: str
    href: str = ""  #: the calls behind it


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    part: bool = False  #: of the row above


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart."""

    title: str
    summary: tuple[str, ...]  #: sentences that say what is to be seen
    wide: Drawing | None  #: None: there is nothing to draw
    narrow: Drawing | None
    headings: tuple[str, ...]  #: of the table: names first, then figures
    lines: tuple[Line, ...]
    legend: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    measures: tuple[Column, ...] = ()  #: with their definitions
    open: bool = False  #: whether the table stands open


class Sayer:
    """Says words and figures of a chart in one language, and where its shapes lead."""

    def __init__(self, teller: Teller, asked: Asked) -> None:
        """Say what ``asked`` is answered with."""
        self.teller, self.asked = teller, asked

    def __call__(self, message: str, **values: object) -> str:
        """Return a message in the language, filled in."""
        said = translate(self.teller.language, message)
        return said % values if values else said

    def defined(self, *keys: str) -> tuple[Column, ...]:
        """Return the definitions of measures."""
        return tuple(self.teller.column(MEASURES[key], self.asked, "") for key in keys)

    def count(self, value: float) -> str:
        """Return a count."""
        return str(format_decimal(value, "#,##0", locale=self.teller.locale))

    def share(self, part: float, whole: float, pattern: str = "#,##0.0%") -> str:
        """Return a share in per cent; of nothing a dash."""
        if not whole:
            return "–"
        return str(format_percent(part / whole, pattern, locale=self.teller.locale))

    def duration(self, seconds: float) -> str:
        """Return a time as hours, minutes and seconds."""
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def calls(self, measure: str, filters: Filters) -> str:
        """Return the address of the calls behind a figure: those asked for, and these filters."""
        asked = replace(self.asked, filters={**self.asked.filters, **filters}, sort="", page=0)
        return asked.address("/reports/calls", measure=measure)


def both(draw: Callable[[float], Drawing]) -> tuple[Drawing, Drawing]:
    """Return a drawing for each width."""
    return draw(WIDE), draw(NARROW)


def nothing(title: str, said: str, headings: Sequence[str] = ()) -> Picture:
    """Return a chart without figures, and what to do about it."""
    return Picture(title, (said,), None, None, tuple(headings), ())
