"""The real floor with hands that only remember: every interleaving can be played without Asterisk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from dialer.agent import commands as agent_do
from dialer.agent import events as agent_ev
from dialer.agent.states import Agent, AgentPolicy, AgentState
from dialer.call import commands as call_do
from dialer.call import events as call_ev
from dialer.call import talk_commands as talk_do
from dialer.call.states import Call, CallOutcome, CallPolicy
from dialer.call.verdicts import Verdict
from dialer.clock import FrozenClock
from tests.machine_events import START
from tests.talk_model import TalkModel
from workers.dialing.floor import Desk, Floor
from workers.dialing.timers import TimerKind, Timers

Chance = Callable[[bool], None]  #: done when it is run: well (True) or badly


class ManualTimers(Timers):
    """Timers that fire when the test says so, in any order."""

    def __init__(self) -> None:
        """Begin without timers."""
        super().__init__()
        self.due: dict[tuple[UUID, TimerKind], Callable[[], None]] = {}

    def start(self, owner: UUID, kind: TimerKind, after_s: float, due: Callable[[], None]) -> None:
        """Remember what to call."""
        self.due[owner, kind] = due

    def stop(self, owner: UUID, kind: TimerKind) -> None:
        """Forget it."""
        self.due.pop((owner, kind), None)

    def fire(self, key: tuple[UUID, TimerKind]) -> None:
        """Let one timer fire."""
        self.due.pop(key)()


@dataclass
class FloorModel:
    """A floor, what Asterisk still has to answer, and who is in whose bridge."""

    clock: FrozenClock = field(default_factory=lambda: FrozenClock(START))
    under_way: list[Chance] = field(default_factory=list)  #: requests without an answer yet
    bridges: dict[UUID, UUID] = field(default_factory=dict)  #: call -> agent
    parties: dict[UUID, tuple[UUID, UUID]] = field(
        default_factory=dict
    )  #: third parties in agents' bridges: the agent and the call
    turns: dict[UUID, list[Chance]] = field(default_factory=dict)  #: by agent, in order
    ends: list[tuple[UUID, CallOutcome | None]] = field(default_factory=list)
    timers: ManualTimers = field(default_factory=ManualTimers)

    def __post_init__(self) -> None:
        """Put hands on the floor."""
        self.floor = Floor(self.clock, changed=lambda: None, timers=self.timers)
        self.floor.call_hands = CallModel(self)
        self.floor.agent_hands = AgentModel(self)

    def add_agent(self, session_id: UUID) -> None:
        """Begin a shift with the leg up."""
        self.floor.desks[session_id] = Desk(Agent(session_id, AgentPolicy()), "PJSIP/agent")
        self.floor.feed_agent(session_id, agent_ev.SignedIn(self.clock.now()))

    def add_call(self, call_id: UUID, policy: CallPolicy) -> None:
        """Begin a call."""
        self.floor.calls[call_id] = Call(call_id, policy, may_leave_message=True)

    def hang_up(self, call_id: UUID) -> None:
        """Let the customer's leg end."""
        self.bridges.pop(call_id, None)
        self.floor.feed_call(call_id, call_ev.HungUp(self.clock.now(), 16))

    def in_turn(self, agent_id: UUID, act: Chance) -> None:
        """Put a request under way that comes after all others about the agent's bridge."""
        turn = self.turns.setdefault(agent_id, [])
        turn.append(act)

        def chance(well: bool) -> None:
            while act in turn:
                turn.pop(0)(well)

        self.under_way.append(chance)

    def run(self, index: int, *, well: bool) -> None:
        """Answer one request that is under way."""
        self.clock.advance(timedelta(milliseconds=1).total_seconds())
        self.under_way.pop(index)(well)


