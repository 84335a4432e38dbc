"""Charts of reports: what is drawn of which rows, and that the PDF has the same shapes."""

from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from campaigns.charts.drawing import Shape
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measures import MEASURES
from campaigns.saved_reports.paper import as_pdf
from campaigns.saved_reports.picture import MOST_BARS, chart_of
from campaigns.saved_reports.printing import (
    Printed,
    PrintedColumn,
    PrintedFigure,
    PrintedLine,
)
from campaigns.saved_reports.wording import Wording

COLUMNS = tuple(
    PrintedColumn(MEASURES[key].name, "", MEASURES[key], is_before=before)
    for key in ("attempts", "answer_rate")
    for before in (False, True)
)


def _line(name: str, calls: int, rate: str | None) -> PrintedLine:
    known = Decimal(calls), None if rate is None else Decimal(rate)
    one, other = (PrintedFigure(value, str(value)) for value in known)
    return PrintedLine((name,), (one, one, other, other))


def _report(by: Dimension, *lines: PrintedLine, **more: object) -> Printed:
    total = PrintedLine(("Total",), lines[0].figures if lines else ())
    plain = Printed("Report", (), (by.value,), COLUMNS, lines, total, Wording(), (by,))
    return Printed(**{name: getattr(plain, name) for name in plain.__slots__} | more)


DAYS = ("2026-11-01", "2026-11-02", "2026-11-03")


def test_days_are_a_course_with_the_days_on_which_nobody_was_called() -> None:
    report = _report(Dimension.DAY, _line(DAYS[0], 5, "0.5"), _line(DAYS[2], 7, "0.25"), days=DAYS)
    chart = chart_of(report, width=600)
    assert chart is not None
    marks = chart.drawing.marks
    assert [one.text for one in marks if one.text.endswith("Nov")] == ["1 Nov", "2 Nov", "3 Nov"]
    assert sum(one.shape is Shape.RECT for one in marks) == 2, "calls of two days"
    assert sum(one.shape is Shape.CIRCLE for one in marks) == 2, "a share of nothing is not known"
    [path] = [one for one in marks if one.shape is Shape.PATH]
    assert str(path.at["d"]).count("M") == 2, "the line is broken"


@pytest.mark.parametrize(("by", "is_sorted"), [(Dimension.DAY, True), (Dimension.CAMPAIGN, False)])
def test_what_is_no_course_stands_in_bars(by: Dimension, is_sorted: bool) -> None:
    lines = [_line(f"2026-11-{n:02}", n, None) for n in range(1, MOST_BARS + 3)]
    chart = chart_of(_report(by, *lines, is_sorted=is_sorted), width=600)
    assert chart is not None
    assert chart.is_cut
    assert chart.title == MEASURES["attempts"].name
    assert sum(one.look == "fill" for one in chart.drawing.marks) == MOST_BARS


def test_there_is_nothing_to_draw_of_one_row() -> None:
    assert chart_of(_report(Dimension.CAMPAIGN), width=600) is None
    assert chart_of(_report(Dimension.CAMPAIGN, _line("one", 5, None)), width=600) is None


def test_the_pdf_has_the_chart() -> None:
    lines = [_line(day, 5, "0.5") for day in DAYS]
    pdf = PdfReader(BytesIO(as_pdf(_report(Dimension.DAY, *lines, days=DAYS))))
    assert "2 Nov" in pdf.pages[0].extract_text(), "the axis; the table has 2026-11-02"
    drawn = pdf.pages[0].get_contents()
    assert drawn is not None
    bars = [one for one in drawn.get_data().split(b"\n") if one.endswith(b" re f")]
    assert len(bars) >= len(DAYS)
