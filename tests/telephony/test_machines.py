"""Answering machines on real SIP, real audio and Asterisk's own detection."""

import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dialer.simulator.sip.audio import BEEP_HZ, clip
from dialer.simulator.sip.ulaw import SAMPLE_RATE, decode
from tests.audits import audit_nobody
from tests.exchange import (
    ENDPOINT,
    Exchange,
    attempt_to,
    check_balance,
    see_ended,
    see_finished,
)
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.telephony.test_takeover import worker_process
from tests.tones import read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import raw_to_wav

TRUNK = {"endpoint": ENDPOINT}
#: A machine that talks for eight seconds, beeps and listens; and a person who says hello and listens.
MACHINE, PERSON = "t-machine-r300-t60000", "t-answer-r300-t7000-ghello"
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
MESSAGE_HZ, MESSAGE_S = 700, 3
#: The piece of sound that is looked at: a quarter of the beep.
PIECE = SAMPLE_RATE // 8


@pytest.fixture(autouse=True)
def _no_audit_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    audit_nobody(monkeypatch)


@pytest.fixture
def message(exchange: Exchange) -> Iterator[str]:
    """A message of our own, as a media URI: a tone, so that it is known by ear."""
    file = exchange.server.sounds_dir / "left.wav"
    samples = decode(b"".join(clip(f"tone_{MESSAGE_HZ}").frames)) * MESSAGE_S
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(b"".join(s.to_bytes(2, "little", signed=True) for s in samples))
    file.chmod(0o644)
    yield f"sound:{exchange.server.sounds_path}/left"
    file.unlink()


async def _verdict(place: Place, made: MadeCampaign, number: str) -> str | None:
    sql = (
        "SELECT v.verdict || ':' || v.treatment FROM amd_verdict v"
        " JOIN attempt a ON a.id = v.attempt_id WHERE a.campaign_id = :c AND a.e164 = :e164"
    )
    found: str | None = await place.books(made).scalar(sql, e164=number)
    return found


async def _see_verdict(place: Place, made: MadeCampaign, number: str) -> str:
    async def told() -> str | None:
        return await _verdict(place, made, number)

    found: str = await until(told, "the greeting is judged", within_s=30)
    return found


async def test_a_person_talks_on_and_a_machine_frees_its_agent(
    exchange: Exchange, place: Place
) -> None:
    """One agent, three calls one after the other: the wrap-up would hold the agent for ten minutes."""
    machines, person = numbers(2, first=2000), numbers(1, first=2002)[0]
    await exchange.people(dict.fromkeys(machines, MACHINE) | {person: PERSON})
    settings = SETTINGS | {"wrap_up_s": 600, "amd": {"audit_share": 0.01}}
    made = await place.campaign(0, 1, e164s=[*machines, person], settings=settings, trunk=TRUNK)
    books = place.books(made)
    async with exchange.worker(place):
        await see_ended(exchange, machines)
        assert await _see_verdict(place, made, person) == "human:passed"
        await see_ended(exchange, [person])

        async def wraps_up() -> bool:
            return await books.agent_states() == ["wrap_up"]

        await until(wraps_up, "the agent wraps up the talk with the person, and no other")
        assert exchange.live_channels() == 1, "only the agent's leg is left: nobody listens"
    assert await books.outcomes() == {"machine": 2, "connected": 1}
    assert [await _verdict(place, made, number) for number in machines] == ["machine:acted"] * 2
    assert [exchange.call_to(one).ended_by for one in machines] == ["bye_received"] * 2
    talk = await attempt_to(place, made, person)
    assert talk.ended_by == "customer", "the verdict has not touched the talk"


async def test_an_audited_machine_stays_with_its_agent(exchange: Exchange, place: Place) -> None:
    (number,) = numbers(1, first=2010)
    await exchange.people({number: "t-machine-r300-t9000"})
    made = await place.campaign(
        0, 1, e164s=[number], settings=SETTINGS | {"amd": {"audit_share": 1}}, trunk=TRUNK
    )
    books = place.books(made)
    async with exchange.worker(place):
        assert await _see_verdict(place, made, number) == "machine:audited"
        assert await books.agent_states() == ["on_call"]
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.outcomes() == {"connected": 1}


