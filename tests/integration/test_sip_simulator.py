"""The simulated carrier speaks SIP and RTP to our own caller over loopback UDP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.simulator.sip import audio
from dialer.simulator.sip.call import Call, CallEvent, CallState
from dialer.simulator.sip.carrier_log import read_log
from dialer.simulator.sip.event_log import EventLog
from tests.integration.sip_world import CALLER_ID, World, running_world, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path / "carrier.jsonl") as made:
        yield made


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("t-busy-r10", 486),
        ("t-reject-r100", 603),
        ("t-invalid-r10", 404),
        ("t-congestion-r10", 503),
        ("t-unavailable-r10", 480),
        ("t-reject-r10-c600", 600),
        ("t-silent-r10", 408),
        ("t-bussy", 484),
        ("t-answer-gnoclip", 484),
    ],
)
async def test_refusals_carry_the_right_code(world: World, number: str, code: int) -> None:
    call = world.call(number)
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == code
    assert call.codes[0] == 100
    assert (180 in call.codes) == ("reject" in number)
    (entry,) = world.book().calls
    assert (entry.ended_by, entry.final_code, entry.answered_at) == ("final", code, None)


async def test_a_person_answers_talks_and_hangs_up(world: World) -> None:
    call = await world.up("t-answer-r60-t400-gtone_440")
    assert call.codes == [100, 180, 200]
    assert call.stream is not None
    call.stream.play(audio.clip("tone_700"))
    await until(lambda: call.state is CallState.ENDED)
    (entry,) = world.book().calls
    assert (entry.number, entry.caller) == ("t-answer-r60-t400-gtone_440", CALLER_ID)
    assert entry.ended_by == "bye_sent"
    assert entry.ringing_at is not None
    assert entry.answered_at is not None
    assert entry.first_rtp_at is not None
    assert entry.ended_at is not None
    assert entry.invited_at <= entry.ringing_at <= entry.answered_at <= entry.first_rtp_at
    assert entry.packets_received > 5
    assert not world.book().unfinished


async def test_both_ends_hear_each_other(world: World) -> None:
    call = await world.up("t-answer-r10-gtone_440")
    stream = call.stream
    assert stream is not None
    stream.play(audio.clip("tone_900"))
    (carriers,) = world.carrier.live()
    assert carriers.stream is not None
    there, here = carriers.stream.hearing, stream.hearing
    await until(lambda: here.packets > 20 and there.packets > 20)
    assert here.listen().dominant_hz == pytest.approx(440, abs=3)
    assert there.listen().dominant_hz == pytest.approx(900, abs=3)
    assert here.tone_share(440) > 0.9 > 0.1 > here.tone_share(900)
    assert there.listen().level_dbfs == pytest.approx(-15.3, abs=1)


async def test_silence_is_not_sound(world: World) -> None:
    call = await world.up("t-answer-r10-gsilence")
    stream = call.stream
    assert stream is not None
    stream.play(audio.clip("silence"))
    (carriers,) = world.carrier.live()
    assert carriers.stream is not None
    hearing = carriers.stream.hearing
    await until(lambda: hearing.packets > 20)
    assert hearing.first_packet_at is not None
    assert hearing.first_sound_at is None
    assert hearing.listen().dominant_hz is None
    assert world.book().calls[0].first_rtp_at is None


async def test_audio_that_stops_is_a_gap(world: World) -> None:
    call = await world.up("t-answer-r10")
    stream = call.stream
    assert stream is not None
    stream.play(audio.clip("tone_700"))
    (carriers,) = world.carrier.live()
    assert carriers.stream is not None
    hearing = carriers.stream.hearing
    await until(lambda: hearing.packets > 5)
    stream.close()
    await until(lambda: hearing.longest_gap_ms() > 400)
    call.hang_up()
    await until(lambda: world.book().calls[0].ended_at)
    assert world.book().calls[0].longest_gap_ms > 400


async def test_cancel_while_ringing_ends_in_487(world: World) -> None:
    call = world.call("t-no_answer")
    await until(lambda: 180 in call.codes)
    call.cancel()
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == 487
    assert world.book().calls[0].ended_by == "cancelled"
    assert world.carrier.live() == []


async def test_the_caller_hangs_up(world: World) -> None:
    call = await world.up("t-answer-r10")
    (carriers,) = world.carrier.live()
    call.hang_up()
    await until(lambda: not world.carrier.live())
    assert carriers.stream is not None
    assert carriers.stream.closed
    entry = world.book().calls[0]
    assert entry.ended_by == "bye_received"
    assert entry.ended_at is not None


async def test_early_media_is_heard_before_the_refusal(world: World) -> None:
    call = world.call("t-early_media_busy-r700")
    await until(lambda: call.stream and call.stream.hearing.packets > 18)
    assert call.stream is not None
    assert 183 in call.codes
    assert call.state is CallState.STARTING
    assert call.stream.hearing.listen().dominant_hz == pytest.approx(425, abs=3)
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == 486


async def test_audio_follows_a_reinvite_to_its_new_port(world: World) -> None:
    call = await world.up("t-answer-r10")
    old, call.stream = call.stream, None
    assert old is not None
    old.close()
    call.reinvite()
    new = call.stream
    await until(lambda: new is not None and new.hearing.packets > 5)
    assert call.codes[-1] == 200
    assert len(world.carrier.live()) == 1


async def test_key_presses_are_heard_in_order_and_once(world: World) -> None:
    call = await world.up("t-answer-r10")
    (carriers,) = world.carrier.live()
    assert carriers.stream is not None
    assert call.stream is not None
    carriers.stream.press("11*#")
    hearing = call.stream.hearing
    await until(lambda: len(hearing.digits) >= 4)
    assert hearing.digits == "11*#"


async def test_a_machine_speaks_and_beeps(world: World) -> None:
    call = await world.up("t-machine-r10-gbeep")
    assert call.stream is not None
    hearing = call.stream.hearing
    await until(lambda: hearing.tone_share(audio.BEEP_HZ) > 0.9)


async def test_the_book_counts_calls(world: World) -> None:
    ended: list[Call] = []

    def observe(call: Call, event: CallEvent) -> None:
        if event is CallEvent.ENDED:
            ended.append(call)

    numbers = ["t-answer-r10-t300"] * 2 + ["t-busy-r10", "+74951112233"]
    for number in numbers:
        world.call(number, observe=observe)
    await until(lambda: len(ended) == len(numbers))
    book = world.book()
    assert (book.total, len(book.answered), book.unfinished) == (4, 3, ())
    assert book.invites()["t-answer-r10-t300"] == 2
    assert book.behaviours() == {"answer": 3, "busy": 1}
    assert (book.max_concurrent(), book.max_concurrent_answered()) == (4, 3)
    assert book.called_twice_at_once() == {"t-answer-r10-t300"}


def test_a_line_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = EventLog(path, lambda: 5.0)
    log.write("invite", call="a", number="1", caller="2", behaviour="busy")
    log.close()
    path.write_text(path.read_text() + '{"at": 6.0, "event": "fin')
    (call,) = read_log(path).calls
    assert (call.invited_at, call.ended_by) == (5.0, None)
