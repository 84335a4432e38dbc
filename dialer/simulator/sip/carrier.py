"""A carrier on a UDP port: answers, rings and refuses calls as its population would."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from dialer.simulator.behaviour import Behaviour, BehaviourKind
from dialer.simulator.population import Population
from dialer.simulator.sip import audio
from dialer.simulator.sip.call import Call, CallEvent, CallState
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.event_log import EventLog
from dialer.simulator.sip.media import MediaEngine
from dialer.simulator.sip.messages import Request
from dialer.simulator.sip.server_call import ServerCall

#: Seconds from INVITE to 180 Ringing: what a network takes to find the telephone, cut short.
POST_DIAL_DELAY_S = 0.05
#: Greeting name that means: answer and send no audio at all.
NO_AUDIO = "none"

_ADDRESS_INCOMPLETE = 484


class Carrier:
    """One SIP socket behind which a population lives.

    ``now`` gives Unix seconds for the log; ``rng`` makes tags and RTP numbers only: what numbers do
    is the population's. ``first_rtp_port`` 0 lets the operating system choose.
    """

    def __init__(
        self,
        population: Population,
        log: EventLog,
        *,
        now: Callable[[], float],
        rng: random.Random,
        first_rtp_port: int = 0,
    ) -> None:
        self.population = population
        self._log = log
        media = MediaEngine(now=now, rng=rng, first_port=first_rtp_port)
        self.endpoint = SipEndpoint(media, rng, self._on_invite)
        self._times_called: Counter[str] = Counter()
        self._live: dict[str, ServerCall] = {}
        self.answered = 0
        self.behaviours: Counter[str] = Counter()

    async def start(self, port: int = 0) -> None:
        """Make the clips and bind to 127.0.0.1; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        audio.prepare()
        await self.endpoint.start(port)

    def stop(self) -> None:
        """Fall silent at once, as a carrier that loses power."""
        self.endpoint.stop()
        self._log.close()

    @property
    def port(self) -> int:
        """The SIP port."""
        return self.endpoint.port

    def live(self, number: str = "*") -> list[ServerCall]:
        """Return the calls alive to a number (with or without +), or all for ``*``."""
        wanted = number.removeprefix("+")
        return [c for c in self._live.values() if number == "*" or _bare(c) == wanted]

    def stats(self) -> dict[str, Any]:
        """Return counts since the start, and of the calls alive."""
        states = Counter(call.state for call in self._live.values())
        return {
            "invites": self._times_called.total(),
            "answered": self.answered,
            "live": len(self._live),
            "talking": states[CallState.UP] + states[CallState.ANSWERED],
            "behaviours": dict(self.behaviours),
            "malformed": self.endpoint.malformed,
            "packets_lost": self.endpoint.media.packets_lost,
        }

    def _on_invite(self, invite: Request, source: Address) -> None:
        call = ServerCall(self.endpoint, invite, source, self._on_event)
        self._live[call.call_id] = call
        self._times_called[_bare(call)] += 1
        nth = self._times_called[_bare(call)]
        try:
            behaviour = self.population.behaviour(call.user, nth)
            if behaviour.greeting != NO_AUDIO:
                audio.clip(behaviour.greeting)
        except ValueError:
            # A mistyped test user part or clip name: refused loudly, not drawn at random.
            behaviour = Behaviour(BehaviourKind.INVALID, sip_code=_ADDRESS_INCOMPLETE)
        self.behaviours[behaviour.kind.value] += 1
        self._write(call, "invite", caller=call.caller, nth=nth, behaviour=behaviour.kind.value)
        self._act(call, behaviour)

    def _act(self, call: ServerCall, behaviour: Behaviour) -> None:
        """Start what the behaviour says; the rest follows by timers."""
        kind = behaviour.kind
        rings = kind in (
            BehaviourKind.ANSWER,
            BehaviourKind.MACHINE,
            BehaviourKind.NO_ANSWER,
            BehaviourKind.REJECT,
        )
        if rings:
            usual_s = min(POST_DIAL_DELAY_S, behaviour.ring_s or POST_DIAL_DELAY_S)
            call.after(behaviour.setup_s or usual_s, call.ring)
        elif kind is BehaviourKind.EARLY_MEDIA_BUSY:
            call.early_media().play(audio.clip("busy_tone"))
        if kind in (BehaviourKind.ANSWER, BehaviourKind.MACHINE):
            call.after(behaviour.ring_s, lambda: self._answer(call, behaviour))
        elif behaviour.ring_s or kind not in (BehaviourKind.NO_ANSWER, BehaviourKind.SILENT):
            call.after(behaviour.ring_s, lambda: call.refuse(behaviour.final_code))

    def _answer(self, call: ServerCall, behaviour: Behaviour) -> None:
        stream = call.answer()
        if behaviour.greeting != NO_AUDIO:
            greeting = audio.clip(behaviour.greeting)
            person = behaviour.kind is BehaviourKind.ANSWER
            stream.play(greeting, audio.clip("speech" if person else "silence"))
        if behaviour.talk_s:
            call.after(behaviour.talk_s, call.hang_up)

    def _on_event(self, call: Call, event: CallEvent) -> None:
        match event:
            case CallEvent.REFUSED:
                self._write(call, "final", code=call.final_code)
            case CallEvent.SOUND_STARTED:
                self._note_sound(call)
            case CallEvent.ENDED:
                self._live.pop(call.call_id, None)
                self._write(call, "ended", **_heard(call))
            case _:
                self.answered += event is CallEvent.ANSWERED
                self._write(call, event.value)

    def _note_sound(self, call: Call) -> None:
        if call.stream is not None and call.stream.hearing.sounds == 1:
            self._write(call, "first_rtp")

    def _write(self, call: Call, event: str, **facts: Any) -> None:
        self._log.write(event, call=call.call_id, number=call.user, **facts)


def _bare(call: Call) -> str:
    return call.user.removeprefix("+")


def _heard(call: Call) -> dict[str, Any]:
    if call.stream is None:
        return {"packets_received": 0, "longest_gap_ms": 0.0, "digits": ""}
    hearing = call.stream.hearing
    return {
        "packets_received": hearing.packets,
        "longest_gap_ms": round(hearing.longest_gap_ms(), 1),
        "digits": hearing.digits,
    }
