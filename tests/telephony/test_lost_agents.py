"""What a customer hears whose agent is lost, and for how long, with real SIP and real audio."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.exchange import ENDPOINT, Exchange, check_balance, see_clear_talk, see_finished
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.hearing import listen
from tests.talks import TalkDesk
from tests.telephony.test_takeover import worker_process
from tests.world import until

CUSTOMER_HZ = 440
TRUNK = {"endpoint": ENDPOINT}
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}, "ring_timeout_s": 15}
TALKER = f"t-answer-r300-t120000-gtone_{CUSTOMER_HZ}"
#: As the policy of agents has it.
LIMIT_S = 30.0
SLACK_S = 4.0


async def _lose_phone(exchange: Exchange) -> None:
    await exchange.phones.order("away", user="agent-1")
    await exchange.phones.order("bye", user="agent-1")


async def _see_alone(place: Place, made: MadeCampaign) -> datetime:
    async def alone() -> Any:
        return await place.books(made).scalar(
            "SELECT alone_at FROM agent_session WHERE campaign_id = :c"
        )

    return datetime.fromisoformat(str(await until(alone, "the customer is alone in the books")))


async def test_a_customer_without_agent_hears_a_tone_first_and_music_later(
    exchange: Exchange, place: Place
) -> None:
    """The agent who comes back within seconds spares the customer the music."""
    (number,) = numbers(1, first=770)
    await exchange.people({number: TALKER})
    made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS, trunk=TRUNK)
    try:
        async with exchange.worker(place):
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
            await exchange.phones.order("bye", user="agent-1")  # and takes the next call at once
            heard = await listen(exchange, number, 2.0)
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
            assert [what for _, what in heard] == ["tone"], heard
            await _lose_phone(exchange)
            heard = await listen(exchange, number, 9.0)
            assert [what for _, what in heard] == ["tone", "music"], heard
            await exchange.phones.order("back", user="agent-1")
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
            await exchange.carrier.order("bye", number=number)
            await see_finished(place, made)
            await check_balance(exchange, place, made)
    finally:
        await exchange.phones.order("back", user="*")


async def test_a_customer_of_a_lost_agent_and_a_killed_worker_is_given_up_in_time(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    """The next worker counts on from what the killed one stored, and ends the call."""
    (number,) = numbers(1, first=780)
    await exchange.people({number: TALKER})
    logs = {name: tmp_path / f"{name}.log" for name in ("one", "two")}
    try:
        async with AsyncExitStack() as stack:
            workers = {
                name: await stack.enter_async_context(worker_process(exchange, place, log))
                for name, log in logs.items()
            }
            made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS, trunk=TRUNK)
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
            call_id = await TalkDesk(place, made).call_of()
            owner = await place.books(made).scalar("SELECT owner FROM campaign WHERE id = :c")
            await _lose_phone(exchange)
            alone_at = await _see_alone(place, made)
            (name,) = [name for name, log in logs.items() if owner in log.read_text()]
            workers[name].kill()
            heard = await listen(exchange, number, LIMIT_S / 2)
            assert heard[-1][1] == "music"
            ended = await TalkDesk(place, made).see_ended(call_id)
            await see_finished(place, made, within_s=60)
            await check_balance(exchange, place, made)
        waited_s = (ended.ended_at - alone_at.astimezone(UTC)).total_seconds()
        assert (ended.outcome, ended.ended_by) == ("connected", "agent_lost")
        assert LIMIT_S - 1 < waited_s < LIMIT_S + SLACK_S
        assert exchange.call_to(number).ended_by == "bye_received"
    finally:
        await exchange.phones.order("back", user="*")
