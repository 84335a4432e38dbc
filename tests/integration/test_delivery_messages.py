"""Deliveries that are messages: signed webhooks and letters, whose repetitions show."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from campaigns.delivery.deliveries import links, orders, plans
from campaigns.delivery.deliveries.errors import LinkEnded, PlanPaused
from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState
from campaigns.tenancy import looks
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.deliveries_world import RING, Delivering, delivery_settings
from tests.receivers import Hook, Postbox, postbox

HOUR_S = 3600.0


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as made:
        yield made


@pytest.fixture
async def world(
    sessions: SessionFactory,
    clock: FrozenClock,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    box: Postbox,
) -> Delivering:
    settings = delivery_settings(database_url, redis_url, tmp_path, mail_port=box.port)
    return await Delivering.begin(sessions, settings, clock)


async def test_a_letter_has_a_link_that_ends_and_one_id_however_often_it_is_sent(
    world: Delivering, box: Postbox, clock: FrozenClock
) -> None:
    target = {"kind": "email", "recipients": ["boss@acme.example"], "language": "ru"}
    wish = looks.LookWish(name="Acme Voice", accent="", accent_dark="")
    async with transaction(world.sessions) as session:
        await looks.change(session, world.client_id, wish, by=None, clock=clock)
    plan = await world.plan(target, link_days=2)
    one = await world.order(plan)
    box.refuses = "boss@acme.example"
    await world.sweep()
    assert (await world.delivery(one)).reason == DeliveryReason.REFUSED
    box.refuses = ""
    clock.advance(60)
    await world.sweep()
    assert (await world.delivery(one)).state is DeliveryState.DELIVERED
    [letter] = box.letters
    assert letter["message-id"] == f"<delivery-{one.hex}@acme.example>"
    words = letter.get_content()
    link = next(line for line in words.splitlines() if line.startswith("https://"))
    token = link.removeprefix("https://calls.example.com/take/")
    assert links.opened(RING, token, clock.now()).delivery_id == one
    swapped = ("B" if token[3] == "A" else "A").join((token[:3], token[4:]))
    for bad, at in (
        (token, clock.now() + timedelta(days=2)),
        (swapped, clock.now()),
        ("x", clock.now()),
    ):
        with pytest.raises(LinkEnded):
            links.opened(RING, bad, at)
    assert "Контактов с результатом: 3" in words
    assert words.rstrip().endswith("Acme Voice")


async def test_a_webhook_is_signed_tried_again_and_its_repetitions_show(
    world: Delivering, receiver: Hook, clock: FrozenClock
) -> None:
    plan = await world.plan({"kind": "webhook", "url": receiver.url})
    one = await world.order(plan)
    receiver.answers = [500, "drop", 302, 429]
    receiver.headers = {"Retry-After": "7200", "Location": receiver.url}
    expected = ["refused", "broken_off", "redirected", "busy"]
    for number in range(4):
        await world.sweep()
        assert await world.tries(one) == expected[: number + 1]
        assert await world.sweep() == 0, "not before its time"
        clock.advance(600)
    assert (await world.delivery(one)).next_try_at >= clock.now() + timedelta(seconds=6000)
    clock.advance(2 * HOUR_S)
    await world.sweep()
    assert (await world.delivery(one)).state is DeliveryState.DELIVERED
    assert len(receiver.got) == 5
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert ids == {f"msg_{one.hex}"}
    secret = plans.target_of(plan, RING).signing  # type: ignore[union-attr]
    got = receiver.got[-1]
    signed = Webhook(secret)  # type: ignore[arg-type]
    # The library compares with the wall clock; the test's stands still.
    signed._Webhook__verify_timestamp = lambda stamp: clock.now()  # type: ignore[attr-defined]
    message = signed.verify(got.body, {name.lower(): value for name, value in got.headers.items()})
    assert message["type"] == "delivery.ready"
    assert message["data"]["manifest"] == (await world.delivery(one)).manifest
    assert all(
        file["url"].startswith("https://calls.example.com/take/")
        for file in message["data"]["files"]
    )


async def test_while_a_secret_is_replaced_both_sign(
    world: Delivering, receiver: Hook, clock: FrozenClock
) -> None:
    plan = await world.plan({"kind": "webhook", "url": receiver.url})
    old = plans.target_of(plan, RING).signing  # type: ignore[union-attr]
    async with transaction(world.sessions) as session:
        row = await session.get_one(DeliveryPlan, plan.id)
        await plans.replace_secret(session, row, user_id=None, ring=RING, clock=clock)
        new = plans.target_of(row, RING).signing  # type: ignore[union-attr]
        assert str(old) not in str(row.sealed)
    await world.order(plan)
    await world.sweep()
    async with transaction(world.sessions) as session:
        row = await session.get_one(DeliveryPlan, plan.id)
        await plans.replace_secret(
            session, row, user_id=None, ring=RING, clock=clock, drop_before=True
        )
    await world.order(plan)
    await world.sweep()
    assert [len(got.headers["webhook-signature"].split()) for got in receiver.got] == [2, 1]
    for secret, opens in ((old, (True, False)), (new, (True, True))):
        for got, expected in zip(receiver.got, opens, strict=True):
            sign = Webhook(secret).sign(got.headers["webhook-id"], clock.now(), got.body.decode())  # type: ignore[arg-type]
            assert (sign in got.headers["webhook-signature"].split()) is expected


async def test_what_is_gone_is_given_up_and_pauses_its_plan_until_somebody_looks(
    world: Delivering, receiver: Hook, clock: FrozenClock
) -> None:
    plan = await world.plan({"kind": "webhook", "url": receiver.url})
    one, two = await world.order(plan), await world.order(plan)
    receiver.answers = [410]
    await world.sweep()
    states = {(await world.delivery(each)).state for each in (one, two)}
    assert states == {DeliveryState.DEAD, DeliveryState.WAITING}, "the second is held"
    assert await world.sweep() == 0
    async with transaction(world.sessions) as session:
        row = await session.get_one(DeliveryPlan, plan.id)
        dead = await orders.deliveries_of(
            session, client_id=world.client_id, state=DeliveryState.DEAD
        )
        assert [each.reason for each in dead] == ["gone"]
        with pytest.raises(PlanPaused):
            await orders.wake(session, dead[0], user_id=None, clock=clock)
        await plans.resume(session, row, user_id=None, clock=clock)
        await orders.wake(session, dead[0], user_id=None, clock=clock)
    assert await world.sweep() == 2
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 2 < len(receiver.got)


async def test_days_without_an_answer_end_in_a_dead_letter(
    world: Delivering, receiver: Hook, clock: FrozenClock
) -> None:
    plan = await world.plan({"kind": "webhook", "url": receiver.url})
    one = await world.order(plan)
    receiver.answers = [503] * 60
    while (await world.delivery(one)).state is not DeliveryState.DEAD:
        await world.sweep()
        clock.advance(1800)
    row = await world.delivery(one)
    assert row.first_try_at is not None
    assert timedelta(days=3) <= clock.now() - row.first_try_at < timedelta(days=4)
    assert 12 <= row.tries <= 25
