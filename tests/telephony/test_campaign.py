"""A whole campaign on real SIP and real audio."""

from pathlib import Path

from dialer.simulator.sip.phone import tone_of
from tests.exchange import (
    ENDPOINT,
    Exchange,
    attempt_to,
    check_balance,
    see_clear_talk,
    see_finished,
)
from tests.factories import numbers
from tests.hall import Place
from tests.tones import middle, read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import raw_to_wav

CUSTOMER_HZ = 440
SECOND = 8_000
TRUNK = {"endpoint": ENDPOINT}


async def test_people_and_agents_hear_each_other_and_the_recording_has_both(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    """Ten people, three agents: every end has its outcome, and the books are the carrier's."""
    e164s = numbers(10)
    odd = ("t-busy", "t-invalid", "t-reject", "t-unavailable", "t-no_answer")
    talker = {e164s[0]: f"t-answer-r300-t4000-gtone_{CUSTOMER_HZ}"}
    await exchange.people(talker | dict(zip(e164s[1:6], odd, strict=True)))
    settings = {"wrap_up_s": 0, "ring_timeout_s": 15, "retry": {}}
    made = await place.campaign(0, 3, e164s=e164s, settings=settings, trunk=TRUNK)
    async with exchange.worker(place):
        seat = await see_clear_talk(exchange, place, made, e164s[0], CUSTOMER_HZ)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await place.books(made).outcomes() == {
        "connected": 5,
        "busy": 1,
        "invalid_number": 1,
        "rejected": 1,
        "unreachable": 1,
        "no_answer": 1,
    }
    talk = await attempt_to(place, made, e164s[0])
    assert talk.ended_by == "customer"
    assert exchange.call_to(e164s[0]).caller == "+74951234567"
    assert exchange.call_to(e164s[0]).longest_gap_ms < 1000
    raw = exchange.server.monitor_dir / talk.recording_raw

    async def written() -> bool:
        return bool(raw.exists() and raw.stat().st_size > 3 * SECOND * 4)

    await until(written, "three seconds are recorded")
    raw_to_wav(raw, tmp_path / "talk.wav")
    left, right = read_wav(tmp_path / "talk.wav")
    assert tone_share(middle(left, SECOND), CUSTOMER_HZ) > 0.95
    assert tone_share(middle(right, SECOND), seat.tone_hz) > 0.95


async def test_a_person_without_an_agent_hears_the_message_and_the_call_ends(
    exchange: Exchange, place: Place
) -> None:
    """Three answer and one agent is there: two hear speech, never the agent, and we end the call."""
    e164s = numbers(3, first=100)
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300"))
    settings = {"mode": "power", "dial_ratio": 3, "max_wait_s": 0.3, "wrap_up_s": 0, "retry": {}}
    made = await place.campaign(0, 1, e164s=e164s, settings=settings, trunk=TRUNK)
    books = place.books(made)
    loudest: dict[str, float] = dict.fromkeys(e164s, -100.0)
    agent: set[str] = set()  #: numbers that heard the agent

    async def two_are_over() -> bool:
        for number in e164s:
            heard = await exchange.heard_by_customer(number, tone_of(0))
            loudest[number] = max(loudest[number], heard.get("level_dbfs", -100.0))
            if heard.get("tone_shares", {}).get(str(tone_of(0)), 0.0) > 0.5:
                agent.add(number)
        return (await books.outcomes()).get("abandoned") == 2

    async with exchange.worker(place):
        await until(two_are_over, "two of three were abandoned", within_s=30)
        (talker,) = [call.number for call in exchange.book().unfinished]
        assert agent == {talker}
        assert min(loudest.values()) > -40, loudest
        ended = [call for call in exchange.book().calls if call.number != talker]
        assert [call.ended_by for call in ended] == ["bye_received", "bye_received"]
        # It begins when the wait is over, and is spoken to its end.
        spoken_s = [call.ended_at - call.answered_at for call in ended]  # type: ignore[operator]
        assert min(spoken_s) > 2
        await exchange.carrier.order("bye", number=talker)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.outcomes() == {"abandoned": 2, "connected": 1}
