"""Recordings are kept once, whatever is killed, full or away; nothing goes before its successor is safe."""

import asyncio
import resource
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from sqlmodel import col, select

from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.recordings import policies, retention
from campaigns.recordings.keys import reseal_page
from campaigns.recordings.models import Reason, RecordingPolicy, RecordingState
from campaigns.tenancy.models import AuditEntry
from dialer.call.recorded import piece_name
from dialer.call.talks import PartEnd, PartKind
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Conflict
from dialer.ids import new_id
from dialer.sealing import KeyRing, new_key
from tests.recordings_world import (
    AGENT_HZ,
    CUSTOMER_HZ,
    KILLED,
    Recorded,
    recorded,
    share,
    write_raw,
)
from workers.jobs.kept_recordings import sweep_kept, sweep_retention
from workers.jobs.metrics import RECORDINGS_BEHIND
from workers.jobs.recordings import finish, sweep_recordings

#: Where a worker may be killed: before the function returns.
POINTS = ("encode_wav", "seal", "_read_back", "_delete_wav")


async def test_a_talk_is_kept_once_with_its_gap(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    world = await recorded(sessions, clock, tmp_path, calls=1, seconds=10)
    (call,) = world.attempts
    write_raw(world.raw(call), 3)
    write_raw(world.settings.raw_recordings() / piece_name(call, new_id()), 4)
    async with transaction(sessions) as session:
        attempt = await session.get_one(Attempt, call)
        assert attempt.answered_at is not None
        session.add(
            CallPart(
                attempt_id=call,
                client_id=attempt.client_id,
                kind=PartKind.UNRECORDED,
                began_at=attempt.answered_at + timedelta(seconds=3),
                ended_at=attempt.answered_at + timedelta(seconds=6),
                ending=PartEnd.RESUMED,
            )
        )
    assert await finish(world.deps, call)
    row = await world.row(call)
    assert (row.state, row.reason, row.duration_s) == (RecordingState.KEPT, Reason.NONE, 10.0)
    heard = await world.heard(call)
    agent, customer = heard[8_000:20_000].T
    assert share(agent, AGENT_HZ) > 0.95
    assert share(customer, CUSTOMER_HZ) > 0.95
    assert abs(heard[26_000:46_000]).max() < 30, "the gap is silent"
    assert share(heard[56_000:70_000, 0], AGENT_HZ) > 0.95, "the talk goes on at its own time"
    assert not world.raw(call).exists()
    assert not world.wav(call).exists()
    (name,) = await world.store.names()
    stored = await world.store.get(name)
    assert b"OpusHead" not in stored
    assert b"Opus" not in stored
    assert not await finish(world.deps, call)
    assert await sweep_kept({"deps": world.deps}) == 0
    assert await world.store.names() == [name]


async def test_a_worker_killed_anywhere_loses_nothing_and_does_nothing_twice(
    sessions: SessionFactory, clock: FrozenClock, database_url: str, tmp_path: Path
) -> None:
    world = await recorded(sessions, clock, tmp_path, calls=len(POINTS))
    no_key = world.with_settings(secret_keys=None)
    assert await sweep_recordings({"deps": no_key}) == len(POINTS)
    assert {(await world.row(one)).reason for one in world.attempts} == {Reason.NO_KEY}
    clock.advance(60)
    facts = world.settings.model_copy(update={"database_url": SecretStr(database_url)})
    killed = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KILLED, str(attempt_id), point, clock.now().isoformat()),
            env=facts.as_environment(),
        )
        for attempt_id, point in zip(world.attempts, POINTS, strict=True)
    ]
    assert {await one.wait() for one in killed} == {-signal.SIGKILL}
    states = [(await world.row(one)).state for one in world.attempts]
    assert states == [RecordingState.WAITING] * 3 + [RecordingState.KEPT]
    assert await sweep_kept({"deps": world.deps}) == 0, "they are claimed"
    assert not world.wav(world.attempts[3]).exists(), "the sweep has finished what was kept"
    clock.advance(601)
    assert await sweep_kept({"deps": world.deps}) == 3
    for attempt_id in world.attempts:
        assert share((await world.heard(attempt_id))[4_000:20_000, 0], AGENT_HZ) > 0.95
        assert not world.wav(attempt_id).exists()
    assert len(await world.store.names()) == len(POINTS), "nothing was stored twice"


