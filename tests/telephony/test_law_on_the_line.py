"""What people, the law and the client's wishes forbid, as the carrier sees it on real SIP."""

from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from campaigns import caller_ids, commands, lifecycle
from campaigns.caller_ids import CallerIdWish
from campaigns.commands import CommandName
from campaigns.law.suppressions import cancel_ringing, suppress
from campaigns.leads.callbacks import CallbackRequest, promise
from campaigns.leads.enrol import enrol
from dialer.clock import FrozenClock, SystemClock
from dialer.db import transaction
from dialer.settings import Settings
from tests.exchange import (
    ENDPOINT,
    Exchange,
    Seat,
    attempt_to,
    check_balance,
    see_clear_talk,
    see_ended,
    see_finished,
)
from tests.factories import MadeCampaign, make_campaign, move, numbers
from tests.hall import Place
from tests.promises import always, name_of
from tests.world import until
from workers.deps import BackgroundDeps
from workers.dialing.staff import Staff
from workers.jobs.selections import apply_selections

CLOCK = SystemClock()
CUSTOMER_HZ = 440
TRUNK = {"endpoint": ENDPOINT}
PLAIN: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
TALKER = f"t-answer-r300-gtone_{CUSTOMER_HZ}"
SHORT = "t-answer-r300-t500"
#: A second, or with the message lost the look at each second; the rest is for a busy machine.
TOLD_S, LOST_S = 2.0, 3.0


async def _opt_out(place: Place, made: MadeCampaign, e164s: list[str], *, told: bool) -> float:
    """Suppress numbers as an entry point does and return when that began, Unix seconds."""
    began_at = CLOCK.now().timestamp()
    how: dict[str, Any] = {"reason": "do_not_call", "source": "test", "user_id": None}
    async with transaction(place.sessions) as session:
        done = await suppress(session, client_id=made.client_id, e164s=e164s, clock=CLOCK, **how)
    assert len(done.live_calls) == 2
    if told:
        assert await cancel_ringing(place.redis, done.live_calls)
    return began_at


