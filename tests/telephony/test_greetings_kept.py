"""What the analysis heard, kept for a reviewer: on real SIP, audio and Asterisk, without other recordings."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.machines import overview
from campaigns.amd.reviewing import waiting_for_review
from campaigns.models import Campaign
from dialer.call import recorded
from dialer.call.recorded import greeting_name
from dialer.clock import SystemClock
from dialer.settings import Settings
from tests.audits import audit_nobody
from tests.exchange import ENDPOINT, Exchange, attempt_to, see_ended, see_finished
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.tones import read_wav
from workers.deps import BackgroundDeps
from workers.jobs.greetings import sweep_greetings
from workers.jobs.recordings import finish

TRUNK = {"endpoint": ENDPOINT}
#: A machine that talks for eight seconds; and a person who says hello and listens.
MACHINE, PERSON = "t-machine-r300-t60000", "t-answer-r300-t7000-ghello"
SETTINGS: dict[str, Any] = {
    "wrap_up_s": 0,
    "retry": {},
    "record": False,
    "amd": {"audit_share": 0.01, "review_share": 1, "keep_greetings": True},
}
RATE_HZ = 8000


@pytest.fixture(autouse=True)
def _no_audit_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    audit_nobody(monkeypatch)
    monkeypatch.setattr(recorded, "is_audited", lambda _call_id, share: share >= 1)


def _deps(exchange: Exchange, place: Place, folder: Path) -> BackgroundDeps:
    changes = {"recordings_dir": folder, "raw_recordings_dir": exchange.server.monitor_dir}
    return BackgroundDeps(Settings().model_copy(update=changes), place.sessions, SystemClock())


async def _ids(place: Place, made: MadeCampaign) -> dict[str, UUID]:
    async with place.sessions() as session:
        sql = text("SELECT e164, id FROM attempt WHERE campaign_id = :c")
        return {row.e164: row.id for row in await session.execute(sql, {"c": made.id})}


async def test_a_machines_greeting_is_kept_and_a_persons_is_not(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    machine, person = numbers(2, first=2060)
    await exchange.people({machine: MACHINE, person: PERSON})
    made = await place.campaign(0, 1, e164s=[machine, person], settings=SETTINGS, trunk=TRUNK)
    folder = exchange.server.monitor_dir
    async with exchange.worker(place):
        await see_ended(exchange, [machine, person])
        await see_finished(place, made)
    assert await place.books(made).outcomes() == {"machine": 1, "connected": 1}
    ids = await _ids(place, made)
    files = {number: folder / greeting_name(ids[number]) for number in ids}
    assert all(file.stat().st_size for file in files.values()), "both were heard"
    deps = _deps(exchange, place, tmp_path / "done")
    assert await sweep_greetings({"deps": deps}) == 1
    assert [files[one].exists() for one in (machine, person)] == [True, False]
    assert (await attempt_to(place, made, machine)).recording_raw == files[machine].name
    assert (await attempt_to(place, made, person)).recording_raw is None
    assert await finish(deps, ids[machine])
    assert not files[machine].exists()
    said, told = read_wav(tmp_path / "done" / f"{ids[machine]}.wav")
    assert 1 * RATE_HZ < len(said) < 8 * RATE_HZ, "as long as the analysis"
    assert max(map(abs, said)) > 1000, "the machine's voice"
    assert max(map(abs, told), default=0) < 100, "and nobody else's"
    async with place.sessions() as session:
        (waits,) = await waiting_for_review(session, made.id, limit=5)
        assert (waits.verdict.attempt_id, waits.recording) == (
            ids[machine],
            f"{ids[machine]}.wav",
        )
        found = await overview(session, await session.get_one(Campaign, made.id))
    assert (found.waiting, found.acted) == (1, 1)
