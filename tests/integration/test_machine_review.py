"""People judge verdicts: on the page, by ear, once each; and correct what was judged wrong."""

import asyncio
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.reports.figures import campaign_figures
from campaigns.tenancy.models import Role
from dialer.call.verdicts import Treatment
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world
from tests.integration.machine_world import LISTENS, V1, audit_of, said, stored_call

SAME_ORIGIN = {"Origin": BASE_URL}
HTMX = {"HX-Request": "true"}
SECOND = 8000


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        settings = services.settings.model_copy(update={"recordings_dir": tmp_path})
        made.app.state.services = replace(services, settings=settings)
        yield made


async def _shown(api: AsyncClient, campaign_id: UUID) -> dict[str, Any]:
    answer = await api.get(f"{V1}/campaigns/{campaign_id}/amd")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _abandoned(world: World, campaign_id: UUID) -> int:
    async with world.sessions() as session:
        figures = await campaign_figures(
            session, campaign_id, client_id=world.client_id, now=world.clock.now()
        )
    return figures.calls.abandoned


async def test_a_judgement_is_corrected_and_everything_follows(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    call = await stored_call(world, campaign_id, 1)
    assert (await said(api, call, "person")).status_code == 200
    assert await _abandoned(world, campaign_id) == 1
    stale = await said(api, call, "cannot_tell", instead_of="machine")
    assert (stale.status_code, stale.json()["code"]) == (409, "already_judged")
    corrected = await said(api, call, "machine", instead_of="person")
    assert corrected.json()["verdict"]["judged"] == "machine"
    assert corrected.json()["verdict"]["judged_by"] == "user-1"
    found = await _shown(api, campaign_id)
    assert (found["judged"], found["people"], found["false_positives"]["share"]) == (1, 0, 0)
    assert await _abandoned(world, campaign_id) == 0
    same = await said(api, call, "machine", instead_of="machine")
    assert same.status_code == 200
    assert await audit_of(world) == ["amd_verdict.judged", "amd_verdict.corrected"]
    async with world.sessions() as session:
        sql = "SELECT facts FROM audit_entry WHERE action = 'amd_verdict.corrected'"
        facts = (await session.execute(text(sql))).scalar_one()
    assert (facts["instead_of"], facts["was"]) == ("person", "machine")


async def test_a_correction_may_switch_detection_off(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    calls = [await stored_call(world, campaign_id, row) for row in range(1, 6)]
    for call in calls:
        await said(api, call, "cannot_tell")
    assert (await _shown(api, campaign_id))["judged"] == 0
    switched = [
        (await said(api, call, "person", instead_of="cannot_tell")).json()["switched_off"]
        for call in calls
    ]
    assert switched == [False] * 4 + [True]


async def test_two_windows_judge_once(world: World) -> None:
    api, other = await world.api(Role.SUPERVISOR), await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    call = await stored_call(world, campaign_id, 1)
    answers = await asyncio.gather(
        *(said(one, call, "person") for one in (api, other) for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    found = await _shown(api, campaign_id)
    assert (found["judged"], found["people"]) == (1, 1)
    assert await audit_of(world) == ["amd_verdict.judged"]


async def test_what_cannot_be_told_counts_for_neither_side(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    call = await stored_call(world, campaign_id, 1)
    assert (await _shown(api, campaign_id))["waiting"] == 1
    assert (await said(api, call, "cannot_tell")).status_code == 200
    found = await _shown(api, campaign_id)
    assert (found["judged"], found["cannot_tell"], found["waiting"]) == (0, 1, 0)
    assert found["false_positives"] is None
    assert await _abandoned(world, campaign_id) == 0


async def test_only_what_was_drawn_is_judged_and_only_what_can_be_heard_waits(
    world: World,
) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    drawn = await stored_call(world, campaign_id, 1)
    other = await stored_call(world, campaign_id, 2, for_review=False)
    await stored_call(world, campaign_id, 3, recording=None)
    audited = await stored_call(world, campaign_id, 4, Treatment.AUDITED)
    listed = (await api.get(f"{V1}/campaigns/{campaign_id}/amd/verdicts")).json()
    assert {one["attempt_id"] for one in listed} == {str(drawn), str(audited)}
    found = await _shown(api, campaign_id)
    assert (found["verdicts"], found["waiting"], found["audited_share"]) == (4, 2, 0.25)
    assert {one["treatment"]: one["calls"] for one in found["by_kind"]} == {
        "acted": 3,
        "audited": 1,
    }
    refused = await said(api, other, "person")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_drawn")


def _wav(file: Path) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(SECOND)
        sound.writeframes(b"\x01\x00\x00\x00" * SECOND)


async def test_the_recording_is_heard_by_those_who_judge(world: World, tmp_path: Path) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    call = await stored_call(world, campaign_id, 1)
    missing = await api.get(f"{V1}/attempts/{call}/machine-recording")
    assert (missing.status_code, missing.json()["code"]) == (404, "nothing_to_hear")
    _wav(tmp_path / "1.wav")
    heard = await api.get(f"{V1}/attempts/{call}/machine-recording")
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
    assert len(heard.content) == 44 + 4 * SECOND
    assert heard.headers["cache-control"] == "no-store"
    page = f"/campaigns/{campaign_id}/machines/{call}/recording"
    browser = await world.browser(Role.SUPERVISOR)
    for part in ("bytes=0-99", "bytes=100-199"):
        assert (await browser.get(page, headers={"Range": part})).status_code == 206
    heard_by_api_and_page = 2  # for both parts, the page's player once
    assert (await audit_of(world)).count("recording.heard") == heard_by_api_and_page
    customer = await world.browser(Role.CLIENT)
    assert (await customer.get(page)).status_code == 403
    stranger = await world.browser(Role.MANAGER, world.other_client_id)
    assert (await stranger.get(page)).status_code == 404


async def test_the_page_is_judged_on_without_scripts_and_with_them(world: World) -> None:
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    first = await stored_call(world, campaign_id, 1)
    second = await stored_call(world, campaign_id, 2)
    browser = await world.browser(Role.SUPERVISOR)
    page = f"/campaigns/{campaign_id}/machines"
    assert f'href="{page}"' in (await browser.get(f"/campaigns/{campaign_id}")).text
    shown = await browser.get(page)
    assert shown.text.count("<audio") == 2
    assert "media-src 'self'" in shown.headers["content-security-policy"]
    body = {"was": "person"}
    plain = await browser.post(f"{page}/{first}/judgement", data=body, headers=SAME_ORIGIN)
    assert (plain.status_code, plain.headers["location"]) == (303, page)
    piece = await browser.post(
        f"{page}/{second}/judgement", data=body, headers={**SAME_ORIGIN, **HTMX}
    )
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert 'name="instead_of" value="person"' in piece.text
    again = await browser.post(f"{page}/{first}/judgement", data=body, headers=SAME_ORIGIN)
    assert again.status_code == 409
    assert "This verdict has been judged already." in again.text
    mended = {"was": "machine", "instead_of": "person"}
    await browser.post(f"{page}/{first}/judgement", data=mended, headers=SAME_ORIGIN)
    assert await _abandoned(world, campaign_id) == 1
    foreign = await browser.post(
        f"{page}/{first}/judgement", data=body, headers={"Origin": "http://elsewhere.test"}
    )
    assert foreign.status_code == 403
    customer = await world.browser(Role.CLIENT)
    assert (await customer.get(page)).status_code == 403
    refused = await customer.post(f"{page}/{first}/judgement", data=body, headers=SAME_ORIGIN)
    assert refused.status_code == 403


async def test_a_manager_switches_on_again_and_says_why(world: World) -> None:
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    async with transaction(world.sessions) as session:
        sql = (
            "INSERT INTO amd_switch (campaign_id, client_id, off_at, reason, figures)"
            " VALUES (:c, :client, :at, 'too_many_people_taken_for_machines', '{}')"
        )
        facts = {"c": campaign_id, "client": world.client_id, "at": world.clock.now()}
        await session.execute(text(sql), facts)
    page = f"/campaigns/{campaign_id}/machines"
    supervisor = await world.browser(Role.SUPERVISOR)
    shown = (await supervisor.get(f"{page}?lang=ru")).text
    assert "Распознавание отключилось само: за автоответчики принято больше людей" in shown
    assert "switch-on" not in shown
    manager = await world.browser()
    silent = await manager.post(f"{page}/switch-on", data={"reason": " "}, headers=SAME_ORIGIN)
    assert silent.status_code == 422
    assert "Say in a few words why." in silent.text
    why = {"reason": "calibrated for the new carrier"}
    done = await manager.post(f"{page}/switch-on", data=why, headers=SAME_ORIGIN)
    assert done.status_code == 303
    async with world.sessions() as session:
        kept = "SELECT facts ->> 'reason' FROM audit_entry WHERE action = 'amd.switched_on'"
        assert (await session.execute(text(kept))).scalar_one() == why["reason"]
    assert "switch-on" not in (await manager.get(page)).text
