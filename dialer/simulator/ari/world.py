"""The world behind ARI: channels, bridges and prompts, and what happens to them.

The times of people, prompts and the dialplan are divided by ``speed``. Times that a client asked for
(the dial timeout) and the network's own limits are not, as with a real Asterisk and a fast carrier.
"""

from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.causes import CALLEE_LEFT, SPIED_LEFT, Ending
from dialer.simulator.ari.channels import Channel, Channels
from dialer.simulator.ari.dialplan import DIALPLAN, Context
from dialer.simulator.ari.events import Events
from dialer.simulator.ari.media import Playback
from dialer.simulator.ari.people import AGENT_PHONE, People
from dialer.simulator.behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class Invite:
    """One invitation sent to the carrier, as the carrier's own log has it."""

    at: str  #: ARI timestamp
    number: str
    trunk: str
    channel_id: str
    nth_call: int
    variables: Mapping[str, str]


class World:
    """Everything that is alive, and the laws it follows.

    ``on_invite`` hears of each customer dialled; ``media_s`` says how many seconds of the world a
    prompt lasts, none for a file that does not exist.
    """

    def __init__(
        self,
        *,
        loop: AbstractEventLoop,
        events: Events,
        people: People,
        speed: float = 1.0,
        shown: tuple[str, ...] = ("OD_ROLE", "OD_ID", "OD_CAMPAIGN"),
    ) -> None:
        self.loop = loop
        self.events = events
        self.people = people
        self.speed = speed
        #: divides the time-outs of dials too, where a test wants unanswered calls to end soon
        self.dial_speed = 1.0
        self.shown = shown
        self.agent_phone: Callable[[str], Behaviour] = lambda _name: AGENT_PHONE
        self.dialplan: dict[str, Context] = dict(DIALPLAN)
        self.media_s: Callable[[str], float | None] = lambda _media: 1.0
        self.unregistered: set[str] = set()  #: agents' endpoints without a phone
        self.channels = Channels()
        self.bridges: dict[str, Bridge] = {}
        self.past_bridges: set[str] = set()  #: ids that may not be used again yet
        self.playbacks: dict[str, Playback] = {}
        self.invites: list[Invite] = []
        self.calls: Counter[str] = Counter()
        self.on_invite: Callable[[Invite], None] = lambda _invite: None
        self.started_at = events.timestamps.now()
        self._serial = 0

    def serial(self) -> int:
        """Return the next number of this Asterisk, for names and ids."""
        self._serial += 1
        return self._serial

    def after(self, channel: Channel, delay_s: float, act: Callable[[Channel], None]) -> None:
        """Let something happen to the channel in ``delay_s`` of the world, if it lives until then."""
        self.after_real(channel, delay_s / self.speed, act)

    def after_real(self, channel: Channel, delay_s: float, act: Callable[[Channel], None]) -> None:
        """Let something happen to the channel in ``delay_s``, at any speed of the world."""
        channel.timers.append(self.loop.call_later(delay_s, act, channel))

    def soon(self, channel: Channel, act: Callable[[Channel], None]) -> None:
        """Let something happen once the present request has been answered."""
        self.loop.call_soon(self._if_alive, channel, act)

    def _if_alive(self, channel: Channel, act: Callable[[Channel], None]) -> None:
        if self.channels.get(channel.id) is channel:
            act(channel)

    def tell(self, channel: Channel, kind: str, **facts: object) -> None:
        """Send an event about the channel to the application that owns it."""
        self.events.emit(channel.app, kind, **facts, channel=channel.snapshot())

    def enter_stasis(self, channel: Channel) -> None:
        """Put the channel into its application."""
        channel.in_stasis = True
        channel.changed()
        self.tell(channel, "StasisStart", args=channel.app_args)

    def leave_stasis(self, channel: Channel) -> None:
        """Take the channel out of its bridge and its application."""
        self.leave_bridge(channel)
        if channel.in_stasis:
            channel.in_stasis = False
            channel.changed()
            self.tell(channel, "StasisEnd")

    def leave_bridge(self, channel: Channel) -> None:
        """Take the channel out of the bridge it is in, if any."""
        bridge = channel.bridge
        if bridge is None:
            return
        channel.bridge = None
        del bridge.members[channel.id]
        bridge.changed()
        self.tell_of_bridge("ChannelLeftBridge", bridge, channel)

    def enter_bridge(self, channel: Channel, bridge: Bridge) -> None:
        """Move the channel into the bridge, out of any other."""
        if channel.bridge is bridge:
            return
        self.leave_bridge(channel)
        channel.bridge = bridge
        bridge.members[channel.id] = channel
        bridge.app = bridge.app or channel.app
        bridge.changed()
        self.tell_of_bridge("ChannelEnteredBridge", bridge, channel)

    def tell_of_bridge(self, kind: str, bridge: Bridge, channel: Channel | None = None) -> None:
        """Send an event about a bridge to its application, and to that of the channel concerned."""
        facts: dict[str, object] = {"bridge": bridge.snapshot()}
        if channel is not None:
            facts["channel"] = channel.snapshot()
        self.events.emit(bridge.app, kind, **facts)
        if channel is not None and channel.app != bridge.app:
            self.events.emit(channel.app, kind, **facts)

    def hang_up(self, channel: Channel, ending: Ending) -> None:
        """End the channel: whoever owns it is told in Asterisk's order."""
        if not self.channels.remove(channel):
            return
        channel.quiet()
        tech = {} if ending.tech_cause is None else {"tech_cause": ending.tech_cause}
        if ending.requested:
            self._announce_end(channel, ending, tech)
        for playback in list(channel.playbacks):
            self.end_playback(playback, "failed")
        self.leave_stasis(channel)
        # A leg that was moved is not among what its application listens to, unless it asked (measured).
        facts = {"cause": ending.cause, "cause_txt": ending.text, **tech}
        for application in channel.listeners:
            self.events.emit(application, "ChannelDestroyed", **facts, channel=channel.snapshot())
        for snoop in channel.snoops:  # they hear nothing any more, wherever they are
            self.soon(snoop, partial(self.hang_up, ending=SPIED_LEFT))

    def _announce_end(self, channel: Channel, ending: Ending, tech: dict[str, int]) -> None:
        if channel.dialled and not channel.is_up:
            self.tell_dial(channel, ending.dial_result)
        known = {} if ending is CALLEE_LEFT else {"cause": ending.cause}
        self.tell(channel, "ChannelHangupRequest", **known, **tech)

    def tell_dial(self, channel: Channel, result: str) -> None:
        """Send a Dial event: the channel is the one being dialled."""
        self.events.emit(
            channel.app,
            "Dial",
            dialstatus=result,
            dialstring=f"{channel.number}@{channel.trunk}" if channel.trunk else channel.number,
            forward="",
            peer=channel.snapshot(),
        )

    def queue_playback(self, playback: Playback, channel: Channel | None = None) -> None:
        """Play a prompt, after those the channel still has to hear."""
        self.playbacks[playback.id] = playback
        if channel is not None:
            channel.playbacks.append(playback)
        if channel is None or len(channel.playbacks) == 1:
            self.loop.call_soon(self._start_playback, playback)

    def _start_playback(self, playback: Playback) -> None:
        if playback.id not in self.playbacks:
            return
        playback.state = "playing"
        self.events.emit(playback.app, "PlaybackStarted", playback=playback.as_ari())
        lasts_s = self.media_s(playback.media)
        if lasts_s is None:
            self.end_playback(playback, "failed")
        elif not playback.media.startswith("tone:"):  # which sounds until somebody stops it
            end = partial(self.end_playback, playback, "done")
            playback.timer = self.loop.call_later(lasts_s / self.speed, end)

    def end_playback(self, playback: Playback, state: str) -> None:
        """Stop a prompt, tell of it, and let the requests go on that waited for it."""
        if self.playbacks.pop(playback.id, None) is None:
            return
        if playback.timer is not None:
            playback.timer.cancel()
        channel = self.channels.get(playback.target.removeprefix("channel:"))
        if channel is not None:
            channel.playbacks.remove(playback)
            if channel.playbacks and playback.state == "playing":
                self.loop.call_soon(self._start_playback, channel.playbacks[0])
        playback.state = state
        self.events.emit(playback.app, "PlaybackFinished", playback=playback.as_ari())
        for go_on in playback.waiting:
            self.loop.call_soon(go_on)

    def forget(self) -> None:
        """Lose everything, as a restart does: nobody is told."""
        self.channels.clear()
        for playback in self.playbacks.values():
            if playback.timer is not None:
                playback.timer.cancel()
        self.playbacks.clear()
        self.bridges.clear()
        self.past_bridges.clear()
        self.events.applications.clear()
        self.started_at = self.events.timestamps.now()
