"""Two owners count one person's calls in turn: together they never exceed a cap."""

import asyncio
from pathlib import Path

from sqlalchemy import text

from campaigns.leads import originate
from campaigns.leads.caller_pool import CallerPool
from campaigns.leads.originate import Owner
from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf
from compliance.rulebook.rules import Purpose
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import ALL_WEEK, MadeCampaign, numbers
from tests.hall import Place
from tests.world import LAW
from workers.dialing.drawing import Drawing
from workers.dialing.last_look import LastLook

CLOCK = SystemClock()
CAP = 3
PEOPLE = 8


async def _dial_all_the_time(place: Place, made: MadeCampaign, turns: int) -> int:
    """Open and end attempts again and again, as a runner would; return how many were opened."""
    settings = CampaignSettings(
        purpose=Purpose.SURVEY, hours=ALL_WEEK, ring_timeout_s=15, max_attempts_per_day=CAP
    )
    shelf = DncShelf(Path("nowhere"))
    # A real trunk's attempts count; the drawing is told it is simulated so that any hour will do.
    drawing = Drawing(made.id, made.client_id, LAW, shelf, settings, simulated=True)
    owner = Owner(made.id, made.client_id, 0, made.trunk_id)
    opened_in_all = 0
    for _ in range(turns):
        now = CLOCK.now()
        async with transaction(place.sessions) as session:
            await drawing.read(session, now=now)
            claimed = await drawing.claim(session, PEOPLE, (), now=now)
        async with transaction(place.sessions) as session:
            look = LastLook(drawing, CallerPool(), session, now)
            opened = await originate.open_attempts(
                session, owner, claimed, now=now, ask=look.ask, choose=look.choose
            )
        opened_in_all += len(opened.attempts)
        await _end_and_go_on(place, made)
    return opened_in_all


async def _end_and_go_on(place: Place, made: MadeCampaign) -> None:
    async with transaction(place.sessions) as session:
        for statement in (
            "UPDATE attempt SET ended_at = now(), outcome = 'busy'"
            " WHERE campaign_id = :c AND ended_at IS NULL",
            "UPDATE lead SET state = 'waiting', next_attempt_at = now() WHERE campaign_id = :c",
        ):
            await session.execute(text(statement), {"c": made.id})


async def test_two_campaigns_of_one_legal_entity_share_a_cap(place: Place) -> None:
    people = numbers(PEOPLE)
    trunk = {"simulated": False, "calls_per_s": 1000.0}
    first = await place.campaign(PEOPLE, 0, e164s=people, trunk=trunk)
    second = await place.campaign(PEOPLE, 0, e164s=people, trunk=trunk)
    kin = "UPDATE client SET legal_entity = 'Acme Holding' WHERE id IN (:one, :two)"
    await place.execute(kin, first, one=first.client_id, two=second.client_id)
    done = await asyncio.gather(
        _dial_all_the_time(place, first, turns=8), _dial_all_the_time(place, second, turns=8)
    )
    async with place.sessions() as session:
        rows = await session.execute(text("SELECT count(*) AS n FROM attempt GROUP BY e164"))
        counts = [row.n for row in rows]
    assert max(counts) == CAP
    assert sum(counts) == sum(done)
    assert len(counts) == PEOPLE
