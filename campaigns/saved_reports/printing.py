"""What is printed of a report, whatever the format: headings, lines, figures, definitions. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from campaigns.reports.asking import Row
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Measure
from campaigns.reports.periods import Period
from campaigns.reports.saying import NOTHING, say_figure
from campaigns.saved_reports.answering import Answered
from campaigns.saved_reports.wording import Wording


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A measure."""

    name: str
    formula: str
    measure: Measure
    is_before: bool = False  #: of the period before


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """A figure, exact and in words."""

    value: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A row of the table."""

    names: tuple[str, ...]
    figures: tuple[PrintedFigure, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A report ready for paper."""

    title: str
    notes: tuple[str, ...]  #: period, filters, when it was made
    headings: tuple[str, ...]
    columns: tuple[PrintedColumn, ...]
    lines: tuple[PrintedLine, ...]
    total: PrintedLine
    words: Wording
    dimensions: tuple[Dimension, ...] = ()  #: of the headings
    days: tuple[str, ...] = ()  #: of the period
    is_sorted: bool = False  #: by a measure, so not in the order of the headings
    currency: str = ""


def printed(answered: Answered, title: str, words: Wording) -> Printed:
    """Return a report in words."""
    columns: list[PrintedColumn] = []
    for measure in answered.question.columns():
        said = words.measure(measure.key)
        one = PrintedColumn(said.name, said.formula, measure)
        columns.append(one)
        if answered.definition.with_before:
            name = f"{said.name} ({words.before})"
            columns.append(PrintedColumn(name, said.formula, measure, is_before=True))
    dimensions = answered.question.dimensions
    lines = tuple(
        PrintedLine(
            tuple(
                name_of(answered, words, one, value)
                for one, value in zip(dimensions, row.key, strict=False)
            ),
            _figures(answered, row, words),
        )
        for row in answered.table.rows
    )
    total = PrintedLine((words.total,), _figures(answered, answered.table.total, words))
    headings = tuple(words.dimensions.get(one, one.value) for one in dimensions)
    if not dimensions:
        lines = ()  # the total is the only row there is
    return Printed(
        title,
        _notes(answered, words),
        headings,
        tuple(columns),
        lines,
        total,
        words,
        dimensions=dimensions,
        days=_days(answered.question.period),
        is_sorted=answered.definition.sort in answered.question.measures,
        currency=answered.terms.currency,
    )


def _days(period: Period) -> tuple[str, ...]:
    return tuple((period.first + timedelta(days=n)).isoformat() for n in range(period.days))


def name_of(answered: Answered, words: Wording, dimension: Dimension, value: str) -> str:
    """Return what a value of a dimension is called."""
    if value == "":
        return words.without.get(dimension, words.unknown)
    if dimension in (Dimension.HOUR, Dimension.CONTACT_HOUR) and value.isdecimal():
        return f"{int(value):02}:00"
    name = answered.names.get(dimension, {}).get(value, value)
    return words.values.get(dimension, {}).get(name, name)


def _figures(answered: Answered, row: Row, words: Wording) -> tuple[PrintedFigure, ...]:
    found = []
    for measure in answered.question.columns():
        found.append(_figure(answered, row, measure, words, before=False))
        if answered.definition.with_before:
            found.append(_figure(answered, row, measure, words, before=True))
    return tuple(found)


def _figure(
    answered: Answered, row: Row, measure: Measure, words: Wording, *, before: bool
) -> PrintedFigure:
    value = answered.table.value(row, measure, before=before)
    text = say_figure(measure, value, locale=words.language, currency=answered.terms.currency)
    return PrintedFigure(value, text if value is not None else NOTHING)


def _notes(answered: Answered, words: Wording) -> tuple[str, ...]:
    period = answered.question.period
    notes = [f"{period.first} – {period.last} ({answered.terms.zone})"]
    for dimension, values in answered.question.filters.items():
        said = ", ".join(name_of(answered, words, dimension, value) for value in values)
        notes.append(f"{words.dimensions.get(dimension, dimension.value)}: {said}")
    local = answered.at.astimezone(ZoneInfo(answered.terms.zone))
    notes.append(f"{words.made_at} {local:%Y-%m-%d %H:%M %z}")
    return tuple(notes)
