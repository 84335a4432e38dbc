"""A promised call finds its agent free: the calls before it do not take the last one."""

from datetime import timedelta
from uuid import UUID

import pytest

from campaigns.leads.callbacks import CallbackRequest, promise
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign, numbers
from tests.hall import CarrierBook, Manners, Place, asterisk, customers
from tests.promises import always, name_of
from tests.world import until

CLOCK = SystemClock()
IN_S = 3.0


async def _promise(place: Place, made: MadeCampaign, agent: str | None) -> str:
    """Promise the last lead's call, due in a moment; return its number."""
    async with transaction(place.sessions) as session:
        await promise(
            session,
            made.lead_ids[-1],
            CallbackRequest(
                CLOCK.now().replace(tzinfo=None) + timedelta(minutes=2),
                always,
                zone="UTC",
                agent=agent,
            ),
            client_id=made.client_id,
            user_id=None,
            clock=CLOCK,
        )
    for sql in (
        "UPDATE callback SET promised_at = now() + make_interval(secs => :s) WHERE campaign_id = :c",
        "UPDATE lead SET next_attempt_at = now() + make_interval(secs => :s)"
        " WHERE campaign_id = :c AND waiting_reason = 'callback'",
    ):
        await place.execute(sql, made, s=IN_S)
    number = "SELECT e164 FROM lead WHERE campaign_id = :c AND waiting_reason = 'callback'"
    return str(await place.books(made).scalar(number))


@pytest.mark.parametrize("mode", ["progressive", "predictive"])
@pytest.mark.parametrize("personal", [True, False], ids=["personal", "anybody"])
async def test_of_two_agents_one_is_kept_for_the_promised_call(
    place: Place, mode: str, personal: bool
) -> None:
    """Talks never end by themselves: whoever is not kept is gone for good."""
    settings = {"mode": mode, "wrap_up_s": 0, "retry": {}}
    made = await place.campaign(0, 2, e164s=numbers(6, first=300), settings=settings)
    async with place.sessions() as session:
        own = await name_of(session, made.session_ids[1])
    promised = await _promise(place, made, own if personal else None)
    async with asterisk(Manners("t-answer-r20")) as (sim, book), place.worker(sim):

        async def both_talk() -> bool:
            return len([c for c in customers(sim) if c.bridge is not None]) == 2

        await until(both_talk, "both agents talk")
        first, second = [invite.number for invite in sim.invites]
        assert promised == second != first
        who = "SELECT agent_session_id FROM attempt WHERE campaign_id = :c AND e164 = :e"
        if personal:
            books = place.books(made)
            answered = await until(lambda: books.scalar(who, e=promised), "the talk is stored")
            assert UUID(str(answered)) == made.session_ids[1]
        await _hang_up_for_ever(place, made, book)


async def _hang_up_for_ever(place: Place, made: MadeCampaign, book: CarrierBook) -> None:
    """Stop, so that nothing is left talking."""
    await place.set_state(made, "stopped")
    assert not book.doubled
