"""A table of figures as people read it: words, units, signs, and where each figure leads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from api import report_words
from api.desk_words import disposition_words
from api.labels import OUTCOMES
from api.languages import locale_of
from api.measure_words import FORMULAS, NAMES, UNITS
from api.report_asking import Asked
from api.templating import translate
from campaigns.reports.asking import Row, Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.drill import component_of
from campaigns.reports.measure import Better, Measure, Verdict, judge
from campaigns.reports.naming import Names
from campaigns.reports.saying import say_figure
from campaigns.reports.settings import ReportTerms


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure."""

    text: str
    before: str  #: of the period before; "": it was not asked for
    trend: str  #: "good", "bad" or ""
    sign: str  #: how it stands to its target; "": no target
    verdict: str
    verdict_words: str
    href: str  #: the calls behind it; "": no single calls stand behind it
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its names, and a figure for each measure."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A measure, as its heading explains it."""

    key: str
    name: str
    formula: str
    unit: str
    source: str
    peak: str
    quiet: str
    href: str  #: sorts by it
    order: str  #: of ``aria-sort``


@dataclass(frozen=True, slots=True)
class View:
    """A table ready to be shown."""

    headings: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line

    def closed(self) -> "View":
        """Return the same without links to single calls: for people who may not see those."""
        lines = tuple(_closed(line) for line in self.lines)
        return replace(self, lines=lines, total=_closed(self.total))


def _closed(line: Line) -> Line:
    return replace(line, cells=tuple(replace(cell, href="") for cell in line.cells))


class Teller:
    """Says figures and names in one language."""

    def __init__(self, language: str, terms: ReportTerms, names: Names) -> None:
        """Say figures with a client's currency, and ids with their names."""
        self.language, self.terms, self.names = language, terms, names
        self.locale = locale_of(language)

    def figure(self, measure: Measure, value: float | Decimal | None) -> str:
        """Return a figure with its unit."""
        return say_figure(measure, value, locale=self.locale, currency=self.terms.currency)

    def name(self, dimension: Dimension, value: str) -> str:
        """Return what a value of a dimension is called."""
        if value == "":
            missing = report_words.WITHOUT.get(dimension, report_words.UNKNOWN)
            return translate(self.language, missing)
        if dimension in (Dimension.WEEKDAY, Dimension.CONTACT_WEEKDAY):
            return translate(self.language, report_words.WEEKDAYS.get(value, value))
        if dimension in (Dimension.HOUR, Dimension.CONTACT_HOUR):
            return f"{int(value):02}:00"
        if dimension is Dimension.OUTCOME:
            words = {one.value: said for one, said in OUTCOMES.items()}
            return translate(self.language, words.get(value, value))
        name = self.names.get(dimension, {}).get(value, value)
        if dimension is Dimension.DISPOSITION:
            label = None if name == value else name
            return translate(self.language, disposition_words(value, label))
        return name

    def column(self, measure: Measure, asked: Asked, path: str) -> Column:
        """Return a measure's heading: definition, targets, and the link that sorts."""
        target = self.terms.target(measure)
        sorted_here = asked.sort == measure.key
        rising = sorted_here and not asked.rising
        order = ("ascending" if asked.rising else "descending") if sorted_here else "none"
        changes: dict[str, str | int | bool] = {"sort": measure.key, "rising": int(rising)}
        formula = FORMULAS.get(measure.key, "")
        return Column(
            key=measure.key,
            name=translate(self.language, NAMES[measure.key]),
            formula=translate(self.language, formula) if formula else measure.formula,
            unit=translate(self.language, UNITS[measure.unit]),
            source=measure.source,
            peak=self.figure(measure, target.peak),
            quiet=self.figure(measure, target.quiet),
            href=asked.address(path, **changes) if path else "",
            order=order,
        )


def view_of(table: Table, teller: Teller, asked: Asked, path: str) -> View:
    """Return a table as it is shown, sorted as asked."""
    dimensions = table.question.dimensions
    rows = list(table.rows)
    chosen = next((one for one in table.question.columns() if one.key == asked.sort), None)
    if chosen is not None:
        rows.sort(key=lambda row: _place(table.value(row, chosen), asked.rising))
    lines = tuple(_line(table, row, teller, asked) for row in rows)
    headings = tuple(translate(teller.language, report_words.DIMENSIONS[one]) for one in dimensions)
    columns = tuple(teller.column(one, asked, path) for one in table.question.columns())
    return View(headings, columns, lines, _line(table, table.total, teller, asked))


def _place(value: Decimal | None, rising: bool) -> tuple[bool, Decimal]:
    """Order by value; what is not known comes last either way."""
    if value is None:
        return True, Decimal(0)
    return False, value if rising else -value


def _line(table: Table, row: Row, teller: Teller, asked: Asked) -> Line:
    dimensions = table.question.dimensions
    names = tuple(teller.name(one, value) for one, value in zip(dimensions, row.key, strict=False))
    cells = tuple(_cell(table, row, one, teller, asked) for one in table.question.columns())
    return Line(names, cells)


def _cell(table: Table, row: Row, measure: Measure, teller: Teller, asked: Asked) -> Cell:
    value = table.value(row, measure)
    before = table.value(row, measure, before=True)
    verdict = judge(
        measure, value, teller.terms.target(measure), peak=_hours_of(table, row, teller.terms)
    )
    sign, words = report_words.VERDICTS[verdict] if verdict else ("", "")
    return Cell(
        text=teller.figure(measure, value),
        before=teller.figure(measure, before) if row.before is not None else "",
        trend=_trend(measure, value, before),
        sign=sign,
        verdict=verdict.value if isinstance(verdict, Verdict) else "",
        verdict_words=translate(teller.language, words) if words else "",
        href=_behind(table, row, measure, asked) if value else "",
        value=value,
    )


def _hours_of(table: Table, row: Row, terms: ReportTerms) -> bool | None:
    """Tell whether a row is of peak hours only, or of quiet ones only; None: of both."""
    dimensions = table.question.dimensions
    hours = table.question.filters.get(Dimension.HOUR, ())
    if Dimension.HOUR in dimensions and row.key:
        hours = (row.key[dimensions.index(Dimension.HOUR)],)
    if not hours:
        return None
    kinds = {int(hour) in terms.peak_hours for hour in hours if hour.isdecimal()}
    return kinds.pop() if len(kinds) == 1 else None


def _trend(measure: Measure, value: Decimal | None, before: Decimal | None) -> str:
    if value is None or before is None or value == before or measure.better is Better.NEITHER:
        return ""
    return "good" if (value > before) == (measure.better is Better.HIGHER) else "bad"


def _behind(table: Table, row: Row, measure: Measure, asked: Asked) -> str:
    if component_of(measure) is None:
        return ""
    place: Mapping[str, str] = {
        one.value: value or "-"
        for one, value in zip(table.question.dimensions, row.key, strict=False)
    }
    return asked.address("/reports/calls", measure=measure.key, sort="", **place)
