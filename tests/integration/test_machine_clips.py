"""Greetings kept for reviewers, permissions on receipts, corrections in the running budget."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.amd.judging import judge
from campaigns.amd.models import Judgement
from campaigns.pacing.memory import trace_of
from dialer.call import recorded
from dialer.call.recorded import greeting_name
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.settings import Settings
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.dialplan import Return, detect_machine
from tests.audits import audit_nobody
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk
from tests.world import until
from workers.deps import BackgroundDeps
from workers.dialing import pacing_record
from workers.jobs.greetings import sweep_greetings

MACHINE, PERSON = "t-machine-r20-t60000", "t-answer-r20-t1200"
SPEED = 20.0
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
REVIEWS: dict[str, Any] = {"audit_share": 0.01, "review_share": 1, "keep_greetings": True}


@pytest.fixture(autouse=True)
def _no_audit_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    audit_nobody(monkeypatch)
    monkeypatch.setattr(recorded, "is_audited", lambda _call_id, share: share >= 1)


async def _run(place: Place, settings: dict[str, Any], folder: Path) -> MadeCampaign:
    """Call a machine and a person; the file that was asked for is written as Asterisk would."""
    machine, person = numbers(2)
    made = await place.campaign(0, 1, e164s=[machine, person], settings=SETTINGS | settings)

    def listen(channel: Channel) -> Return:
        if file := channel.variables.get("OD_REC"):
            assert channel.variables["OD_REC_OPTS"] == "D"
            (folder / Path(file).name).write_bytes(b"\x01\x02\x03\x04" * 80)
        return detect_machine(channel)

    async with asterisk(Manners(PERSON, {machine: MACHINE}), speed=SPEED) as (sim, _):
        sim.world.dialplan["amd"] = listen
        async with place.worker(sim):
            await until(place.books(made).is_finished, "the campaign is finished", within_s=60)
    assert await place.books(made).outcomes() == {"machine": 1, "connected": 1}
    return made


def _deps(place: Place, folder: Path) -> BackgroundDeps:
    changes = {"recordings_dir": folder / "done", "raw_recordings_dir": folder}
    return BackgroundDeps(Settings().model_copy(update=changes), place.sessions, SystemClock())


def _greetings(folder: Path) -> list[Path]:
    return list(folder.glob("*-greeting.raw"))


async def _machine(place: Place, made: MadeCampaign) -> tuple[UUID, bool, str | None]:
    """The machine's call: its id, whether it waits for a reviewer, and its raw file."""
    sql = (
        "SELECT a.id, v.for_review, a.recording_raw FROM amd_verdict v"
        " JOIN attempt a ON a.id = v.attempt_id"
        " WHERE v.campaign_id = :c AND v.treatment = 'acted'"
    )
    async with place.sessions() as session:
        row = (await session.execute(text(sql), {"c": made.id})).one()
    return row.id, row.for_review, row.recording_raw


async def test_without_recordings_a_machines_greeting_stays_and_a_persons_goes(
    place: Place, tmp_path: Path
) -> None:
    made = await _run(place, {"record": False, "amd": REVIEWS}, tmp_path)
    call_id, for_review, raw = await _machine(place, made)
    assert (for_review, raw) == (True, greeting_name(call_id))
    strange = tmp_path / greeting_name(UUID(int=5))
    strange.write_bytes(b"of another installation")
    assert len(_greetings(tmp_path)) == 3
    assert await sweep_greetings({"deps": _deps(place, tmp_path)}) == 1
    assert set(_greetings(tmp_path)) == {tmp_path / greeting_name(call_id), strange}
    await place.execute("UPDATE attempt SET recording_raw = NULL WHERE campaign_id = :c", made)
    assert await sweep_greetings({"deps": _deps(place, tmp_path)}) == 1, "as after an erasure"
    assert _greetings(tmp_path) == [strange]


