"""Deliveries to real servers: whole, once, with proof, and what failed comes back."""

import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text
from sqlmodel import select

from campaigns.delivery.deliveries import orders, plans, target_keys
from campaigns.delivery.deliveries.carrying import check, means_of
from campaigns.delivery.deliveries.errors import StillGoing
from campaigns.delivery.deliveries.models import DeliveryPlan, DeliveryTry
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.sftp import offered_host_key
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.sealing import Key, KeyRing
from tests.deliveries_world import RING, Delivering, delivery_settings, to_sftp
from tests.receivers import SftpHost, s3_host, s3_objects, sftp_host

LOOPBACK = "127.0.0.0/8"
HOUR_S = 3600.0


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncIterator[SftpHost]:
    (tmp_path / "sftp").mkdir()
    async with sftp_host(tmp_path / "sftp") as host:
        yield host


@pytest.fixture
async def world(
    sessions: SessionFactory, clock: FrozenClock, database_url: str, redis_url: str, tmp_path: Path
) -> Delivering:
    settings = delivery_settings(database_url, redis_url, tmp_path)
    return await Delivering.begin(sessions, settings, clock)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


async def test_files_arrive_by_sftp_with_a_manifest_that_is_true(
    world: Delivering, sftp: SftpHost
) -> None:
    plan = await world.plan(to_sftp(sftp, directory="in"), formats=["results_csv", "refresh_csv"])
    (sftp.root / "in").mkdir()
    first = await world.order(plan)
    assert await world.sweep() == 1
    row = await world.delivery(first)
    assert (row.state, row.results, row.added, row.tries) == (DeliveryState.DELIVERED, 3, 3, 1)
    assert row.bytes_sent == row.bytes_total > 0
    arrived = sftp.files()
    assert arrived == world.stored(first)
    manifest_name = next(name for name in arrived if name.endswith("manifest.json"))
    manifest = json.loads(arrived[manifest_name])
    assert manifest == row.manifest
    assert row.manifest_sha256 == hashlib.sha256(arrived[manifest_name]).hexdigest()
    assert [one["format"] for one in manifest["files"]] == ["results_csv", "refresh_csv"]
    for one in manifest["files"]:
        data = arrived[one["name"]]
        assert (one["size"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["files"][0]["rows"] == len(rows_of(arrived[manifest["files"][0]["name"]])) - 1
    assert manifest["layout"] == {"number": 1, "columns": row.manifest["layout"]["columns"]}
    # Again, with what changed: one result other, one gone, one new.
    await world.settle(world.lead_ids[:1], "refused")
    await world.settle(world.lead_ids[1:2], None)
    await world.settle(world.lead_ids[3:], "sale")
    second = await world.again(first)
    with pytest.raises(StillGoing):
        await world.again(second)
    await world.sweep()
    row = await world.delivery(second)
    assert (row.period, row.number) == ((await world.delivery(first)).period, 2)
    changes = next(data for name, data in sftp.files().items() if name.endswith("changes.csv"))
    assert (row.added, row.changed, row.removed, row.results) == (1, 1, 1, 3)
    assert row.manifest["since"] == str(first)
    third = await world.again(first)
    await world.sweep()
    row = await world.delivery(third)
    assert (row.number, row.added, row.changed, row.removed) == (3, 0, 0, 0)
    assert rows_of(changes)[0] == [
        "change",
        "list",
        "row",
        "external_key",
        "result_before",
        "result",
    ]
    listed = {tuple(one[:1] + one[2:3] + one[4:]) for one in rows_of(changes)[1:]}
    assert listed == {
        ("changed", "1", "sale", "refused"),
        ("removed", "2", "sale", ""),
        ("added", "4", "", "sale"),
    }
    assert not [name for name in sftp.files() if name.endswith(".part")]


async def test_a_target_is_tried_out_with_a_clear_error(world: Delivering, sftp: SftpHost) -> None:
    means = means_of(world.settings, world.clock)

    async def why(**changes: object) -> DeliveryReason | None:
        plan = await world.plan(to_sftp(sftp, **changes))
        try:
            await check(plans.target_of(plan, RING), means, "Acme")
        except SendFault as fault:
            return fault.reason
        return None

    assert await why() is None
    assert await why(private_key=sftp.client_key, password=None) is None
    assert await why(password="wrong") is DeliveryReason.SIGN_IN_REFUSED
    assert await why(host_key="") is DeliveryReason.HOST_KEY_UNKNOWN
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    assert await why(host_key=other) is DeliveryReason.HOST_KEY_CHANGED
    assert await why(directory="nowhere") is DeliveryReason.NO_SUCH_PLACE
    assert await why(port=1) is DeliveryReason.UNREACHABLE
    assert await why(host="nothing.invalid") is DeliveryReason.NAME_UNKNOWN
    assert await why(host="10.0.0.1") is DeliveryReason.PRIVATE_ADDRESS
    assert (await offered_host_key("127.0.0.1", sftp.port, means.networks))[0] == sftp.host_key
    assert sftp.files() == {}, "a test leaves nothing"
    plan = await world.plan(to_sftp(sftp, directory="nowhere"))
    with pytest.raises(SendFault) as shown:
        await check(plans.target_of(plan, RING), means, "Acme")
    assert "No such file" in shown.value.told, "a test says what the server said"
    one = await world.order(plan)
    await world.sweep()
    assert (await world.delivery(one)).reason_detail == "SFTP 2"
    async with world.sessions() as session:
        tried = (await session.exec(select(DeliveryTry.detail))).all()
    assert list(tried) == ["SFTP 2"], "a server's own words are not kept"


async def test_s3_gets_the_files_and_tells_what_is_wrong(world: Delivering) -> None:
    with s3_host() as endpoint:
        async with aiohttp.ClientSession() as client, client.put(f"{endpoint}/results"):
            pass
        target = {
            "kind": "s3",
            "bucket": "results",
            "prefix": "acme/",
            "endpoint": endpoint,
            "access_key_id": "id",
            "secret_access_key": "secret",
        }
        means = means_of(world.settings, world.clock)
        assert (
            await check(plans.target_of(await world.plan(target), RING), means, "Acme")
            == "s3://results/acme"
        )
        plan = await world.plan(target)
        one = await world.order(plan)
        await world.sweep()
        stored = {f"acme/{name}": data for name, data in world.stored(one).items()}
        assert s3_objects(endpoint, "results") == stored
        lost = await world.plan(target | {"bucket": "nowhere"})
        with pytest.raises(SendFault) as fault:
            await check(plans.target_of(lost, RING), means, "Acme")
        assert fault.value.reason is DeliveryReason.NO_SUCH_PLACE


async def test_a_file_that_was_touched_does_not_go_out(
    world: Delivering, sftp: SftpHost, clock: FrozenClock
) -> None:
    plan = await world.plan(to_sftp(sftp, password="wrong"))
    one = await world.order(plan)
    await world.sweep()
    assert await world.tries(one) == ["sign_in_refused"]
    folder = means_of(world.settings, clock).folder.of(one)
    next(folder.glob("*results.csv")).write_bytes(b"other")
    given = PlanIn.model_validate(
        {
            "name": "mended",
            "formats": ["results_csv"],
            "schedule": "by_hand",
            "target": to_sftp(sftp),
        }
    )
    async with transaction(world.sessions) as session:
        row = await session.get_one(DeliveryPlan, plan.id)
        await plans.change(session, row, given, user_id=None, ring=RING, clock=clock)
    clock.advance(HOUR_S)
    await world.sweep()
    assert (await world.delivery(one)).state is DeliveryState.DEAD
    assert (await world.tries(one))[-1] == DeliveryReason.FILE_LOST
    async with transaction(world.sessions) as session:
        dead = await orders.find(session, one, client_id=world.client_id)
        anew = await orders.wake(session, dead, user_id=None, clock=clock)
    assert anew.id != one, "made anew"
    await world.sweep()
    assert (await world.delivery(anew.id)).state is DeliveryState.DELIVERED


async def test_plans_with_a_clock_an_end_and_quotas_deliver_once_a_period(
    world: Delivering, clock: FrozenClock
) -> None:
    portal = {"kind": "portal"}
    hourly = await world.plan(portal, schedule="hourly", zone="Asia/Kolkata")
    daily = await world.plan(portal, schedule="daily", at_minute=18 * 60, zone="Europe/Kyiv")
    at_end = await world.plan(portal, schedule="at_end")
    on_quota = await world.plan(portal, schedule="on_quota")

    async def periods(plan: DeliveryPlan) -> list[str]:
        return [one.period for one in await world.deliveries(plan)]

    await world.sweep()
    assert await periods(hourly) == [], "what ended before the plan is not made up"
    clock.advance(31 * 60)  # 15:01 in Kolkata
    for _ in range(3):
        await world.sweep()
    assert await periods(hourly) == ["2026-11-23T15:00+05:30"]
    clock.advance(5 * HOUR_S)  # passed while nothing worked: one delivery brings all
    await world.sweep()
    assert await periods(hourly) == ["2026-11-23T15:00+05:30", "2026-11-23T20:00+05:30"]
    assert await periods(daily) == []
    clock.advance(2 * HOUR_S)
    await world.sweep()
    assert await periods(daily) == ["2026-11-23"]
    assert await periods(at_end) == await periods(on_quota) == []
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE campaign SET state = 'finished', ended_at = :at, started_at = :at"),
            {"at": clock.now()},
        )
    for _ in range(2):
        await world.sweep()
    assert await periods(at_end) == ["end 2026-11-23T16:31:00+00:00"]
    assert all(one.state is DeliveryState.DELIVERED for one in await world.deliveries(hourly))


async def test_secrets_are_neither_in_the_table_nor_in_the_audit_log(
    world: Delivering, sftp: SftpHost
) -> None:
    plan = await world.plan(to_sftp(sftp, password="swordfish"))
    async with world.sessions() as session:
        for table in ("delivery_plan", "audit_entry"):
            found = await session.execute(text(f"TABLE {table}"))
            assert "swordfish" not in str(found.all()), table
    target = plans.target_of(plan, RING)
    assert target.password == "swordfish"  # type: ignore[union-attr]
    # A new key comes before the old one, and the old one may go once all is under the new one.
    fresh = KeyRing((Key(b"n" * 32), *RING.keys))
    async with transaction(world.sessions) as session:
        changed = [await target_keys.reseal_all(session, fresh) for _ in range(2)]
        row = await session.get_one(DeliveryPlan, plan.id)
        opened = plans.target_of(row, KeyRing(fresh.keys[:1]))
        assert (changed, opened) == ([1, 0], target)
        row.sealed = plan.sealed
    # Another host does not get to see what opened the first one.
    given = PlanIn.model_validate(
        {
            "name": "moved",
            "formats": ["results_csv"],
            "schedule": "by_hand",
            "target": to_sftp(sftp, host="127.0.0.2", password=None),
        }
    )
    async with world.sessions() as session:
        row = await session.get_one(DeliveryPlan, plan.id)
        with pytest.raises(Exception, match="password or a private key"):
            await plans.change(session, row, given, user_id=None, ring=RING, clock=world.clock)
