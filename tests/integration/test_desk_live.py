"""A shift at the desk with a real campaign's owner: calls come to the screen, results free the agent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from httpx import ASGITransport, AsyncClient

from api.browsers import COOKIE
from api.desks import Desks
from api.main import create_app
from api.pages.desk_stream import events
from api.pages.desk_view import View
from campaigns.accounts.sessions import Visitor, open_session
from campaigns.agents import sessions as shifts
from campaigns.desk.looking import own_moment
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.settings import Settings
from tests.factories import MadeCampaign
from tests.hall import Manners, Place, asterisk
from tests.integration.api_world import BASE_URL, RecordingJobs
from tests.integration.desk_world import PIECES, see
from tests.world import until

CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Operator:
    """An agent with a browser."""

    place: Place
    made: MadeCampaign
    user: User
    browser: AsyncClient
    desks: Desks
    view: View

    async def post(self, path: str, **data: str) -> str:
        """Send a form by htmx."""
        answer = await self.browser.post(f"/desk{path}", data=data, headers=PIECES)
        assert answer.status_code < 400, answer.text
        return answer.text

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[AsyncIterator[str]]:
        """Open the stream of a tab."""
        async with self.place.sessions() as session:
            moment = await own_moment(session, self.user.id, client_id=self.user.client_id)
        stream = events(self.desks, self.view, moment)
        try:
            yield stream
        finally:
            await stream.aclose()  # type: ignore[attr-defined]


async def operator(place: Place, made: MadeCampaign) -> Operator:
    """Make an agent who is a user, at a browser."""
    login = f"olga-{made.id.hex[-6:]}"
    async with transaction(place.sessions) as session:
        user = await bootstrap.create_user(
            session, client_id=made.client_id, login=login, role=Role.AGENT, clock=CLOCK
        )
        await shifts.create_agent(
            session,
            client_id=made.client_id,
            name="Olga",
            endpoint="PJSIP/agent-1",
            user_id=user.id,
        )
        token = (await open_session(session, user, Visitor("127.0.0.1", "test"), CLOCK))[1]
    app = create_app(
        Settings(), sessions=place.sessions, redis=place.redis, jobs=RecordingJobs(), clock=CLOCK
    )
    browser = AsyncClient(transport=ASGITransport(app=app), base_url=BASE_URL)
    browser.cookies.set(COOKIE, token)
    app.state.desks = Desks(app.state.services)
    who = Identity(user.id, user.client_id, user.role, user.login)
    view = View(app.state.services, app.state.desks, who, "en", "UTC")
    return Operator(place, made, user, browser, app.state.desks, view)


def attempt_in(card: str) -> UUID:
    """Return the call that a card is about."""
    return UUID(card.split('data-attempt="')[1].split('"')[0])


async def test_calls_come_to_the_screen_and_results_free_the_agent(place: Place) -> None:
    made = await place.campaign(2, 0, settings={"wrap_up_s": 120})
    olga = await operator(place, made)
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, _), place.worker(sim):
        await olga.post("/shift", campaign=str(made.id))
        async with olga.tab() as stream:
            calls = []
            for name in ("Person 1", "Person 2"):
                call_id = attempt_in(await see(stream, "card", name))
                await see(stream, "state", "After the call")
                said = await olga.post(f"/calls/{call_id}/disposition", code="sale", note=name)
                assert "The result is saved." in said
                calls.append(call_id)
            assert calls[0] != calls[1]
            await see(stream, "over", "-")  # every lead has its result: the campaign is over
    books = place.books(made)
    assert await books.leads() == {"done:sale": 2}
    notes = "SELECT string_agg(text, ', ' ORDER BY text) FROM attempt_note"
    assert await books.scalar(notes) == "Person 1, Person 2"


async def test_a_contact_is_read_then_called_or_skipped(place: Place) -> None:
    settings: dict[str, Any] = {"mode": "preview", "wrap_up_s": 120, "preview_limit_s": 300}
    made = await place.campaign(2, 0, settings=settings)
    olga = await operator(place, made)
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, _), place.worker(sim):
        await olga.post("/shift", campaign=str(made.id))
        async with olga.tab() as stream:
            card = await see(stream, "card", "Person 1")
            first = card.split('data-preview="')[1].split('"')[0]
            assert "+74952000000" not in card
            await olga.post(f"/previews/{first}/skip", reason="no_fit")
            card = await see(stream, "card", "Person 2")
            second = card.split('data-preview="')[1].split('"')[0]
            await olga.post(f"/previews/{second}/dial")
            await olga.post(f"/previews/{second}/dial")  # a double click
            call_id = attempt_in(await see(stream, "card", "data-attempt"))
            await see(stream, "state", "After the call")
            await olga.post(f"/calls/{call_id}/disposition", code="refused")

            async def done() -> bool:
                return (await place.books(made).leads()).get("done:refused") == 1

            await until(done, "the called contact has its result")
            await olga.post("/sign-out")
            await see(stream, "over", "-")
    endings = "SELECT string_agg(ending, ' ' ORDER BY shown_at) FROM preview"
    assert str(await place.books(made).scalar(endings)).startswith("skipped dialled")
