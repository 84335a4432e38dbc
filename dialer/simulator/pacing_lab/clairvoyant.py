"""What knowing the agents would be worth: a controller that is told when each one will be free.

It is the controller it wraps, with the same budget, the same calls and the same ignorance of who will
answer. Only the agents' future is put into what that controller is told: every busy agent seems to be
in a wrap-up that always lasts exactly as long, and of which so much is over that it ends when the agent
will be free. So it works with every controller that learns wrap-ups, and needs nothing of its inside.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from dialer.pacing.facts import Decision, PacingEvent, PacingFacts, WrapEnded
from dialer.simulator.pacing_lab.side import Controller

#: Every wrap-up seems to last this long: longer than a call rings, so an agent who will not be free
#: by any answer seems to have just begun it; and just above a whole second, because the dialer
#: learns rates of ending by whole seconds and the rate in a stretch hardly lived through is huge.
_SEEMING_S = 29.05
#: So many are told beforehand: nothing has to be learned of them.
_TAUGHT = 500

FreeIn = Callable[[], list[float]]  #: seconds until each busy or pausing agent is free


@runtime_checkable
class Foreseeing(Protocol):
    """A controller that the laboratory tells the agents' future."""

    def foresee(self, free_in_s: FreeIn) -> None:
        """Take what tells in how many seconds each agent who is not free now will be."""


class Clairvoyant:
    """Knows each agent's next free moment, and nothing else that ``inner`` does not know."""

    def __init__(self, inner: Controller) -> None:
        """Let ``inner``, which has seen nothing yet, decide."""
        self._inner = inner
        self._free_in_s: FreeIn = list
        for _ in range(_TAUGHT):
            inner.observe(WrapEnded(0.0, _SEEMING_S, paused=False))

    def foresee(self, free_in_s: FreeIn) -> None:
        """Take what tells the agents' future."""
        self._free_in_s = free_in_s

    def observe(self, event: PacingEvent) -> None:
        """Hand everything on; a wrap-up seems to have lasted as they always do."""
        if isinstance(event, WrapEnded):
            event = WrapEnded(event.at_s, _SEEMING_S, paused=False)
        self._inner.observe(event)

    def decide(self, facts: PacingFacts) -> Decision:
        """Return what ``inner`` does when it knows the agents' future."""
        seeming_s = [
            facts.at_s - max(0.0, _SEEMING_S - free_in_s) for free_in_s in self._free_in_s()
        ]
        return self._inner.decide(replace(facts, talking_since_s=(), wrapping_since_s=seeming_s))