@dataclass
class CallModel:
    """Hands of calls."""

    model: FloorModel

    def execute(self, call: Call, command: call_do.CallCommand) -> None:
        """Do it at once, or put it under way."""
        model, floor, now = self.model, self.model.floor, self.model.clock.now()
        if isinstance(command, talk_do.TalkCommand):
            TalkModel(model).execute(call, command)
            return
        if isinstance(command, call_do.Connect):
            model.in_turn(command.agent_id, lambda well: self._answer(call, command, well))
            return
        match command:
            case call_do.RequestAgent():
                floor.offer(call.id)
            case call_do.StartWaitTimer(after_s):
                expired = call_ev.WaitExpired(now + timedelta(seconds=after_s))
                wait = TimerKind.WAIT
                model.timers.start(
                    call.id, wait, after_s, lambda: floor.feed_call(call.id, expired)
                )
            case call_do.StopWaitTimer():
                model.timers.stop(call.id, TimerKind.WAIT)
            case call_do.StartRingTimer(after_s):
                rung = call_ev.RingExpired(now + timedelta(seconds=after_s))
                model.timers.start(
                    call.id, TimerKind.RING, after_s, lambda: floor.feed_call(call.id, rung)
                )
            case call_do.StopRingTimer():
                model.timers.stop(call.id, TimerKind.RING)
            case call_do.ReleaseAgent(agent_id, talked, missed):
                floor.feed_agent(agent_id, agent_ev.CallReleased(now, call.id, talked, missed))
            case call_do.MarkConnected(agent_id):
                floor.feed_agent(agent_id, agent_ev.CallConnected(now, call.id))
            case call_do.OptOut() | call_do.EndAnalysis() | call_do.StoreVerdict():
                pass
            case call_do.StoreEnd():
                model.ends.append((call.id, call.outcome))
            case _:
                model.under_way.append(lambda well: self._answer(call, command, well))

    def _answer(self, call: Call, command: call_do.CallCommand, well: bool) -> None:
        floor, now = self.model.floor, self.model.clock.now()
        if call.id not in floor.calls:  # the leg is gone: Asterisk refuses, nobody listens
            return
        match command:
            case call_do.StartRecording():
                event = call_ev.RecordingStarted(now) if well else call_ev.RecordingFailed(now)
                floor.feed_call(call.id, event)
            case call_do.Connect(agent_id) if well:
                self.model.bridges[call.id] = agent_id
                floor.feed_call(call.id, call_ev.Bridged(now))
            case call_do.Connect():
                floor.feed_call(call.id, call_ev.BridgeFailed(now))
            case call_do.PlayAbandonMessage():
                floor.feed_call(call.id, call_ev.MessageFinished(now, heard=well))
            case call_do.StartAnalysis():
                found = Verdict.MACHINE if well else Verdict.HUMAN
                floor.feed_call(call.id, call_ev.AnalysisFinished(now, found))
            case call_do.AwaitGreetingEnd():
                self.model.bridges.pop(call.id, None)
                floor.feed_call(call.id, call_ev.LeftBridge(now))
                floor.feed_call(call.id, call_ev.GreetingOver(now, silent=well))
            case call_do.LeaveMessage():
                floor.feed_call(call.id, call_ev.MessageFinished(now, heard=well))
            case call_do.PlayConfirmation():
                floor.feed_call(call.id, call_ev.ConfirmationFinished(now))
            case _:
                self.model.hang_up(call.id)


@dataclass
class AgentModel:
    """Hands of agents."""

    model: FloorModel

    def execute(self, desk: Desk, command: agent_do.AgentCommand) -> None:
        """Do it at once, or put it under way."""
        session_id, floor, now = desk.agent.id, self.model.floor, self.model.clock.now()
        match command:
            case agent_do.DialLeg() | agent_do.RedialLeg():
                self.model.under_way.append(lambda well: self._leg(session_id, well))
            case agent_do.RetryLegAfter(after_s):
                retry = agent_ev.LegRetryDue(now + timedelta(seconds=after_s))
                self._later(session_id, TimerKind.LEG_RETRY, retry)
            case agent_do.GiveUpLegAfter(after_s):
                limit = agent_ev.LegGivenUp(now + timedelta(seconds=after_s))
                self._later(session_id, TimerKind.LEG_LIMIT, limit)
            case agent_do.StopLegTimers():
                self.model.timers.stop(session_id, TimerKind.LEG_RETRY)
                self.model.timers.stop(session_id, TimerKind.LEG_LIMIT)
            case agent_do.StartWrapUpTimer(call_id, after_s):
                expired = agent_ev.WrapUpExpired(now + timedelta(seconds=after_s), call_id)
                self._later(session_id, TimerKind.WRAP_UP, expired)
            case agent_do.StopWrapUpTimer():
                self.model.timers.stop(session_id, TimerKind.WRAP_UP)
            case agent_do.EndCall(call_id, by):
                floor.feed_call(call_id, call_ev.HangUpRequested(now, by))
            case agent_do.StoreState() if desk.agent.state is AgentState.OFFLINE:
                floor.desks.pop(session_id, None)
            case _:
                pass

    def seat(self, desk: Desk, channel_id: str) -> None:
        """Legs come up seated here."""
        self._leg(desk.agent.id, well=True)

    def welcome(self, desk: Desk) -> None:
        """Nobody is handed over here."""

    def _later(self, owner: UUID, kind: TimerKind, event: agent_ev.AgentEvent) -> None:
        floor = self.model.floor
        self.model.timers.start(owner, kind, 0, lambda: floor.feed_agent(owner, event))

    def _leg(self, session_id: UUID, well: bool) -> None:
        now = self.model.clock.now()
        if well:
            self.model.floor.feed_agent(session_id, agent_ev.LegUp(now))
        else:
            self.model.floor.lose_leg(session_id, now)
