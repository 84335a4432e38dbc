"""A do-not-call list that was loaded wakes the leads that waited for one, in every campaign."""

from pathlib import Path

from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.hall import Place
from tests.integration.dnc_world import Shelves
from tests.world import LAW
from workers.dialing.drawing import READ_EVERY, Drawing

WAIT = "UPDATE lead SET waiting_reason = 'dnc_missing', next_attempt_at = NULL WHERE id = :lead"


async def test_both_campaigns_of_a_worker_wake_who_waited_for_a_list(
    place: Place, sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    made: list[MadeCampaign] = []
    for first in (0, 5):
        async with transaction(sessions) as session:
            client_id = made[0].client_id if made else None
            people = numbers(2, first=first)
            made.append(
                await make_campaign(session, clock.now(), leads=people, client_id=client_id)
            )
        await place.execute(WAIT, made[-1], lead=made[-1].lead_ids[0])
    shelves = Shelves(sessions, clock, made[0].client_id, tmp_path)
    shelf = DncShelf(shelves.directory)
    settings = CampaignSettings(ring_timeout_s=15)
    drawings = [Drawing(m.id, m.client_id, LAW, shelf, settings, simulated=False) for m in made]
    waiting = "SELECT count(*) FROM lead WHERE campaign_id = :c AND next_attempt_at IS NULL"

    async def read() -> list[int]:
        clock.advance(READ_EVERY.total_seconds() + 1)
        for drawing in drawings:
            async with transaction(sessions) as session:
                await drawing.read(session, now=clock.now())
        return [await place.books(m).scalar(waiting) for m in made]

    assert await read() == [1, 1]
    await shelves.load("+12125550100\n", clock.now())
    assert await read() == [0, 0]
