"""The section of the documentation on 300 agents, and its picture."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _TOP = 720, 170, 60, 34
_COLOURS = ("#1f6feb", "#b35900")


def section(figures: Mapping[str, Any]) -> str:
    """Return the figures as tables, with what they were measured on."""
    facts = figures["machine"]
    return "\n".join(
        [
            "## Pacing, 300 agents",
            "",
            "`make bench-pacing-300`, 300 agents. Laboratory: answer rate 25 %, talk 60 s, wrap-up 15 s."
            " In real time: production's worker on the simulated Asterisk, answer rate 30 %, talk 30 s,"
            " wrap-up 5 s, nothing learned before.",
            "",
            *_decisions(figures["steady"], figures["live"]),
            *_swing(figures["steady"], figures["live"]),
            *_jumps(figures["jumps"]),
            "![Autocorrelation of the calls in flight, and the jump from 10 to 40 %]"
            "(images/pacing-300.svg)",
            "",
            *_judged(figures["judged"]),
            f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
            f" {facts['python']}; load before the run {facts['load_1m_before']}; the whole took"
            f" {figures['took_s'] / 60:.0f} minutes.",
        ]
    )


def _decisions(steady: Mapping[str, Any], live: Mapping[str, Any] | None) -> list[str]:
    lines = [
        "| | laboratory | in real time |",
        "|---|---|---|",
        _row("decision, p50 µs of processor time", steady, live, "decision_p50_us", "{:.0f}"),
        _row("decision, p99 µs", steady, live, "decision_p99_us", "{:.0f}"),
        _row("with the facts gathered, p99 µs", {}, live, "whole_p99_us", "{:.0f}"),
        _row("on the clock, p99 µs", {}, live, "wall_p99_us", "{:.0f}"),
        _row("calls in flight, mean", steady, live, "in_flight_mean", "{:.0f}"),
        _row("calls in flight, standard deviation", steady, live, "in_flight_sd", "{:.0f}"),
        _row("abandoned, share of people", steady, live, "abandoned_share", "{:.2%}"),
    ]
    told = f"{steady['utilisation']:.1%}"
    if live is not None:
        expected = live["laboratory"]
        lines.append(f"| occupancy | {told} | {live['settled_occupancy']:.1%} after two minutes |")
        lines += [
            "",
            f"The whole {live['minutes']:g} minutes in real time, start and all: occupancy"
            f" {live['occupancy']:.1%}, {live['answered']} answers; the laboratory expects"
            f" {expected['occupancy']:.1%} and {expected['answered']}.",
        ]
    else:
        lines.append(f"| occupancy | {told} | - |")
    return [*lines, ""]


def _row(
    name: str, one: Mapping[str, Any], other: Mapping[str, Any] | None, key: str, form: str
) -> str:
    cells = [form.format(known[key]) if known and key in known else "-" for known in (one, other)]
    return f"| {name} | {cells[0]} | {cells[1]} |"


def _swing(steady: Mapping[str, Any], live: Mapping[str, Any] | None) -> list[str]:
    rows = [
        ("calls in flight", steady["autocorrelation"]),
        ("busy agents", steady["busy_autocorrelation"]),
    ]
    if live is not None:
        rows.append(("calls in flight, in real time", live["autocorrelation"]))
    lags = list(steady["autocorrelation"])
    peak = f"{steady['later_peak']:.2f}" + (
        "" if live is None else f" ({live['later_peak']:.2f} in real time)"
    )
    lines = ["Autocorrelation by lag in seconds:", "", f"| | {' | '.join(map(str, lags))} |"]
    lines.append("|---" * (len(lags) + 1) + "|")
    for name, values in rows:
        cells = [f"{values[lag]:.2f}" if lag in values else "-" for lag in lags]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "An oscillation would be a later peak: the highest value after the first below 0 is"
        f" {peak}. The strongest period, {steady['strongest_period_s']:.0f} s, holds"
        f" {steady['strongest_share']:.0%} of the power between 10 s and 10 minutes.",
        "",
    ]


def _jumps(jumps: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = [
        "The answer rate jumps after an hour; seconds from then on. Recovered: from then on every"
        " minute is as busy as the ten minutes before the jump, or at most 2 points less.",
        "",
        "| jump | share judged | seed | recovered, s | busy before | least busy minute |"
        " abandoned / answered in 90 s | share of 30 s back at 3 %, s | calls in flight settled, s |"
        " worst share, day's share |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {jump['from_rate']:.0%} to {jump['to_rate']:.0%} | {jump['judged']} | {jump['seed']} |"
        f" {jump['recovered_s']:.0f} | {jump['busy_before']:.1%} | {jump['least_busy_minute']:.1%} |"
        f" {jump['abandoned_90_s']} / {jump['answered_90_s']} | {jump['share_back_s']:.0f} |"
        f" {jump['settled_s']:.0f} | {jump['worst_share']:.2%}, {jump['day_share']:.2%} |"
        for jump in jumps
    ]
    return [*lines, ""]


def _judged(judged: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = ["| asked | kept | worst | at most |", "|---|---|---|---|"]
    lines += [
        f"| {one['asked']} | {'yes' if one['kept'] else 'NO'} | {one['worst']:.4g} |"
        f" {one['most']:g} |"
        for one in judged
    ]
    return [*lines, ""]


def picture(figures: Mapping[str, Any]) -> str:
    """Return the autocorrelation, and busy agents and people abandoned around the jump, as SVG."""
    flight = [(lag, value) for lag, value in figures["steady"]["autocorrelation"].items()]
    up = [one for one in figures["jumps"] if one["to_rate"] > one["from_rate"]]
    first = {one["judged"]: one["curve"] for one in reversed(up)}
    busy = {f"share judged {name}": _course(curve, "busy", 100.0) for name, curve in first.items()}
    lost = {
        f"share judged {name}": _course(curve, "abandoned", 1.0) for name, curve in first.items()
    }
    panels = [
        _panel(0, "Calls in flight: autocorrelation by lag, s", {"": flight}, (-1.0, 1.0)),
        _panel(1, "Busy agents, %: seconds from the jump", busy, (40.0, 100.0)),
        _panel(2, "People abandoned in 10 s", lost, (0.0, _most(lost))),
    ]
    height = len(panels) * (_HEIGHT + _TOP) + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


_Points = Sequence[tuple[float, float]]


def _course(curve: Iterable[Mapping[str, float]], key: str, times: float) -> _Points:
    return [(one["s"], times * one[key]) for one in curve]


def _most(lines: Mapping[str, _Points]) -> float:
    return max(1.0, *(value for points in lines.values() for _, value in points))


def _panel(
    number: int, title: str, lines: Mapping[str, _Points], bounds: tuple[float, float]
) -> str:
    top = number * (_HEIGHT + _TOP) + _TOP
    first = min(x for points in lines.values() for x, _ in points)
    last = max(x for points in lines.values() for x, _ in points)
    low, high = bounds
    bottom, width = top + _HEIGHT - 24, _WIDTH - _LEFT - 20

    def place(x: float, y: float) -> str:
        across = _LEFT + (x - first) / (last - first) * width
        held = min(high, max(low, y))
        return f"{across:.1f},{bottom - (held - low) / (high - low) * (bottom - top):.1f}"

    parts = [f'<text x="{_LEFT}" y="{top - 8}" font-weight="bold">{title}</text>']
    for value in (low, (low + high) / 2, high):
        at = place(first, value).split(",")[1]
        parts.append(f'<path d="M{_LEFT},{at}H{_WIDTH - 20}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{at}" text-anchor="end">{value:g}</text>')
    for x in (first, (first + last) / 2, last):
        across = place(x, low).split(",")[0]
        parts.append(f'<text x="{across}" y="{bottom + 16}" text-anchor="middle">{x:g}</text>')
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        course = " ".join(place(x, y) for x, y in points)
        parts.append(
            f'<polyline points="{course}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        if name:
            row = bottom - 26 + 14 * list(lines).index(name)
            parts.append(
                f'<text x="{_WIDTH - 24}" y="{row}" fill="{colour}" text-anchor="end">{name}</text>'
            )
    return "\n".join(parts)
