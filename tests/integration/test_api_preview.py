"""The API of preview: what an agent reads, dials and skips, and what others may not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select

from campaigns.commands import command_stream
from campaigns.leads.models import Lead, LeadClaim
from campaigns.leads.preview_models import Preview
from campaigns.lists.models import Contact, Phone
from campaigns.states import PhoneKind
from campaigns.tenancy.models import AuditEntry, Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.phone import masked
from tests.factories import make_place
from tests.integration.api_world import HOURS, World, api_world

V1 = "/api/v1"
FIRST, SECOND = "+79430000001", "+442079460000"


@dataclass
class Desk:
    """An agent who is shown a contact with two numbers."""

    world: World
    api: AsyncClient
    path: str
    agent_id: UUID
    campaign_id: UUID
    shown: Preview
    lead: Lead

    async def get(self) -> dict[str, Any]:
        """Return what the agent reads."""
        answer = await self.api.get(self.path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def decide(self, what: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Dial or skip what is shown."""
        wish = {"preview_id": str(self.shown.id)} | body
        answer = await self.api.post(f"{self.path}/{what}", json=wish)
        return answer.status_code, answer.json()

    async def settle(self, **settings: Any) -> None:
        """Change the campaign's settings."""
        api, body = await self.world.api(), {"settings": settings}
        answer = await api.patch(f"{V1}/campaigns/{self.campaign_id}", json=body)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def desk(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[Desk]:
    """A contact on a desk: one number in Moscow, one in London, where it is early."""
    async with api_world(sessions, redis, clock) as world:
        manager = await world.api()
        settings = {"hours": HOURS, "purpose": "survey", "mode": "preview"}
        campaign_id = await world.campaign(manager, settings=settings)
        lead = await world.lead(campaign_id, row=1)
        api = await world.api(Role.AGENT)
        mine = {"name": "Olga", "endpoint": "PJSIP/olga", "login": f"user-{world.users}"}
        agent_id = (await manager.post(f"{V1}/agents", json=mine)).json()["id"]
        body = {"campaign_id": str(campaign_id)}
        shift = (await api.post(f"{V1}/agents/{agent_id}/sign-in", json=body)).json()
        shown = Preview(
            client_id=world.client_id,
            campaign_id=campaign_id,
            session_id=UUID(shift["id"]),
            lead_id=lead.id,
            shown_at=clock.now(),
        )
        async with transaction(sessions) as session:
            contact = await session.get_one(Contact, lead.contact_id)
            contact.name, contact.fields = "Anna", {"Phone": "8 (943) 000-00-01", "City": "Moscow"}
            early = await make_place(session, ["Europe/London"], ["YY"])
            session.add(
                Phone(
                    client_id=world.client_id,
                    contact_id=contact.id,
                    position=1,
                    kind=PhoneKind.MOBILE,
                    e164=SECOND,
                    region="GB",
                    place_id=early,
                )
            )
            session.add(LeadClaim(lead_id=lead.id, campaign_id=campaign_id))
            session.add(shown)
        yield Desk(
            world, api, f"{V1}/agents/{agent_id}/preview", agent_id, campaign_id, shown, lead
        )


async def test_an_agent_reads_the_contact_and_takes_no_number_away(desk: Desk) -> None:
    await desk.settle(preview_limit_s=60)
    earlier = desk.world.clock.now() - timedelta(days=2)
    facts: dict[str, Any] = {"started_at": earlier, "ended_at": earlier}
    await desk.world.attempt(desk.lead, 1, **facts, outcome=CallOutcome.BUSY)
    desk.world.clock.advance(20)
    found = await desk.get()
    shown = found["shown"]
    assert (shown["id"], shown["name"]) == (str(desk.shown.id), "Anna")
    assert shown["fields"]["City"] == "Moscow"
    assert shown["fields"]["Phone"] == masked(FIRST)
    assert FIRST not in str(found)
    assert SECOND not in str(found)
    assert [(one["position"], one["reason"]) for one in shown["numbers"]] == [
        (0, None),
        (1, None),
    ]
    assert shown["numbers"][0]["is_next"]
    assert shown["local_times"] == [{"zone": "Europe/Moscow", "at": "2026-11-23T12:00+03:00"}]
    assert shown["seconds_left"] == 40
    assert [call["outcome"] for call in shown["calls"]] == ["busy"]
    assert (shown["may_skip"], shown["wish"], found["last"]) == (True, None, None)
    supervisor = await desk.world.api(Role.SUPERVISOR)
    full = (await supervisor.get(desk.path)).json()["shown"]
    assert [one["e164"] for one in full["numbers"]] == [FIRST, SECOND]


async def test_a_decision_is_stored_audited_and_told_once(desk: Desk) -> None:
    status, decided = await desk.decide("dial")
    assert (status, decided["wish"]) == (202, "dial")
    assert (await desk.get())["shown"]["wish"] == "dial"
    for what, body in (("dial", {}), ("skip", {"reason": "no_fit"})):
        status, problem = await desk.decide(what, **body)
        assert (status, problem["code"]) == (409, "already_decided")
    messages = await desk.world.redis.xrange(command_stream(desk.campaign_id))
    assert sum(b"preview_decided" in fields[b"body"] for _, fields in messages) == 1
    async with desk.world.sessions() as session:
        entries = (await session.exec(select(AuditEntry))).all()
        kept = await session.get_one(Preview, desk.shown.id)
    (entry,) = [one for one in entries if one.action == "preview.dial"]
    assert entry.facts["lead_id"] == str(desk.lead.id)
    assert entry.user_id == kept.wished_by is not None


async def test_a_number_is_chosen_among_those_the_gate_clears(desk: Desk) -> None:
    status, problem = await desk.decide("dial", phone_position=7)
    assert (status, problem["code"]) == (404, "no_such_number")
    desk.world.clock.advance(-150 * 60)  # 9:30 in Moscow, 6:30 in London
    status, problem = await desk.decide("dial", phone_position=1)
    assert (status, problem["code"]) == (409, "number_not_cleared")
    assert problem["facts"]["reason"] == "outside_window"
    numbers = (await desk.get())["shown"]["numbers"]
    assert [one["reason"] for one in numbers] == [None, "outside_window"]
    status, decided = await desk.decide("dial", phone_position=0)
    assert (status, decided["phone_position"]) == (202, 0)


async def test_a_skip_needs_a_reason_and_leave(desk: Desk) -> None:
    assert (await desk.decide("skip"))[0] == 422
    assert (await desk.decide("skip", reason="bored"))[0] == 422
    await desk.settle(preview_skips=False)
    assert not (await desk.get())["shown"]["may_skip"]
    status, problem = await desk.decide("skip", reason="no_fit")
    assert (status, problem["code"]) == (409, "skip_not_allowed")
    await desk.settle(preview_skips=True)
    status, decided = await desk.decide("skip", reason="no_fit")
    assert (status, decided["wish"], decided["reason"]) == (202, "skip", "no_fit")


async def test_what_is_over_says_how_it_ended(desk: Desk) -> None:
    async with transaction(desk.world.sessions) as session:
        await session.execute(
            text("UPDATE preview SET ended_at = shown_at, ending = 'refused', reason = 'law_cap'")
        )
    status, problem = await desk.decide("dial")
    assert (status, problem["code"]) == (409, "preview_over")
    assert problem["facts"] == {"ending": "refused", "reason": "law_cap"}
    found = await desk.get()
    assert found["shown"] is None
    assert (found["last"]["ending"], found["last"]["reason"]) == ("refused", "law_cap")
    counted = await (await desk.world.api()).get(f"{V1}/campaigns/{desk.campaign_id}/previews")
    assert counted.json() == [
        {"ending": "refused", "reason": "law_cap", "previews": 1, "read_mean_s": 0.0}
    ]


async def test_nobody_elses_preview(desk: Desk) -> None:
    colleague = await desk.world.api(Role.AGENT)
    stranger = await desk.world.api(Role.SUPERVISOR, client_id=desk.world.other_client_id)
    body = {"preview_id": str(desk.shown.id)}
    for api, status in ((colleague, 403), (stranger, 404)):
        assert (await api.get(desk.path)).status_code == status
        assert (await api.post(f"{desk.path}/dial", json=body)).status_code == status
        skip = body | {"reason": "other"}
        assert (await api.post(f"{desk.path}/skip", json=skip)).status_code == status
    counts = f"{V1}/campaigns/{desk.campaign_id}/previews"
    assert (await stranger.get(counts)).status_code == 404
    other = {"preview_id": str(desk.campaign_id)}
    unknown = await desk.api.post(f"{desk.path}/dial", json=other)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "nothing_shown")


