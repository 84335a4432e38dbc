"""The heat map: how often calls are answered, by hour and weekday at the contact's place."""

from babel.dates import get_day_names

from api.charts.picture import Cell, Key, Line, Picture, Sayer, both, nothing
from api.labels import mark
from campaigns.charts.drawing import Drawing
from campaigns.charts.heat import HeatCell, heat_map
from campaigns.reports.asking import Row, Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measures import MEASURES

#: What is asked of the figures for it.
ASKED = ("attempts", "answer_rate")
BY = (Dimension.CONTACT_WEEKDAY, Dimension.CONTACT_HOUR)
#: A share of fewer calls is chance.
FEW = 10
_RATE = MEASURES["answer_rate"]
_WEEK = tuple(str(day) for day in range(1, 8))

TITLE = mark("Answer rate by hour and weekday, in the contact's time")
_EMPTY = mark("No calls in this period. Choose another period or another campaign.")
_SAYS = mark("%(day)s, %(hour)s: answer rate %(rate)s of %(calls)s calls dialled")
_BEST = mark("Best: %(said)s.")
_WORST = mark("Weakest: %(said)s.")
_MEAN = mark("On the whole %(rate)s of %(calls)s calls dialled were answered.")
_FEW = mark("On a plain ground: fewer than %(count)s calls, so the share says little.")
_LOW, _HIGH = mark("Lowest answer rate"), mark("Highest answer rate")
_NOTE = mark("Figures in per cent. Each opens the answered calls behind it.")


def heat_picture(table: Table, sayer: Sayer) -> Picture:
    """Return the heat map of a table by the contact's weekday and hour."""
    title = sayer(TITLE)
    known = {row.key: row for row in table.rows if row.counts.get("attempts")}
    if not known:
        return nothing(title, sayer(_EMPTY))
    hours = _hours(known)
    cells = {key: _cell(row, sayer) for key, row in known.items()}
    short = get_day_names("abbreviated", locale=sayer.teller.locale)
    days = [str(short[n]) for n in range(7)]

    def draw(width: float) -> Drawing:
        if width >= 600:
            rows = [[cells.get((day, hour)) for hour in hours] for day in _WEEK]
            return heat_map(title, days, [f"{int(one):02}" for one in hours], rows, width=width)
        rows = [[cells.get((day, hour)) for day in _WEEK] for hour in hours]
        names = [f"{int(one):02}:00" for one in hours]
        return heat_map(title, names, days, rows, width=width, room=48)

    wide, narrow = both(draw)
    headings = (sayer(mark("Hour")), *(sayer.teller.name(BY[0], day) for day in _WEEK))
    return Picture(
        title=title,
        summary=_summary(table, cells, sayer),
        wide=wide,
        narrow=narrow,
        headings=headings,
        lines=tuple(_line(hour, known, sayer) for hour in hours),
        legend=(
            Key("shade-1", sayer(_LOW)),
            Key("shade-7", sayer(_HIGH)),
            Key("few", sayer(_FEW, count=FEW)),
        ),
        notes=(sayer(_NOTE),),
        measures=sayer.defined(*ASKED),
    )


def _hours(known: dict[tuple[str, ...], Row]) -> list[str]:
    """Return the hours from the first that was called in to the last one."""
    called = [int(key[1]) for key in known]
    return [str(hour) for hour in range(min(called), max(called) + 1)]


def _cell(row: Row, sayer: Sayer) -> HeatCell:
    rate = float(_RATE.value(row.counts) or 0)
    calls = int(row.counts["attempts"])
    says = sayer(
        _SAYS,
        day=sayer.teller.name(BY[0], row.key[0]),
        hour=sayer.teller.name(BY[1], row.key[1]),
        rate=sayer.teller.figure(_RATE, rate),
        calls=sayer.count(calls),
    )
    return HeatCell(rate, f"{100 * rate:.0f}", says, _behind(row, sayer), calls < FEW)


def _behind(row: Row, sayer: Sayer) -> str:
    if not row.counts.get("answered"):
        return ""
    return sayer.calls("answer_rate", {BY[0]: (row.key[0],), BY[1]: (row.key[1],)})


def _summary(table: Table, cells: dict[tuple[str, ...], HeatCell], sayer: Sayer) -> tuple[str, ...]:
    total = table.total.counts
    mean = sayer.teller.figure(_RATE, _RATE.value(total))
    said = [sayer(_MEAN, rate=mean, calls=sayer.count(int(total.get("attempts", 0))))]
    sure = sorted((one for one in cells.values() if not one.few), key=lambda one: one.value)
    if len(sure) > 1:
        said += [sayer(_BEST, said=sure[-1].says), sayer(_WORST, said=sure[0].says)]
    return tuple(said)


def _line(hour: str, known: dict[tuple[str, ...], Row], sayer: Sayer) -> Line:
    cells = []
    for day in _WEEK:
        row = known.get((day, hour))
        if row is None:
            cells.append(Cell("–"))
        else:
            said = sayer.teller.figure(_RATE, _RATE.value(row.counts))
            cells.append(Cell(said, _behind(row, sayer)))
    return Line((sayer.teller.name(BY[1], hour),), tuple(cells))
