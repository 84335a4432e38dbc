"""Agents' handsets: one UDP socket, many phones told apart by the user part they are called by."""

import random
from collections.abc import Callable, Iterable
from typing import Any

from dialer.simulator.sip import audio
from dialer.simulator.sip.call import Call, CallEvent, CallState
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.event_log import EventLog
from dialer.simulator.sip.media import MediaEngine
from dialer.simulator.sip.messages import Request
from dialer.simulator.sip.registration import Account, Registration
from dialer.simulator.sip.server_call import ServerCall

_NOT_FOUND, _UNAVAILABLE = 404, 480
_LOWEST_TONE_HZ = 600
_TONE_STEP_HZ = 25
_TONES = 100


def tone_of(index: int) -> int:
    """Return the tone in Hz of the ``index``-th phone: 600 to 3075, all different up to 100."""
    return _LOWEST_TONE_HZ + _TONE_STEP_HZ * (index % _TONES)


class Phone:
    """A handset that answers at once, sends its own tone and hears until told to hang up."""

    def __init__(self, user: str, tone_hz: int) -> None:
        self.user = user
        self.tone_hz = tone_hz
        self.call: Call | None = None
        self.registration: Registration | None = None
        self.calls_taken = 0
        self.is_away = False  #: refuses calls, as one that is switched off
        self.calls_replaced = 0  #: calls that came while one was on: after a crash, or a fault

    def take(self, call: ServerCall) -> None:
        """Answer a call. One that is on already is hung up: its other end may be long dead."""
        if self.call is not None:
            self.calls_replaced += 1
            self.call.hang_up()
        self.call = call
        self.calls_taken += 1
        call.answer().play(audio.clip(f"tone_{self.tone_hz}"))

    def dropped(self, call: Call) -> None:
        """Note that a call is over."""
        if self.call is call:
            self.call = None

    @property
    def on_call(self) -> bool:
        """Whether a call is answered and acknowledged."""
        return self.call is not None and self.call.state is CallState.UP

    def stats(self) -> dict[str, Any]:
        """Return what is known of this phone."""
        hearing = self.call.stream.hearing if self.call and self.call.stream else None
        return {
            "user": self.user,
            "tone_hz": self.tone_hz,
            "on_call": self.on_call,
            "registered": bool(self.registration and self.registration.registered),
            "calls_taken": self.calls_taken,
            "calls_replaced": self.calls_replaced,
            "packets_received": hearing.packets if hearing else 0,
        }


class PhoneBank:
    """All the phones of one SIP socket.

    Each call's ``invite``, ``answered``, ``sound_started``, ``bye_sent``, ``bye_received`` and
    ``ended`` are written to the log with ``call`` and ``user``.
    """

    def __init__(
        self,
        users: Iterable[str],
        log: EventLog,
        *,
        now: Callable[[], float],
        rng: random.Random,
        first_rtp_port: int = 0,
    ) -> None:
        self.phones = {user: Phone(user, tone_of(n)) for n, user in enumerate(users)}
        self._log = log
        media = MediaEngine(now=now, rng=rng, first_port=first_rtp_port)
        self.endpoint = SipEndpoint(media, rng, self._on_invite)

    async def start(self, port: int = 0) -> None:
        """Bind to 127.0.0.1; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        for phone in self.phones.values():
            audio.clip(f"tone_{phone.tone_hz}")
        await self.endpoint.start(port)

    def stop(self) -> None:
        """Fall silent at once, as if the handsets lost power."""
        for phone in self.phones.values():
            if phone.registration is not None:
                phone.registration.stop()
        self.endpoint.stop()
        self._log.close()

    @property
    def port(self) -> int:
        """The SIP port."""
        return self.endpoint.port

    def register(self, registrar: Address, password: str, *, expires_s: int = 120) -> None:
        """Register every phone, each under its own user name, and keep them registered."""
        for phone in self.phones.values():
            account = Account(registrar, phone.user, password, expires_s)
            phone.registration = Registration(self.endpoint, account)
            phone.registration.start()

    def _on_invite(self, invite: Request, source: Address) -> None:
        call = ServerCall(self.endpoint, invite, source, self._on_event)
        phone = self.phones.get(call.user)
        self._write(call, "invite", caller=call.caller)
        if phone is None:
            call.refuse(_NOT_FOUND)
        elif phone.is_away:
            call.refuse(_UNAVAILABLE)
        else:
            phone.take(call)

    def _on_event(self, call: Call, event: CallEvent) -> None:
        self._write(call, event.value)
        phone = self.phones.get(call.user)
        if phone is not None and event is CallEvent.ENDED:
            phone.dropped(call)

    def _write(self, call: Call, event: str, **facts: Any) -> None:
        self._log.write(event, call=call.call_id, user=call.user, **facts)
