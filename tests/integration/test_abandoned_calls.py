"""A person without an agent on the simulated Asterisk: what is heard, and the key that opts out."""

from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy.exc import InterfaceError
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.media import Playback
from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk, customers
from tests.world import until
from workers.dialing import writer
from workers.dialing.opt_outs import OptedOut, store_opt_outs

TALKERS = "t-answer-r50-t60000"
#: One agent, three calls: the first to answer talks, the others hear the message.
POWER: dict[str, Any] = {
    "mode": "power",
    "dial_ratio": 3,
    "max_wait_s": 0.3,
    "wrap_up_s": 0,
    "retry": {"abandoned": {"after_s": 0, "max_attempts": 2}},
}
SAYS = {"abandon_messages": {"": ["sound:acme", "digits:{caller_id}"], "ru": ["sound:acme-ru"]}}


async def _hears(sim: AriSimulator, prefix: str) -> Playback:
    """Wait until a prompt of a kind is being played and return it."""

    async def played() -> Playback | None:
        playing = [p for p in sim.world.playbacks.values() if p.state == "playing"]
        return next((p for p in playing if p.id.startswith(prefix)), None)

    found: Playback = await until(played, f"a prompt {prefix}… is played")
    return found


def _listener(sim: AriSimulator, playback: Playback) -> Channel:
    channel = sim.channels.get(playback.target.removeprefix("channel:"))
    assert channel is not None
    return channel


async def _opted_out(place: Place, made: MadeCampaign, number: str) -> bool:
    suppressed = "SELECT source FROM suppression WHERE e164 = :n AND campaign_id IS NULL"
    return bool(await place.books(made).scalar(suppressed, n=number) == "abandon message")


async def _let_go(sim: AriSimulator, place: Place, made: MadeCampaign, attempts: int) -> None:
    """Hang the talk up and wait for the end of the campaign."""

    async def few() -> bool:
        return len(customers(sim)) <= 1 and sum((await place.books(made).outcomes()).values()) > 0

    await until(few, "only the talk is left")
    for channel in customers(sim):
        sim.hang_up(channel.id)

    async def stored() -> bool:
        ended = "SELECT count(*) FROM attempt WHERE campaign_id = :c AND ended_at IS NOT NULL"
        return bool(await place.books(made).scalar(ended) >= attempts)

    await until(stored, "the ends are stored")


async def test_the_key_suppresses_the_number_and_closes_the_lead(place: Place) -> None:
    """Nobody is called again who pressed it; the call stays an abandoned one; the books tell why."""
    e164s = numbers(2)
    made = await place.campaign(2, 1, settings=POWER | {"dial_ratio": 2}, e164s=e164s)
    books = place.books(made)
    async with asterisk(Manners(TALKERS)) as (sim, book), place.worker(sim):
        sim.world.media_s = lambda media: 60.0 if "im-sorry" in media else 0.2
        message = await _hears(sim, "p")
        assert message.media == (
            "sound:im-sorry,digits:74951234567,sound:vm-press,digits:9,sound:vm-tocancel,sound:vm-goodbye"
        )
        person = _listener(sim, message)
        sim.press(person.id, "1")
        sim.press(person.id, "99")
        confirmed = await _hears(sim, "k")
        assert "removed" in confirmed.media
        await until(lambda: _opted_out(place, made, person.number), "the number is suppressed")
        await _let_go(sim, place, made, 2)
        await until(books.is_finished, "the campaign is finished")
    assert book.dialled == dict.fromkeys(e164s, 1)
    assert await books.outcomes() == {"connected": 1, "abandoned": 1}
    assert await books.leads() == {"done:no_disposition": 1, "done:suppressed": 1}
    audited = "SELECT facts->>'source' FROM audit_entry WHERE action = 'suppression.added'"
    assert await books.scalar(audited) == "abandon message"
    mine = "SELECT client_id FROM suppression WHERE e164 = :n"
    assert await books.scalar(mine, n=person.number) == made.client_id


async def test_without_the_key_nothing_is_suppressed(place: Place) -> None:
    """Another key, or none in time: the call ends by itself and the lead waits for its retry."""
    settings = POWER | {"dial_ratio": 2, "retry": {"abandoned": {"after_s": 3600}}}
    made = await place.campaign(2, 1, settings=settings)
    books = place.books(made)
    with patch("dialer.call.machine.KEY_WAIT_S", 0.3):
        async with asterisk(Manners(TALKERS)) as (sim, _book), place.worker(sim):
            sim.world.media_s = lambda _media: 0.3
            person = _listener(sim, await _hears(sim, "p"))
            sim.press(person.id, "1*#0")
            await _let_go(sim, place, made, 2)
    assert await books.outcomes() == {"connected": 1, "abandoned": 1}
    assert (await books.leads()).get("waiting") == 1
    assert await books.scalar("SELECT count(*) FROM suppression") == 0


async def test_the_message_speaks_the_contacts_language_and_names_this_calls_number(
    place: Place,
) -> None:
    """Half of the people are Russian speakers: each hears the message of the own language."""
    e164s = numbers(3)
    made = await place.campaign(3, 1, settings=POWER | SAYS, e164s=e164s)
    russian = "UPDATE contact SET language = 'ru' WHERE name IN ('Person 2', 'Person 3')"
    await place.execute(russian, made)
    heard: dict[str, Playback] = {}
    async with asterisk(Manners(TALKERS)) as (sim, _book), place.worker(sim):
        sim.world.media_s = lambda _media: 60.0

        async def both() -> bool:
            playing = [p for p in sim.world.playbacks.values() if p.state == "playing"]
            heard.update({_listener(sim, p).number: p for p in playing})
            return len(heard) == 2

        await until(both, "two people hear the message")
        for channel in customers(sim):
            sim.hang_up(channel.id)
    for number, playback in heard.items():
        if number == e164s[0]:
            assert (playback.media, playback.language) == ("sound:acme,digits:74951234567", "en")
        else:
            assert (playback.media, playback.language) == ("sound:acme-ru", "ru")


async def test_an_opt_out_is_stored_when_the_database_is_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person hung up long ago; the opt-out waits for the database and is not forgotten."""
    failures = iter(range(3))

    async def failing(session: AsyncSession, items: list[OptedOut], clock: Any) -> Any:
        if next(failures, None) is not None:
            raise InterfaceError("SELECT", {}, ConnectionError("the server is away"))
        return await store_opt_outs(session, items, clock)

    monkeypatch.setattr(writer, "store_opt_outs", failing)
    made = await place.campaign(2, 1, settings=POWER | {"dial_ratio": 2})
    async with asterisk(Manners(TALKERS)) as (sim, _book), place.worker(sim):
        sim.world.media_s = lambda _media: 60.0
        person = _listener(sim, await _hears(sim, "p"))
        sim.press(person.id, "9")
        await _hears(sim, "k")
        sim.hang_up(person.id)
        await until(lambda: _opted_out(place, made, person.number), "the number is suppressed")
        await _let_go(sim, place, made, 2)
    assert next(failures, None) is None
    assert (await place.books(made).leads())["done:suppressed"] == 1
