"""Agents at work in the world: they come, talk, wrap up, pause, change campaigns and leave."""

from collections.abc import Callable, Sequence

from dialer.pacing.facts import FoundMachine, TalkEnded, WrapEnded
from dialer.simulator.pacing_lab.agents import Agent, Doing, lacking
from dialer.simulator.pacing_lab.clockwork import Clockwork
from dialer.simulator.pacing_lab.scenario import Scenario
from dialer.simulator.pacing_lab.side import Side

_BACK_LATER = (Doing.TALKING, Doing.WRAPPING, Doing.PAUSED)


class Floor:
    """The agents, and what they do next."""

    def __init__(
        self,
        scenario: Scenario,
        sides: Sequence[Side],
        clock: Clockwork,
        seed: int,
        on_ready: Callable[[Agent], None],
    ) -> None:
        """Plan every agent's day; ``on_ready`` takes an agent who is free and assigned."""
        self._scenario = scenario
        self._sides = sides
        self._clock = clock
        self._on_ready = on_ready
        self._weights = [side.campaign.weight for side in sides]
        self._to_stick = scenario.stuck.agents if scenario.stuck is not None else 0
        self._sticking_s = scenario.stuck.from_h * 3600 if scenario.stuck is not None else 0.0
        self.agents: list[Agent] = []
        self.lines = 0  #: of those who talk
        for shift in scenario.shifts:
            for _ in range(shift.agents):
                agent = Agent(len(self.agents), scenario, seed)
                self.agents.append(agent)
                clock.at(shift.from_h * 3600, self._come, agent)
                ends_s = scenario.seconds if shift.to_h is None else shift.to_h * 3600
                gone_s = min(ends_s, shift.from_h * 3600 + agent.stays_s())
                if gone_s < scenario.seconds:
                    clock.at(gone_s, self._leave, agent)

    def talk(
        self, agent: Agent, side: Side, talk_s: float, wrap_s: float, machine: int | None = None
    ) -> None:
        """Let a ready agent, already taken out of those who are, talk for this campaign.

        ``machine`` is the dial's number where it is one: the agent finds out and says so.
        """
        self._turn(agent, Doing.TALKING, side.number)
        agent.seen_s = self._clock.seen_s
        agent.pauses_s = agent.pause_s()
        agent.free_at_s = self._clock.now_s + talk_s + wrap_s + agent.pauses_s
        side.talking_s.append(agent.seen_s)
        self.lines += 1
        self._clock.later(talk_s, self._end_talk, (agent, wrap_s, machine))

    def free_in_s(self, side: Side) -> list[float]:
        """Return in how many seconds each busy or pausing agent of a campaign will be free."""
        now_s = self._clock.now_s
        return [
            agent.free_at_s - now_s
            for agent in self.agents
            if agent.doing in _BACK_LATER and agent.campaign == side.number and not agent.leaving
        ]

    def rebalance(self) -> None:
        """Give ready agents of campaigns that have no work to those that have."""
        now_s = self._clock.now_s
        idle = [side for side in self._sides if side.ready and not side.has_work(now_s)]
        if idle and any(side.has_work(now_s) for side in self._sides):
            for agent in [one for side in idle for one in side.ready]:
                self._sides[agent.campaign].ready.remove(agent)
                self.free(agent)

    def free(self, agent: Agent) -> None:
        """Assign an agent who has nothing to do to a campaign."""
        now_s = self._clock.now_s
        working = [side.number for side in self._sides if side.has_work(now_s)]
        assigned = [side.assigned for side in self._sides]
        self._turn(agent, Doing.READY, lacking(self._weights, assigned, working))
        self._on_ready(agent)

    def settle(self) -> None:
        """Book everybody's time up to now."""
        for agent in self.agents:
            self._turn(agent, agent.doing, agent.campaign)

    def _turn(self, agent: Agent, doing: Doing, campaign: int) -> None:
        now_s = self._clock.now_s
        self._sides[agent.campaign].ledger.spend(agent.doing, agent.since_s, now_s)
        agent.doing, agent.campaign, agent.since_s = doing, campaign, now_s

    def _end_talk(self, call: tuple[Agent, float, int | None]) -> None:
        agent, wrap_s, machine = call
        side = self._sides[agent.campaign]
        talk_s = self._clock.now_s - agent.since_s
        if not agent.leaving:
            side.talking_s.remove(agent.seen_s)
        self._turn(agent, Doing.WRAPPING, agent.campaign)
        self.lines -= 1
        agent.seen_s = self._clock.seen_s
        if not agent.leaving:
            side.wrapping_s.append(agent.seen_s)
        if machine is not None:
            side.controller.observe(FoundMachine(machine, self._clock.seen_s))
        side.controller.observe(TalkEnded(self._clock.seen_s, talk_s))
        if self._to_stick and self._clock.now_s >= self._sticking_s:
            self._to_stick -= 1
            agent.free_at_s = float("inf")
        else:
            self._clock.later(wrap_s, self._end_wrap, agent)

    def _end_wrap(self, agent: Agent) -> None:
        side = self._sides[agent.campaign]
        wrap_s = self._clock.now_s - agent.since_s
        pause_s = agent.pauses_s
        side.controller.observe(WrapEnded(self._clock.seen_s, wrap_s, pause_s > 0))
        if agent.leaving:
            side.leaving -= 1
            self._turn(agent, Doing.AWAY, agent.campaign)
            return
        side.wrapping_s.remove(agent.seen_s)
        if pause_s:
            self._turn(agent, Doing.PAUSED, agent.campaign)
            self._clock.later(pause_s, self._come, agent)
        else:
            self.free(agent)

    def _come(self, agent: Agent) -> None:
        if not agent.leaving:
            self.free(agent)

    def _leave(self, agent: Agent) -> None:
        side = self._sides[agent.campaign]
        agent.leaving = True
        match agent.doing:
            case Doing.READY:
                side.ready.remove(agent)
                self._turn(agent, Doing.AWAY, agent.campaign)
            case Doing.TALKING:
                side.talking_s.remove(agent.seen_s)
                side.leaving += 1
            case Doing.WRAPPING:
                side.wrapping_s.remove(agent.seen_s)
                side.leaving += 1
            case Doing.PAUSED | Doing.AWAY:
                self._turn(agent, Doing.AWAY, agent.campaign)