@pytest.mark.parametrize(
    ("told", "within_s"), [(True, TOLD_S), (False, LOST_S)], ids=["told", "message lost"]
)
async def test_an_opt_out_stops_what_rings_and_what_is_queued(
    exchange: Exchange, place: Place, told: bool, within_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three opt out: who rings is cancelled, who talks talks on, who is queued is never called."""
    if told:  # the message alone is enough, and so is the look at the database alone
        monkeypatch.setattr(Staff, "_suppressed", AsyncMock(return_value=set()))
    e164s = numbers(6, first=500)
    ringing, talker, queued = e164s[0], e164s[1], e164s[5]
    await exchange.people(dict.fromkeys(e164s, SHORT) | {ringing: "t-no_answer", talker: TALKER})
    settings = PLAIN | {"ring_timeout_s": 60, "retry": {"cancelled": {"after_s": 0}}}
    made = await place.campaign(0, 2, e164s=e164s, settings=settings, trunk=TRUNK)
    books = place.books(made)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, talker, CUSTOMER_HZ)
        assert exchange.call_to(ringing).ringing_at is not None
        assert exchange.call_to(ringing).ended_at is None
        assert await books.leads() == {"dialing": 2, "claimed": 4}
        began_at = await _opt_out(place, made, [ringing, talker, queued], told=told)
        await see_ended(exchange, [ringing, *e164s[2:5]])
        await see_clear_talk(exchange, place, made, talker, CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=talker)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    cancelled, attempt = exchange.call_to(ringing), await attempt_to(place, made, ringing)
    assert cancelled.ended_by == "cancelled"
    assert began_at < cancelled.ended_at < began_at + within_s  # type: ignore[operator]
    assert (attempt.outcome, attempt.ended_by) == ("cancelled", "suppressed")
    assert exchange.call_to(talker).ended_by == "bye_sent"
    assert exchange.book().invites() == Counter(e164s[:5])
    assert await books.outcomes() == {"cancelled": 1, "connected": 4}
    assert await books.leads() == {"done:suppressed": 2, "done:no_disposition": 4}


async def test_a_promised_call_waits_for_its_own_agent(exchange: Exchange, place: Place) -> None:
    """Its agent talks, another one is free: the other one calls three others, and not this one."""
    e164s = numbers(6, first=600)
    first, second, *others, promised = e164s
    talkers = dict.fromkeys((first, second, promised), TALKER)
    await exchange.people(talkers | dict.fromkeys(others, SHORT))
    # One lead in hand at a time: whatever is due first is dialled next.
    settings = PLAIN | {"hopper_size": 1}
    made = await place.campaign(0, 2, e164s=e164s, settings=settings, trunk=TRUNK)
    later = "UPDATE lead SET next_attempt_at = now() + interval '1 day' WHERE id = :lead"
    await place.execute(later, made, lead=made.lead_ids[5])
    async with exchange.worker(place):
        own = await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)
        other = await see_clear_talk(exchange, place, made, second, CUSTOMER_HZ)
        await _promise(place, made, own)
        await exchange.carrier.order("bye", number=second)
        await see_ended(exchange, others)
        assert not exchange.book().of(promised)
        await exchange.carrier.order("bye", number=first)
        assert await see_clear_talk(exchange, place, made, promised, CUSTOMER_HZ) == own
        await exchange.carrier.order("bye", number=promised)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    by = {(await attempt_to(place, made, number)).agent_session_id for number in others}
    assert by == {made.session_ids[other.number - 1]}
    assert (await attempt_to(place, made, promised)).reserved_agent
    state = "SELECT state FROM callback WHERE campaign_id = :c"
    assert await place.books(made).scalar(state) == "kept"
    assert await place.books(made).outcomes() == {"connected": 6}


async def _promise(place: Place, made: MadeCampaign, seat: Seat) -> None:
    """Promise the last lead's call to an agent, an hour ago, for a second ago."""
    now = CLOCK.now()
    async with transaction(place.sessions) as session:
        agent = await name_of(session, made.session_ids[seat.number - 1])
        await promise(
            session,
            made.lead_ids[-1],
            CallbackRequest(now - timedelta(seconds=1), always, agent=agent),
            client_id=made.client_id,
            user_id=None,
            clock=FrozenClock(now - timedelta(hours=1)),
        )


OF_MOSCOW, OF_RUSSIA, OF_KAZAKHSTAN = "+74951112233", "+78001112233", "+77271112233"
POOL = {
    OF_MOSCOW: CallerIdWish("Near", "RU-MOW", daily_cap=2),
    OF_RUSSIA: CallerIdWish("Here", "RU"),
    OF_KAZAKHSTAN: CallerIdWish("There", "KZ"),
}


async def test_calls_show_the_pools_nearest_number_that_is_not_used_up(
    exchange: Exchange, place: Place
) -> None:
    """Two campaigns share Moscow's number, shown twice a day at most; then the next nearest is."""
    moscow, almaty = numbers(6, first=700), numbers(1, first=706)
    await exchange.people(dict.fromkeys(moscow + almaty, SHORT))
    how: dict[str, Any] = {"settings": PLAIN, "trunk": TRUNK}
    one = await place.campaign(0, 2, e164s=moscow[:3] + almaty, **how)
    how |= {"client_id": one.client_id, "agent_endpoint": "PJSIP/agent-3"}
    two = await place.campaign(0, 1, e164s=moscow[3:], **how)
    mine: dict[str, Any] = {"client_id": one.client_id, "by": None, "clock": CLOCK}
    async with transaction(place.sessions) as session:
        await move(session, moscow, jurisdictions=("RU", "RU-MOW"))
        await move(session, almaty, jurisdictions=("KZ",))
        for e164, wish in POOL.items():
            await caller_ids.save_caller_id(session, e164, wish, **mine)
        for made in (one, two):
            await caller_ids.set_pool(session, made.id, list(POOL), **mine)
    with exchange.wire() as headers:
        async with exchange.worker(place):
            await see_finished(place, one)
            await see_finished(place, two)
    assert exchange.book().invites() == Counter(moscow + almaty)
    shown = {call.number: call.caller for call in exchange.book().calls}
    assert Counter(shown[number] for number in moscow) == {OF_MOSCOW: 2, OF_RUSSIA: 4}
    assert shown[almaty[0]] == OF_KAZAKHSTAN
    for number, caller in shown.items():
        named = f'"{POOL[caller].display_name}" <sip:{caller}@'.encode()
        (invite,) = headers[number]  # and no second one that names the agent
        assert b"\r\nFrom: " + named in invite
        assert b"\r\nP-Asserted-Identity: " + named in invite
        made = two if number in moscow[3:] else one
        assert (await attempt_to(place, made, number)).caller_id == caller


async def test_a_changed_selection_leaves_people_out_from_that_moment_on(
    exchange: Exchange, place: Place
) -> None:
    """Nine are in the dialer's hands when only two are selected: nobody else hears from us."""
    e164s = numbers(10, first=800)
    talker, chosen = e164s[0], [e164s[3], e164s[8]]
    await exchange.people(dict.fromkeys(e164s, SHORT) | {talker: TALKER})
    made = await place.campaign(0, 1, e164s=e164s, settings=PLAIN, trunk=TRUNK)
    books = place.books(made)
    only = {"filter": {"field": "name", "op": "in", "value": ["Person 4", "Person 9"]}}
    changes: dict[str, Any] = {"settings": {"selection": only}, "by": None, "clock": CLOCK}
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, talker, CUSTOMER_HZ)
        assert await books.leads() == {"dialing": 1, "claimed": 9}
        async with transaction(place.sessions) as session:
            await lifecycle.update(session, made.id, client_id=made.client_id, **changes)
        await commands.send(place.redis, made.id, CommandName.REFRESH)
        await exchange.carrier.order("bye", number=talker)

        async def told() -> bool:
            return any("selection" in why for why in await books.why(place.redis))

        await until(told, "the board says that the selection is being applied")
        assert set(exchange.book().invites()) == {talker}

        async def applied() -> bool:
            await apply_selections({"deps": BackgroundDeps(Settings(), place.sessions, CLOCK)})
            return not await books.scalar("SELECT selection_due FROM campaign WHERE id = :c")

        await until(applied, "the selection is applied")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert exchange.book().invites() == Counter([talker, *chosen])
    assert await books.leads() == {"waiting": 7, "done:no_disposition": 3}


