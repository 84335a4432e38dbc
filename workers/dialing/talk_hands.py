"""What a call's machine asks for while a talk is on, done: music, keys, recording, third parties.

Orders that concern one agent's bridge are done one after the other, in the order in which they were
given: the next customer comes in only after the last third party is out (``Desk.turn``).
"""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from campaigns.abandon_messages import Listener, announcement
from campaigns.leads.call_parts import NewPart
from campaigns.settings import CampaignSettings
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.talk_gateway import KEY_MS, TalkGateway
from dialer.call import events as ev
from dialer.call import talk_commands as do
from dialer.call import talk_events as te
from dialer.call.recorded import piece_name
from dialer.call.states import Call
from dialer.call.talks import Layout
from dialer.ids import new_id
from workers.dialing.floor import Desk
from workers.dialing.party_lines import PartyLeft, PartyLines

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()


class TalkHands:
    """Hands of one campaign's calls for what their agents wish."""

    def __init__(self, parts: "Assembly") -> None:
        """Work with ``parts``, of which Asterisk's, the writer and the floor are there already."""
        self._parts = parts
        self.floor, self.writer, self.spawn = parts.floor, parts.writer, parts.voice.spawn
        self.gateway = TalkGateway(parts.connection, parts.gateway, parts.owner.campaign_id)

    def execute(self, call: Call, command: do.TalkCommand, settings: CampaignSettings) -> None:
        """Execute one command of a call."""
        match command:
            case do.Arrange():
                self.spawn(self._arrange(call.id, command))
            case do.DialParty():
                self.spawn(self._dial(call, command, settings))
            case do.EndParty():
                self.spawn(self._end_party(call.id, command))
            case do.SendKeys(digits):
                self.spawn(self._send_keys(call, digits))
            case do.PauseRecording() | do.ResumeRecording():
                self.spawn(self._record(call, command))
            case do.TellTaking(party_id, done):
                self._parts.monitors.taken(party_id, done=done)
            case do.PlayAnnouncement(agent_id):
                self.spawn(self._announce(call, agent_id, settings))
            case do.StopAnnouncement():
                self.spawn(self._stop_announcement(call.id))
            case do.StorePart(part):
                self.writer.add(NewPart(call.id, part))
                self.spawn(self._tell(call))

    async def _tell(self, call: Call) -> None:
        """Tell who listens, once what they will read is stored."""
        await self.writer.caught_up()
        self._parts.notices.talk_changed(call)

    def _turn(self, session_id: UUID | None) -> AbstractAsyncContextManager[Any]:
        desk = self.floor.desks.get(session_id) if session_id is not None else None
        return desk.turn if desk is not None else nullcontext()

    async def _arrange(self, call_id: UUID, order: do.Arrange) -> None:
        async with self._turn(order.agent_id):
            call = self.floor.calls.get(call_id)
            if call is None or call.talk.layout is not order.layout:
                return  # over, or another order follows
            desk = self.floor.desks.get(order.agent_id) if order.agent_id is not None else None
            done = await self._lay_out(call_id, order, desk)
        now = self.floor.clock.now()
        event = te.Arranged(now, order.layout) if done else te.NotArranged(now, order.layout)
        self.floor.feed_call(call_id, event)

    async def _lay_out(self, call_id: UUID, order: do.Arrange, desk: Desk | None) -> bool:
        """Have the legs together as ordered; False: it could not be done."""
        bridge_id = desk.bridge_id if desk is not None else None
        try:
            if order.layout is Layout.AWAY:
                if order.party_id is None:
                    return False
                await self.gateway.hand_over(call_id, order.party_id)
                return True
            if bridge_id is None:
                return False
            match order.layout:
                case Layout.ON_HOLD:
                    await self.gateway.hold(bridge_id, call_id)
                case Layout.PARTY_WITH_AGENT if order.party_id is not None:
                    await self.gateway.seat_party(bridge_id, order.party_id)
                case _:
                    await self.gateway.bring_back(bridge_id, call_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("talk.not_arranged", call_id=str(call_id), error=error.code)
            return False
        return True

    async def _dial(self, call: Call, order: do.DialParty, settings: CampaignSettings) -> None:
        try:
            target = settings.transfer_target(order.target)
            if target is not None:
                trunk, number = self._parts.trunk, call.caller_id
                if target.number is not None and not await self._has_line(call.id, order.party_id):
                    return
                endpoint = target.dialled(trunk.endpoint)
                await self.gateway.dial_party(call.id, order.party_id, endpoint, number)
                await self._unless_over(call.id, order.party_id)
                return
            error_code = "no_such_target"
        except (AriRefused, AriUnavailable) as error:
            error_code = error.code
        log.warning("party.not_dialled", call_id=str(call.id), error=error_code)
        self.floor.feed_call(call.id, te.PartyEnded(self.floor.clock.now(), order.party_id))

    async def _has_line(self, call_id: UUID, party_id: UUID) -> bool:
        lines = PartyLines(self.floor, self._parts.sessions, self.floor.clock)
        if await lines.take(self._parts.trunk, call_id, party_id):
            return True
        self.floor.feed_call(call_id, te.PartyRefused(self.floor.clock.now(), party_id))
        return False

    async def _unless_over(self, call_id: UUID, party_id: UUID) -> None:
        """End a third party's leg whose call was over before the leg was there."""
        call = self.floor.calls.get(call_id)
        if call is None or call.talk.party_id != party_id:
            await self.gateway.end_party(party_id, None)
            self.writer.add(PartyLeft(call_id, party_id))

    async def _end_party(self, call_id: UUID, order: do.EndParty) -> None:
        async with self._turn(order.agent_id):
            desk = self.floor.desks.get(order.agent_id) if order.agent_id is not None else None
            try:
                bridge_id = desk.bridge_id if desk is not None else None
                await self.gateway.end_party(order.party_id, bridge_id)
            except (AriRefused, AriUnavailable) as error:  # reconciliation finds it
                log.warning("party.not_ended", error=error.code)
            self.writer.add(PartyLeft(call_id, order.party_id))

    async def _send_keys(self, call: Call, digits: str) -> None:
        """Send the keys one by one: what follows must not wait for them in Asterisk."""
        async with self._turn(call.agent_id):
            for digit in digits:
                if call.id not in self.floor.calls:
                    return
                try:
                    await self.gateway.send_key(call.id, digit)
                except (AriRefused, AriUnavailable) as error:
                    log.warning("call.key_not_sent", call_id=str(call.id), error=error.code)
                    return
                await asyncio.sleep(2 * KEY_MS / 1000)

    async def _announce(self, call: Call, agent_id: UUID, settings: CampaignSettings) -> None:
        """Play in the agent's bridge: both hear it, and it is in the recording."""
        desk = self.floor.desks.get(agent_id)
        listener = Listener(call.language, call.caller_id)
        try:
            if desk is not None and desk.bridge_id is not None:
                media = announcement(settings.recording_announcements, listener)
                await self.gateway.announce(call.id, desk.bridge_id, media, call.language)
                return
        except (AriRefused, AriUnavailable) as error:
            log.warning("recording.not_announced", call_id=str(call.id), error=error.code)
        unheard = te.AnnouncementFinished(self.floor.clock.now(), heard=False)
        self.floor.feed_call(call.id, unheard)

    async def _stop_announcement(self, call_id: UUID) -> None:
        try:
            await self.gateway.stop_announcement(call_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("recording.announcement_goes_on", call_id=str(call_id), error=error.code)

    async def _record(self, call: Call, order: do.PauseRecording | do.ResumeRecording) -> None:
        async with self._turn(call.agent_id):
            try:
                if isinstance(order, do.PauseRecording):
                    await self.gateway.pause_recording(call.id)
                else:
                    folder = self._parts.deps.settings.asterisk_recordings_dir
                    file = str(PurePosixPath(folder) / piece_name(call.id, new_id()))
                    await self.gateway.resume_recording(call.id, file)
            except (AriRefused, AriUnavailable) as error:
                log.warning("recording.not_changed", call_id=str(call.id), error=error.code)
                failed = ev.RecordingFailed(self.floor.clock.now())
                self.floor.feed_call(call.id, failed)
