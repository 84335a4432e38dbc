"""What a client asks for: no calls, erasure, a list taken over, a sample checked; the manager answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select

from campaigns.delivery.deliveries.words import Verdict
from campaigns.lists.models import ListImport
from campaigns.portal.models import ClientRequest, SampledResult
from campaigns.portal.words import RequestState
from campaigns.states import ImportState
from campaigns.tenancy.models import Role
from compliance.models import Suppression
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.portal_world import FILE, Portal, ids_on, portal_world

ANNA = "+79161234567"


@pytest.fixture
async def portal(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Portal]:
    async with portal_world(sessions, redis, clock, tmp_path) as made:
        yield made


async def _requests(portal: Portal) -> list[ClientRequest]:
    async with portal.world.sessions() as session:
        return list((await session.exec(select(ClientRequest))).all())


async def test_nobody_is_called_from_the_moment_a_client_asks(portal: Portal) -> None:
    await portal.imported()
    form = {"kind": "do_not_call", "numbers": "+7 916 123-45-67\n+79267654321"}
    assert (await portal.boss.post("/portal/requests", data=form)).status_code == 303
    async with portal.world.sessions() as session:
        kept = {one.e164 for one in (await session.exec(select(Suppression))).all()}
    assert kept == {ANNA, "+79267654321"}
    assert {row.state for row in await _requests(portal)} == {RequestState.DONE}
    wrong = await portal.boss.post("/portal/requests", data=form | {"numbers": "12"})
    assert (wrong.status_code, "country code" in wrong.text) == (422, True)
    nobody = await portal.boss.post("/portal/requests", data={"kind": "erasure"})
    assert (nobody.status_code, "Name the person" in nobody.text) == (422, True)
    assert (await portal.boss.get("/client-requests")).status_code == 403


async def test_an_erasure_waits_for_the_manager_and_leaves_a_receipt(portal: Portal) -> None:
    await portal.imported()
    form = {"kind": "erasure", "numbers": ANNA, "note": "Анна wrote"}
    await portal.boss.post("/portal/requests", data=form)
    (row,) = await _requests(portal)
    assert (row.state, row.law) == (RequestState.OPEN, "152-FZ art. 21(5.1)")
    page = (await portal.manager.get("/client-requests")).text
    assert ANNA in page
    unsaid = await portal.manager.post(f"/client-requests/{row.id}/refuse", data={"answer": " "})
    assert (unsaid.status_code, "Say why" in unsaid.text) == (409, True)
    done = await portal.manager.post(f"/client-requests/{row.id}/done")
    assert done.status_code == 303, done.text
    (row,) = await _requests(portal)
    assert (row.state, row.e164, row.note) == (RequestState.DONE, "", "")
    shown = (await portal.boss.get("/portal/requests")).text
    assert row.receipt["digest"] in shown
    assert ANNA not in shown
    async with portal.world.sessions() as session:
        left = await session.execute(text("SELECT count(*) FROM contact WHERE name LIKE 'Анна%'"))
        assert left.scalar_one() == 0
    again = await portal.manager.post(f"/client-requests/{row.id}/done")
    assert again.status_code == 409
    actions = await portal.audit()
    assert [one for one in actions if one.startswith(("client_request", "person"))] == [
        "client_request.asked",
        "person.erased",
        "client_request.done",
    ]


async def _sent(portal: Portal) -> str:
    sent = await portal.boss.post(
        "/portal/lists/upload",
        data={"name": "Mine", "region": "RU", "text": ""},
        files={"file": ("may.csv", (FILE + "Без;нет;Тверь\n").encode("cp1251"))},
    )
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


async def _state(portal: Portal, address: str) -> ImportState:
    async with portal.world.sessions() as session:
        return (await session.get_one(ListImport, UUID(address.rsplit("/", 1)[1]))).state


async def test_a_clients_list_waits_until_a_manager_takes_it(portal: Portal) -> None:
    address = await _sent(portal)
    page = (await portal.boss.get(address)).text
    assert "Анна" in page, "the same preview as a manager's"
    assert f'action="{address}"' in page
    told = (await portal.boss.get(f"{address}/check")).text
    assert "No phone number" in told, "the same refusals"
    assert (await portal.boss.post(f"{address}/commit")).status_code == 303
    assert await _state(portal, address) is ImportState.STAGED, "handed over, not imported"
    for button in ("", "/commit", "/discard"):
        late = await portal.boss.post(f"{address}{button}")
        assert late.status_code == 409, button
    name = address.rsplit("/", 1)[1]
    waiting = (await portal.manager.get("/client-requests")).text
    assert f'href="/imports/{name}"' in waiting
    back = f"/client-requests/uploads/{name}/send-back"
    assert (await portal.manager.post(back, data={"answer": "Wrong month"})).status_code == 303
    assert "Wrong month" in (await portal.boss.get(address)).text
    assert (await portal.boss.post(f"{address}/commit")).status_code == 303
    assert (await portal.manager.post(f"/imports/{name}/commit")).status_code == 303
    assert await _state(portal, address) is ImportState.COMMITTED
    assert "3 rows accepted, 1 refused" in (await portal.boss.get("/portal/lists")).text
    assert (await portal.manager.post(back, data={"answer": "late"})).status_code == 409


async def test_a_client_may_import_at_once_where_the_centre_allows_it(portal: Portal) -> None:
    allowed = await portal.manager.post(
        "/client-requests/settings", data={"uploads_at_once": "true"}
    )
    assert allowed.status_code == 303
    address = await _sent(portal)
    assert (await portal.boss.post(f"{address}/commit")).status_code == 303
    assert await _state(portal, address) is ImportState.COMMITTED
    # The same form took recordings away: without the tick nobody of the client listens.
    assert (await portal.boss.get("/portal/recordings")).status_code == 404


async def test_the_centres_imports_are_not_the_clients(portal: Portal) -> None:
    sent = await portal.manager.post(
        "/lists/upload",
        data={"name": "Theirs", "region": "RU", "text": ""},
        files={"file": ("may.csv", FILE.encode("cp1251"))},
    )
    name = sent.headers["location"].rsplit("/", 1)[1]
    for button in ("", "/check"):
        assert (await portal.boss.get(f"/portal/lists/{name}{button}")).status_code == 404
    for button in ("", "/commit", "/discard"):
        assert (await portal.boss.post(f"/portal/lists/{name}{button}")).status_code == 404


async def test_a_sample_is_drawn_judged_answered_and_finished(portal: Portal) -> None:
    campaign_id = await portal.imported()
    form = {"campaign_id": str(campaign_id), "percent": "60", "seed": "may"}
    nothing = await portal.boss.post("/portal/samples", data=form)
    assert (nothing.status_code, "nothing can be drawn" in nothing.text) == (409, True)
    await portal.settle(campaign_id, "sale", "sale", "refused")
    places = [
        (await portal.boss.post("/portal/samples", data=form)).headers["location"] for _ in "ab"
    ]
    pages = [(await portal.boss.get(place)).text for place in places]
    drawn = [ids_on(page, 'id="result-') for page in pages]
    assert drawn[0] == drawn[1], "the same seed draws the same"
    assert len(drawn[0]) == 2  # 60 % of three, rounded up
    sample, (first, second) = places[0], drawn[0]
    result = f"{sample}/results/{first}"
    early = await portal.boss.post(f"{sample}/finish")
    assert (early.status_code, "every result" in early.text) == (409, True)
    await portal.boss.post(result, data={"reason": "wrong_answer", "comment": "=1+1"})
    await portal.boss.post(f"{sample}/results/{second}")
    kept = await portal.boss.post(f"{sample}/results/{second}", data={"reason": "other"})
    assert kept.status_code == 409, "what was accepted is not disputed any more"
    answered = f"/client-requests/samples/{sample.rsplit('/', 1)[1]}/results/{first}"
    assert f'action="{answered}"' in (await portal.manager.get("/client-requests")).text
    assert (await portal.boss.post(answered, data={"conceded": "true"})).status_code == 403
    await portal.manager.post(answered, data={"conceded": "true", "answer": "Right."})
    assert (await portal.boss.post(f"{sample}/finish")).status_code == 303
    page = (await portal.boss.get(sample)).text
    assert "50.0%" in page
    assert "33.3% to 66.7%" in page, "of three results one or two are wrong"
    report = (await portal.boss.get(f"{sample}/report.csv")).text
    assert "'=1+1" in report
    assert (await portal.boss.post(result)).status_code == 409, "it is finished"
    async with portal.world.sessions() as session:
        rows = (await session.exec(select(SampledResult))).all()
    assert [one.verdict for one in rows].count(Verdict.CONCEDED) == 1
    stranger = await portal.world.browser(Role.CLIENT, portal.world.other_client_id)
    assert (await stranger.get(sample)).status_code == 404
    assert (await stranger.get(f"{sample}/report.csv")).status_code == 404
