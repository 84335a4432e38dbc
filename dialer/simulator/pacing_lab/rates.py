"""The true answer rate in the course of a day: what the controller has to find out."""

import math

import numpy as np

from dialer.simulator.pacing_lab.chances import Floats
from dialer.simulator.pacing_lab.shapes import AnswerRate, Bursts, Drift, Jumps

#: However the odds move, some answer and some do not, unless the usual rate is 0.
_LEAST, _MOST = 0.001, 0.98


def path(spec: AnswerRate | float, seconds: float, generator: np.random.Generator) -> list[float]:
    """Return the answer rate for each second from 0 on; a minute more than asked for."""
    known = AnswerRate(rate=spec) if isinstance(spec, float) else spec
    count = int(seconds) + 61
    at_s = np.arange(count, dtype=np.float64)
    usual = _usual(known, at_s)
    some = np.maximum(usual, _LEAST)
    logit: Floats = np.log(some / (1 - some))
    # Every part draws from a generator of its own: leaving one out changes no other.
    drift, jumps, bursts = generator.spawn(3)
    if known.drift is not None:
        logit += _drifted(known.drift, count, drift)
    if known.jumps is not None:
        logit += _jumped(known.jumps, count, jumps)
    if known.bursts is not None:
        logit += _in_bursts(known.bursts, count, bursts)
    if known.wave is not None:
        logit += known.wave.swing * np.sin(2 * math.pi * at_s / (60 * known.wave.minutes))
    moved = np.clip(1 / (1 + np.exp(-logit)), _LEAST, _MOST)
    rates: list[float] = np.where(usual > 0, moved, 0.0).tolist()
    return rates


def with_odds(rate: float, odds: float) -> float:
    """Return the rate whose odds are ``odds`` times those of ``rate``."""
    return rate * odds / (1 - rate + rate * odds)


def _usual(spec: AnswerRate, at_s: Floats) -> Floats:
    """The rate without any chance in it."""
    if spec.rate is not None:
        rates = np.full(len(at_s), spec.rate)
    else:
        hours = np.array([hour for hour, _ in spec.shape])
        values = np.array([value for _, value in spec.shape])
        if spec.steps:
            which = np.searchsorted(hours, at_s / 3600, side="right") - 1
            rates = values[np.maximum(which, 0)]
        else:
            rates = np.interp(at_s / 3600, hours, values)
    for turn in sorted(spec.turns, key=lambda one: one.at_h):
        past_s = at_s - turn.at_h * 3600
        done = np.clip(past_s / max(60 * turn.over_minutes, 1e-9), 0.0, 1.0)
        rates = rates + (turn.rate - rates) * np.where(past_s >= 0, done, 0.0)
        if not turn.over_minutes:
            rates = np.where(past_s >= 0, turn.rate, rates)
    usual: Floats = rates
    return usual


def _drifted(drift: Drift, count: int, generator: np.random.Generator) -> Floats:
    keep = math.exp(-1 / (60 * drift.minutes))
    noise = (generator.normal(size=count) * drift.sd * math.sqrt(1 - keep**2)).tolist()
    value = float(generator.normal() * drift.sd)
    walk = []
    for step in noise:
        value = keep * value + step
        walk.append(value)
    return np.array(walk)


def _jumped(jumps: Jumps, count: int, generator: np.random.Generator) -> Floats:
    logs = np.zeros(count)
    at_s = generator.exponential(60 * jumps.every_minutes)
    while at_s < count:
        logs[int(at_s) :] = math.log(jumps.odds[generator.integers(len(jumps.odds))])
        at_s += generator.exponential(60 * jumps.every_minutes)
    return logs


def _in_bursts(bursts: Bursts, count: int, generator: np.random.Generator) -> Floats:
    logs = np.zeros(count)
    at_s = generator.exponential(60 * bursts.every_minutes)
    while at_s < count:
        logs[int(at_s) : int(at_s + 60 * bursts.minutes)] = math.log(bursts.odds)
        at_s += 60 * bursts.minutes + generator.exponential(60 * bursts.every_minutes)
    return logs
