"""What the laboratory measures, and how several seeds are put together."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from dialer.simulator.pacing_lab.chances import Floats
from dialer.simulator.pacing_lab.ledger import Ledger

#: Minutes of the shorter window that must not be much worse than the whole.
WINDOW_MINUTES = 30
_HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """One day, or several put together. Shares are 0..1."""

    utilisation: float  #: talking and wrapping up, of the time logged in and not paused
    talk_share: float  #: talking, of the same
    abandoned_share: float  #: of the people who answered
    worst_window_share: float  #: the highest of any 30 minutes, beginning at any full minute
    worst_half_hour_share: float  #: the highest of the half hours of the clock
    first_hour_utilisation: float
    abandoned: int
    answered: int  #: people; machines are none
    dials: int
    cancelled: int
    machines_passed: int  #: machines that wanted an agent
    refused_orders: int  #: calls ordered or cancelled against a limit: a sane controller has none
    agent_hours: float  #: logged in and not paused
    decisions: int
    decision_p50_us: float
    decision_p99_us: float


@dataclass(frozen=True, slots=True)
class Series:
    """The course of a day: a value for each minute, and the calls that ring at each tick."""

    utilisation: list[float]
    answered: list[int]
    abandoned: list[int]
    dials: list[int]
    ringing: list[int]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Day:
    """One scenario with one seed, over all campaigns and for each."""

    seed: int
    total: Figures
    campaigns: dict[str, Figures]
    series: dict[str, Series] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, without the series."""
        campaigns = {name: asdict(one) for name, one in self.campaigns.items()}
        return {"seed": self.seed, **asdict(self.total), "campaigns": campaigns}


def measure(ledgers: Sequence[Ledger]) -> Figures:
    """Return the figures of some campaigns together."""
    minutes = ledgers[0].minutes
    talking, busy, present = _agents(ledgers)
    answered, abandoned = _sums(ledgers, "answered"), _sums(ledgers, "abandoned")
    hour = slice(0, _HOUR_MINUTES)
    took_ns = np.concatenate([np.array(one.decisions_ns, dtype=np.int64) for one in ledgers])
    p50_ns, p99_ns = np.percentile(took_ns, [50, 99]) if len(took_ns) else (0.0, 0.0)
    return Figures(
        utilisation=_share(busy.sum(), present.sum()),
        talk_share=_share(talking.sum(), present.sum()),
        abandoned_share=_share(abandoned.sum(), answered.sum()),
        worst_window_share=worst_window(answered[:minutes], abandoned[:minutes], 1),
        worst_half_hour_share=worst_window(answered[:minutes], abandoned[:minutes], 30),
        first_hour_utilisation=_share(busy[hour].sum(), present[hour].sum()),
        abandoned=int(abandoned.sum()),
        answered=int(answered.sum()),
        dials=int(sum(sum(one.dialled) for one in ledgers)),
        cancelled=sum(one.cancelled for one in ledgers),
        machines_passed=sum(one.machines for one in ledgers),
        refused_orders=sum(one.refused_orders for one in ledgers),
        agent_hours=float(present.sum()) / 3600,
        decisions=len(took_ns),
        decision_p50_us=float(p50_ns) / 1000,
        decision_p99_us=float(p99_ns) / 1000,
    )


def worst_window(answered: Floats, abandoned: Floats, step: int) -> float:
    """Return the highest abandoned share of any 30 minutes; 0 if the day is shorter.

    Args:
        answered: people by minute.
        abandoned: the same.
        step: minutes from the beginning of a window to that of the next one.
    """
    sums = [np.concatenate([[0.0], np.cumsum(one)]) for one in (answered, abandoned)]
    whole, lost = (one[WINDOW_MINUTES:] - one[:-WINDOW_MINUTES] for one in sums)
    shares = (lost / np.maximum(whole, 1.0))[::step]
    return float(shares.max()) if len(shares) else 0.0


def series(ledger: Ledger) -> Series:
    """Return the course of a campaign's day."""
    _, busy, present = _agents([ledger])
    minutes = ledger.minutes
    return Series(
        utilisation=[_share(a, b) for a, b in zip(busy, present, strict=True)][:minutes],
        answered=[int(count) for count in ledger.answered[:minutes]],
        abandoned=[int(count) for count in ledger.abandoned[:minutes]],
        dials=[int(count) for count in ledger.dialled[:minutes]],
        ringing=ledger.ringing.tolist(),
    )


def together(days: Sequence[Figures]) -> dict[str, Any]:
    """Put the figures of several seeds together: counts are added, times of agents weighted.

    Of windows, of decision times' 99th percentiles the worst one counts.
    """
    hours = [one.agent_hours for one in days]
    answered = sum(one.answered for one in days)
    added = ("abandoned", "answered", "dials", "cancelled", "machines_passed", "refused_orders")
    worst = ("worst_window_share", "worst_half_hour_share", "decision_p99_us")
    return {
        **{name: _mean([getattr(one, name) for one in days], hours) for name in _BY_TIME},
        "abandoned_share": _share(sum(one.abandoned for one in days), answered),
        "worst_seed_abandoned_share": max(one.abandoned_share for one in days),
        "worst_seed_utilisation": min(one.utilisation for one in days),
        **{name: max(getattr(one, name) for one in days) for name in worst},
        **{name: sum(getattr(one, name) for one in days) for name in added},
        "agent_hours": sum(hours),
        "decisions": sum(one.decisions for one in days),
        "decision_p50_us": _mean([one.decision_p50_us for one in days], None),
    }


_BY_TIME = ("utilisation", "talk_share", "first_hour_utilisation")


def _agents(ledgers: Sequence[Ledger]) -> tuple[Floats, Floats, Floats]:
    """Seconds by minute: talking, busy, present."""
    talking, wrapping, ready = (_sums(ledgers, name) for name in ("talking", "wrapping", "ready"))
    return talking, talking + wrapping, talking + wrapping + ready


def _sums(ledgers: Sequence[Ledger], name: str) -> Floats:
    """One of the ledgers' courses, added up over them."""
    total: Floats = np.sum([np.array(getattr(one, name)) for one in ledgers], axis=0)
    return total


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _mean(values: Sequence[float], weights: Sequence[float] | None) -> float:
    if weights is None or not sum(weights):
        return sum(values) / len(values)
    return float(np.average(values, weights=weights))
