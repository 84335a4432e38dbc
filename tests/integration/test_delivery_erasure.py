"""An erased person is not in stored deliveries: files go, the page says why, the next one is without."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.delivery.deliveries.links import link_of
from campaigns.leads.enrol import enrol
from campaigns.lists.staged.oneshot import import_upload
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.uploads import UploadFolder, one_chunk
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import SAME_ORIGIN
from tests.deliveries_world import RING
from tests.integration.api_world import World, api_world
from tests.receivers import Hook, hook
from tests.world import LAW, SECRET_KEY, test_settings
from workers.deps import BackgroundDeps
from workers.jobs.deliveries import sweep

FILE = ("Имя;Телефон;Город\r\nАнна;8 943 000-00-01;Самара\r\nПётр;8(943)0000002;Пермь\r\n").encode(
    "cp1251"
)
ANNA = "Анна".encode("cp1251")
BODY = {"schedule": "by_hand", "zone": "Europe/Kyiv", "formats": ["refresh_zip", "results_csv"]}


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        known = test_settings(
            "", "", secret_keys=SECRET_KEY, public_url="https://calls.example.com"
        )
        folders = {
            f"{name}_dir": tmp_path / name
            for name in ("deliveries", "uploads", "exports", "recordings")
        }
        more = {"secret_keys": known.secret_keys, "public_url": known.public_url}
        settings = services.settings.model_copy(
            update={**folders, **more, "delivery_networks": "127.0.0.0/8", "run_dir": tmp_path}
        )
        object.__setattr__(services, "settings", settings)
        yield made


async def _work(world: World) -> int:
    deps = BackgroundDeps(world.app.state.services.settings, world.sessions, world.clock)
    return await sweep(deps, asyncio.Semaphore(4))


async def _campaign(world: World, api: AsyncClient) -> UUID:
    """Make a campaign whose list came in a file that is kept."""
    campaign_id = await world.campaign(api)
    uploads = UploadFolder(world.app.state.services.settings.uploads())
    upload = await uploads.keep(one_chunk(FILE), file_name="l.csv")
    done = await import_upload(
        world.sessions, uploads, upload, client_id=world.client_id, file_name="l.csv",
        name="list", options=ImportOptions.read({"region": "RU"}), user_id=None,
        clock=world.clock, book=LAW.book,
    )  # fmt: skip
    assert done.row.list_id is not None
    async with transaction(world.sessions) as session:
        await enrol(
            session, campaign_id, done.row.list_id, client_id=world.client_id, clock=world.clock
        )
        done_sql = "UPDATE lead SET state = 'done', result = 'sale', next_attempt_at = NULL"
        await session.execute(text(done_sql))
    return campaign_id


async def _plan(api: AsyncClient, campaign_id: UUID, name: str, target: dict[str, Any]) -> str:
    made = await api.post(
        f"/api/v1/campaigns/{campaign_id}/delivery-plans",
        json={**BODY, "name": name, "target": target},
    )
    assert made.status_code == 201, made.text
    return f"/api/v1/delivery-plans/{made.json()['id']}"


def _stored(world: World) -> list[bytes]:
    folder = world.app.state.services.settings.deliveries()
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


async def test_an_erased_person_is_in_no_stored_delivery(world: World) -> None:
    async with hook() as receiver:
        await _erased(world, receiver)


async def _erased(world: World, receiver: Hook) -> None:
    api = await world.api()
    campaign_id = await _campaign(world, api)
    portal = await _plan(api, campaign_id, "portal", {"kind": "portal"})
    told = await _plan(api, campaign_id, "told", {"kind": "webhook", "url": receiver.url})
    first = (await api.post(f"{portal}/send")).json()
    receiver.answers = [503]
    under_way = (await api.post(f"{told}/send")).json()
    assert await _work(world) == 1
    boss, manager = await world.browser(Role.CLIENT), await world.browser()
    boss.headers.update(SAME_ORIGIN)
    manager.headers.update(SAME_ORIGIN)
    page = f"/deliveries/{first['id']}"
    file = await boss.get(f"/portal{page}/files/0")
    assert file.headers["content-type"] == "application/zip"
    assert _unzipped(file.content)["l.csv"] == FILE, "byte by byte where nothing changed"
    lead = (await api.get(f"/api/v1{page}/results")).json()[0]["lead_id"]
    words = {"reason": "other", "comment": "Анна said no"}
    await boss.post(f"/portal{page}/results/{lead}/verdict", data=words)
    # A making holds the campaign's files: nobody is erased then.
    key = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('delivery files ' || :id, 0))")
    asked = {"number": "+79430000001", "reason": "asked"}
    async with world.sessions() as making:
        await making.execute(key, {"id": str(campaign_id)})
        busy = await api.post("/api/v1/erasures", json=asked)
        assert (busy.status_code, busy.json()["code"]) == (409, "files_being_made")
    assert len(_stored(world)) == 6
    receipt = (await api.post("/api/v1/erasures", json=asked)).json()
    counts = receipt["counts"]
    assert [counts[name] for name in ("delivery", "delivered_result", "result_verdict")] == [
        2,
        2,
        1,
    ]
    assert _stored(world) == []
    # Whoever comes for the files is told why: on the page, by the link, as a program.
    shown = (await boss.get(f"/portal{page}")).text
    assert "erased on request" in shown
    assert "said no" not in shown
    assert "not kept any more" in shown
    refused = await api.get(f"/api/v1{page}/files/0")
    assert (refused.status_code, refused.json()["code"]) == (404, "delivery_file_erased")
    ends_at = world.clock.now().replace(year=2027)
    linked = await world.anonymous().get(link_of(RING, UUID(first["id"]), ends_at))
    assert "erased on request" in linked.text
    delivery = (await api.get(f"/api/v1{page}")).json()
    assert (delivery["state"], delivery["files_gone"]) == ("delivered", "erased")
    # What was under way gives way to the next number; what comes now is without the person.
    dead = (await api.get(f"/api/v1/deliveries/{under_way['id']}")).json()
    assert (dead["state"], dead["reason"]) == ("dead", "erased")
    again = (await api.post(f"/api/v1{page}/again")).json()
    assert await _work(world) == 2
    assert len(receiver.got) == 2
    for id_, number in ((again["id"], 2), (None, 2)):
        rows = (await api.get("/api/v1/deliveries", params={"state": "delivered"})).json()
        row = next(
            one
            for one in rows
            if (one["id"] == id_ if id_ else one["plan_id"] == under_way["plan_id"])
        )
        assert (row["number"], row["changed"]) == (number, 1), "the person's result is other now"
        file = await boss.get(f"/portal/deliveries/{row['id']}/files/0")
        [own] = [data for name, data in _unzipped(file.content).items() if name == "l.csv"]
        assert (ANNA in own, "Пётр".encode("cp1251") in own) == (False, True)
    assert len(_stored(world)) == 8
    assert "Анна".encode() not in b"".join(_stored(world))
    audit = (await (await world.browser(Role.ADMIN)).get("/audit")).text
    assert "a person was erased" in audit
