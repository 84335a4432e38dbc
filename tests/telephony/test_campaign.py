"""A whole campaign on real SIP and real audio."""

from pathlib import Path

from tests.exchange import (
    ENDPOINT,
    PHONES,
    Exchange,
    attempt_to,
    check_balance,
    seat_of,
    see_finished,
)
from tests.factories import numbers
from tests.hall import Place
from tests.telephony.floor import leads_of, worker
from tests.tones import middle, read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import raw_to_wav

CUSTOMER_HZ = 440
SECOND = 8_000
CLEAR = 0.8  #: share of a tone in what is heard


async def test_people_and_agents_hear_each_other_and_the_recording_has_both(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    """Ten people, three agents: every end has its outcome, and the books are the carrier's."""
    e164s = numbers(10)
    odd = ("t-busy", "t-invalid", "t-reject", "t-unavailable", "t-no_answer")
    await exchange.people(
        {
            e164s[0]: f"t-answer-r300-t4000-gtone_{CUSTOMER_HZ}",
            **dict(zip(e164s[1:6], odd, strict=True)),
        }
    )
    settings = {"wrap_up_s": 0, "ring_timeout_s": 15, "retry": {}}
    made = await place.campaign(
        0, 3, e164s=e164s, settings=settings, trunk={"endpoint": ENDPOINT}
    )
    async with worker(exchange, place):
        await _see_a_clear_conversation(exchange, place, made, e164s[0])
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
    assert (talk.ended_by, talk.recording_raw) == ("customer", f"{talk.id.hex}.raw")
    assert exchange.call_to(e164s[0]).longest_gap_ms < 1000
    seat = seat_of(made, talk.agent_session_id)
    raw = exchange.server.monitor_dir / talk.recording_raw

    async def written() -> bool:
        return raw.exists() and raw.stat().st_size > 3 * SECOND * 4

    await until(written, "three seconds are recorded")
    raw_to_wav(raw, tmp_path / "talk.wav")
    left, right = read_wav(tmp_path / "talk.wav")
    assert tone_share(middle(left, SECOND), CUSTOMER_HZ) > 0.95
    assert tone_share(middle(right, SECOND), seat.tone_hz) > 0.95


async def _see_a_clear_conversation(
    exchange: Exchange, place: Place, made: MadeCampaign, number: str
) -> None:
    """Wait until customer and agent hear each other, and nobody else does."""

    async def talking() -> bool:
        attempt = await attempt_to(place, made, number)
        if attempt is None or attempt.agent_session_id is None:
            return False
        seat = seat_of(made, attempt.agent_session_id)
        customer = await exchange.heard_by_customer(number, seat.tone_hz)
        agent = await exchange.heard_by_agent(seat.number, CUSTOMER_HZ)
        shares = [heard.get("tone_shares", {}) for heard in (customer, agent)]
        return [share > CLEAR for both in shares for share in both.values()] == [True, True]

    await until(talking, "customer and agent hear each other")


async def test_a_person_without_an_agent_hears_the_message_and_the_call_ends(
    exchange: Exchange, place: Place
) -> None:
    """Three answer and one agent is there: two hear speech, never an agent, and we end the call."""
    e164s = numbers(3, first=100)
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300"))
    settings = {"mode": "power", "dial_ratio": 3, "max_wait_s": 0.3, "wrap_up_s": 0, "retry": {}}
    made = await place.campaign(
        0, 1, e164s=e164s, settings=settings, trunk={"endpoint": ENDPOINT}
    )
    books = place.books(made)
    loudest: dict[str, float] = {}

    async def two_abandoned() -> bool:
        for number in e164s:
            heard = await exchange.heard_by_customer(number)
            tones = {600.0 + 25 * n for n in range(PHONES)}
            pitch = heard.get("dominant_hz")
            if pitch is not None and min(abs(pitch - tone) for tone in tones) > 5:
                loudest[number] = max(loudest.get(number, -100.0), heard["level_dbfs"])
        return (await books.outcomes()).get("abandoned") == 2

    async with worker(exchange, place):
        await until(two_abandoned, "two of three were abandoned", within_s=30)
        ended = [call for call in exchange.book().calls if call.ended_at is not None]
        (talker,) = {call.number for call in exchange.book().calls} - {c.number for c in ended}
        assert [call.ended_by for call in ended] == ["bye_received", "bye_received"]
        assert all(loudest[call.number] > -40 for call in ended), loudest
        await exchange.carrier.order("bye", number=talker)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.outcomes() == {"abandoned": 2, "connected": 1}
    assert (await leads_of(place, made))[talker] == "done:no_disposition"
