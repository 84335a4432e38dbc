"""A person without an agent on real SIP: what is heard, how soon, and the key that opts out."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialer.simulator.sip.audio import clip
from dialer.simulator.sip.ulaw import SAMPLE_RATE, decode
from tests.exchange import CLEAR, ENDPOINT, Exchange, attempt_to, check_balance, see_finished
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.world import until

TRUNK = {"endpoint": ENDPOINT}
#: Who called, in two languages, and the confirmation: tones, so that each is known by ear.
ACME_HZ, ACME_RU_HZ, REMOVED_HZ = 700, 900, 1100
PROMPTS = {"acme": (ACME_HZ, 8), "acme-ru": (ACME_RU_HZ, 8), "removed": (REMOVED_HZ, 2)}
#: Within two seconds of the answer; the rest is for a busy machine.
SOON_S = 3.0
#: Quieter than this nobody hears anything.
SILENCE_DBFS = -60.0
#: One agent, two calls at a time: the second person to answer finds nobody.
POWER: dict[str, Any] = {
    "mode": "power",
    "dial_ratio": 2,
    "wrap_up_s": 0,
    "retry": {"abandoned": {"after_s": 0, "max_attempts": 2}},
}


@pytest.fixture
def prompts(exchange: Exchange) -> Iterator[dict[str, str]]:
    """Prompts of our own by name, as media URIs."""
    folder = exchange.server.sounds_dir
    files = {name: folder / f"{name}.wav" for name in PROMPTS}
    for name, (hz, seconds) in PROMPTS.items():
        _write_tone(files[name], hz, seconds)
    yield {name: f"sound:{exchange.server.sounds_path}/{name}" for name in PROMPTS}
    for file in files.values():
        file.unlink()


def _write_tone(file: Path, hz: int, seconds: int) -> None:
    samples = decode(b"".join(clip(f"tone_{hz}").frames)) * seconds
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(b"".join(s.to_bytes(2, "little", signed=True) for s in samples))
    file.chmod(0o644)


async def _who_hears(exchange: Exchange, e164s: list[str], hz: int) -> str:
    """Wait until one of the people hears a tone and nothing else; return the number."""

    async def hears() -> str | None:
        for number in e164s:
            heard = await exchange.heard_by_customer(number, hz)
            if heard.get("tone_shares", {}).get(str(hz), 0.0) > CLEAR:
                return number
        return None

    found: str = await until(hears, f"somebody hears {hz} Hz")
    return found


async def _who_waits(exchange: Exchange, place: Place, made: MadeCampaign, e164s: list[str]) -> str:
    """Wait until one of two people talks and the other one hears something; return the other."""

    async def other() -> str | None:
        attempts = [await attempt_to(place, made, number) for number in e164s]
        alone = [row.e164 for row in attempts if row is not None and row.connected_at is None]
        if len(alone) != 1 or None in attempts:
            return None
        heard = exchange.call_to(alone[0]).first_rtp_at is not None
        return alone[0] if heard else None

    found: str = await until(other, "one talks, and the other one hears something")
    return found


async def _hears_a_voice_at_length(exchange: Exchange, number: str) -> None:
    """Wait until a person heard sound twenty times."""
    loud = 0

    async def often() -> bool:
        nonlocal loud
        heard = await exchange.heard_by_customer(number)
        loud += heard.get("level_dbfs", -100.0) > SILENCE_DBFS
        return bool(loud >= 20)

    await until(often, "the person hears a voice")


async def _left_alone(exchange: Exchange, place: Place, made: MadeCampaign, number: str) -> None:
    """Wait until the call without an agent is over: it was we who ended it."""

    async def over() -> bool:
        attempt = await attempt_to(place, made, number)
        return bool(attempt is not None and attempt.outcome == "abandoned")

    await until(over, "the call is over and stored as abandoned", within_s=30)
    assert exchange.call_to(number).ended_by == "bye_received"


def _message_began_soon(exchange: Exchange, number: str) -> None:
    call = exchange.call_to(number)
    assert call.answered_at is not None
    assert call.first_rtp_at is not None
    assert call.first_rtp_at - call.answered_at < SOON_S


@pytest.mark.parametrize(("language", "hz"), [(None, ACME_HZ), ("ru", ACME_RU_HZ)])
async def test_who_presses_the_key_is_never_called_again(
    exchange: Exchange,
    place: Place,
    prompts: dict[str, str],
    language: str | None,
    hz: int,
) -> None:
    """The message of the own language, the key in the middle of it, the confirmation, the end."""
    e164s = numbers(2, first=1000)
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300-t60000"))
    says = {
        "": [prompts["acme"], "digits:{caller_id}"],
        "ru": [prompts["acme-ru"], "digits:{caller_id}"],
    }
    told = {"abandon_messages": says, "opt_out_confirmations": {"": [prompts["removed"]]}}
    made = await place.campaign(0, 1, e164s=e164s, settings=POWER | told, trunk=TRUNK)
    await place.execute("UPDATE contact SET language = :language", made, language=language)
    books = place.books(made)
    suppressed = "SELECT source FROM suppression WHERE client_id = :client AND e164 = :e164"
    async with exchange.worker(place):
        person = await _who_hears(exchange, e164s, hz)
        await exchange.carrier.order("dtmf", number=person, digits="9")
        assert await _who_hears(exchange, [person], REMOVED_HZ) == person
        await _left_alone(exchange, place, made, person)
        facts = {"client": made.client_id, "e164": person}
        assert await books.scalar(suppressed, **facts) == "abandon message"
        await exchange.carrier.order("bye", number="*")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    _message_began_soon(exchange, person)
    call = exchange.call_to(person)
    assert call.ended_at - call.answered_at < 10, "the message alone has 8 s and eleven digits"  # type: ignore[operator]
    assert await books.scalar("SELECT count(*) FROM suppression") == 1
    assert exchange.book().invites() == dict.fromkeys(e164s, 1)
    assert await books.outcomes() == {"connected": 1, "abandoned": 1}
    assert await books.leads() == {"done:no_disposition": 1, "done:suppressed": 1}


@pytest.mark.parametrize(
    "language", [None, "uk"], ids=["no language", "a language without prompts"]
)
async def test_who_presses_nothing_hears_all_of_it_and_is_suppressed_nowhere(
    exchange: Exchange, place: Place, language: str | None
) -> None:
    """Asterisk's own prompts, the number in digits; a wrong key; then the end by itself."""
    e164s = numbers(2, first=1010)
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300-t60000"))
    settings = POWER | {"retry": {}}
    made = await place.campaign(0, 1, e164s=e164s, settings=settings, trunk=TRUNK)
    await place.execute("UPDATE contact SET language = :language", made, language=language)
    books = place.books(made)
    async with exchange.worker(place):
        person = await _who_waits(exchange, place, made, e164s)
        await exchange.carrier.order("dtmf", number=person, digits="1")
        await _hears_a_voice_at_length(exchange, person)
        await _left_alone(exchange, place, made, person)
        await exchange.carrier.order("bye", number="*")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    _message_began_soon(exchange, person)
    call = exchange.call_to(person)
    assert call.ended_at is not None
    assert call.first_rtp_at is not None
    assert call.ended_at - call.first_rtp_at > 8, (
        "a sentence, eleven digits, and a wait for the key"
    )
    assert await books.scalar("SELECT count(*) FROM suppression") == 0
    assert await books.leads() == {"done:no_disposition": 1, "done:abandoned": 1}
