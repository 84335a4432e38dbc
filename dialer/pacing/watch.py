"""What is odd: clocks that jump, trunks that lose every call, agents who forget to end a wrap-up."""

from dialer.pacing.estimates import Estimates
from dialer.pacing.facts import PacingFacts

CLOCK_BACK = "clock_back"  #: the time went back
CONTROLLER_FAILED = "controller_failed"  #: a fault of ours; one call for each free agent meanwhile
CLOCK_JUMP = "clock_jump"  #: nobody asked for a minute, or the time went forward
TRUNK_FAILS = "trunk_fails"  #: almost every call fails before it rings
NO_ANSWERS = "no_answers"  #: as many calls as never in vain, and nobody answers
STUCK_WRAP = "stuck_wrap"  #: an agent has been in wrap-up far longer than usual

_GAP_S = 60.0
_DISTRUST_S = 30.0  # after a jump: what was in flight is not known
_FAILING = 0.8
_RECOVERING_S = 1800.0  # the span that has a ceiling of its own
_PROBES_PER_S, _AGENTS_A_PROBE = 0.5, 60.0  # calls a second while the trunk or the people are lost
_STUCK_S, _STUCK_MEANS = 600.0, 20.0
_LOOK_EVERY_S = 1.0


class Watch:
    """Looks for oddities; ``note`` is the gravest one's code, ``blind`` whether to predict at all."""

    def __init__(self) -> None:
        """Start with nothing odd."""
        self.note = ""
        self.blind = False
        self._distrust_s = 0.0
        self._next_look_s = 0.0
        self._probes: float | None = None
        self._recovering_s = 0.0
        self._clock_note = ""

    def step(self, facts: PacingFacts, estimates: Estimates, moved_s: float) -> None:
        """Look at a moment; ``moved_s`` is how far the clock went since the last."""
        self._distrust_s -= max(0.0, moved_s)
        self._next_look_s -= max(0.0, moved_s)
        self._recovering_s -= max(0.0, moved_s)
        odd_clock = moved_s < 0 or moved_s > _GAP_S
        if odd_clock:
            self._clock_note = CLOCK_BACK if moved_s < 0 else CLOCK_JUMP
            self._distrust_s = _DISTRUST_S
        if odd_clock or self._next_look_s <= 0:
            self._next_look_s = _LOOK_EVERY_S
            self._look(facts, estimates)
        self._refill(facts, moved_s)

    def _refill(self, facts: PacingFacts, moved_s: float) -> None:
        if self.note not in (TRUNK_FAILS, NO_ANSWERS):
            self._probes = None
            return
        per_s = max(_PROBES_PER_S, facts.agents / _AGENTS_A_PROBE)
        held = 0.0 if self._probes is None else self._probes
        self._probes = min(max(1.0, per_s), held + per_s * max(0.0, moved_s))

    @property
    def recovering(self) -> bool:
        """Return whether calls were lost in vain within the last half hour."""
        return self._recovering_s > 0

    def probing(self, calls: int) -> int:
        """Return how many of these calls may go out, and count them: few while all calls are lost."""
        if self._probes is None:
            return calls
        calls = min(calls, int(self._probes))
        self._probes -= calls
        return calls

    def _look(self, facts: PacingFacts, estimates: Estimates) -> None:
        fails = estimates.failing_now.value > _FAILING
        silent = estimates.silence.silent
        lost = fails or not estimates.silence.over
        if lost:
            self._recovering_s = _RECOVERING_S
        self.blind = self._distrust_s > 0 or lost
        if fails:
            self.note = TRUNK_FAILS
        elif silent:
            self.note = NO_ANSWERS
        elif self._distrust_s > 0:
            self.note = self._clock_note
        else:
            self.note = STUCK_WRAP if _stuck(facts, estimates) else ""


def _stuck(facts: PacingFacts, estimates: Estimates) -> bool:
    if not facts.wrapping_since_s:
        return False
    longest_s = facts.at_s - min(facts.wrapping_since_s)
    return longest_s > max(_STUCK_S, _STUCK_MEANS * estimates.wrap.mean_s)
