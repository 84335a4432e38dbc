"""The pacing bench's section of the documentation."""

from collections.abc import Iterable, Mapping
from typing import Any

from bench.pacing_grid import AGENTS, BASELINES, CEILING, SEEDS

_NAMES = ("progressive", "best ratio", "adaptive level", "Erlang")
_PLAIN = ("stationary", "second day")
_Rows = Mapping[tuple[str, str], Mapping[str, Any]]


def section(figures: Mapping[str, Any]) -> str:
    """Return the figures as tables, with what they were measured on."""
    rows = {(row["scenario"], row["controller"]): row for row in figures["rows"]}
    facts = figures["machine"]
    agents = ", ".join(map(str, SEEDS))
    seeds = ", ".join(map(str, SEEDS.values()))
    return "\n".join(
        [
            "## Pacing",
            "",
            "`make bench-pacing`: virtual days of the [pacing laboratory](pacing.md), each controller"
            " with the same people (common random numbers), the ceiling 3 % of people abandoned after"
            " 2 s. Utilisation / abandoned in percent, over"
            f" {seeds} seeds with {agents} agents (more agents, more people in a day);"
            " in brackets the share of the worst seed, and the worst of any 30 minutes. The best ratio"
            f" is the highest of a row from 1 to 30 that keeps {CEILING:.0%} with every seed: it is"
            " chosen with hindsight. The rivals are measured with the first two of the seeds, and of the"
            " departures only on the mixed day; so is `clairvoyant`, the same controller told when each"
            " agent will be free, on the plain day. `optimum` is exact where every time is exponential and"
            " no call is cancelled, `blind` is the best without looking at the agents.",
            "",
            *_grid(rows, figures["references"]),
            *_half_hours(rows, figures["references"]),
            *_variations(rows),
            *_first_hour(rows),
            *_judged(figures["judged"]),
            f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
            f" {facts['python']}; load before the run {facts['load_1m_before']}; the last run took"
            f" {figures['took_s'] / 60:.0f} minutes on {figures['processes']} processes.",
        ]
    )


def _grid(rows: _Rows, references: Iterable[Mapping[str, Any]]) -> list[str]:
    bounds = {(one["agents"], one["answer_rate"], one["talk_s"]): one for one in references}
    lines = [
        f"| answer rate, talk | agents | predictive | goal | {' | '.join(_NAMES)} |"
        " clairvoyant | optimum | blind |",
        "|" + "---|" * (7 + len(_NAMES)),
    ]
    for row in _of(rows, "predictive", "stationary"):
        key = (row["agents"], row["answer_rate"], row["talk_s"])
        known = bounds.get(key, {})
        others = [_cell(rows.get((row["scenario"], name))) for name in BASELINES]
        lines.append(
            f"| {row['answer_rate']:.0%}, {row['talk_s']} s | {row['agents']} | {_full(row)} |"
            f" {_percent(row['goal'])} | {' | '.join(others)} |"
            f" {_cell(rows.get((row['scenario'], 'clairvoyant')))} |"
            f" {_percent(known.get('optimum'))} | {_percent(known.get('blind'))} |"
        )
    return [*lines, ""]


def _half_hours(rows: _Rows, references: Iterable[Mapping[str, Any]]) -> list[str]:
    """Tell what the ceiling on half hours costs a few agents, who have few answers in one."""
    lines = [
        "With few agents a half hour bears few people, and three may come together. `optimum` again, and"
        " the same with at most so many people abandoned in any half hour as its mean number of answers"
        " bears, and one less (half hours with fewer answers bear only that):",
        "",
        "| answer rate, talk | agents | answers in a half hour | people it bears | optimum |"
        " with that ceiling | one less | predictive | worst 30 minutes |",
        "|" + "---|" * 9,
    ]
    bounds = {(one["agents"], one["answer_rate"], one["talk_s"]): one for one in references}
    for row in _of(rows, "predictive", "stationary"):
        one = bounds.get((row["agents"], row["answer_rate"], row["talk_s"]), {})
        if "half_hours" in one:
            found = one["half_hours"]
            lines.append(
                f"| {row['answer_rate']:.0%}, {row['talk_s']} s | {row['agents']} |"
                f" {found['answers']:.0f} | {found['most']} | {_percent(one['optimum'])} |"
                f" {_percent(found['utilisation'])} | {_percent(found['one_less'])} |"
                f" {_percent(row['utilisation'])} | {_percent(row['worst_window_share'])} |"
            )
    return [*lines, ""]


def _variations(rows: _Rows) -> list[str]:
    lines = [
        "Departures from the plain day at 25 % and 60 s; in points against it:",
        "",
        f"| departure | agents | predictive | points | {' | '.join(_NAMES)} |",
        "|" + "---|" * (4 + len(_NAMES)),
    ]
    for row in _of(rows, "predictive", None):
        plain = rows.get((row["scenario"].replace(row["variation"], "stationary"), "predictive"))
        points = "" if plain is None else f"{_points(row, plain):+.1f}"
        others = [_cell(rows.get((row["scenario"], name))) for name in BASELINES]
        lines.append(
            f"| {row['variation']} | {row['agents']} | {_full(row)} | {points} |"
            f" {' | '.join(others)} |"
        )
    return [*lines, ""]


def _points(row: Mapping[str, Any], plain: Mapping[str, Any]) -> float:
    return 100 * float(row["utilisation"] - plain["utilisation"])


def _first_hour(rows: _Rows) -> list[str]:
    lines = [
        "The first hour without any history, and with yesterday's; a day begins with all agents free:",
        "",
        "| agents | first hour, no history | first hour, second day | whole day |",
        "|---|---|---|---|",
    ]
    for row in _of(rows, "predictive", "stationary"):
        if (row["answer_rate"], row["talk_s"]) == (0.25, 60):
            second = rows.get((row["scenario"].replace("stationary", "second day"), "predictive"))
            lines.append(
                f"| {row['agents']} | {_percent(row['first_hour_utilisation'])} |"
                f" {_percent(second['first_hour_utilisation'] if second else None)} |"
                f" {_percent(row['utilisation'])} |"
            )
    return [*lines, ""]


def _judged(judged: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = ["| asked | kept | worst |", "|---|---|---|"]
    lines += [
        f"| {one['asked']} | {one['kept']} of {one['of']} | {one['worst']} |" for one in judged
    ]
    return [*lines, ""]


def _of(rows: _Rows, controller: str, variation: str | None) -> list[Mapping[str, Any]]:
    """A controller's rows with this variation (None: any but the plain day), in reading order."""
    found = [
        row
        for row in rows.values()
        if row["controller"] == controller
        and (
            row["variation"] == variation
            or (variation is None and row["variation"] != "stationary")
        )
    ]
    order = {agents: place for place, agents in enumerate(AGENTS)}
    return sorted(
        found,
        key=lambda row: (
            row["variation"],
            -row["answer_rate"],
            row["talk_s"],
            order[row["agents"]],
        ),
    )


def _full(row: Mapping[str, Any]) -> str:
    worst = (
        f"{_percent(row['worst_seed_abandoned_share'], 2)}, {_percent(row['worst_window_share'])}"
    )
    return f"{_cell(row)} ({worst})"


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "-"
    ratio = f" at {row['ratio']:g}" if "ratio" in row else ""
    return f"{_percent(row['utilisation'])} / {_percent(row['abandoned_share'], 2)}{ratio}"


def _percent(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f}"
