"""300 agents: how long a decision takes, whether calls in flight swing, how a jump is taken."""

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.facts import Abandoned, Answered, Decision, PacingEvent, PacingFacts
from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import Campaign, Scenario, read
from dialer.simulator.pacing_lab.side import Controller

AGENTS = 300
LAGS_S = (1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180)
_JUMP_H = 1.0
_SETTLE_S = 15  #: figures of a second are smoothed over this
_BAND = 0.15  #: calls in flight have settled within this of where they stay
_BACK = 0.02  #: a minute is as busy as before the jump if it is less busy by no more than this
_WATCHED_S = 900  #: after a jump
_STEP_S = 10  #: of the curve around a jump
_CURVE_S = (-60, 600)
#: Where the share is judged: at the end of the day, as usual here, or at every moment, as in production.
POLICIES: Mapping[str, dict[str, Any]] = {
    "at the end": {},
    "at every moment": {"policy": {"credit_s": 0.0, "window": {"length_s": 86_400.0}}},
}
#: From, to, and where the share is judged.
_JUMPS = (
    (0.1, 0.4, "at the end"),
    (0.1, 0.4, "at every moment"),
    (0.4, 0.1, "at the end"),
)

Floats = NDArray[np.float64]


class Watched:
    """A controller, and what happened in each second of its day."""

    def __init__(self, inner: Controller, seconds: float) -> None:
        """Watch ``inner``."""
        self._inner = inner
        count = int(seconds) + 120
        self.ringing, self.busy = np.zeros(count), np.zeros(count)
        self.answered, self.abandoned = np.zeros(count), np.zeros(count)

    def observe(self, event: PacingEvent) -> None:
        """Count it, and hand it on."""
        if isinstance(event, Answered):
            self.answered[int(event.at_s)] += 1
        elif isinstance(event, Abandoned):
            self.abandoned[int(event.at_s)] += 1
        self._inner.observe(event)

    def decide(self, facts: PacingFacts) -> Decision:
        """Note how things stand, and hand it on."""
        second = int(facts.at_s)
        self.ringing[second] = len(facts.ringing)
        self.busy[second] = 1 - facts.ready / max(1, facts.agents)
        return self._inner.decide(facts)


@dataclass(frozen=True)
class Steady:
    """A day without changes."""

    decision_p50_us: float
    decision_p99_us: float
    utilisation: float
    abandoned_share: float
    in_flight_mean: float
    in_flight_sd: float
    autocorrelation: dict[int, float]  #: of the calls in flight, by lag in seconds
    busy_autocorrelation: dict[int, float]  #: the same of the busy agents
    later_peak: float  #: the highest autocorrelation after its first fall below 0
    strongest_period_s: float  #: of the spectrum, between 10 s and 10 minutes
    strongest_share: float  #: of the variance that lies there: the share of the strongest period


@dataclass(frozen=True)
class Jump:
    """What a sudden change of the answer rate did; times from the change on. Shares are 0..1."""

    from_rate: float
    to_rate: float
    judged: str  #: a key of ``POLICIES``
    seed: int
    settled_s: float  #: calls in flight are within 15 % of where they stay
    recovered_s: float  #: from then on every minute is as busy as before the jump, or nearly
    share_back_s: float  #: the abandoned share of the last 30 s is at most 3 % again
    abandoned_90_s: int  #: people in the first 90 s
    answered_90_s: int
    busy_before: float
    busy_after: float  #: from 90 s to 10 minutes after
    least_busy_minute: float
    worst_share: (
        float  #: the highest abandoned share since the day began, at any moment from then on
    )
    day_share: float  #: abandoned share of the whole day
    curve: list[dict[str, float]]  #: means and counts of each 10 s, from a minute before