async def test_two_campaigns_with_one_list_call_nobody_twice_a_day(
    exchange: Exchange, place: Place
) -> None:
    """Both want everybody, and the busy ones again at once; a number has one attempt a day."""
    e164s = numbers(8, first=900)
    busy = dict.fromkeys(e164s[::2], "t-busy")
    await exchange.people(dict.fromkeys(e164s, "t-answer-r300-t1000") | busy)
    once = PLAIN | {"max_attempts_per_day": 1, "retry": {"busy": {"after_s": 0}}}
    # A simulated trunk's calls are not counted, and a real one's keep to the hours: it is noon there.
    how: dict[str, Any] = {"settings": once, "trunk": TRUNK | {"simulated": False}}
    one = await place.campaign(0, 2, e164s=e164s, **how)
    how |= {"client_id": one.client_id, "agent_endpoint": "PJSIP/agent-3", "agents": 1}
    async with transaction(place.sessions) as session:
        two = await make_campaign(session, CLOCK.now(), **how)
        await enrol(session, two.id, one.list_id, client_id=one.client_id, clock=CLOCK)
        await move(session, e164s, zones=(f"Etc/GMT{CLOCK.now().hour - 12:+d}",))
    both = [place.books(one), place.books(two)]
    # A number that was on the line with the other one is asked about after a minute: here at once.
    again = (
        "UPDATE lead SET next_attempt_at = now() WHERE waiting_reason = 'live_attempt_elsewhere'"
    )
    still_open = (
        "SELECT count(*) FROM lead WHERE campaign_id = :c AND state <> 'done' AND NOT"
        " (waiting_reason = 'daily_cap' AND next_attempt_at > now() + interval '23 h')"
    )

    async def all_is_said() -> bool:
        await place.execute(again, one)
        return not any([await books.scalar(still_open) for books in both])

    async with exchange.worker(place):
        await until(all_is_said, "each lead is done or waits for tomorrow", within_s=40)
    assert exchange.book().invites() == Counter(e164s)
    outcomes = [Counter(await books.outcomes()) for books in both]
    assert outcomes[0] + outcomes[1] == {"busy": 4, "connected": 4}
    assert all(outcomes), "both have dialled"
    assert sum([(await books.leads())["waiting"] for books in both]) == 12
