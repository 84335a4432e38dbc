"""A campaign's life: what each state allows, what a start needs, and the trace it leaves."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.agents import sessions as shifts
from campaigns.configuration import checked_settings
from campaigns.errors import (
    AlreadySignedIn,
    BadSettings,
    CallerIdNotFound,
    CampaignEnded,
    CampaignNotFound,
    NameTaken,
    NoContacts,
    NoHours,
    NoTrunk,
    NotSignedIn,
    TrunkNotFound,
    WrongState,
)
from campaigns.leads.models import Lead
from campaigns.models import Campaign, Disposition
from campaigns.startable import NO_AGENTS
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy import bootstrap, tokens
from campaigns.tenancy.models import AuditEntry, Role, User
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid, Unauthenticated
from tests.factories import make_campaign, make_client, numbers

S = CampaignState
ALLOWED = {
    "start": {S.DRAFT, S.STOPPED, S.FINISHED},
    "pause": {S.RUNNING},
    "resume": {S.PAUSED},
    "stop": {S.RUNNING, S.PAUSED},
}
AFTER = {"start": S.RUNNING, "pause": S.PAUSED, "resume": S.RUNNING, "stop": S.STOPPED}
DOES: dict[str, Callable[..., Awaitable[Any]]] = {
    "start": lifecycle.start,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "stop": lifecycle.stop,
}


async def _client(sessions: SessionFactory, clock: FrozenClock) -> UUID:
    async with transaction(sessions) as session:
        return (await make_client(session, clock.now())).id


@pytest.mark.parametrize("action", sorted(DOES))
async def test_each_state_allows_what_it_should(
    sessions: SessionFactory, clock: FrozenClock, action: str
) -> None:
    for state in CampaignState:
        async with transaction(sessions) as session:
            made = await make_campaign(session, clock.now(), leads=numbers(1), state=state)
        known = {"client_id": made.client_id, "clock": clock, "by": None}
        if state not in ALLOWED[action]:
            with pytest.raises(WrongState) as refused:
                async with transaction(sessions) as session:
                    await DOES[action](session, made.id, **known)
            assert refused.value.facts["state"] == state.value
            continue
        async with transaction(sessions) as session:
            changed = await DOES[action](session, made.id, **known)
        assert changed.campaign.state is AFTER[action]
        assert (changed.campaign.ended_at is not None) == (action == "stop")
        async with transaction(sessions) as session:
            entries = select(AuditEntry).where(col(AuditEntry.subject_id) == made.id)
            trace = (await session.exec(entries)).one()
        assert trace.action == f"campaign.{AFTER[action].value}"
        assert trace.facts["from"] == state.value


async def test_a_start_names_what_is_missing(sessions: SessionFactory, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        bare = await make_campaign(session, clock.now(), state=S.DRAFT)
        people: dict[str, Any] = {"trunk": {"simulated": False}, "settings": {"hours": None}}
        hourless = await make_campaign(session, clock.now(), state=S.DRAFT, **people)
        simulated = await make_campaign(
            session, clock.now(), leads=numbers(1), settings={"hours": None}, state=S.DRAFT
        )
        trunkless = await make_campaign(session, clock.now(), state=S.DRAFT)
        (await session.get_one(Campaign, trunkless.id)).trunk_id = None
    for made, error in ((bare, NoContacts), (hourless, NoHours), (trunkless, NoTrunk)):
        with pytest.raises(error):
            async with transaction(sessions) as session:
                await lifecycle.start(
                    session, made.id, client_id=made.client_id, clock=clock, by=None
                )
    async with transaction(sessions) as session:
        started = await lifecycle.start(
            session, simulated.id, client_id=simulated.client_id, clock=clock, by=None
        )
    assert started.campaign.state is S.RUNNING
    assert started.notes == (NO_AGENTS,)


async def test_a_start_with_an_agent_has_no_notes(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(1), agents=1, state=S.DRAFT)
        started = await lifecycle.start(
            session, made.id, client_id=made.client_id, clock=clock, by=None
        )
    assert started.notes == ()


async def test_a_campaign_whose_leads_are_done_has_nobody_to_call(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(1), state=S.FINISHED)
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.state, lead.result = LeadState.DONE, "sale"
    with pytest.raises(NoContacts) as refused:
        async with transaction(sessions) as session:
            await lifecycle.start(session, made.id, client_id=made.client_id, clock=clock, by=None)
    assert refused.value.detail.startswith("Every contact has its result")


async def test_create_stores_complete_settings_and_dispositions(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    client_id = await _client(sessions, clock)
    async with transaction(sessions) as session:
        campaign = await lifecycle.create(
            session,
            client_id=client_id,
            name="Survey",
            settings={"wrap_up_s": 12},
            clock=clock,
            by=None,
        )
        owned = select(Disposition).where(col(Disposition.campaign_id) == campaign.id)
        codes = {row.code: row for row in (await session.exec(owned)).all()}
    assert campaign.state is S.DRAFT
    assert campaign.settings["wrap_up_s"] == 12
    assert campaign.settings["mode"] == "progressive"
    assert codes["do_not_call"].suppresses
    assert codes["callback_later"].retry_after_s == 3600
    assert {code for code, row in codes.items() if row.success} == {"sale", "done"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "Survey"}, NameTaken),
        ({"settings": {"ring_timeout_s": 3, "speed": 9}}, BadSettings),
        ({"settings": {"hours": {"monday": []}}}, BadSettings),
        ({"trunk": "nowhere"}, TrunkNotFound),
        ({"caller_id": "+74951234567"}, CallerIdNotFound),
    ],
)
async def test_create_refuses_what_cannot_work(
    sessions: SessionFactory, clock: FrozenClock, changes: dict[str, Any], error: type[Exception]
) -> None:
    client_id = await _client(sessions, clock)
    given: dict[str, Any] = {"client_id": client_id, "settings": {}, "clock": clock, "by": None}
    async with transaction(sessions) as session:
        await lifecycle.create(session, name="Survey", **given)
    with pytest.raises(error):
        async with transaction(sessions) as session:
            await lifecycle.create(session, **{"name": "Another", **given, **changes})


def test_bad_settings_are_named_one_by_one() -> None:
    with pytest.raises(BadSettings) as refused:
        checked_settings({"ring_timeout_s": 3, "speed": 9})
    assert "ring_timeout_s" in refused.value.detail
    assert "speed" in refused.value.detail


async def test_another_client_cannot_find_or_change_a_campaign(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(1), state=S.RUNNING)
    for client_id, campaign_id in (
        (await _client(sessions, clock), made.id),
        (made.client_id, uuid4()),
    ):
        with pytest.raises(CampaignNotFound):
            async with transaction(sessions) as session:
                await lifecycle.stop(
                    session, campaign_id, client_id=client_id, clock=clock, by=None
                )


async def test_an_update_keeps_the_other_settings_and_traces_the_change(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), settings={"wrap_up_s": 7})
        await lifecycle.update(
            session,
            made.id,
            client_id=made.client_id,
            clock=clock,
            by=None,
            settings={"dial_ratio": 2},
        )
    async with transaction(sessions) as session:
        campaign = await session.get_one(Campaign, made.id)
        entries = select(AuditEntry).where(col(AuditEntry.subject_id) == made.id)
        trace = (await session.exec(entries)).one()
    assert campaign.settings["dial_ratio"] == 2
    assert campaign.settings["wrap_up_s"] == 7
    assert trace.facts["dial_ratio"]["to"] == 2


async def test_a_shift_is_signed_in_once_and_ends_through_the_runner(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now())
        agent = await shifts.create_agent(
            session, client_id=made.client_id, name="Olga", endpoint="PJSIP/olga"
        )
        shift = await shifts.sign_in(
            session, agent.id, made.id, client_id=made.client_id, clock=clock
        )
    with pytest.raises(AlreadySignedIn):
        async with transaction(sessions) as session:
            await shifts.sign_in(session, agent.id, made.id, client_id=made.client_id, clock=clock)
    async with transaction(sessions) as session:
        paused = await shifts.set_wants(
            session, shift.id, AgentState.PAUSED, client_id=made.client_id, pause_code="lunch"
        )
        assert (paused.wants, paused.pause_code) == (AgentState.PAUSED, "lunch")
        with pytest.raises(Invalid):
            await shifts.set_wants(session, shift.id, AgentState.ON_CALL, client_id=made.client_id)
        leaving = await shifts.sign_out(session, shift.id, client_id=made.client_id, clock=clock)
        assert leaving.wants is AgentState.OFFLINE
        assert leaving.ended_at is None  # the runner ends it
        with pytest.raises(NotSignedIn):
            await shifts.set_wants(session, shift.id, AgentState.READY, client_id=made.client_id)


async def test_a_shift_without_a_runner_ends_at_once(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), agents=1, state=S.DRAFT)
        shift = await shifts.sign_out(
            session, made.session_ids[0], client_id=made.client_id, clock=clock
        )
    assert shift.ended_at == clock.now()


async def test_nobody_signs_in_to_a_campaign_that_is_over(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), state=S.FINISHED)
        agent = await shifts.create_agent(
            session, client_id=made.client_id, name="Olga", endpoint="PJSIP/olga"
        )
    with pytest.raises(CampaignEnded):
        async with transaction(sessions) as session:
            await shifts.sign_in(session, agent.id, made.id, client_id=made.client_id, clock=clock)


async def test_a_token_is_known_until_it_is_revoked_or_its_user_disabled(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    client_id = await _client(sessions, clock)
    async with transaction(sessions) as session:
        user = await bootstrap.create_user(
            session, client_id=client_id, login="olga", role=Role.SUPERVISOR, clock=clock
        )
        first = await tokens.issue(session, user.id, clock)
        who = await tokens.identify(session, first)
        assert (who.client_id, who.role, who.login) == (client_id, Role.SUPERVISOR, "olga")
        assert await tokens.revoke_all(session, user.id, clock) == 1
        second = await tokens.issue(session, user.id, clock)
        (await session.get_one(User, user.id)).disabled_at = clock.now()
        await session.flush()
        for useless in (first, second, "odt_guess", ""):
            with pytest.raises(Unauthenticated):
                await tokens.identify(session, useless)