def measure(
    controller: str, seeds: tuple[int, ...], hours: float, processes: int
) -> dict[str, Any]:
    """Run 300 agents; the first seed of a steady day, every seed of the jumps."""
    jumps = [(kind, seed) for kind in _JUMPS for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        steady = pool.submit(_steady, controller, seeds[0], hours)
        jumped = [pool.submit(_jump, controller, seed, *kind) for kind, seed in jumps]
        return {
            "agents": AGENTS,
            "controller": controller,
            "steady": asdict(steady.result()),
            "jumps": [asdict(one.result()) for one in jumped],
        }


def _watch(raw: dict[str, Any], controller: str, seed: int) -> tuple[Watched, Any]:
    scenario = read({"agents": AGENTS, **raw})
    makes = maker(controller)
    watched: list[Watched] = []

    def watching(known: Scenario, campaign: Campaign, former: Controller | None) -> Controller:
        watched.append(Watched(makes(known, campaign, former), known.seconds))
        return watched[-1]

    day = run_day(scenario, watching, seed)
    return watched[-1], day.total


def _steady(controller: str, seed: int, hours: float) -> Steady:
    watched, figures = _watch({"hours": hours, "answer_rate": 0.25}, controller, seed)
    flight = watched.ringing[900 : int(hours * 3600)]
    correlation = autocorrelation(flight, max(LAGS_S))
    of_busy = autocorrelation(watched.busy[900 : int(hours * 3600)], max(LAGS_S))
    period_s, share = strongest_period(flight)
    return Steady(
        decision_p50_us=round(figures.decision_p50_us, 1),
        decision_p99_us=round(figures.decision_p99_us, 1),
        utilisation=round(figures.utilisation, 4),
        abandoned_share=round(figures.abandoned_share, 5),
        in_flight_mean=round(float(flight.mean()), 1),
        in_flight_sd=round(float(flight.std()), 1),
        autocorrelation={lag: round(float(correlation[lag]), 3) for lag in LAGS_S},
        busy_autocorrelation={lag: round(float(of_busy[lag]), 3) for lag in LAGS_S},
        later_peak=later_peak(correlation),
        strongest_period_s=round(period_s, 1),
        strongest_share=round(share, 3),
    )


def autocorrelation(values: Floats, most: int) -> Floats:
    """Return the autocorrelation at lags 0..most."""
    rest = values - values.mean()
    power = np.abs(np.fft.rfft(rest, 2 * len(rest))) ** 2
    found: Floats = np.fft.irfft(power)[: most + 1]
    shares: Floats = found / found[0]
    return shares


def later_peak(correlation: Floats) -> float:
    """Return the highest autocorrelation after its first fall below 0; 0 if it never falls."""
    below = np.flatnonzero(correlation < 0)
    return round(float(correlation[below[0] :].max()), 3) if len(below) else 0.0


def strongest_period(values: Floats) -> tuple[float, float]:
    """Return the period with most power between 10 s and 10 minutes, and its share of that power.

    The spectrum is averaged over pieces of 20 minutes, else chance alone makes peaks.
    """
    piece = min(1200, len(values))
    pieces = values[: len(values) // piece * piece].reshape(-1, piece)
    pieces = (pieces - pieces.mean(axis=1, keepdims=True)) * np.hanning(piece)
    power = (np.abs(np.fft.rfft(pieces, axis=1)) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(piece)
    within = (frequencies >= 1 / 600) & (frequencies <= 1 / 10)
    strongest = int(np.argmax(np.where(within, power, 0.0)))
    return 1 / float(frequencies[strongest]), float(power[strongest] / power[within].sum())


def _jump(controller: str, seed: int, from_rate: float, to_rate: float, judged: str) -> Jump:
    turn = {"at_h": _JUMP_H, "rate": to_rate}
    rates = {"rate": from_rate, "turns": [turn]}
    raw = {"hours": 2.0, "answer_rate": rates, **POLICIES[judged]}
    watched, figures = _watch(raw, controller, seed)
    at = int(_JUMP_H * 3600)
    before = float(watched.busy[at - 600 : at].mean())
    minutes = np.convolve(watched.busy, np.ones(60) / 60, "valid")[at : at + _WATCHED_S - 60]
    cumulative = np.cumsum(watched.abandoned) / np.maximum(np.cumsum(watched.answered), 1)
    return Jump(
        from_rate=from_rate,
        to_rate=to_rate,
        judged=judged,
        seed=seed,
        settled_s=_settled_s(watched, at),
        recovered_s=_last(minutes < before - _BACK),
        share_back_s=_share_back_s(watched, at),
        abandoned_90_s=int(watched.abandoned[at : at + 90].sum()),
        answered_90_s=int(watched.answered[at : at + 90].sum()),
        busy_before=round(before, 4),
        busy_after=round(float(watched.busy[at + 90 : at + 600].mean()), 4),
        least_busy_minute=round(float(minutes.min()), 4),
        worst_share=round(float(cumulative[at:].max()), 5),
        day_share=round(figures.abandoned_share, 5),
        curve=_curve(watched, at),
    )


def _settled_s(watched: Watched, at: int) -> float:
    flight = _smooth(watched.ringing)[at : at + _WATCHED_S]
    stays = float(np.median(flight[300:]))
    return _last(np.abs(flight[:300] / stays - 1) > _BAND)


def _share_back_s(watched: Watched, at: int) -> float:
    answered, abandoned = (
        np.convolve(one, np.ones(30))[: len(one)] for one in (watched.answered, watched.abandoned)
    )
    share = (abandoned / np.maximum(answered, 1))[at : at + _WATCHED_S]
    worst = int(np.argmax(share[:120]))
    low = np.flatnonzero(share[worst:] <= 0.03)
    return float(worst + low[0]) if len(low) and share[worst] > 0.03 else 0.0


def _curve(watched: Watched, at: int) -> list[dict[str, float]]:
    found = []
    for since_s in range(*_CURVE_S, _STEP_S):
        step = slice(at + since_s, at + since_s + _STEP_S)
        found.append(
            {
                "s": since_s,
                "busy": round(float(watched.busy[step].mean()), 4),
                "ringing": round(float(watched.ringing[step].mean()), 1),
                "answered": int(watched.answered[step].sum()),
                "abandoned": int(watched.abandoned[step].sum()),
            }
        )
    return found


def _last(true: NDArray[np.bool_]) -> float:
    """The seconds until the last one that is true is over; 0 if none is."""
    places = np.flatnonzero(true)
    return float(places[-1] + 1) if len(places) else 0.0


def _smooth(values: Floats) -> Floats:
    """The mean of the seconds up to each one."""
    return np.convolve(values, np.ones(_SETTLE_S) / _SETTLE_S)[: len(values)]
