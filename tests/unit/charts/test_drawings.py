"""Shapes of charts: where they lie, how long they are, and the SVG that comes of them."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.charts.bars import Bar, bars
from campaigns.charts.drawing import Drawing, Mark, Shape, cut, label, rect
from campaigns.charts.heat import SHADES, HeatCell, heat_map, shade
from campaigns.charts.scales import Bands, scale_to
from campaigns.charts.series import Series, Spot, over_time, path_of

_SVG = "{http://www.w3.org/2000/svg}"


def _of(drawing: Drawing, look: str) -> list[Mark]:
    return [one for one in drawing.marks if one.look == look]


def test_what_people_wrote_cannot_leave_its_place() -> None:
    evil = '"><script>alert(1)</script>'
    marks = (rect("fill", 0, 0, 5, 5, says=evil, href=f"/x?a={evil}"), label("", 0, 9, evil))
    svg = Drawing(evil, 10, 10, marks).svg()
    assert "<script" not in svg
    tree = ElementTree.fromstring(svg)  # noqa: S314 - our own
    link = tree.find("a")
    assert link is not None
    assert link.get("aria-label") == evil
    assert tree.get("aria-label") == evil


def test_links_can_be_reached_and_the_rest_is_hidden_from_readers() -> None:
    marks = (
        rect("fill", 0, 0, 5, 5, says="12 calls", href="/calls"),
        rect("fill", 5, 0, 5, 5, says="no calls"),
        rect("track", 0, 0, 10, 5),
    )
    tree = ElementTree.fromstring(Drawing("Chart", 10, 5, marks).svg())  # noqa: S314 - our own
    link, told, plain = list(tree)
    assert (link.tag, link.get("href"), link.get("aria-label")) == ("a", "/calls", "12 calls")
    assert (told.tag, told.get("tabindex"), told.get("role")) == ("g", "0", "img")
    assert (plain.tag, plain.get("aria-hidden")) == ("rect", "true")


@given(most=st.floats(0, 1e9), ticks=st.integers(1, 8), whole=st.booleans())
def test_a_scale_ends_round_and_not_below_the_most(most: float, ticks: int, whole: bool) -> None:
    scale = scale_to(most, 100, 0, ticks=ticks, whole=whole)
    assert scale.top >= most
    assert scale.ticks[0] == 0
    assert scale.ticks[-1] == pytest.approx(scale.top)
    assert scale.at(0) == 100
    assert scale.at(scale.top * 2) == 0
    assert len(scale.ticks) <= 2 * ticks + 2
    if whole:
        assert all(tick == int(tick) for tick in scale.ticks)


@given(count=st.integers(1, 400), width=st.floats(50, 2000), gap=st.floats(0, 0.9))
def test_places_lie_side_by_side_and_fill_the_room(count: int, width: float, gap: float) -> None:
    bands = Bands(count, 10, 10 + width, gap)
    assert bands.at(0) >= 10
    assert bands.at(count - 1) + bands.width <= 10 + width + 1e-6
    assert all(bands.at(n) + bands.width <= bands.at(n + 1) + 1e-6 for n in range(count - 1))
    labelled = bands.labelled(60)
    assert len(labelled) <= max(width / 60 + 1, 1)


@given(
    value=st.floats(0, 1), other=st.floats(0, 1), lowest=st.floats(0, 0.4), most=st.floats(0.5, 1)
)
def test_a_higher_value_is_never_shaded_lighter(
    value: float, other: float, lowest: float, most: float
) -> None:
    low, high = sorted((max(value, lowest), max(other, lowest)))
    assert (
        1 <= shade(min(low, most), lowest, most) <= shade(min(high, most), lowest, most) <= SHADES
    )


def test_shades_span_the_values_that_can_be_believed() -> None:
    assert (shade(0.2, 0.2, 0.8), shade(0.8, 0.2, 0.8)) == (1, SHADES)
    assert shade(0.5, 0.5, 0.5) == (SHADES + 1) // 2
    sure, doubtful = HeatCell(0.5, "50", "sure", "/a"), HeatCell(1.0, "100", "doubtful", few=True)
    drawn = heat_map("Heat", ["Mon"], ["09", "10", "11"], [[sure, doubtful, None]], width=400)
    cells = [one for one in drawn.marks if one.shape is Shape.RECT]
    assert [one.look for one in cells] == ["shade-4", "few", "empty"]
    assert [one.href for one in cells] == ["/a", "", ""]
    lefts = [float(one.at["x"]) for one in cells]
    assert lefts == sorted(lefts)
    assert lefts[-1] + float(cells[-1].at["width"]) <= 400


@given(values=st.lists(st.integers(0, 10_000), min_size=1, max_size=9))
def test_bars_are_as_long_as_their_values(values: list[int]) -> None:
    rows = [Bar(f"Stage {n}", value, str(value), "says") for n, value in enumerate(values)]
    drawn = bars("Funnel", rows, width=330)
    shown = _of(drawn, "fill")
    assert len(shown) == sum(1 for value in values if value)
    most = max(values)
    for value, bar in zip((one for one in values if one), shown, strict=True):
        assert float(bar.at["width"]) == pytest.approx(max(value / most * 329, 2), abs=0.01)
    bottoms = [float(one.at["y"]) + float(one.at["height"]) for one in _of(drawn, "track")]
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] <= drawn.height


def test_a_bar_with_a_whole_of_its_own_shows_its_target() -> None:
    rows = [Bar("A", 3, "3", "a", whole=12), Bar("B", 9, "9", "b", whole=9, mark=3)]
    drawn = bars("Quotas", rows, width=401)
    first, second = _of(drawn, "fill")
    assert (float(first.at["width"]), float(second.at["width"])) == (100, 400)
    (target,) = _of(drawn, "target")
    assert float(target.at["x1"]) == pytest.approx(400 / 3)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    bands, scale = Bands(4, 0, 40), scale_to(10, 100, 0, ticks=1)
    spots = (Spot(0), Spot(5), Spot(None), Spot(10))
    assert path_of(spots, bands, scale) == "M5 100L15 50M35 0"
    plots = (
        Series("Calls", tuple(Spot(n, f"{n} calls", "/c") for n in (3, 0, 9)), str, whole=True),
        Series("Share", (Spot(0.01), Spot(0.09), Spot(None)), str, is_line=True, ceiling=0.03),
    )
    drawn = over_time("Pace", ["1", "2", "3"], plots, width=500)
    assert len(_of(drawn, "fill")) == 2  # nothing is drawn for no calls
    assert (len(_of(drawn, "dot")), len(_of(drawn, "dot over"))) == (1, 1)
    assert len(_of(drawn, "ceiling")) == 1


def test_labels_are_cut_to_their_room() -> None:
    assert cut("short", 100) == "short"
    assert cut("a very long name of a campaign", 60) == "a very…"
    assert len(cut("anything", 1)) == 2
