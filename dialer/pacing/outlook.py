"""Tables of what busy agents and ringing calls will do: looked up by age, rebuilt once a minute.

A row holds three moments at each of ``POINTS`` times ahead: mean, variance and third central moment
of the number of free agents that one busy agent or one ringing call contributes.
"""

import numpy as np

from dialer.pacing.hazards import Hazard
from dialer.pacing.normal import Floats
from dialer.pacing.ringing import BIN_S, RingTimes

POINTS = 9
TALK_ROWS = 1200  # one a second
WRAP_ROWS = 240  # one each half second
_WRAP_BIN_S = 0.5
_KEPT_LATE = 0.5  # of the answers past the legal minimum: the other calls are cancelled before
_LOWEST_RATE = 0.01  # a list that answers less is dialled as if it answered this much


def moments(chance: Floats, sign: float = 1.0) -> Floats:
    """Return rows of mean, variance and third moment of ``sign`` times a coin with ``chance``."""
    variance = chance * (1 - chance)
    return np.concatenate([sign * chance, variance, sign * variance * (1 - 2 * chance)], axis=-1)


class Grid:
    """The times ahead at which a call placed now would be answered, each equally likely."""

    def __init__(self, ringing: RingTimes, least_ring_s: float, *, cancels: bool) -> None:
        """Cut the believed time to answer into ``POINTS`` equal shares."""
        before, self.quiet_left = ringing.refresh()
        self.edges_s, self.before = ringing.edges_s, before
        at_least = float(np.interp(least_ring_s, self.edges_s, before))
        kept = _KEPT_LATE if cancels else 1.0
        late = at_least + kept * (before - at_least)
        self.before_kept: Floats = np.where(self.edges_s > least_ring_s, late, before)
        shares = (np.arange(POINTS) + 0.5) / POINTS * self.before_kept[-1]
        steps = self.before_kept + np.arange(len(before)) * 1e-9  # interp wants no flat stretch
        self.points_s: Floats = np.interp(shares, steps, self.edges_s)
        self.weights: Floats = np.full(POINTS, 1 / POINTS)


class CallTables:
    """What ringing calls and the next calls take away, by segment row and age."""

    def __init__(self, grid: Grid, rates: Floats, least_ring_s: float) -> None:
        """Build the tables for the believed answer rate of each segment row."""
        bins = len(grid.before) - 1
        ages = (np.arange(bins) + 0.5) * BIN_S
        now = np.interp(ages, grid.edges_s, grid.before)
        ahead = np.interp(ages[:, None] + grid.points_s, grid.edges_s, grid.before_kept)
        coming = ahead - np.interp(ages, grid.edges_s, grid.before_kept)[:, None]
        p = np.maximum(rates, _LOWEST_RATE)[:, None]
        silent = (1 - p) * np.maximum(grid.quiet_left, 1e-3)
        up = np.maximum(p * (1 - now) + silent, 1e-6)
        chance = np.clip((p / up)[:, :, None] * coming, 0.0, 0.999)
        self.bins = bins
        self.ringing: Floats = moments(chance.reshape(-1, POINTS), -1.0)
        self.still: Floats = np.clip(p * (1 - now) / up, 0.0, 1.0)  # P(an answer is yet to come)
        taken = p * np.interp(grid.points_s, grid.edges_s, grid.before_kept)
        self.next: Floats = moments(taken, -1.0)
        self.first_late = min(bins - 1, int(np.ceil(least_ring_s / BIN_S)))
        late = chance[0, self.first_late :]
        steps = np.diff(late, axis=1, prepend=0.0)
        total = steps.sum(axis=1, keepdims=True)
        self.late: Floats = moments(late, -1.0)
        self.late_weights: Floats = np.where(total > 1e-9, steps / np.maximum(total, 1e-9), 0.0)


def agent_tables(
    talk: Hazard,
    wrap: Hazard,
    returning: float,
    horizons_s: Floats,
    open_s: tuple[Floats, Floats],
) -> Floats:
    """Return rows for agents in talk (one a second of age), then in wrap-up (one a half second).

    ``returning`` is the share (0..1) of agents who take a call after wrap-up instead of a pause;
    ``open_s`` are the ages of the talks and wrap-ups that go on now.
    """
    reach = int(horizons_s[-1]) + 2
    wrap_grid: Floats = np.arange((WRAP_ROWS + 2) / 2 + reach, step=_WRAP_BIN_S, dtype=np.float64)
    wrap_left = wrap.survival(wrap_grid, open_s[1])
    ages = (np.arange(WRAP_ROWS) + 0.5) * _WRAP_BIN_S
    alive = np.maximum(np.interp(ages, wrap_grid, wrap_left), 1e-9)
    free = 1 - np.interp(ages[:, None] + horizons_s, wrap_grid, wrap_left) / alive[:, None]
    talk_grid: Floats = np.arange(TALK_ROWS + reach + 1, dtype=np.float64) + 0.5
    talk_left = talk.survival(talk_grid, open_s[0])
    ending = -np.diff(talk_left)
    soon = np.lib.stride_tricks.sliding_window_view(ending, reach)[:TALK_ROWS]
    wrapped = 1 - np.interp(
        horizons_s - (np.arange(reach) + 0.5)[:, None], wrap_grid, wrap_left, left=1.0
    )
    from_talk = soon @ wrapped / np.maximum(talk_left[:TALK_ROWS], 1e-12)[:, None]
    return moments(np.clip(np.concatenate([from_talk, free]), 0.0, 1.0) * returning)
