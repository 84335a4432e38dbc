"""Preview on real SIP and real audio: the agent who dialled hears that person, and nobody else does."""

from typing import Any, cast

from campaigns.states import SkipReason
from tests.exchange import (
    ENDPOINT,
    Exchange,
    Seat,
    attempt_to,
    check_balance,
    see_clear_talk,
    see_finished,
)
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.integration.preview_world import PREVIEW, PreviewHall
from tests.world import until

TRUNK = {"endpoint": ENDPOINT}
CUSTOMER_HZ = 440
NOBODY = cast("Any", None)


def _hall(place: Place, made: MadeCampaign) -> PreviewHall:
    return PreviewHall(place, made, NOBODY, NOBODY)


async def test_who_dials_talks_and_who_reads_hears_nobody(exchange: Exchange, place: Place) -> None:
    """Two agents read; one dials: that person and that agent hear each other, the other reads on."""
    e164s = numbers(2, first=900)
    tone = f"t-answer-r300-gtone_{CUSTOMER_HZ}"
    await exchange.people(dict.fromkeys(e164s, tone))
    made = await place.campaign(
        0, 2, e164s=e164s, settings=PREVIEW | {"record": False, "retry": {}}, trunk=TRUNK
    )
    hall = _hall(place, made)
    async with exchange.worker(place):
        mine, others = await hall.shown(0), await hall.shown(1)
        assert not exchange.book().calls, "nobody is called while agents read"
        number = await hall.number_of(mine)
        await hall.dial(mine)
        seat = await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        assert seat == Seat.of(made, made.session_ids[0])
        other = await exchange.heard_by_agent(2, CUSTOMER_HZ, seat.tone_hz)
        shares = other.get("tone_shares", {})
        assert max(shares.values(), default=0.0) < 0.1, "who reads hears neither of them"
        assert [call.number for call in exchange.book().calls] == [number]
        assert (await hall.shown(1)).id == others.id
        await hall.dial(others)
        second = await see_clear_talk(
            exchange, place, made, await hall.number_of(others), CUSTOMER_HZ
        )
        assert second == Seat.of(made, made.session_ids[1])
        await exchange.carrier.order("bye", number="*")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await place.books(made).outcomes() == {"connected": 2}


async def test_who_is_skipped_is_not_called_and_after_a_busy_line_the_next_is_shown(
    exchange: Exchange, place: Place
) -> None:
    e164s = numbers(3, first=950)
    busy, talker = e164s[1], e164s[2]
    await exchange.people({busy: "t-busy", talker: f"t-answer-r300-gtone_{CUSTOMER_HZ}"})
    made = await place.campaign(0, 1, e164s=e164s, settings=PREVIEW | {"retry": {}}, trunk=TRUNK)
    hall = _hall(place, made)
    async with exchange.worker(place):
        skipped = await hall.shown()
        assert await hall.number_of(skipped) == e164s[0]
        await hall.skip(skipped, SkipReason.NO_FIT)
        second = await hall.shown(other_than=skipped.id)
        assert await hall.number_of(second) == busy
        await hall.dial(second)
        third = await hall.shown(other_than=second.id)
        assert await hall.number_of(third) == talker
        await hall.dial(third)
        await see_clear_talk(exchange, place, made, talker, CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=talker)

        async def over() -> bool:
            return await hall.books.outcomes() == {"busy": 1, "connected": 1}

        await until(over, "both calls have their outcomes")
        assert {call.number for call in exchange.book().calls} == {busy, talker}
        talk = await attempt_to(place, made, talker)
        assert talk.reserved_agent
    assert (await hall.lead(skipped.lead_id)).waiting_reason == "skipped"


async def test_an_agent_can_give_up_a_call_that_rings(exchange: Exchange, place: Place) -> None:
    """Whoever answers nobody's call in the end was rung once, and the next contact is shown."""
    e164s = numbers(2, first=980)
    await exchange.people(dict.fromkeys(e164s, "t-no_answer"))
    made = await place.campaign(
        0, 1, e164s=e164s, settings=PREVIEW | {"ring_timeout_s": 15, "retry": {}}, trunk=TRUNK
    )
    hall = _hall(place, made)
    async with exchange.worker(place):
        first = await hall.shown()
        number = await hall.number_of(first)
        await hall.dial(first)

        async def rings() -> bool:
            return any(call.ringing_at for call in exchange.book().of(number))

        await until(rings, "it rings")
        await hall.see_states("dialing")
        attempt = await attempt_to(place, made, number)
        await hall.hang_up(attempt.id)
        second = await hall.shown(other_than=first.id)
        assert second.lead_id != first.lead_id

        async def cancelled() -> bool:
            return await hall.books.outcomes() == {"cancelled": 1}

        await until(cancelled, "the call is cancelled")