async def test_a_full_disk_keeps_the_audio_and_says_so(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    """No file may grow beyond 20 kB: neither the WAV nor, later, the sealed file fits."""
    world = await recorded(sessions, clock, tmp_path, calls=1, seconds=20)
    (call,) = world.attempts
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    raw = world.raw(call).read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        assert await sweep_recordings({"deps": world.deps}) == 0
        row = await world.row(call)
        assert (row.state, row.reason) == (RecordingState.RAW, Reason.DISK_FULL)
        assert world.raw(call).read_bytes() == raw
        assert await sweep_kept({"deps": world.deps}) == 0
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert await sweep_recordings({"deps": world.with_settings(secret_keys=None)}) == 1
        clock.advance(60)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        assert await sweep_kept({"deps": world.deps}) == 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    row = await world.row(call)
    assert (row.state, row.reason) == (RecordingState.WAITING, Reason.DISK_FULL)
    assert world.wav(call).exists()
    trouble = RECORDINGS_BEHIND.labels("waiting", "disk_full")._value.get()
    assert trouble == 1, "and the alarm is on"
    clock.advance(3600)
    assert await sweep_kept({"deps": world.deps}) == 1
    assert (await world.row(call)).reason is Reason.NONE
    assert await world.store.names() == [(await world.row(call)).object]


@pytest.fixture
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


async def test_s3_may_be_away_for_a_while(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path, s3: str
) -> None:
    world = await recorded(sessions, clock, tmp_path, calls=1)
    (call,) = world.attempts
    facts = {
        "recording_store": "s3://talks/acme",
        "recording_store_access_key": "test",
        "recording_store_secret_key": SecretStr("test"),
    }
    away = world.with_settings(**facts, recording_store_endpoint="http://127.0.0.1:9")
    assert await finish(away, call)
    row = await world.row(call)
    assert (row.state, row.reason) == (RecordingState.WAITING, Reason.STORE_AWAY)
    assert world.wav(call).exists()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    bucket = boto3.client("s3", endpoint_url=s3, region_name="us-east-1", **keys)
    bucket.create_bucket(Bucket="talks")
    clock.advance(60)
    world.deps = world.with_settings(**facts, recording_store_endpoint=s3)
    # Whoever was at work before may have stored: its name is in the row, and its object goes.
    assert await sweep_kept({"deps": world.deps}) == 1
    assert share((await world.heard(call))[4_000:20_000, 1], CUSTOMER_HZ) > 0.95
    assert [one["Key"] for one in bucket.list_objects_v2(Bucket="talks")["Contents"]] == [
        f"acme/{(await world.row(call)).object}"
    ]
    bucket.close()


async def _erase(world: Recorded, number: str) -> None:
    async with transaction(world.deps.sessions) as session:
        await erase(
            session,
            Who(e164=number),
            client_id=world.made.client_id,
            reason="a letter",
            user_id=None,
            clock=world.clock,
            vault=Vault.of(world.settings),
        )


async def test_recordings_go_when_their_time_is_over_and_not_before(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    """The client says a month; a law says three years for one call, and another is in dispute."""
    world = await recorded(sessions, clock, tmp_path, calls=4)
    plain, lawful, held, erased = world.attempts
    deps, ctx = world.deps, {"deps": world.deps}
    async with transaction(sessions) as session:
        attempt = await session.get_one(Attempt, lawful)
        attempt.decision = {"rules": ["ru-debt-retention"]}
    assert await sweep_recordings(ctx) == 4
    row = await world.row(lawful)
    assert row.law_rules == ["ru-debt-retention"]
    assert row.law_until == row.talked_at + timedelta(days=1096)
    clock.advance(3650 * 86_400.0)
    assert await sweep_retention(ctx) == 0, "nobody has said how long"
    clock.advance(-3620 * 86_400.0)
    async with transaction(sessions) as session:
        policy = RecordingPolicy(
            client_id=world.made.client_id, keep_days=31, changed_at=clock.now()
        )
        await policies.set_policy(session, policy, user_id=None, clock=clock)
        row = await world.row(held)
        await retention.hold(session, row, "the customer complains", user_id=None, clock=clock)
        with pytest.raises(Conflict):
            await retention.hold(session, row, "again", user_id=None, clock=clock)
    assert await sweep_retention(ctx) == 0
    async with deps.sessions() as session:
        number = (await session.get_one(Attempt, erased)).e164
        other = (await session.get_one(Attempt, held)).e164
    await _erase(world, number)
    gone = await world.row(erased)
    assert (gone.state, gone.sealed_key) == (RecordingState.DELETING, None)
    await sweep_kept(ctx)
    assert len(await world.store.names()) == 3
    clock.advance(2 * 86_400.0)
    assert await sweep_retention(ctx) == 1
    kept = {(await world.row(lawful)).object, (await world.row(held)).object}
    assert set(await world.store.names()) == kept
    assert (await world.row(plain)).reason is Reason.RETENTION
    await _erase(world, other)
    assert await sweep_retention(ctx) == 0, "a claim may need it"
    async with transaction(sessions) as session:
        await retention.let_go(session, await world.row(held), user_id=None, clock=clock)
    assert await sweep_retention(ctx) == 1
    assert (await world.row(held)).reason is Reason.ERASED
    clock.advance(1096 * 86_400.0)
    assert await sweep_retention(ctx) == 1
    assert await world.store.names() == []
    async with sessions() as session:
        actions = await session.exec(
            select(AuditEntry.action).where(col(AuditEntry.action).startswith("recording"))
        )
        assert sorted(actions) == [
            *["recording.deleted"] * 3,
            "recording.held",
            "recording.let_go",
            "recording_policy.changed",
        ]


async def test_a_new_key_takes_over_without_touching_files(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    world = await recorded(sessions, clock, tmp_path, calls=3)
    assert await sweep_recordings({"deps": world.deps}) == 3
    names = await world.store.names()
    fresh, old = new_key(), world.settings.keys()
    both = KeyRing.parse(f"{fresh} {old}")
    done, after = 0, None
    while True:
        async with transaction(sessions) as session:
            changed, after = await reseal_page(session, both, after=after, most=2)
        done += changed
        if after is None:
            break
    assert done == 3
    world.deps = world.with_settings(secret_keys=SecretStr(fresh))
    for attempt_id in world.attempts:
        assert share((await world.heard(attempt_id))[4_000:20_000, 0], AGENT_HZ) > 0.95
    assert await world.store.names() == names
