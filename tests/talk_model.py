"""Hands of talks that only remember, for the model of a floor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from dialer.call import events as call_ev
from dialer.call import talk_commands as do
from dialer.call import talk_events as te
from dialer.call.states import Call
from dialer.call.talks import Layout

if TYPE_CHECKING:
    from tests.floor_model import Chance, FloorModel


@dataclass
class TalkModel:
    """Does what a call asks for while its talk is on, as ``workers.dialing.talk_hands`` does."""

    model: "FloorModel"

    def execute(self, call: Call, command: do.TalkCommand) -> None:
        """Put it under way; what is about an agent's bridge comes in its turn."""
        match command:
            case do.SendKeys() | do.StorePart() | do.TellTaking() | do.StopAnnouncement():
                pass
            case do.PlayAnnouncement():
                self.model.under_way.append(lambda well: self._announced(call.id, well))
            case do.DialParty(_, party_id):
                self.model.under_way.append(lambda well: self._dial(call.id, party_id, well))
            case do.EndParty(party_id, agent_id):
                self._in_turn(agent_id, lambda _well: self._end(party_id))
            case do.Arrange(_, agent_id):
                self._in_turn(agent_id, lambda well: self._arrange(call.id, command, well))
            case do.PauseRecording() | do.ResumeRecording():
                self._in_turn(call.agent_id, lambda well: self._record(call.id, command, well))

    def _in_turn(self, agent_id: UUID | None, act: "Chance") -> None:
        if agent_id is None:
            self.model.under_way.append(act)
        else:
            self.model.in_turn(agent_id, act)

    def _dial(self, call_id: UUID, party_id: UUID, well: bool) -> None:
        answer = te.PartyAnswered if well else te.PartyEnded
        self.model.floor.feed_call(call_id, answer(self.model.clock.now(), party_id))

    def _announced(self, call_id: UUID, well: bool) -> None:
        told = te.AnnouncementFinished(self.model.clock.now(), heard=well)
        self.model.floor.feed_call(call_id, told)

    def _end(self, party_id: UUID) -> None:
        self.model.parties.pop(party_id, None)

    def _arrange(self, call_id: UUID, order: do.Arrange, well: bool) -> None:
        model, now, layout = self.model, self.model.clock.now(), order.layout
        call = model.floor.calls.get(call_id)
        if call is None or call.talk.layout is not layout:
            return
        if not well:
            model.floor.feed_call(call_id, te.NotArranged(now, layout))
            return
        model.bridges.pop(call_id, None)
        if order.agent_id is not None and layout in (Layout.WITH_AGENT, Layout.ALL):
            model.bridges[call_id] = order.agent_id
        if order.party_id is not None and order.agent_id is not None:
            if layout is Layout.PARTY_WITH_AGENT:
                model.parties[order.party_id] = (order.agent_id, call_id)
            elif layout is Layout.AWAY:
                model.parties.pop(order.party_id, None)
        model.floor.feed_call(call_id, te.Arranged(now, layout))

    def _record(
        self, call_id: UUID, order: do.PauseRecording | do.ResumeRecording, well: bool
    ) -> None:
        model, now = self.model, self.model.clock.now()
        event: call_ev.CallEvent = call_ev.RecordingFailed(now)
        if well:
            model.bridges.pop(call_id, None)  # the dialplan has the leg for a moment
            pauses = isinstance(order, do.PauseRecording)
            event = te.RecordingPaused(now) if pauses else call_ev.RecordingStarted(now)
        model.floor.feed_call(call_id, event)
