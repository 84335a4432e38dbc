"""Everything the controller has learned of the campaign, fed by events and the passing of time."""

from typing import Any

import numpy as np

from dialer.pacing.facts import (
    Answered,
    CallEnd,
    PacingEvent,
    RingingCall,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.hazards import TALK_EDGES_S, WRAP_EDGES_S, Hazard
from dialer.pacing.normal import Floats
from dialer.pacing.rates import AnswerRates
from dialer.pacing.ringing import BIN_S, RingTimes
from dialer.pacing.silence import Silence

_TALK_HALF_LIFE_S = 5400.0
_SHARE_KEPT = 0.998  # for each call: a memory of some 500
_NOW_KEPT = 0.97  # for each call: a memory of some 30
_LOSING = 0.6  # above this share of failures the trunk is to blame, not the people
_KNOWN_ANSWERS = 5
_KNOWN_TALKS = 3
_KNOWN_WRAPS = 2
_LONGEST_CATCH_UP_S = 60.0  # of a gap without a decision; what lies before it is not known


class Share:
    """A share of events that slowly forgets, 0..1."""

    def __init__(self, hits: float, trials: float, kept: float = _SHARE_KEPT) -> None:
        """Start as if ``hits`` of ``trials`` had been seen; ``kept`` is the memory for each trial."""
        self.hits, self.trials, self._kept = hits, trials, kept

    def count(self, hit: bool) -> None:
        """Count one trial."""
        self.hits = self.hits * self._kept + hit
        self.trials = self.trials * self._kept + 1

    @property
    def value(self) -> float:
        """Return the believed share."""
        return self.hits / self.trials


class Estimates:
    """The beliefs: answer rates, ringing times, talk and wrap-up, pauses, machines, failures."""

    def __init__(self, ring_limit_s: float, setup_s: float = 0.0) -> None:
        """Start from weak general beliefs."""
        self.rates = AnswerRates()
        self.ringing = RingTimes(ring_limit_s, setup_s)
        self.talk = Hazard(TALK_EDGES_S, prior_mean_s=90.0, weight=2.0)
        self.wrap = Hazard(WRAP_EDGES_S, prior_mean_s=15.0, weight=0.5)
        self.pausing = Share(0.1, 20.0)
        self.machines = Share(0.1, 20.0)
        self.failing = Share(0.2, 20.0)
        self.failing_now = Share(0.2, 20.0, _NOW_KEPT)
        self.answers = 0
        self.silence = Silence(self.rates.mean)
        self._placed: Floats = np.zeros((1, self.ringing.bins))
        self._slot_s = 0.0

    def use(self, ring_limit_s: float, setup_s: float) -> None:
        """Take changed limits of ringing over; calls that ring keep their ages."""
        self.ringing = self.ringing.limited(ring_limit_s, setup_s)
        placed = np.zeros((len(self._placed), self.ringing.bins))
        both = min(placed.shape[1], self._placed.shape[1])
        placed[:, :both] = self._placed[:, :both]
        placed[:, -1] += self._placed[:, both:].sum(axis=1)
        self._placed = placed

    @property
    def known(self) -> bool:
        """Return whether enough has been seen to predict anything."""
        return (
            self.answers >= _KNOWN_ANSWERS
            and self.talk.count >= _KNOWN_TALKS
            and self.wrap.count >= _KNOWN_WRAPS
        )

    def observe(self, event: PacingEvent) -> None:
        """Learn from one event."""
        match event:
            case Answered():
                self.answers += 1
                self.rates.answered(self.rates.row(event.segment))
                self._heard()
                self.ringing.answered(event.ring_s)
                self.machines.count(False)
                self._rang(failed=False)
            case Unanswered():
                self._unanswered(event)
            case TalkEnded():
                self.talk.ended(event.talk_s)
            case WrapEnded():
                self.wrap.ended(event.wrap_s)
                self.pausing.count(event.paused)
            case _:
                pass

    def _unanswered(self, event: Unanswered) -> None:
        row = self.rates.row(event.segment)
        if event.end is CallEnd.CANCELLED:
            self.ringing.cancelled(event.ring_s, float(self.rates.by_row[row]))
            self._withdraw(row, self.ringing.bin(event.ring_s))
            return
        self.machines.count(event.end is CallEnd.MACHINE)
        failed = event.end is CallEnd.FAILED
        self._rang(failed=failed)
        if failed and self.failing_now.value > _LOSING:
            self._withdraw(row, self.ringing.bin(event.ring_s))
        else:
            self.ringing.quiet(event.ring_s)

    def _heard(self) -> None:
        told = self.silence.answered(self.rates.mean)
        if told is not None:
            self.rates.restart(*told)

    def _rang(self, *, failed: bool) -> None:
        self.failing.count(failed)
        self.failing_now.count(failed)

    def placed(self, call: RingingCall, at_s: float) -> None:
        """Count a call that has been placed: from now on it is exposure."""
        row = self.rates.row(call.segment)
        if row >= len(self._placed):
            more = np.zeros((row + 1 - len(self._placed), self.ringing.bins))
            self._placed = np.concatenate([self._placed, more])
        self._placed[row, self.ringing.bin(at_s - call.placed_at_s)] += 1

    def placed_unseen(self, segment: int, at_s: float, ring_s: float) -> None:
        """Count a call that ended before it was ever reported ringing."""
        self.placed(RingingCall("", at_s - ring_s, segment), at_s)
        row = self.rates.row(segment)
        past = np.zeros(len(self.rates.ratios))
        past[row] = self.ringing.density[: self.ringing.bin(ring_s)].sum()
        self.silence.exposed(self.rates.exposed(past))

    def _withdraw(self, row: int, slot: int) -> None:
        """Take a cancelled call's exposure back; slots and ages may differ by one."""
        if row >= len(self._placed):
            return
        counts = self._placed[row]
        for i in (slot, slot - 1, slot + 1):
            if 0 <= i < len(counts) and counts[i] > 0:
                counts[i] -= 1
                return

    def pass_time(self, elapsed_s: float) -> bool:
        """Let time pass; return whether the answer rates have moved."""
        if elapsed_s > _LONGEST_CATCH_UP_S:
            self._placed[:] = 0.0
            elapsed_s = _LONGEST_CATCH_UP_S
        self._slot_s += elapsed_s
        while self._slot_s >= BIN_S:
            self._slot_s -= BIN_S
            self.silence.exposed(self.rates.exposed(self._exposure()))
            self._placed[:, 1:] = self._placed[:, :-1]
            self._placed[:, 0] = 0.0
        self.silence.step(elapsed_s, self.rates.steady)
        return self.rates.step(elapsed_s)

    def _exposure(self) -> Floats:
        exposure = self._placed @ self.ringing.density
        missing = len(self.rates.ratios) - len(exposure)
        return np.append(exposure, np.zeros(missing)) if missing else exposure

    def forget(self, elapsed_s: float) -> None:
        """Let durations fade: shifts, lists and scripts change over the day."""
        kept = 0.5 ** (elapsed_s / _TALK_HALF_LIFE_S)
        self.talk.forget(kept)
        self.wrap.forget(kept)
        self.ringing.forget(kept)

    def saved(self) -> dict[str, Any]:
        """Return the beliefs as plain JSON values."""
        shares = (self.pausing, self.machines, self.failing)
        return {
            "rates": self.rates.saved(),
            "ringing": self.ringing.saved(),
            "talk": self.talk.saved(),
            "wrap": self.wrap.saved(),
            "shares": [[share.hits, share.trials] for share in shares],
            "answers": self.answers,
            "usual": self.silence.usual,
        }

    def load(self, saved: dict[str, Any], trust: float = 1.0) -> None:
        """Take saved beliefs over, the share ``trust`` (0..1) of their evidence."""
        self.rates.load(saved["rates"], trust)
        self.ringing.load(saved["ringing"], trust)
        self.talk.load(saved["talk"], trust)
        self.wrap.load(saved["wrap"], trust)
        shares = (self.pausing, self.machines, self.failing)
        for share, (hits, trials) in zip(shares, saved["shares"], strict=True):
            share.hits, share.trials = float(hits), float(trials)
        self.answers = int(saved["answers"])
        self.silence = Silence(float(saved.get("usual", self.rates.mean)), known=True)
