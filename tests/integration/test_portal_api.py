"""The portal by programs: requests, lists and samples with a client's token."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import event, text

from campaigns.portal import sampling, uploads
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobName
from tests.integration.api_world import EndlessFile
from tests.portal_world import FILE, Portal, portal_world
from tests.world import until

ANNA = "+79161234567"
BASE = "/api/v1/portal"


@pytest.fixture
async def portal(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Portal]:
    async with portal_world(sessions, redis, clock, tmp_path) as made:
        yield made


async def test_a_program_asks_about_people_and_reads_the_receipts(portal: Portal) -> None:
    await portal.imported()
    api = await portal.world.api(Role.CLIENT)
    asked = await api.post(
        f"{BASE}/requests", json={"kind": "do_not_call", "numbers": ["+7 916 123-45-67"]}
    )
    assert (asked.status_code, asked.json()[0]["state"]) == (201, "done")
    body = {"kind": "erasure", "numbers": [ANNA], "note": "she wrote"}
    (row,) = (await api.post(f"{BASE}/requests", json=body)).json()
    assert (row["e164"], row["state"], row["law"]) == (ANNA, "open", "152-FZ art. 21(5.1)")
    wrong = await api.post(f"{BASE}/requests", json=body | {"numbers": ["12"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_phone")
    nobody = await api.post(f"{BASE}/requests", json={"kind": "erasure"})
    assert nobody.json()["code"] == "nobody_named"
    opened = (await api.get(f"{BASE}/requests", params={"is_open": True})).json()
    assert [one["id"] for one in opened] == [row["id"]]
    await portal.manager.post(f"/client-requests/{row['id']}/done")
    done = (await api.get(f"{BASE}/requests/{row['id']}")).json()
    assert (done["state"], done["e164"], len(done["receipt"]["digest"])) == ("done", "", 64)


async def _sent(api: AsyncClient) -> str:
    sent = await api.post(
        f"{BASE}/uploads",
        data={"name": "June", "region": "RU"},
        files={"file": ("june.csv", (FILE + "Без;нет;Тверь\n").encode("cp1251"))},
    )
    assert (sent.status_code, sent.json()["upload_state"]) == (201, "looked_at"), sent.text
    return f"{BASE}/uploads/{sent.json()['id']}"


async def test_a_program_sends_a_list_and_hands_it_over(portal: Portal) -> None:
    api = await portal.world.api(Role.CLIENT)
    address = await _sent(api)
    preview = (await api.get(f"{address}/preview")).json()
    assert (preview["is_mapped"], preview["rows"][0][0]) == (True, "Анна")
    forecast = (await api.post(f"{address}/dry-run")).json()
    assert (forecast["rows_accepted"], forecast["refused_by_reason"]) == (3, {"no_phone": 1})
    renamed = await api.patch(address, json={"name": "June, mended"})
    assert renamed.json()["name"] == "June, mended"
    handed = await api.post(f"{address}/hand-over")
    assert handed.json()["upload_state"] == "handed_over", handed.text
    late = [
        await api.patch(address, json={"name": "x"}),
        await api.post(f"{address}/hand-over"),
        await api.delete(address),
    ]
    assert [one.json()["code"] for one in late] == ["upload_handed_over"] * 3
    import_id = address.rsplit("/", 1)[1]
    back = f"/client-requests/uploads/{import_id}/send-back"
    await portal.manager.post(back, data={"answer": "Wrong month"})
    told = (await api.get(address)).json()
    assert (told["upload_state"], told["answer"]) == ("sent_back", "Wrong month")
    assert (await api.delete(address)).status_code == 204
    assert (await api.get(f"{BASE}/uploads")).json() == []
    # What a manager imports is none of the client's.
    await portal.imported()
    assert (await api.get(f"{BASE}/uploads")).json() == []


async def test_a_program_imports_at_once_where_the_centre_allows_it(portal: Portal) -> None:
    api = await portal.world.api(Role.CLIENT)
    await portal.manager.post("/client-requests/settings", data={"uploads_at_once": "true"})
    address = await _sent(api)
    handed = await api.post(f"{address}/hand-over")
    assert handed.json()["upload_state"] == "taken", handed.text
    name, payload = portal.world.jobs.enqueued[-1]
    assert (name, payload["import_id"]) == (JobName.IMPORT_LIST, address.rsplit("/", 1)[1])


async def test_who_may_not_send_is_told_before_the_file_is_read(portal: Portal) -> None:
    for role in (Role.MANAGER, Role.AGENT):
        endless = EndlessFile()
        api = await portal.world.api(role)
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        sent = await api.post(f"{BASE}/uploads", content=endless.body(), headers=headers)
        assert (sent.status_code, endless.taken < 10) == (403, True)


async def test_a_program_sends_a_file_of_some_size(portal: Portal) -> None:
    api = await portal.world.api(Role.CLIENT)
    rows = "".join(f"Anna;+7916{at:07};{'x' * 60}\n" for at in range(40_000))
    content = ("Name;Phone;Remark\n" + rows).encode()
    assert len(content) > 3 * 1024 * 1024
    sent = await api.post(
        f"{BASE}/uploads",
        data={"name": "June", "region": "RU"},
        files={"file": ("june.csv", content)},
    )
    assert sent.status_code == 201, sent.text


async def test_a_list_that_is_handed_over_this_moment_is_not_discarded(portal: Portal) -> None:
    api = await portal.world.api(Role.CLIENT)
    world = portal.world
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for remove in ("program", "page"):
        address = await _sent(api)
        import_id = UUID(address.rsplit("/", 1)[1])
        async with transaction(world.sessions) as own:
            upload = await uploads.find(own, import_id, client_id=world.client_id, lock=True)
            user = await world.user(Role.CLIENT)
            await uploads.hand_over(own, upload, user_id=user.id, clock=world.clock)
            await own.flush()
            page = f"/portal/lists/{import_id}/discard"
            asked = api.delete(address) if remove == "program" else portal.boss.post(page)
            discarding = asyncio.create_task(asked)

            async def waiting() -> bool:
                async with world.sessions() as session:
                    return bool((await session.execute(waits)).scalar())

            await until(waiting, "it waits for the upload")
        assert (await discarding).status_code == 409
        assert (await api.get(address)).json()["upload_state"] == "handed_over"


async def test_a_draw_counts_before_it_reads_and_open_samples_are_few(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await portal.imported()
    api = await portal.world.api(Role.CLIENT)
    body = {"campaign_id": str(campaign_id), "percent": 100}
    await portal.settle(campaign_id, "sale", "sale", "refused")
    asked: list[str] = []
    engine = portal.world.sessions.kw["bind"].sync_engine

    def seen(*facts: Any) -> None:
        asked.append(facts[2])

    event.listen(engine, "before_cursor_execute", seen)
    with monkeypatch.context() as few:
        few.setattr(sampling, "MOST_DRAWN", 2)
        refused = await api.post(f"{BASE}/samples", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_drawn")
    event.remove(engine, "before_cursor_execute", seen)
    reads = [one for one in asked if one.lstrip().startswith("SELECT id AS lead_id, result")]
    assert not reads, "counted, not read"
    monkeypatch.setattr(sampling, "MOST_OPEN", 2)
    first, second, third = [await api.post(f"{BASE}/samples", json=body) for _ in range(3)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert (third.status_code, third.json()["code"]) == (409, "too_many_open_samples")


async def test_a_program_draws_a_sample_and_judges_it(portal: Portal) -> None:
    campaign_id = await portal.imported()
    api = await portal.world.api(Role.CLIENT)
    body = {"campaign_id": str(campaign_id), "percent": 60, "seed": "may"}
    nothing = await api.post(f"{BASE}/samples", json=body)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_draw")
    await portal.settle(campaign_id, "sale", "sale", "refused")
    sample = (await api.post(f"{BASE}/samples", json=body)).json()
    again = (await api.post(f"{BASE}/samples", json=body)).json()
    first, second = (one["lead_id"] for one in sample["results"])
    assert [one["lead_id"] for one in again["results"]] == [first, second]
    assert (sample["size"], sample["population"]) == (2, 3)
    address = f"{BASE}/samples/{sample['id']}"
    early = await api.post(f"{address}/finish")
    assert early.json()["code"] == "sample_not_judged"
    why = {"reason": "wrong_answer", "comment": "She said no."}
    disputed = await api.post(f"{address}/results/{first}/dispute", json=why)
    assert disputed.json()["results"][0]["comment"] == "She said no."
    await api.post(f"{address}/results/{second}/accept")
    kept = await api.post(f"{address}/results/{second}/dispute", json=why)
    assert (kept.status_code, kept.json()["code"]) == (409, "already_accepted")
    answered = f"/client-requests/samples/{sample['id']}/results/{first}"
    await portal.manager.post(answered, data={"conceded": "true", "answer": "Right."})
    done = (await api.post(f"{address}/finish")).json()
    assert done["finished_at"] is not None
    assert (done["estimate"]["share"], done["estimate"]["judged"]) == (0.5, 2)
    assert [one["id"] for one in (await api.get(f"{BASE}/samples")).json()] == [
        again["id"],
        sample["id"],
    ]
    stranger = await portal.world.api(Role.CLIENT, portal.world.other_client_id)
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.post(f"{BASE}/samples", json=body)).status_code == 404


async def test_another_clients_program_finds_nothing(portal: Portal) -> None:
    mine = await portal.world.api(Role.CLIENT)
    address = await _sent(mine)
    body = {"kind": "erasure", "numbers": [ANNA]}
    (row,) = (await mine.post(f"{BASE}/requests", json=body)).json()
    stranger = await portal.world.api(Role.CLIENT, portal.world.other_client_id)
    for path in (address, f"{address}/preview", f"{BASE}/requests/{row['id']}"):
        assert (await stranger.get(path)).status_code == 404, path
    assert (await stranger.delete(address)).status_code == 404
    for step in ("dry-run", "hand-over"):
        assert (await stranger.post(f"{address}/{step}")).status_code == 404, step
    for kind in ("requests", "uploads", "samples"):
        assert (await stranger.get(f"{BASE}/{kind}")).json() == []
    manager = await portal.world.api()
    assert (await manager.get(f"{BASE}/requests")).status_code == 403, "the client's own door"
