"""How long telephones ring, on real SIP: as long as the campaign says, however slow the network is."""

from tests.exchange import ENDPOINT, Exchange, attempt_to, check_balance, see_finished
from tests.factories import numbers
from tests.hall import Place

RING_S = 15
#: The clocks of the carrier and of the worker read an event at slightly different moments.
CLOCKS_S = 0.5


async def test_a_slow_network_takes_nothing_off_the_ringing(
    exchange: Exchange, place: Place
) -> None:
    """180 after four seconds, at once, and never: the first two ring in full, the third ends too."""
    slow, quick, never = e164s = numbers(3, first=700)
    manners = {slow: "t-no_answer-s4000", quick: "t-no_answer", never: "t-silent"}
    await exchange.people(manners)
    settings = {
        "mode": "power",
        "dial_ratio": 3,
        "wrap_up_s": 0,
        "ring_timeout_s": RING_S,
        "retry": {},
    }
    made = await place.campaign(0, 1, e164s=e164s, settings=settings, trunk={"endpoint": ENDPOINT})
    async with exchange.worker(place):
        await see_finished(place, made, within_s=60)
        await check_balance(exchange, place, made)
    for number in (slow, quick):
        call, attempt = exchange.call_to(number), await attempt_to(place, made, number)
        assert call.ringing_at is not None
        assert call.ended_at is not None
        rang_s = call.ended_at - call.ringing_at
        assert RING_S - CLOCKS_S < rang_s < RING_S + 5, rang_s
        assert call.ended_by == "cancelled"
        assert (attempt.outcome, attempt.ended_by) == ("no_answer", "ring_limit")
        assert (attempt.ended_at - attempt.rang_at).total_seconds() >= RING_S
    silent = await attempt_to(place, made, never)
    assert (silent.outcome, silent.rang_at) == ("no_response", None)
