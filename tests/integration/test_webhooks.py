"""Webhooks: signed, in order, tried again, given up, disabled, sent again."""

from pathlib import Path

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

from campaigns.events.errors import EventsGone
from campaigns.webhooks import endpoints, signing_secrets
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.errors import EndpointNameTaken, EndpointNotFound
from campaigns.webhooks.lag import EndpointState, lag_of, state_of
from campaigns.webhooks.models import WebhookEndpoint, WebhookTry
from campaigns.webhooks.replaying import replay, wake
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.settings import Settings
from tests.deliveries_world import delivery_settings
from tests.events_world import RING, Happening, bodies, told
from tests.receivers import Hook

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> Happening:
    return await Happening.begin(sessions, clock)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return delivery_settings(database_url, redis_url, tmp_path)


async def test_events_come_signed_in_order_and_once(
    world: Happening, receiver: Hook, settings: Settings
) -> None:
    await world.happen()  # before there was an endpoint
    await world.place()
    row = await world.endpoint(receiver.url, most_events=4)
    await world.happen()
    assert await world.send(settings) == 5  # 18 events, four at a time
    assert await world.send(settings) == 0
    assert [event["position"] for event in told(receiver)] == list(range(19, 37))
    [secret] = signing_secrets.opened(row, RING)
    for got in receiver.got:
        headers = {name.lower(): value for name, value in got.headers.items()}
        # The library's own check would compare with the wall clock; the test's stands still.
        sign = Webhook(secret).sign(headers["webhook-id"], world.clock.now(), got.body.decode())
        assert headers["webhook-signature"] == sign
    assert {body["type"] for body in bodies(receiver)} == {"events"}
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 5
    lag = await _lag(world, row)
    assert (lag, state_of(await world.refreshed(row))) == (0, EndpointState.OPEN)


async def test_an_endpoint_gets_the_kinds_and_the_campaign_it_asks_for(
    world: Happening, receiver: Hook, settings: Settings
) -> None:
    other = await world.another_campaign()
    await world.endpoint(
        receiver.url, kinds=["result.saved"], campaign_id=str(other.made.id), with_numbers=True
    )
    await world.happen()
    await other.happen()
    await world.send(settings)
    events = told(receiver)
    assert [one["type"] for one in events] == ["result.saved"] * 6
    assert {one["campaign_id"] for one in events} == {str(other.made.id)}
    assert events[0]["data"]["phone"] == "+74952000500"
    await world.happen()
    assert await world.send(settings) == 0


