"""Two campaigns share agents on the real Asterisk: the leg goes from one application to the other."""

from dataclasses import replace

import pytest

from dialer.ari import messages as msg
from dialer.ari import names
from dialer.ari.errors import AriRefused
from dialer.ari.translate import AgentLegEnded, AgentLegMoved, Translator
from dialer.clock import SystemClock
from dialer.ids import new_id
from tests.exchange import ENDPOINT, Exchange, see_clear_talk, see_finished
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.line import line
from tests.sharing import check_log, see_places, share
from tests.world import until

CUSTOMER_HZ = 440
TRUNK = {"endpoint": ENDPOINT}
SETTINGS = {"wrap_up_s": 0, "ring_timeout_s": 15, "retry": {}}
AGENTS = 3


async def _rung(exchange: Exchange) -> list[int]:
    """Return how often each agent's telephone was rung, ever."""
    phones = (await exchange.phones.order("stats"))["phones"]
    return [phone["calls_taken"] for phone in phones]


async def _see_balance(exchange: Exchange, place: Place, *made: MadeCampaign) -> None:
    """Check both campaigns' books against the carrier's, and that nothing is left in Asterisk."""

    async def silent() -> bool:
        return exchange.live_channels() == 0 and not exchange.book().unfinished

    await until(silent, "no channel is left in Asterisk and no call at the carrier")
    book = exchange.book()
    outcomes = [await place.books(one).outcomes() for one in made]
    assert outcomes == [{"connected": len(one.lead_ids)} for one in made]
    assert book.total == sum(len(one.lead_ids) for one in made)
    assert not book.called_twice_at_once()
    for one in made:
        assert set(await place.books(one).leads()) == {"done:no_disposition"}


async def test_two_campaigns_share_agents_and_everybody_is_heard(
    exchange: Exchange, place: Place
) -> None:
    """Two to one; each telephone rings once; after a hand-over both sides hear each other clearly."""
    e164s = numbers(18, first=600), numbers(9, first=700)
    talk = f"t-answer-r300-t5000-gtone_{CUSTOMER_HZ}"
    first_of_second, last_of_first = e164s[1][0], e164s[0][-1]
    await exchange.people({first_of_second: talk, last_of_first: talk})
    before = await _rung(exchange)
    first = await place.campaign(0, 0, e164s=e164s[0], settings=SETTINGS, trunk=TRUNK)
    second = await place.campaign(
        0, 0, e164s=e164s[1], settings=SETTINGS, trunk=TRUNK, client_id=first.client_id
    )
    sessions = tuple(await share(place, {first: 2, second: 1}, AGENTS))
    made = [replace(one, session_ids=sessions) for one in (first, second)]
    async with exchange.worker(place):
        await see_places(place, made, 2, 1)
        await see_clear_talk(exchange, place, made[1], first_of_second, CUSTOMER_HZ)
        await see_clear_talk(exchange, place, made[0], last_of_first, CUSTOMER_HZ)
        for one in made:
            await see_finished(place, one, within_s=90.0)
        await _see_balance(exchange, place, *made)
    rung = [now - then for now, then in zip(await _rung(exchange), before, strict=True)]
    assert rung == [1] * AGENTS + [0] * (len(rung) - AGENTS)
    for number in (first_of_second, last_of_first):
        assert exchange.call_to(number).longest_gap_ms < 1000
    await check_log(place)


async def test_a_leg_moves_between_applications_and_stays_in_its_bridge(
    exchange: Exchange,
) -> None:
    """The next one is told that it has it, and hears its end; the ARI simulator imitates this."""
    session_id, channel_id = new_id(), names.new_agent_channel()
    translate = Translator(SystemClock().now).translate
    async with line(exchange) as first, line(exchange) as second:
        bridge_id = await first.gateway.make_bridge(session_id)
        await first.gateway.dial_agent(session_id, "PJSIP/agent-1", channel_id)

        async def up() -> bool:
            changes = [e for e in first.events if isinstance(e, msg.ChannelStateChange)]
            return any(change.channel.state == "Up" for change in changes)

        await until(up, "the telephone is answered")
        await first.gateway.add_to_bridge(bridge_id, channel_id)
        await second.gateway.take_leg(channel_id)

        async def heard(kind: type) -> object:
            found = [translate(event) for event in list(second.events)]
            return next((one for one in found if isinstance(one, kind)), None)

        moved = await until(lambda: heard(AgentLegMoved), "the next application has the leg")
        assert (moved.session_id, moved.channel_id) == (session_id, channel_id)
        live = await second.gateway.live()
        assert [channel.id for _, channel in live.channels] == [channel_id]
        assert live.bridges[session_id].channels == [channel_id]
        assert (await first.gateway.live()).elsewhere == live.channels
        await first.gateway.let_go(channel_id, bridge_id)
        heard_before = len(first.events)
        await second.gateway.hang_up(channel_id)
        ended = await until(lambda: heard(AgentLegEnded), "the next application hears the end")
        assert ended.channel_id == channel_id
        assert len(first.events) == heard_before, "the former one hears no more of it"
        with pytest.raises(AriRefused):
            await second.gateway.take_leg(channel_id)
        await second.gateway.drop_bridge(bridge_id)
