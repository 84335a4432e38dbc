"""The law over HTTP: what is asked, stored and refused, who may do what, and whose it is."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from api.routes import dnc_lists
from campaigns.commands import command_stream
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, make_place
from tests.integration.api_world import EndlessFile, World, api_world

V1 = "/api/v1"
NUMBER, OTHER = "+74952000000", "+74952000001"
REASON = {"reason": "asked by letter"}


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        settings = services.settings.model_copy(update={"dnc_dir": tmp_path / "dnc"})
        object.__setattr__(services, "settings", settings)
        yield made


async def test_rules_are_shown_with_their_sources(world: World) -> None:
    api = await world.api(Role.AGENT)
    every = (await api.get(f"{V1}/compliance/rules")).json()
    asked = {"jurisdiction": "US-FL", "purpose": "sales"}
    some = (await api.get(f"{V1}/compliance/rules", params=asked)).json()
    assert 0 < len(some) < len(every)
    assert {row["jurisdiction"] for row in some} == {"US", "US-FL"}
    assert all(row["source"] and row["verified"] and row["what"] for row in every)


async def test_a_what_if_question_is_answered(world: World) -> None:
    api = await world.api(Role.AGENT)
    question = {
        "number": "+13055551234",
        "region": "US-FL",
        "purpose": "sales",
        "at": "2026-11-25T01:00:00Z",
    }
    said = (await api.post(f"{V1}/compliance/check", json=question)).json()
    assert (said["allowed"], said["next_allowed_at"]) == (False, "2026-11-25T13:00:00Z")
    assert said["rules"][0]["id"] == "us-fl-window"
    wrong = await api.post(f"{V1}/compliance/check", json=question | {"number": "12"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_phone")
    naive = await api.post(f"{V1}/compliance/check", json=question | {"at": "2026-11-25T01:00:00"})
    assert naive.status_code == 422


async def test_an_agent_suppresses_and_an_admin_lifts(world: World) -> None:
    agent, admin = await world.api(Role.AGENT), await world.api(Role.ADMIN)
    body = {"numbers": [NUMBER, "+7 495 200-00-01"]}
    sent = await agent.post(f"{V1}/suppressions", json=body)
    assert (sent.status_code, sent.json()) == (201, {"added": 2, "live_calls": 0})
    found = (await admin.get(f"{V1}/suppressions", params={"number": NUMBER})).json()
    assert [(row["number"], row["source"]) for row in found] == [(NUMBER, "agent")]
    where = f"{V1}/suppressions/{found[0]['id']}"
    manager = await world.api(Role.MANAGER)
    assert (await manager.delete(where, params=REASON)).status_code == 403
    assert (await admin.delete(where)).status_code == 422
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.delete(where, params=REASON)).status_code == 404
    assert (await admin.delete(where, params=REASON)).status_code == 204
    assert len((await admin.get(f"{V1}/suppressions")).json()) == 1


async def test_a_live_calls_runner_is_told(world: World) -> None:
    """Of this client's calls only: another client's opt-out is not ours."""
    campaign_id = await world.campaign(await world.api(), leads=0)
    async with transaction(world.sessions) as session:
        made = await make_campaign(
            session, world.clock.now(), leads=[NUMBER], client_id=world.client_id
        )
    lead = await world.lead(campaign_id, row=1, lane=2, place_id=await _place(world))
    attempt = await world.attempt(lead, 1, e164=NUMBER, campaign_id=made.id)
    stranger = await world.api(Role.MANAGER, client_id=world.other_client_id)
    sent = await stranger.post(f"{V1}/suppressions", json={"numbers": [NUMBER]})
    assert sent.json()["live_calls"] == 0
    sent = await (await world.api()).post(f"{V1}/suppressions", json={"numbers": [NUMBER]})
    assert sent.json()["live_calls"] == 1
    ((_, fields),) = await world.redis.xrange(command_stream(made.id))
    assert json.loads(fields[b"body"]) == {
        "name": "cancel_call",
        "call_id": str(attempt.id),
        "reason": "suppressed",
    }


async def _place(world: World) -> int:
    async with transaction(world.sessions) as session:
        return await make_place(session)


def _file(text: str) -> dict[str, Any]:
    return {"file": ("list.txt", text.encode(), "text/plain")}


async def test_a_list_is_uploaded_and_changed(world: World) -> None:
    api = await world.api()
    form = {"code": "OWN", "obtained_at": "2026-11-20T00:00:00Z", "max_age_days": "30"}
    sent = await api.post(f"{V1}/dnc-lists", files=_file("212,5551234\nnothing\n"), data=form)
    assert sent.status_code == 201, sent.text
    told = sent.json()
    assert (told["in_force"]["numbers"], told["first_refused_lines"]) == (1, [2])
    older = form | {"obtained_at": "2026-11-19T00:00:00Z"}
    again = await api.post(f"{V1}/dnc-lists", files=_file("212,5551234\n"), data=older)
    assert (again.status_code, again.json()["code"]) == (409, "older_list")
    wrong = await api.post(f"{V1}/dnc-lists", files=_file("name\nAnna\n"), data=form)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "dnc_unreadable")
    newer = form | {"obtained_at": "2026-11-21T00:00:00Z"}
    changes = _file("212,5551235,A\n")
    sent = await api.post(f"{V1}/dnc-lists/changes", files=changes, data=newer)
    assert sent.json()["in_force"]["numbers"] == 2
    (row,) = (await api.get(f"{V1}/dnc-lists")).json()
    assert (row["code"], row["whose"], row["max_age_days"]) == ("OWN", "client", 30)
    stranger = await world.api(client_id=world.other_client_id)
    assert (await stranger.get(f"{V1}/dnc-lists")).json() == []
    assert (await (await world.api(Role.AGENT)).get(f"{V1}/dnc-lists")).status_code == 403


@pytest.mark.parametrize("code", ["../evil", "a/b", "", "x" * 65])
async def test_a_list_code_is_a_plain_name(world: World, code: str) -> None:
    form = {"code": code, "obtained_at": "2026-11-20T00:00:00Z"}
    api = await world.api()
    sent = await api.post(f"{V1}/dnc-lists", files=_file("212,5551234\n"), data=form)
    assert sent.status_code == 422


async def test_consents_are_recorded_and_withdrawn(world: World) -> None:
    api = await world.api()
    body = {"number": NUMBER, "kind": "prior_consent", "proof": "form 7"}
    made = await api.post(f"{V1}/consents", json=body)
    assert made.status_code == 201, made.text
    unknown = await api.post(f"{V1}/consents", json=body | {"kind": "verbal_maybe"})
    assert unknown.json()["code"] == "unknown_consent_kind"
    stranger = await world.api(client_id=world.other_client_id)
    where = f"{V1}/consents/{made.json()['id']}/withdraw"
    assert (await stranger.post(where, json=REASON)).status_code == 404
    assert (await api.post(where, json=REASON)).json()["withdrawn_at"] is not None
    assert (await api.post(where, json=REASON)).status_code == 409
    found = (await api.get(f"{V1}/consents", params={"number": NUMBER})).json()
    assert [row["kind"] for row in found] == ["prior_consent"]


async def _propose(api: AsyncClient) -> Any:
    body = {"rule": "ru-auto-ban", "reason": "Counsel's opinion no. 12"}
    return await api.post(f"{V1}/compliance/exemptions", json=body)


async def test_two_administrators_agree_on_an_exemption(world: World) -> None:
    one, two = await world.api(Role.ADMIN), await world.api(Role.ADMIN)
    assert (await _propose(await world.api(Role.MANAGER))).status_code == 403
    made = await _propose(one)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    where = f"{V1}/compliance/exemptions/{made.json()['id']}"
    alone = await one.post(f"{where}/approve")
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert (await two.post(f"{where}/approve")).json()["state"] == "in_force"
    assert (await two.post(f"{where}/approve")).status_code == 409
    assert (await one.post(f"{where}/end")).json()["state"] == "ended"
    listed = (await one.get(f"{V1}/compliance/exemptions")).json()
    assert [row["state"] for row in listed] == ["ended"]
    unknown = {"rule": "no-such-rule", "reason": "Counsel's opinion no. 12"}
    sent = await one.post(f"{V1}/compliance/exemptions", json=unknown)
    assert (sent.status_code, sent.json()["code"]) == (404, "rule_not_found")


async def test_an_emergency_is_switched_by_administrators(world: World) -> None:
    admin = await world.api(Role.ADMIN)
    where = f"{V1}/compliance/emergencies"
    body = {"on": True, "reason": "Governor's order 5"}
    assert (await (await world.api()).put(f"{where}/us-la-emergency", json=body)).status_code == 403
    assert (await admin.put(f"{where}/us-la-emergency", json=body)).json()["on"] is True
    assert (await admin.put(f"{where}/us-atlantis", json=body)).status_code == 422
    shown = {row["switch"]: row["on"] for row in (await admin.get(where)).json()}
    assert shown == {"us-la-emergency": True, "us-ny-emergency": False}


async def test_evidence_is_a_zip_with_its_manifest(world: World) -> None:
    api = await world.api()
    body = {"number": NUMBER, "kind": "prior_consent", "proof": "form 7"}
    await api.post(f"{V1}/consents", json=body)
    sent = await api.get(f"{V1}/compliance/evidence", params={"number": NUMBER})
    assert sent.status_code == 200, sent.text
    with zipfile.ZipFile(io.BytesIO(sent.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        records = [json.loads(line) for line in archive.read("evidence.jsonl").splitlines()]
    assert manifest["records"] == {"consent": 1, "change": 1}
    assert sent.headers["x-content-sha256"] == manifest["sha256"]
    assert [row["record"] for row in records] == ["consent", "change"]
    unbounded = await api.get(f"{V1}/compliance/evidence")
    assert (unbounded.status_code, unbounded.json()["code"]) == (422, "invalid")
    assert (
        await (await world.api(Role.CLIENT)).get(f"{V1}/compliance/evidence")
    ).status_code == 403


async def test_nobody_asks_without_a_token(world: World) -> None:
    for path in ("compliance/rules", "suppressions", "dnc-lists", "consents"):
        assert (await world.anonymous().get(f"{V1}/{path}")).status_code == 401


async def test_a_list_that_is_too_large_is_not_taken_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dnc_lists, "MAX_LIST_BYTES", 1_000_000)
    api = await world.api()
    file = EndlessFile()
    headers = {"Content-Type": "Multipart/Form-Data; boundary=x"}
    answer = await api.post(f"{V1}/dnc-lists", content=file.body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "list_too_large"), answer.text
    assert file.taken < 10
