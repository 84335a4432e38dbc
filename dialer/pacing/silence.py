"""Outages are told from lists that answer less, and the way back from them is walked with care."""

from math import exp

_SILENT_ANSWERS = 10.0  # expected since the last answer: by chance once in 20,000 answers
_MOST_QUIET = 400.0  # calls' worth of exposure: longer is silence whatever was expected
_LEAST_QUIET_S = 30.0  # longer than people let it ring: many calls at once are answered together
_TRIAL_S = 20.0
_TRIAL_ANSWERS = 6  # after the one that ends a silence; they say how many answer now
_PRIOR_ANSWERS = 2.0  # the trial's weight of belief in the usual rate
_USUAL_MEMORY_S = 1200.0


class Silence:
    """Silent since nobody answers; then on trial until some answers have told the new rate."""

    def __init__(self, usual: float, *, known: bool = False) -> None:
        """Start as if somebody had just answered; ``usual`` is the answer rate, 0..1.

        ``known`` tells that it is of an earlier day and not just a guess, soon forgotten.
        """
        self.usual = usual  #: 0..1: the answer rate that may be back at any moment
        self.silent = False
        self.on_trial = False
        self._memory_s = _USUAL_MEMORY_S if known else 0.0
        self._quiet = 0.0  # exposure since the last answer
        self._quiet_limit = _SILENT_ANSWERS / usual
        self._answers = 0
        self._exposure = 0.0
        self._since_s = 0.0  # since the last answer, or the trial's beginning

    @property
    def over(self) -> bool:
        """Return whether nothing is to be awaited: predictions may be made."""
        return not (self.silent or self.on_trial)

    def exposed(self, exposure: float) -> None:
        """Count exposure: the answers there would have been if everybody answered."""
        self._quiet += exposure
        self._exposure += exposure
        long = self._since_s >= _LEAST_QUIET_S
        if not self.on_trial and long and self._quiet >= min(self._quiet_limit, _MOST_QUIET):
            self.silent = True

    def answered(self, believed: float) -> tuple[float, float] | None:
        """Count an answer; ``believed`` is the answer rate believed in, 0..1.

        Returns:
            At a trial's end, the answers and the exposure that it came to; otherwise None.
        """
        self._quiet = 0.0
        self._quiet_limit = _SILENT_ANSWERS / max(believed, 1e-6)
        if self.silent:
            self.silent, self.on_trial = False, True
            self._answers, self._exposure, self._since_s = 0, 0.0, 0.0
            return None
        if not self.on_trial:
            self._since_s = 0.0
            return None
        self._answers += 1
        if self._answers < _TRIAL_ANSWERS or self._since_s < _TRIAL_S:
            return None
        self.on_trial, self._since_s = False, 0.0
        return self._answers + _PRIOR_ANSWERS, self._exposure + _PRIOR_ANSWERS / self.usual

    def step(self, elapsed_s: float, steady: float) -> None:
        """Let the usual rate fall slowly to ``steady`` (0..1), or rise to it at once.

        Silence is not what is usual.
        """
        self._since_s += elapsed_s
        if self.over:
            self._memory_s = min(_USUAL_MEMORY_S, self._memory_s + elapsed_s)
            above = max(0.0, self.usual - steady)
            self.usual = steady + above * exp(-elapsed_s / max(1.0, self._memory_s))
