"""What the tests of the pacing laboratory share: short days and simple controllers."""

from collections.abc import Callable
from typing import Any

from dialer.pacing.facts import Decision, Limit, PacingEvent, PacingFacts, Why
from dialer.simulator.pacing_lab.scenario import Scenario, read


def day(**keys: Any) -> Scenario:
    """A scenario of five agents and a quarter of people who answer, an hour long, unless told."""
    return read({"agents": 5, "answer_rate": 0.25, "hours": 1, **keys})


class PerAgent:
    """Keeps a number of calls in the air for each free agent; notes all it is told."""

    why = Why(Limit.AGENTS, None, 0.0, 0.0, 0.0, 0.0, 0.0)

    def __init__(
        self, ratio: float = 1.0, *, limited: bool = True, watch: Callable[..., Any] | None = None
    ) -> None:
        """Make one.

        Args:
            ratio: calls for each free agent.
            limited: heed lines, leads and calls per second.
            watch: called with the facts of every decision; what it returns are calls to cancel.
        """
        self.ratio = ratio
        self.limited = limited
        self.events: list[PacingEvent] = []
        self.watch = watch

    def observe(self, event: PacingEvent) -> None:
        """Note it."""
        self.events.append(event)

    def decide(self, facts: PacingFacts) -> Decision:
        """Place what lacks."""
        cancel = (self.watch(facts) if self.watch else None) or ()
        wanted = int(self.ratio * (facts.ready - facts.reserved) + 1e-9)
        wanted -= len(facts.ringing) + len(facts.waiting)
        if self.limited:
            wanted = min(wanted, facts.free_channels, facts.calls_allowed, facts.leads_due)
        return Decision(max(0, wanted), tuple(cancel), self.why)

    def of(self, kind: type) -> list[Any]:
        """Return the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]
