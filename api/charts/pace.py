"""Pace over time: calls dialled, calls for one talk, and the abandoned share under its ceiling."""

from datetime import date
from functools import partial

from babel.dates import format_date

from api.charts.picture import Cell, Key, Line, Picture, Sayer, both, nothing
from api.labels import mark
from api.measure_words import NAMES
from campaigns.charts.series import Series, Spot, over_time
from campaigns.reports.asking import Row
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measures import MEASURES
from campaigns.reports.pace import Pace

TITLE = mark("Pace and abandonment over time")
_EMPTY = mark("No calls in this period. Choose another period or another campaign.")
_SHARE_SAYS = mark("%(when)s: %(lost)s of %(persons)s people abandoned, %(share)s")
_SUMMARY = mark("%(calls)s calls dialled, %(ratio)s for one talk.")
_ABANDONED = mark("%(lost)s of %(persons)s people who answered were abandoned: %(share)s.")
_ROOM = mark("The ceiling is %(ceiling)s: in this period it leaves room for %(count)s more.")
_OVER = mark("The ceiling is %(ceiling)s: in this period it was passed by %(count)s people.")
_CEILING = mark("Ceiling of the abandoned share: the lowest of the campaigns that called")
_DOT = mark("A larger dot with an edge: above the ceiling")
_BAR = mark("A bar or a dot opens the calls behind it")
_PLOTTED = ("attempts", "dials_per_talk", "abandoned_rate")


def pace_picture(pace: Pace, sayer: Sayer) -> Picture:
    """Return the plots of a period, one below the other on one axis of time."""
    title = sayer(TITLE)
    if not pace.table.total.counts.get("attempts"):
        return nothing(title, sayer(_EMPTY))
    plots = [_series(pace, key, sayer) for key in _PLOTTED]
    times = [_when(pace, row, sayer, short=True) for row in pace.rows]
    wide, narrow = both(lambda width: over_time(title, times, plots, width=width))
    time = sayer(mark("Hour") if Dimension.HOUR in _by(pace) else mark("When"))
    return Picture(
        title=title,
        summary=_summary(pace, sayer),
        wide=wide,
        narrow=narrow,
        headings=(
            time,
            *(sayer(NAMES[key]) for key in _PLOTTED),
            sayer(mark("People who answered")),
            sayer(mark("People abandoned")),
        ),
        lines=tuple(_line(pace, row, sayer) for row in pace.rows if row.counts),
        legend=(
            Key("fill", sayer(_BAR)),
            Key("ceiling", sayer(_CEILING)),
            Key("over", sayer(_DOT)),
        ),
        measures=sayer.defined(*_PLOTTED, "persons"),
    )


def _by(pace: Pace) -> tuple[Dimension, ...]:
    return pace.table.question.dimensions


def _series(pace: Pace, key: str, sayer: Sayer) -> Series:
    figure = partial(sayer.teller.figure, MEASURES[key])
    return Series(
        name=sayer(NAMES[key]),
        spots=tuple(_spot(pace, row, key, sayer) for row in pace.rows),
        figure=figure,
        is_line=key != "attempts",
        ceiling=pace.ceiling if key == "abandoned_rate" else None,
        whole=key == "attempts",
    )


def _spot(pace: Pace, row: Row, key: str, sayer: Sayer) -> Spot:
    value = MEASURES[key].value(row.counts)
    if value is None:
        return Spot(None)
    when = _when(pace, row, sayer)
    said = sayer.teller.figure(MEASURES[key], value)
    says = f"{when}: {sayer(NAMES[key])} {said}"
    if key == "abandoned_rate":
        lost, persons = (sayer.count(int(row.counts.get(k, 0))) for k in ("lost", "persons"))
        says = sayer(_SHARE_SAYS, when=when, lost=lost, persons=persons, share=said)
    return Spot(float(value), says, _behind(pace, row, key, sayer))


def _behind(pace: Pace, row: Row, key: str, sayer: Sayer) -> str:
    counted = {"abandoned_rate": "lost", "persons": "persons"}.get(key, "attempts")
    if not row.counts.get(counted):
        return ""
    filters = {by: (value,) for by, value in zip(_by(pace), row.key, strict=True)}
    return sayer.calls(key, filters)


def _when(pace: Pace, row: Row, sayer: Sayer, *, short: bool = False) -> str:
    """Return when a row was; of many days the axis has no room for the year."""
    by, value = _by(pace)[0], row.key[0]
    if by is not Dimension.DAY:
        return value
    day = date.fromisoformat(value)
    one_day = pace.table.question.period.days == 1
    said = str(format_date(day, "d MMM" if short else "long", locale=sayer.teller.locale))
    if Dimension.HOUR not in _by(pace):
        return said
    hour = f"{int(row.key[1]):02}:00"
    return hour if short and one_day else f"{said} {hour}"


def _line(pace: Pace, row: Row, sayer: Sayer) -> Line:
    cells = [
        Cell(
            sayer.teller.figure(MEASURES[key], MEASURES[key].value(row.counts)),
            _behind(pace, row, key, sayer),
        )
        for key in (*_PLOTTED, "persons")
    ]
    lost = Cell(
        sayer.count(int(row.counts.get("lost", 0))), _behind(pace, row, "abandoned_rate", sayer)
    )
    return Line((_when(pace, row, sayer),), (*cells, lost))


def _summary(pace: Pace, sayer: Sayer) -> tuple[str, ...]:
    counts = pace.table.total.counts
    said = {
        key: sayer.teller.figure(MEASURES[key], MEASURES[key].value(counts)) for key in _PLOTTED
    }
    lost, persons = (sayer.count(int(counts.get(key, 0))) for key in ("lost", "persons"))
    share = said["abandoned_rate"]
    sentences = [
        sayer(_SUMMARY, calls=said["attempts"], ratio=said["dials_per_talk"]),
        sayer(_ABANDONED, lost=lost, persons=persons, share=share),
    ]
    room = pace.may_be_abandoned
    if room is not None:
        ceiling = sayer.teller.figure(MEASURES["abandoned_rate"], pace.ceiling)
        message = _ROOM if room >= 0 else _OVER
        sentences.append(sayer(message, ceiling=ceiling, count=sayer.count(abs(room))))
    return tuple(sentences)