async def test_the_message_is_left_after_the_beep(
    exchange: Exchange, place: Place, message: str, tmp_path: Path
) -> None:
    """By the recording of the machine's own leg: its beep is over before our message begins."""
    (number,) = numbers(1, first=2020)
    await exchange.people({number: MACHINE})
    amd = {"audit_share": 0.01, "on_machine": "leave_message", "messages": {"": [message]}}
    made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS | {"amd": amd}, trunk=TRUNK)
    books = place.books(made)
    async with exchange.worker(place):

        async def leaves() -> bool:
            heard = await exchange.heard_by_customer(number, MESSAGE_HZ)
            return bool(heard.get("tone_shares", {}).get(str(MESSAGE_HZ), 0.0) > 0.8)

        await until(leaves, "the machine hears the message", within_s=30)
        assert await books.agent_states() == ["ready"], "the agent does not wait for that"
        await see_ended(exchange, [number])
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.outcomes() == {"machine": 1}
    assert exchange.call_to(number).ended_by == "bye_received"
    assert await books.scalar("SELECT message_left FROM amd_verdict WHERE campaign_id = :c")
    attempt = await attempt_to(place, made, number)
    raw_to_wav(exchange.server.monitor_dir / attempt.recording_raw, tmp_path / "machine.wav")
    said, told = read_wav(tmp_path / "machine.wav")
    beeps, message_at = _pieces(said, BEEP_HZ), _pieces(told, MESSAGE_HZ)
    assert beeps
    assert message_at
    assert max(beeps) < min(message_at)
    assert len(message_at) * PIECE > 0.8 * MESSAGE_S * SAMPLE_RATE, "it is left whole"


def _pieces(samples: Sequence[int], hz: int) -> list[int]:
    """The pieces of a recording in which a tone is the only sound."""
    starts = range(0, len(samples) - PIECE, PIECE)
    return [n for n in starts if tone_share(samples[n : n + PIECE], hz) > 0.8]


async def test_a_person_who_says_nothing_is_no_machine(exchange: Exchange, place: Place) -> None:
    """Asterisk takes silence for a machine; the campaign does not, unless it says so."""
    (number,) = numbers(1, first=2040)
    await exchange.people({number: "t-answer-r300-t6000-gsilence"})
    made = await place.campaign(
        0, 1, e164s=[number], settings=SETTINGS | {"amd": {"audit_share": 0.01}}, trunk=TRUNK
    )
    async with exchange.worker(place):
        assert await _see_verdict(place, made, number) == "machine:silence"
        await see_finished(place, made)
    assert await place.books(made).outcomes() == {"connected": 1}


async def test_who_hangs_up_while_being_listened_to_leaves_no_leg_behind(
    exchange: Exchange, place: Place
) -> None:
    """Half a second after the answer, in the middle of the analysis."""
    e164s = numbers(2, first=2030)
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300-t500-ghello"))
    made = await place.campaign(
        0, 1, e164s=e164s, settings=SETTINGS | {"amd": {"audit_share": 0.01}}, trunk=TRUNK
    )
    async with exchange.worker(place):
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await place.books(made).outcomes() == {"connected": 2}


async def test_a_worker_that_dies_while_it_listens_leaves_nobody_listening(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    """The talk goes on under its new owner, whatever the verdict would have been."""
    (number,) = numbers(1, first=2050)
    await exchange.people({number: "t-machine-r300-t30000"})
    made = await place.campaign(
        0, 1, e164s=[number], settings=SETTINGS | {"amd": {"audit_share": 0.01}}, trunk=TRUNK
    )

    async def listens() -> bool:
        return "Snoop/" in exchange.server.cli("core show channels concise")

    async def listens_no_more() -> bool:
        return not await listens()

    async with worker_process(exchange, place, tmp_path / "one.log") as worker:
        await until(listens, "a leg listens")
        worker.kill()
    async with exchange.worker(place):
        fence = "SELECT fence FROM campaign WHERE id = :c"

        async def adopted() -> bool:
            return bool(await place.books(made).scalar(fence) == 2)

        await until(adopted, "the second worker owns the campaign", within_s=30)
        await until(listens_no_more, "nobody listens any more", within_s=30)
        assert exchange.live_channels() == 2, "the machine's leg and the agent's"
        assert (await attempt_to(place, made, number)).ended_at is None
        await exchange.carrier.order("bye", number=number)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert (await place.books(made).outcomes()) == {"connected": 1}
