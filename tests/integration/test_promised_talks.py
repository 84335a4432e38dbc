"""Promises made in a conversation: they decide the lead's fate, however the talk is closed."""

from typing import Any

import pytest

from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Callback
from campaigns.models import Campaign, Disposition
from campaigns.states import CallbackState, LeadState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.promises import THREE_UTC, PromiseWorld


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> PromiseWorld:
    """The world, begun."""
    return await PromiseWorld(sessions, clock).begin()


async def test_a_promise_made_in_wrap_up_decides_the_leads_fate(world: PromiseWorld) -> None:
    ended: dict[str, Any] = {"ended_at": world.clock.now(), "outcome": CallOutcome.CONNECTED}
    await world.dispose(await world.talk(**ended), agent=world.agent)
    lead = await world.lead()
    assert (lead.state, lead.next_attempt_at) == (LeadState.WAITING, THREE_UTC)
    assert (lead.reserved_for, lead.lane) == (world.agent, 3)


async def test_a_promise_made_while_they_talk_is_kept_when_the_call_ends(
    world: PromiseWorld,
) -> None:
    attempt_id = await world.talk()
    await world.dispose(attempt_id, agent=world.agent)
    assert (await world.lead()).state is LeadState.DIALING
    await world.end(attempt_id)
    lead = await world.lead()
    assert (lead.state, lead.next_attempt_at) == (LeadState.WAITING, THREE_UTC)
    assert lead.reserved_for == world.agent


async def test_a_promise_survives_a_talk_that_nobody_closed(world: PromiseWorld) -> None:
    attempt_id = await world.talk()
    await world.promise(agent=world.agent)
    await world.end(attempt_id)
    assert (await world.lead()).state is LeadState.DIALING, "it waits for its disposition"
    async with transaction(world.sessions) as session:
        assert await dispositions.close_undisposed(session, [attempt_id])
    assert (await world.lead()).next_attempt_at == THREE_UTC
    await world.change(state=LeadState.DONE, result="no_disposition", next_attempt_at=None)
    await world.release()
    lead = await world.lead()
    assert (lead.state, lead.reserved_for) == (LeadState.WAITING, world.agent)


async def test_a_promise_to_a_person_who_is_done_ends(world: PromiseWorld) -> None:
    made = await world.promise()
    await world.change(state=LeadState.DONE, result="suppressed", next_attempt_at=None)
    await world.release()
    async with world.sessions() as session:
        assert (await session.get_one(Callback, made.id)).state is CallbackState.CANCELLED
    assert (await world.lead()).result == "suppressed"


async def test_nothing_is_promised_to_a_person_who_opts_out(world: PromiseWorld) -> None:
    attempt_id = await world.talk()
    async with transaction(world.sessions) as session:
        campaign = await session.get_one(Campaign, world.made.id)
        row = Disposition(
            client_id=campaign.client_id,
            campaign_id=campaign.id,
            code="do_not_call",
            label="Do not call",
            suppresses=True,
        )
        session.add(row)
    with pytest.raises(dispositions.NoCallback):
        await world.dispose(attempt_id, "do_not_call")
    async with world.sessions() as session:
        assert (await session.get_one(Attempt, attempt_id)).disposition is None
