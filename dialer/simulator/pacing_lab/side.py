"""One campaign in the laboratory: its calls and agents, as its controller may see them."""

from bisect import bisect_left
from collections import deque
from typing import Protocol

from dialer.pacing.facts import Decision, PacingEvent, PacingFacts, RingingCall, WaitingPerson
from dialer.simulator.pacing_lab.agents import Agent
from dialer.simulator.pacing_lab.ledger import Ledger
from dialer.simulator.pacing_lab.people import Dial, People
from dialer.simulator.pacing_lab.scenario import Campaign

#: Stands for "no limit" where a controller wants a number.
MANY = 1_000_000
#: So many of the next leads' segments are told.
_LOOK_AHEAD = 64


class Controller(Protocol):
    """What the laboratory and production ask alike."""

    def observe(self, event: PacingEvent) -> None:
        """Take note of what happened."""

    def decide(self, facts: PacingFacts) -> Decision:
        """Return what to do now. The facts' lists live on: they must not be kept."""


class Side:
    """The state of one campaign. Lists are kept as the facts want them, so a decision copies none."""

    def __init__(
        self, number: int, campaign: Campaign, controller: Controller, seconds: float, seed: int
    ) -> None:
        self.number = number
        self.campaign = campaign
        self.controller = controller
        self.people = People(campaign, seconds, seed, number)
        self.ledger = Ledger(seconds)
        self.dials: dict[int, Dial] = {}  #: that ring
        self.ringing: list[RingingCall] = []
        self._ringing_ids: list[int] = []
        self.waiting: list[WaitingPerson] = []
        self.waiters: list[Dial] = []  #: beside ``waiting``
        self.ready: deque[Agent] = deque()
        self.talking_s: list[float] = []
        self.wrapping_s: list[float] = []
        self.leaving = 0
        self.reserved = 0  #: agents wanted for callbacks
        self.placed = 0
        self.from_s = campaign.from_h * 3600
        self.to_s = seconds if campaign.to_h is None else min(seconds, campaign.to_h * 3600)

    @property
    def assigned(self) -> int:
        """Agents who work for this campaign and will go on."""
        return len(self.ready) + len(self.talking_s) + len(self.wrapping_s)

    @property
    def unreserved(self) -> int:
        """Ready agents whom no callback awaits."""
        return max(0, len(self.ready) - self.reserved)

    def leads_due(self, at_s: float) -> int:
        """Return how many leads may be dialled."""
        if not self.from_s <= at_s < self.to_s:
            return 0
        size = self.campaign.list_size
        return MANY if size is None else size - self.placed

    def has_work(self, at_s: float) -> bool:
        """Tell whether it can use agents."""
        return bool(self.ringing or self.waiting or self.leads_due(at_s))

    def facts(self, at_s: float, seen_s: float, channels: int, calls_allowed: int) -> PacingFacts:
        """Return what its controller sees."""
        leads = self.leads_due(at_s)
        segments = (
            self.people.next_segments(self.placed, min(leads, _LOOK_AHEAD))
            if len(self.campaign.segments) > 1
            else ()
        )
        ready = len(self.ready)
        return PacingFacts(
            at_s=seen_s,
            ready=ready,
            talking_since_s=self.talking_s,
            wrapping_since_s=self.wrapping_s,
            ringing=self.ringing,
            waiting=self.waiting,
            free_channels=channels,
            calls_allowed=calls_allowed,
            leads_due=leads,
            next_segments=segments,
            reserved=min(ready, self.reserved),
            leaving=self.leaving,
        )

    def place(self, at_s: float, seen_s: float) -> Dial:
        """Dial the next lead."""
        dial = self.people.dial(self.placed, at_s)
        self.placed += 1
        self.dials[dial.number] = dial
        self.ringing.append(RingingCall(dial.number, seen_s, dial.segment))
        self._ringing_ids.append(dial.number)
        self.ledger.count(self.ledger.dialled, at_s)
        return dial

    def stop_ringing(self, dial: Dial) -> None:
        """Take a dial out of those that ring."""
        del self.dials[dial.number]
        at = bisect_left(self._ringing_ids, dial.number)
        del self._ringing_ids[at]
        del self.ringing[at]

    def let_wait(self, dial: Dial, seen_s: float) -> None:
        """Put an answered person behind those who wait for an agent."""
        self.waiting.append(WaitingPerson(dial.number, seen_s))
        self.waiters.append(dial)

    def stop_waiting(self, dial: Dial) -> bool:
        """Take a person out of those who wait; return whether they still did."""
        if dial not in self.waiters:
            return False
        at = self.waiters.index(dial)
        del self.waiters[at]
        del self.waiting[at]
        return True
