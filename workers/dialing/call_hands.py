"""What a call's machine asks for, done: through the gateway, the writer and the timers."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from campaigns.abandon_messages import Listener, confirmation, message
from campaigns.amd.verdicts import MessageLeft
from campaigns.leads.results import EndedCall
from campaigns.settings import CampaignSettings
from dialer.agent import events as agent_ev
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.gateway import Gateway, Prompt
from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call import talk_commands as talk_do
from dialer.call.recorded import kept_file
from dialer.call.states import Call
from workers.dialing import metrics
from workers.dialing.analysis_hands import AnalysisHands
from workers.dialing.floor import Floor
from workers.dialing.opt_outs import OptedOut
from workers.dialing.stored import ConnectedCall, Undisposed
from workers.dialing.talk_hands import TalkHands
from workers.dialing.timers import TimerKind
from workers.dialing.writer import Writer

log = structlog.get_logger()

Spawn = Callable[[Coroutine[Any, Any, None]], object]
#: A leg that should end and could not be ended is asked to end again this soon.
HANG_UP_RETRY_S = 1.0


@dataclass(slots=True)
class CallHands:
    """Hands of one campaign's calls."""

    floor: Floor
    gateway: Gateway
    writer: Writer
    spawn: Spawn
    on_ended: Callable[[Call], None]  #: for the trunk's record
    settings: CampaignSettings  #: for what is said to people without an agent
    talk: TalkHands
    analysis: AnalysisHands = field(init=False)

    def __post_init__(self) -> None:
        """Make the hands for machines."""
        self.analysis = AnalysisHands(self.floor, self.gateway, self.writer, self.spawn)

    def execute(self, call: Call, command: do.CallCommand) -> None:
        """Execute one command of a call."""
        match command:
            case do.RequestAgent():
                self.floor.offer(call.id)
            case do.StartRingTimer() | do.StartWaitTimer():
                self._start_timer(call.id, command)
            case do.StopRingTimer():
                self.floor.timers.stop(call.id, TimerKind.RING)
            case do.StopWaitTimer():
                self.floor.timers.stop(call.id, TimerKind.WAIT)
            case do.StartRecording():
                self.spawn(self._start_recording(call.id))
            case do.Connect(agent_id):
                self.spawn(self._connect(call.id, agent_id))
            case do.ReleaseAgent(agent_id, talked, missed):
                now = self.floor.clock.now()
                self.floor.feed_agent(agent_id, agent_ev.CallReleased(now, call.id, talked, missed))
            case do.MarkConnected(agent_id):
                self._mark_connected(call, agent_id)
            case do.PlayAbandonMessage() | do.PlayConfirmation() | do.OptOut():
                self._speak(call, command)
            case do.HangUp():
                self.spawn(self._hang_up(call.id))
            case do.StoreEnd():
                self._store_end(call)
            case _:
                self._others(call, command)

    def _others(self, call: Call, command: do.CallCommand) -> None:
        if isinstance(command, talk_do.TalkCommand):
            self.talk.execute(call, command, self.settings)
        else:
            self.analysis.execute(call, command, self.settings)

    def _start_timer(self, call_id: UUID, command: do.StartRingTimer | do.StartWaitTimer) -> None:
        rings = isinstance(command, do.StartRingTimer)
        kind, expired = (
            (TimerKind.RING, ev.RingExpired) if rings else (TimerKind.WAIT, ev.WaitExpired)
        )

        def due() -> None:
            self.floor.feed_call(call_id, expired(self.floor.clock.now()))

        self.floor.timers.start(call_id, kind, command.after_s, due)

    async def _start_recording(self, call_id: UUID) -> None:
        try:
            await self.gateway.start_recording(call_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("recording.failed", call_id=str(call_id), error=error.code)
            self.floor.feed_call(call_id, ev.RecordingFailed(self.floor.clock.now()))

    async def _connect(self, call_id: UUID, session_id: UUID) -> None:
        desk, missed = self.floor.desks.get(session_id), True
        try:
            # An agent whose leg is lost would leave the customer alone in the bridge.
            if desk is not None and desk.bridge_id is not None and desk.agent.leg_up:
                missed = False
                if self.settings.call_tone and desk.channel_id is not None:
                    self.spawn(self._beep(desk.channel_id))
                async with desk.turn:  # a third party of the call before is out first
                    await self.gateway.add_customer(desk.bridge_id, call_id)
                return
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.not_bridged", call_id=str(call_id), error=error.code)
        self.floor.feed_call(call_id, ev.BridgeFailed(self.floor.clock.now(), missed))

    async def _beep(self, channel_id: str) -> None:
        try:
            await self.gateway.beep(channel_id)
        except (AriRefused, AriUnavailable) as error:  # the call is there all the same
            log.info("agent.no_beep", error=error.code)

    def _mark_connected(self, call: Call, session_id: UUID) -> None:
        assert call.connected_at is not None  # noqa: S101 - the machine sets it with this command
        now = self.floor.clock.now()
        self.floor.feed_agent(session_id, agent_ev.CallConnected(now, call.id))
        self.writer.add(ConnectedCall(call.id, call.answered_at, call.connected_at, session_id))
        self.analysis.ask(call)
        if call.answered_at is not None:
            wait_s = (call.connected_at - call.answered_at).total_seconds()
            metrics.WAIT_SECONDS.observe(max(0.0, wait_s))

    def _speak(
        self, call: Call, command: do.PlayAbandonMessage | do.PlayConfirmation | do.OptOut
    ) -> None:
        match command:
            case do.OptOut():
                # The writer keeps it until the database takes it: an opt-out must not be lost.
                self.writer.add(OptedOut(call.id))
                log.info("call.opted_out", call_id=str(call.id))
            case do.PlayAbandonMessage():
                media = message(self.settings.abandon_messages, _listener(call))
                unheard = ev.MessageFinished(self.floor.clock.now(), heard=False)
                self.spawn(self._play(self.gateway.play_message, call, media, unheard))
            case do.PlayConfirmation():
                media = confirmation(self.settings.opt_out_confirmations, _listener(call))
                unsaid = ev.ConfirmationFinished(self.floor.clock.now())
                self.spawn(self._play(self.gateway.play_confirmation, call, media, unsaid))

    async def _play(
        self,
        play: Callable[[UUID, Prompt], Awaitable[None]],
        call: Call,
        media: str,
        otherwise: ev.CallEvent,
    ) -> None:
        """Play a prompt; its end comes as an event, or ``otherwise`` when it cannot be played."""
        try:
            if media:
                await play(call.id, Prompt(media, call.language))
                return
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.message_not_played", call_id=str(call.id), error=error.code)
        self.floor.feed_call(call.id, otherwise)

    async def _hang_up(self, call_id: UUID) -> None:
        try:
            there = await self.gateway.hang_up_customer(call_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.not_hung_up", call_id=str(call_id), error=error.code)
            self.floor.timers.start(
                call_id, TimerKind.HANG_UP_RETRY, HANG_UP_RETRY_S, lambda: self._again(call_id)
            )
            return
        if not there:
            self.floor.expect_gone(call_id)

    def _again(self, call_id: UUID) -> None:
        if call_id in self.floor.calls:
            self.spawn(self._hang_up(call_id))

    def _store_end(self, call: Call) -> None:
        assert call.outcome is not None  # noqa: S101 - the machine sets both with this command
        assert call.ended_at is not None  # noqa: S101
        self.floor.timers.stop(call.id, TimerKind.GONE_CHECK)
        self.floor.timers.stop(call.id, TimerKind.DIAL_LIMIT)
        self.floor.timers.stop(call.id, TimerKind.HANG_UP_RETRY)
        self.writer.add(
            EndedCall(
                attempt_id=call.id,
                outcome=call.outcome,
                ended_at=call.ended_at,
                rang_at=call.rang_at,
                answered_at=call.answered_at,
                connected_at=call.connected_at,
                ended_by=call.ended_by,
                cause=call.cause,
                sip_code=call.sip_code,
                agent_session_id=call.agent_id,
                recording_raw=kept_file(call),
                opted_out=call.opted_out,
            )
        )
        if call.message_left:
            self.writer.add(MessageLeft(call.id))
        if call.connected_at is not None and not self._is_in_hand(call):
            self.writer.add(
                Undisposed(call.id)
            )  # nobody will: the agent was lost, or is done with it
        metrics.CALLS_ENDED.labels(call.outcome.value).inc()
        _tell_the_story(call)
        self.on_ended(call)

    def _is_in_hand(self, call: Call) -> bool:
        """Tell whether an agent talks, or still works on a talk that went on without the agent."""
        if call.agent_id is not None:
            return True
        return any(desk.agent.call_id == call.id for desk in self.floor.desks.values())


def _listener(call: Call) -> Listener:
    return Listener(call.language, call.caller_id, call.policy.opt_out_key)


def _tell_the_story(call: Call) -> None:
    """Log a call's whole story in one line, without any number."""
    log.info(
        "call.ended",
        call_id=str(call.id),
        outcome=call.outcome.value if call.outcome else None,
        cause=call.cause,
        sip_code=call.sip_code,
        rang_s=_seconds(call.rang_at, call.answered_at or call.ended_at),
        waited_s=_seconds(call.answered_at, call.connected_at),
        talked_s=_seconds(call.connected_at, call.ended_at),
        session_id=str(call.agent_id) if call.agent_id else None,
        ended_by=call.ended_by,
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)
