"""What another process may order of a running carrier or of phones.

Orders are objects with ``do``; calls are chosen by ``number`` (carrier) or ``user`` (phones), ``*``
meaning all. ``bye``, ``dtmf`` (``digits``), ``play`` (``clip``) and ``mute`` (send no packets until
``play``) answer with ``calls``, how many they reached. Phones that are ``away`` refuse calls until they are
``back``. ``hear`` (``hz``: tones to look for; ``reset``: start the gap record anew) answers with what
is heard, a list. ``stats`` answers with counts. The carrier also takes ``profile`` (a name or a
profile's values: what numbers do from the next INVITE on).
"""

from collections.abc import Iterable
from typing import Any

from dialer.simulator.population import PROFILES, Population, PopulationProfile
from dialer.simulator.sip import audio
from dialer.simulator.sip.call import Call
from dialer.simulator.sip.carrier import Carrier
from dialer.simulator.sip.control import Answer, Order
from dialer.simulator.sip.phone import PhoneBank


def obey_as_carrier(carrier: Carrier, order: Order) -> Answer:
    """Carry out one order to a carrier.

    Raises:
        KeyError: a field is missing.
        ValueError: a value is not understood.
    """
    match order["do"]:
        case "stats":
            return carrier.stats()
        case "profile":
            profile = read_profile(order["profile"])
            carrier.population = Population(
                profile, int(order.get("seed", carrier.population.seed))
            )
            return {"profile": profile.name}
        case _:
            return _obey_on_calls(carrier.live(str(order["number"])), order)


def obey_as_phones(bank: PhoneBank, order: Order) -> Answer:
    """Carry out one order to phones.

    Raises:
        KeyError: a field is missing.
        ValueError: a value is not understood.
    """
    if order["do"] == "stats":
        return {"phones": [phone.stats() for phone in bank.phones.values()]}
    user = str(order["user"])
    phones = list(bank.phones.values()) if user == "*" else [bank.phones[user]]
    if order["do"] in ("away", "back"):
        for phone in phones:
            phone.is_away = order["do"] == "away"
        return {"calls": 0}
    return _obey_on_calls([phone.call for phone in phones if phone.call], order)


def read_profile(value: Any) -> PopulationProfile:
    """Return a profile given by name or by its values.

    Raises:
        KeyError: there is no profile of that name, or the values hold no shares.
        ValueError: a value is out of range.
    """
    return PROFILES[value] if isinstance(value, str) else PopulationProfile.from_dict(value)


def _obey_on_calls(calls: Iterable[Call], order: Order) -> Answer:
    reached = [call for call in calls if call.stream is not None or order["do"] == "bye"]
    match order["do"]:
        case "bye":
            for call in reached:
                call.hang_up()
        case "dtmf":
            for call in reached:
                _press(call, str(order["digits"]))
        case "mute":
            for call in reached:
                _mute(call)
        case "play":
            clip = audio.clip(order["clip"])
            for call in reached:
                _play(call, clip)
        case "hear":
            hz, reset = order.get("hz", []), bool(order.get("reset", False))
            return {"calls": len(reached), "heard": [_hear(call, hz, reset) for call in reached]}
        case unknown:
            raise ValueError(f"unknown order: {unknown}")
    return {"calls": len(reached)}


def _mute(call: Call) -> None:
    if call.stream is not None:
        call.stream.fall_silent()


def _press(call: Call, digits: str) -> None:
    if call.stream is not None:
        call.stream.press(digits)


def _play(call: Call, clip: audio.Clip) -> None:
    if call.stream is not None:
        call.stream.play(clip)


def _hear(call: Call, tones_hz: Iterable[float], reset: bool) -> dict[str, Any]:
    if call.stream is None:
        return {}
    hearing = call.stream.hearing
    heard = hearing.listen()
    facts = {
        "user": call.user,
        "call": call.call_id,
        "level_dbfs": heard.level_dbfs,
        "dominant_hz": heard.dominant_hz,
        "tone_shares": {str(hz): round(hearing.tone_share(float(hz)), 3) for hz in tones_hz},
        "packets_received": hearing.packets,
        "longest_gap_ms": round(hearing.longest_gap_ms(), 1),
        "first_packet_at": hearing.first_packet_at,
        "first_sound_at": hearing.first_sound_at,
        "digits": hearing.digits,
    }
    if reset:
        hearing.reset_gap()
    return facts
