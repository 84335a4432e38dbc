"""Preview while the database breaks a commit: the agent goes on, and nobody is called twice."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from campaigns.states import PreviewEnd
from tests.hall import Place, see_talks
from tests.integration.preview_world import preview_hall
from tests.world import until
from workers.dialing.preview_book import Shown
from workers.dialing.previewing import Previewing


def _broken() -> OperationalError:
    return OperationalError("COMMIT", {}, ConnectionError("the database went away"))


async def test_a_dial_that_was_rolled_back_is_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = Previewing._store_dialled, list[bool]()

    async def breaks_once(self: Previewing, *args: Any) -> None:
        if not broken:
            broken.append(True)
            raise _broken()
        await real(self, *args)

    monkeypatch.setattr(Previewing, "_store_dialled", breaks_once)
    async with preview_hall(place, 1) as hall:
        shown = await hall.shown()
        await hall.dial(shown)
        (talker,) = await see_talks(hall.sim, 1)
        assert broken
        assert hall.book.dialled == {talker.number: 1}
        assert (await hall.ended(shown.id)).ending is PreviewEnd.DIALLED
        assert await hall.books.outcomes() == {"live": 1}


async def test_a_dial_of_which_nobody_knows_whether_it_was_stored_is_not_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was: the attempt is closed as never sent, and the agent is shown the next contact."""
    real, broken = Previewing._open, list[bool]()

    async def breaks_once(self: Previewing, one: Shown) -> Any:
        opened = await real(self, one)
        if not broken:
            broken.append(True)
            raise _broken()
        return opened

    monkeypatch.setattr(Previewing, "_open", breaks_once)
    async with preview_hall(place, 2) as hall:
        first = await hall.shown()
        await hall.dial(first)
        second = await hall.shown(other_than=first.id)
        assert second.lead_id != first.lead_id

        async def closed() -> bool:
            return await hall.books.outcomes() == {"not_sent": 1}

        await until(closed, "the attempt is closed as not sent")
        assert not hall.book.dialled
        await hall.dial(second)
        await see_talks(hall.sim, 1)
        assert hall.book.dialled.total() == 1
    assert (await hall.lead(first.lead_id)).waiting_reason == "retry_not_sent"


async def test_a_dial_waits_while_other_campaigns_use_the_trunk_up(place: Place) -> None:
    """The contact stays with its agent, and is dialled as soon as there is room."""
    async with preview_hall(place, 1) as hall:
        shown = await hall.shown()
        await place.execute(
            "UPDATE trunk SET rate_tokens = 0, rate_at = now() + interval '1 second'"
            " WHERE id = (SELECT trunk_id FROM campaign WHERE id = :c)",
            hall.made,
        )
        await hall.dial(shown)
        (talker,) = await see_talks(hall.sim, 1)
        assert hall.book.dialled == {talker.number: 1}
        assert (await hall.ended(shown.id)).ending is PreviewEnd.DIALLED