async def test_a_person_who_talks_on_is_forgotten_meanwhile(place: Place, tmp_path: Path) -> None:
    """The talk lasts; what the analysis heard of it goes as soon as the verdict is stored."""
    made = await place.campaign(1, 1, settings=SETTINGS | {"record": False, "amd": REVIEWS})
    async with asterisk(Manners("t-answer-r20-t60000"), speed=2) as (sim, _), place.worker(sim):

        async def call_id() -> UUID | None:
            sql = "SELECT attempt_id FROM amd_verdict WHERE campaign_id = :c"
            found: UUID | None = await place.books(made).scalar(sql)
            return found

        file = tmp_path / greeting_name(await until(call_id, "the verdict is stored"))
        file.write_bytes(b"hello")
        assert await sweep_greetings({"deps": _deps(place, tmp_path)}) == 1
        assert not file.exists()
        assert await place.books(made).agent_states() == ["on_call"]


@pytest.mark.parametrize(
    ("settings", "for_review"),
    [
        ({"record": True, "amd": REVIEWS}, True),
        ({"record": False, "amd": REVIEWS | {"keep_greetings": False}}, False),
        ({"record": True, "amd": REVIEWS | {"review_share": 0}}, False),
    ],
)
async def test_no_greeting_is_kept_besides_a_recording_or_unasked(
    place: Place, tmp_path: Path, settings: dict[str, Any], for_review: bool
) -> None:
    made = await _run(place, settings, tmp_path)
    assert _greetings(tmp_path) == []
    call_id, drawn, raw = await _machine(place, made)
    assert drawn is for_review
    assert raw == (f"{call_id.hex}.raw" if settings["record"] else None)


async def test_the_receipt_says_whether_a_message_may_be_left(place: Place) -> None:
    e164s = numbers(2)
    leaves = {
        "audit_share": 0.01,
        "on_machine": "leave_message",
        "messages": {"ru": ["sound:acme"]},
    }
    made = await place.campaign(0, 1, e164s=e164s, settings=SETTINGS | {"amd": leaves})
    await place.execute(
        "UPDATE contact SET language = 'ru' WHERE id IN (SELECT contact_id FROM phone"
        " WHERE e164 = :e164)",
        made,
        e164=e164s[0],
    )
    async with asterisk(Manners(MACHINE), speed=SPEED) as (sim, _), place.worker(sim):
        await until(place.books(made).is_finished, "the campaign is finished", within_s=60)
    kept = (
        "SELECT decision -> 'machine_message' FROM attempt WHERE campaign_id = :c AND e164 = :e164"
    )
    told = await place.books(made).scalar(kept, e164=e164s[0])
    assert told == {"allowed": True, "reasons": [], "rules": [], "consents": []}
    told = await place.books(made).scalar(kept, e164=e164s[1])
    assert (told["allowed"], told["reasons"]) == (False, ["no_message_in_language"])


async def test_a_correction_takes_the_charge_from_the_running_budget(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing_record, "VERDICTS_EVERY_S", 0.1)
    later = {"after_s": 3600, "max_attempts": 3}
    settings = SETTINGS | {"amd": REVIEWS, "retry": {"machine": later}}
    made = await place.campaign(2, 1, settings=settings)
    books = place.books(made)
    async with asterisk(Manners(MACHINE), speed=SPEED) as (sim, _), place.worker(sim):

        async def all_called() -> bool:
            return await books.outcomes() == {"machine": 2}

        await until(all_called, "both are hung up")
        wrong = await books.scalar("SELECT attempt_id FROM amd_verdict WHERE campaign_id = :c")

        async def say(was: Judgement, instead_of: Judgement | None, charged: int) -> None:
            async with transaction(place.sessions) as session:
                who: dict[str, Any] = {"client_id": made.client_id, "user_id": None}
                clock = SystemClock()
                await judge(session, wrong, was, clock=clock, instead_of=instead_of, **who)

            async def counted() -> bool:
                async with place.sessions() as session:
                    now = SystemClock().now()
                    since = now - timedelta(minutes=5)
                    seconds = await trace_of(session, made.id, since=since, until=now)
                last = seconds[-1] if seconds else {}
                return (last.get("answered"), last.get("abandoned")) == (charged, charged)

            await until(counted, f"the pacing counts {charged}", within_s=40)

        await say(Judgement.PERSON, None, 1)
        await say(Judgement.CANNOT_TELL, Judgement.PERSON, 0)
