"""Talks that their agents had steered somewhere, under a new owner or after a gap."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from dialer.ari import names
from dialer.ari.live import Live
from dialer.ari.messages import Channel
from dialer.ari.names import Role
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.states import Call, CallState
from dialer.call.talks import (
    OF_THE_RECORDING,
    PLAIN,
    WITH_PARTY,
    WITHOUT_AGENT,
    Part,
    PartKind,
    Recorder,
    Talk,
    TalkState,
)
from workers.dialing.floor import Floor


def restored(call: Call, parts: Sequence[Part], session_id: UUID | None) -> Call:
    """Return a call as the former owner had it, from the parts of its talk that are on."""
    if not parts or call.connected_at is None or session_id is None:
        return call
    gap = next((part for part in parts if part.kind is PartKind.UNRECORDED), None)
    announcing = next((part for part in parts if part.kind is PartKind.ANNOUNCED), None)
    part = next((part for part in parts if part.kind not in OF_THE_RECORDING), None)
    state = TalkState(part.kind.value) if part is not None else TalkState.TALKING
    recorder = Recorder.PAUSED if gap is not None else Recorder.RUNNING
    talk = Talk(state, part, gap, announcing=announcing, recorder=recorder, settling=True)
    if state in WITHOUT_AGENT:
        return replace(call, state=CallState.TRANSFERRED, talk=talk)
    return replace(call, state=CallState.CONNECTED, agent_id=session_id, talk=talk)


@dataclass(slots=True)
class TalkReconciler:
    """Compares talks with what Asterisk has."""

    floor: Floor
    end_legs: Callable[[Iterable[str]], None]

    def apply(self, live: Live, now: datetime, *, after_gap: bool) -> None:
        """Bring steered talks to their layouts after a gap; end third parties nobody wants."""
        parties = {leg.id: ch for leg, ch in live.channels if leg.role is Role.PARTY}
        if after_gap:
            for call in list(self.floor.calls.values()):
                if call.talk != PLAIN and call.state is not CallState.ENDED:
                    self._go_on(call, parties.get(call.id), now)
        self.end_legs(
            channel.id
            for leg, channel in live.channels
            if leg.role is Role.PARTY and not self._is_wanted(leg.id, channel.id)
        )

    def _is_wanted(self, attempt_id: UUID, channel_id: str) -> bool:
        call = self.floor.calls.get(attempt_id)
        return call is not None and call.talk.party_id == names.party_of(channel_id)

    def _go_on(self, call: Call, party: Channel | None, now: datetime) -> None:
        """Give the last order again; Asterisk may be at it, or not."""
        state = call.talk.state
        if call.talk.announcing is not None:  # whether it was heard to its end, nobody knows
            self.floor.feed_call(call.id, te.AnnouncementFinished(now, heard=False))
            call = self.floor.calls[call.id]
        if state in (*WITH_PARTY, *WITHOUT_AGENT):
            if party is None:
                self.floor.feed_call(call.id, te.PartyEnded(now, call.talk.party_id))
                return
            party_id = names.party_of(party.id)
            call = replace(call, talk=replace(call.talk, party_id=party_id))
            self.floor.calls[call.id] = call
            if party.state == "Up":
                self.floor.feed_call(call.id, te.PartyAnswered(now, party_id))
        call = self.floor.calls[call.id]
        if call.state is not CallState.TRANSFERRED:
            order = talk_do.Arrange(call.talk.layout, call.agent_id, call.talk.party_id)
            self.floor.call_hands.execute(call, order)