async def test_a_message_is_the_same_at_every_try_and_holds_up_its_campaign_alone(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    other = await world.another_campaign()
    row = await world.endpoint(receiver.url)
    receiver.answers = [500, "drop", 429]
    ids = await world.call(world.made.lead_ids[:1])
    for waits in (60, 120, 400):
        await world.send(settings)
        await world.end(ids)  # what happens meanwhile waits behind
        clock.advance(waits)
    assert state_of(await world.refreshed(row)) is EndpointState.FAILING
    await other.call()
    await world.place()
    await world.send(settings)
    await world.send(settings)
    first = [got.headers["webhook-id"] for got in receiver.got[:4]]
    assert len(set(first)) == 1
    sizes = [len(body["data"]["events"]) for body in bodies(receiver)[:4]]
    assert sizes == [1, 1, 1, 1]
    ours = [one for one in told(receiver)[3:] if one["campaign_id"] == str(world.made.id)]
    assert [one["type"] for one in ours] == ["attempt.begun", "attempt.ended"]
    assert sum(one["campaign_id"] == str(other.made.id) for one in told(receiver)) == 6
    async with world.sessions() as session:
        tries = (await session.exec(select(WebhookTry).order_by(WebhookTry.id))).all()  # type: ignore[arg-type]
    assert [one.reason for one in tries][:4] == ["refused", "broken_off", "busy", ""]


async def test_a_lane_that_waits_leaves_the_others_alone(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    other = await world.another_campaign()
    await world.endpoint(receiver.url)
    receiver.answers = [422]
    await world.call(world.made.lead_ids[:1])
    await world.send(settings)
    for _ in range(2):
        await other.happen()
        await world.send(settings)
    assert sum(one["campaign_id"] == str(other.made.id) for one in told(receiver)) == 36
    assert sum(one["campaign_id"] == str(world.made.id) for one in told(receiver)) == 1
    clock.advance(15)
    await world.send(settings)
    assert sum(one["campaign_id"] == str(world.made.id) for one in told(receiver)) == 2


async def test_a_refused_message_is_given_up_after_a_day_and_sent_again_from_there(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url, most_events=1)
    ids = await world.call(world.made.lead_ids[:1])
    receiver.answers = [400] * 200
    given_up: list[object] = []
    for _ in range(60):
        await world.send(settings)
        clock.advance(HOUR_S)
        async with world.sessions() as session:
            given_up = list(await dead_letters(session, world.made.client_id))
        if given_up:
            break
    [dead] = given_up
    assert (dead.first_position, dead.reason) == (1, "refused")  # type: ignore[attr-defined]
    receiver.answers = []
    await world.end(ids)
    await world.send(settings)
    assert told(receiver)[-1]["type"] == "attempt.ended", "its campaign goes on"
    before = {got.headers["webhook-id"] for got in receiver.got}
    count = len(receiver.got)
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        lane = world.made.id
        place = await replay(
            session, held, position=1, lane_id=lane, user_id=None, clock=world.clock
        )
    assert place == 1
    await world.send(settings)
    again = told(receiver)[count:]
    assert [one["type"] for one in again] == ["attempt.begun", "attempt.ended"]
    assert not before & {got.headers["webhook-id"] for got in receiver.got[count:]}
    async with world.sessions() as session:
        assert not await dead_letters(session, world.made.client_id)


async def test_an_endpoint_that_takes_nothing_for_days_is_disabled_and_loses_nothing(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    await world.happen()
    receiver.answers = ["drop"] * 400
    for _ in range(6 * 24):
        await world.send(settings)
        clock.advance(HOUR_S)
    found = await world.refreshed(row)
    assert (state_of(found), found.disabled_reason) == (EndpointState.DISABLED, "broken_off")
    tried = len(receiver.got)
    clock.advance(DAY_S)
    await world.send(settings)
    assert len(receiver.got) == tried
    receiver.answers = []
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await endpoints.resume(session, held, user_id=None, clock=clock)
        await wake(session, held, user_id=None, clock=clock)
    await world.send(settings)
    assert [one["position"] for one in told(receiver)[-18:]] == list(range(1, 19))


async def test_what_is_gone_for_good_or_private_is_disabled_at_once(
    world: Happening, receiver: Hook, settings: Settings, database_url: str, redis_url: str
) -> None:
    row = await world.endpoint(receiver.url)
    await world.happen()
    receiver.answers = [410]
    await world.send(settings)
    assert (await world.refreshed(row)).disabled_reason == "gone"
    private = await world.endpoint(receiver.url)
    await world.happen()
    closed = settings.model_copy(update={"delivery_networks": None})
    count = len(receiver.got)
    await world.send(closed)
    assert (await world.refreshed(private)).disabled_reason == "private_address"
    assert len(receiver.got) == count, "nothing was sent to loopback"


async def test_a_pause_holds_everything_and_a_time_sends_again(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    await world.happen()
    await world.send(settings)
    clock.advance(60)
    moment = clock.now()
    await world.happen()
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await endpoints.pause(session, held, user_id=None, clock=clock)
    assert await world.send(settings) == 0
    assert await _lag(world, row) == 18
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await endpoints.resume(session, held, user_id=None, clock=clock)
    await world.send(settings)
    assert len(told(receiver)) == 36
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        assert await replay(session, held, at=moment, user_id=None, clock=clock) == 19
    await world.send(settings)
    assert [one["position"] for one in told(receiver)[36:]] == list(range(19, 37))


async def test_events_that_were_kept_too_short_are_a_dead_letter(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    await world.happen()
    await world.place()
    await world.run("DELETE FROM event WHERE position <= 10")
    await world.run("UPDATE event_stream SET floor_position = 10")
    await world.run("UPDATE event_head SET gone_position = 10")
    await world.send(settings)
    assert [one["position"] for one in told(receiver)] == list(range(11, 19))
    async with transaction(world.sessions) as session:
        [dead] = await dead_letters(session, world.made.client_id, row.id)
        assert (dead.reason, dead.first_position, dead.last_position) == ("events_gone", 1, 10)
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        with pytest.raises(EventsGone):
            await replay(session, held, position=5, user_id=None, clock=clock)


async def test_two_secrets_sign_until_the_old_one_is_dropped(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    [old] = signing_secrets.opened(row, RING)
    for drop in (False, True):
        async with transaction(world.sessions) as session:
            held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
            await endpoints.replace_secret(
                session, held, user_id=None, ring=RING, clock=clock, drop_before=drop
            )
        await world.happen()
        await world.send(settings)
        signatures = receiver.got[-1].headers["webhook-signature"].split()
        assert len(signatures) == (1 if drop else 2)
    assert old not in signing_secrets.opened(await world.refreshed(row), RING)


async def test_an_endpoint_has_a_name_of_its_own_and_is_its_clients(world: Happening) -> None:
    row = await world.endpoint("https://crm.example/hook", name="CRM")
    with pytest.raises(EndpointNameTaken):
        await world.endpoint("https://crm.example/other", name="CRM")
    async with transaction(world.sessions) as session:
        with pytest.raises(EndpointNotFound):
            await endpoints.find(session, row.id, client_id=new_id())
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await endpoints.remove(session, held, user_id=None, clock=world.clock)
    await world.endpoint("https://crm.example/hook", name="CRM")


async def _lag(world: Happening, row: WebhookEndpoint) -> int:
    async with world.sessions() as session:
        return (await lag_of(session, row.id)).events
