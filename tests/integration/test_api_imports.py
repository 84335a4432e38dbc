"""The JSON API of imports, contacts and erasures: stages, roles, limits, and whose data it is."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select

from api import uploading
from campaigns.lists.models import ListImport, OriginalFile
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.jobs import JobName
from tests.imports_world import people
from tests.integration.api_world import EndlessFile, World, api_world

V1 = "/api/v1"
FILE = people("1;Anna;8 495 123-45-67", "2;Boris;nonsense", headings="id;name;phone")


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        dirs = {"uploads_dir": tmp_path / "uploads", "run_dir": tmp_path / "run"}
        made.app.state.services = replace(
            services, settings=services.settings.model_copy(update=dirs)
        )
        yield made


async def upload(
    api: AsyncClient, data: bytes = FILE, where: str = "/imports", **form: str
) -> dict[str, Any]:
    sent = await api.post(
        V1 + where,
        files={"file": ("people.csv", data, "text/csv")},
        data={"name": "People", "region": "RU", **form},
    )
    assert sent.status_code == 201, sent.text
    answer: dict[str, Any] = sent.json()
    return answer


async def test_from_upload_to_undo(world: World, tmp_path: Path) -> None:
    api = await world.api()
    staged = await upload(api)
    at = f"{V1}/imports/{staged['id']}"
    assert (staged["state"], staged["same_files"]) == ("staged", [])
    seen = (await api.get(f"{at}/preview")).json()
    assert seen["rows"][0] == ["1", "Anna", "8 495 123-45-67"]
    assert [one["field"] for one in seen["columns"]] == ["external_key", "name", "phone"]
    changed = await api.patch(at, json={"name": "Friends", "options": {"priority": 5}})
    assert (changed.json()["name"], changed.json()["options"]["priority"]) == ("Friends", 5)
    told = (await api.post(f"{at}/dry-run")).json()
    assert (told["rows_accepted"], told["refused_by_reason"]) == (1, {"invalid_phone": 1})
    assert told["places"] == {"narrow": 1}
    committed = (await api.post(f"{at}/commit", params={"wait": True})).json()
    assert (committed["state"], committed["rows_accepted"]) == ("committed", 1)
    assert world.jobs.enqueued == []
    refused = await api.get(f"{at}/refused.csv")
    assert "nonsense" in refused.content.decode("utf-8-sig")
    assert [one["id"] for one in (await upload(api))["same_files"]] == [staged["id"]]
    [listed] = (await api.get(f"{V1}/lists")).json()
    assert (listed["name"], listed["rows_in"]) == ("Friends", 2)
    undone = await api.post(f"{at}/undo")
    assert undone.json() == {
        "contacts": 1, "restored": 0, "refused": 1, "reopened": 0, "consents": 0
    }  # fmt: skip
    assert (await api.get(f"{V1}/lists")).json() == []
    again = await api.post(f"{at}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "import_not_committed")
    assert [one["state"] for one in (await api.get(f"{V1}/imports")).json()] == ["staged", "undone"]
    async with world.sessions() as session:
        named = {row.stored_as for row in await session.exec(select(ListImport)) if row.stored_as}
        kept = {row.stored_as for row in await session.exec(select(OriginalFile))}
    # That of the undone one has no row any more: the next sweep deletes it.
    assert len(named | kept) == 1


async def test_a_commit_is_left_to_a_worker(world: World) -> None:
    api = await world.api()
    staged = await upload(api)
    at = f"{V1}/imports/{staged['id']}"
    for _ in range(2):
        answer = await api.post(f"{at}/commit")
        assert (answer.status_code, answer.json()["state"]) == (200, "committing")
    assert set(map(str, world.jobs.enqueued)) == {
        str((JobName.IMPORT_LIST, {"import_id": staged["id"]}))
    }
    late = await api.patch(at, json={"name": "Late"})
    assert (late.status_code, late.json()["code"]) == (409, "import_not_staged")
    await world.redis.set(f"outdial:import:{staged['id']}", json.dumps({"rows": 7, "total": None}))
    assert (await api.get(at)).json()["rows_written"] == 7


async def test_a_staged_import_can_be_forgotten(world: World, tmp_path: Path) -> None:
    api = await world.api()
    staged = await upload(api)
    assert (await api.delete(f"{V1}/imports/{staged['id']}")).status_code == 204
    assert (await api.get(f"{V1}/imports/{staged['id']}")).status_code == 404
    assert list((tmp_path / "uploads").iterdir()) == []


async def test_pasted_text_is_a_file_too(world: World) -> None:
    api = await world.api()
    pasted = "Телефон\tИмя\n8 495 123-45-67\tАнна\n"
    form = {"name": "Pasted", "region": "RU", "text": pasted}
    report = await api.post(f"{V1}/lists", files={"text": (None, pasted)}, data=form)
    assert (report.status_code, report.json()["rows_accepted"]) == (201, 1), report.text
    staged = await api.post(f"{V1}/imports", data=form)
    assert (staged.status_code, staged.json()["shape"]["separator"]) == (201, "\t"), staged.text
    neither = await api.post(f"{V1}/imports", data={"name": "Nothing", "region": "RU"})
    assert (neither.status_code, neither.json()["code"]) == (422, "invalid")


async def test_wrong_options_are_explained_and_nothing_is_kept(
    world: World, tmp_path: Path
) -> None:
    api = await world.api()
    for form, code in (
        ({"options": '{"colour": "red"}'}, "bad_options"),
        ({"options": "no json"}, "invalid_request"),
        ({"region": "XX"}, "unknown_region"),
        ({"options": '{"consent": {"kind": "smile", "proof": "x"}}'}, "unknown_consent_kind"),
    ):
        sent = await api.post(
            f"{V1}/imports",
            files={"file": ("people.csv", FILE, "text/csv")},
            data={"name": "People", "region": "RU", **form},
        )
        assert (sent.status_code, sent.json()["code"]) == (422, code), sent.text
    folder = tmp_path / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


async def test_a_file_that_says_it_is_too_large_is_not_taken_in(world: World) -> None:
    api = await world.api()
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        taken += 1
        yield b"--x--"

    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(2 << 30)}
    for where in ("/imports", "/lists"):
        answer = await api.post(V1 + where, content=body(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "file_too_large")
        assert "at most 1 GB" in answer.json()["detail"]
    assert taken == 0


async def test_a_file_without_a_length_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "USUAL_LIMITS", replace(USUAL_LIMITS, file_bytes=1_000_000))
    api = await world.api()
    file = EndlessFile()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.post(f"{V1}/imports", content=file.body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_too_large"), answer.text
    assert file.taken < 10


async def test_only_managers_upload_and_nobody_else_is_listened_to(world: World) -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        taken += 1
        yield b"--x--"

    agent = await world.api(Role.AGENT)
    for kind in ("multipart/form-data", "Multipart/Form-Data"):
        headers = {"Content-Type": f"{kind}; boundary=x"}
        for path in ("imports", "lists", "dnc-lists", "dnc-lists/changes"):
            for api, code in ((world.anonymous(), 401), (agent, 403)):
                answer = await api.post(f"{V1}/{path}", content=body(), headers=headers)
                assert answer.status_code == code
    assert taken == 0


async def test_another_clients_imports_do_not_exist(world: World) -> None:
    staged = await upload(await world.api())
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    at = f"{V1}/imports/{staged['id']}"
    for method, path in (
        ("GET", at),
        ("GET", f"{at}/preview"),
        ("PATCH", at),
        ("POST", f"{at}/dry-run"),
        ("POST", f"{at}/commit"),
        ("POST", f"{at}/undo"),
        ("GET", f"{at}/refused.csv"),
        ("DELETE", at),
    ):
        answer = await stranger.request(method, path, json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "import_not_found"), path
    assert (await stranger.get(f"{V1}/imports")).json() == []


async def test_a_contact_tells_where_it_came_from_and_can_be_erased(world: World) -> None:
    api = await world.api()
    consent = {"consent": {"kind": "prior_express_written", "proof": "form 17"}}
    report = await upload(api, where="/lists", options=json.dumps(consent))
    async with world.sessions() as session:
        contact_id = (await session.execute(text("SELECT id FROM contact"))).scalar_one()
    at = f"{V1}/contacts/{contact_id}"
    contact = (await api.get(at)).json()
    origin = contact["provenance"]
    assert [one["e164"] for one in contact["phones"]] == ["+74951234567"]
    assert (origin["import_id"], origin["source_row"]) == (report["import_id"], 1)
    assert (origin["file_name"], origin["uploaded_by"]) == ("people.csv", "user-1")
    assert origin["consent_basis"]["proof"] == "form 17"
    assert [one["kind"] for one in origin["consents"]] == ["prior_express_written"]
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.get(at)).status_code == 404
    body = {"reason": "letter of 2026-11-20"}
    assert (await stranger.post(f"{at}/erase", json=body)).status_code == 404
    receipt = await api.post(f"{at}/erase", json=body)
    assert (receipt.status_code, receipt.json()["counts"]["contact"]) == (201, 1), receipt.text
    after = (await api.get(at)).json()
    assert (after["name"], after["fields"], after["phones"]) == ("", {}, [])
    assert (await api.get(f"{V1}/erasures")).json() == [receipt.json()]
    assert (await stranger.get(f"{V1}/erasures")).json() == []


async def test_an_erasure_by_number_or_key(world: World) -> None:
    api = await world.api()
    await upload(api, where="/lists")
    for body, contacts in (
        ({"number": "+7 495 123 45 67", "reason": "asked"}, 1),
        ({"external_key": "1", "reason": "asked"}, 0),
    ):
        receipt = await api.post(f"{V1}/erasures", json=body)
        assert (receipt.status_code, receipt.json()["counts"]["contact"]) == (201, contacts)
    for wrong in ({"reason": "asked"}, {"number": "12", "reason": "x"}, {"number": "+74951234567"}):
        assert (await api.post(f"{V1}/erasures", json=wrong)).status_code == 422


async def test_unfit_text_is_refused_and_a_name_is_cleaned(world: World) -> None:
    api = await world.api()
    sent = await api.post(
        f"{V1}/imports",
        files={"file": ("people\0.csv", FILE, "text/csv")},
        data={"name": "People", "region": "RU"},
    )
    assert sent.status_code == 201, sent.text
    assert "\0" not in sent.json()["file_name"]
    at = f"{V1}/imports/{sent.json()['id']}"
    for unfit in (r"a\u0000b", r"a\ud800b"):
        for method, path, body in (
            ("PATCH", at, '{"name": "%s"}'),
            ("PATCH", at, '{"options": {"sheet": "%s"}}'),
            ("PATCH", at, '{"mapping": {"columns": [{"column": "%s", "field": "name"}]}}'),
            ("POST", f"{V1}/erasures", '{"external_key": "%s", "reason": "asked"}'),
            ("POST", f"{V1}/erasures", '{"external_key": "1", "reason": "%s"}'),
            ("POST", f"{V1}/suppressions", '{"numbers": ["+74951234567"], "reason": "%s"}'),
        ):
            json_body = {"Content-Type": "application/json"}
            answer = await api.request(method, path, content=body % unfit, headers=json_body)
            assert answer.status_code == 422, (path, body, answer.text)
    named = await api.post(
        f"{V1}/imports",
        files={"file": ("people.csv", FILE, "text/csv")},
        data={"name": "Peo\0ple", "region": "RU"},
    )
    assert named.status_code == 422, named.text


async def test_a_long_body_without_a_token_is_not_taken_in(world: World) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 100:
            taken += 1
            yield b"&" * 1_000_000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in (f"{V1}/erasures", "/sign-in", f"{V1}/imports"):
        taken = 0
        answer = await world.anonymous().post(path, content=endless(), headers=headers)
        assert answer.status_code in (400, 401, 403, 413), answer.text
        assert taken <= 3