async def test_an_agent_may_give_up_the_call_he_or_she_dialled(desk: Desk) -> None:
    attempt = await desk.world.attempt(desk.lead, 1)
    path = f"{V1}/attempts/{attempt.id}/hang-up"
    assert (await desk.api.post(path)).status_code == 403
    async with transaction(desk.world.sessions) as session:
        shown = await session.get_one(Preview, desk.shown.id)
        shown.attempt_id = attempt.id
    assert (await desk.api.post(path)).status_code == 202
    colleague = await desk.world.api(Role.AGENT)
    assert (await colleague.post(path)).status_code == 403


async def test_why_tells_who_reads_it_and_that_it_was_skipped(desk: Desk) -> None:
    api = await desk.world.api()
    path = f"{V1}/campaigns/{desk.campaign_id}"
    why = (await api.get(f"{path}/leads/{desk.lead.id}/why")).json()
    assert why["reason"] == "shown_to_agent"
    rows = (await api.get(f"{path}/why")).json()["leads"]
    assert [(row["reason"], row["leads"]) for row in rows] == [("shown_to_agent", 1)]
    async with transaction(desk.world.sessions) as session:
        await session.execute(text("DELETE FROM preview"))
        await session.execute(text("DELETE FROM lead_claim"))
        lead = await session.get_one(Lead, desk.lead.id)
        lead.next_attempt_at = desk.world.clock.now() + timedelta(hours=1)
        lead.waiting_reason = "skipped"
    why = (await api.get(f"{path}/leads/{desk.lead.id}/why")).json()
    assert (why["reason"], why["next_at"]) == ("skipped", "2026-11-23T10:00:00Z")
