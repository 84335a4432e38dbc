"""What every page of the desk starts from: who asks, the own agent, the open shift, the own call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageCallTakerDep
from api.deps import OutboxDep, ServicesDep, SessionDep, services_of
from api.desks import Desks
from api.fragments import is_fragment
from api.languages import language_of
from api.pages.desk_view import Typed, View
from api.templating import problem_words, render, render_text
from api.zones import zone_of
from campaigns.agents.models import Agent
from campaigns.desk.editing import is_own_call
from campaigns.desk.figures import OwnFigures, load_figures
from campaigns.desk.looking import own_moment
from campaigns.desk.moments import Moment, after_look
from campaigns.errors import AttemptNotFound, NotSignedIn
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import Role
from dialer.db import transaction
from dialer.errors import Conflict, Forbidden, OutdialError

#: Where the desk is.
HOME = "/desk"


def desks_of(request: Request) -> Desks:
    """Return the process's desks."""
    state = request.app.state
    if not hasattr(state, "desks"):
        state.desks = Desks(services_of(request))
    desks: Desks = state.desks
    return desks


DesksDep = Annotated[Desks, Depends(desks_of)]


@dataclass(frozen=True, slots=True)
class DeskAsked:
    """One request of a person who takes calls."""

    request: Request
    who: PageCallTakerDep
    asked_who: SessionDep  #: in which it was asked who this is
    services: ServicesDep
    outbox: OutboxDep
    desks: DesksDep

    @property
    def view(self) -> View:
        """Return what draws for this person."""
        language, zone = language_of(self.request), zone_of(self.request)
        return View(self.services, self.desks, self.who, language, zone)

    @asynccontextmanager
    async def stored(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that is committed when the block ends: before anything is drawn."""
        await self.asked_who.rollback()  # nobody holds two connections
        async with transaction(self.services.sessions, whose=self.who.whose) as session:
            yield session

    async def agent(self) -> Agent | None:
        """Return the agent who is this user; of several the first by name."""
        statement = (
            select(Agent)
            .where(
                col(Agent.user_id) == self.who.user_id, col(Agent.client_id) == self.who.client_id
            )
            .order_by(col(Agent.name))
        )
        async with self.stored() as session:
            return (await session.exec(statement)).first()

    async def moment(self) -> Moment | None:
        """Return the own open shift as it is now."""
        async with self.stored() as session:
            found = await own_moment(session, self.who.user_id, client_id=self.who.client_id)
        if found is None:
            return None
        known = self.desks.known(found.session_id)
        return found if known is None else after_look(known, found)

    async def shift(self) -> Moment:
        """Return the own open shift.

        Raises:
            NotSignedIn: there is none.
        """
        moment = await self.moment()
        if moment is None:
            raise NotSignedIn("Your shift is over: begin a new one.")
        return moment

    async def call(self, session: AsyncSession, attempt_id: UUID) -> Attempt:
        """Return one of the own calls.

        Raises:
            AttemptNotFound: the client has no such call.
            Forbidden: it is another agent's.
        """
        statement = select(Attempt).where(
            col(Attempt.id) == attempt_id, col(Attempt.client_id) == self.who.client_id
        )
        attempt = (await session.exec(statement)).first()
        if attempt is None:
            raise AttemptNotFound(attempt_id=attempt_id)
        if self.who.role is Role.AGENT and not await is_own_call(
            session, attempt, self.who.user_id
        ):
            raise Forbidden("Agents close and end their own calls only.")
        return attempt

    async def page(
        self,
        moment: Moment,
        said: str = "",
        typed: Typed | None = None,
        code: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        """Return the whole desk; ``said`` is why something was not done."""
        view = self.view
        return render(
            self.request,
            "desk/page.html",
            http_code=code,
            who=self.who,
            said=said,
            is_bad=bool(said),
            state=await view.state_context(moment),
            work=await view.work_context(moment, typed),
            talk=await view.talk_context(moment),
            own=await view.figures_context(moment, await self._figures(moment)),
        )

    async def _figures(self, moment: Moment) -> OwnFigures:
        ids, clients = [moment.session_id], [moment.client_id]
        async with self.stored() as session:
            found = await load_figures(session, ids, clients, self.services.clock.now())
        return found.get(moment.session_id, OwnFigures())

    def words_of(self, problem: OutdialError) -> str:
        """Return an error's sentence in the person's language."""
        return problem_words(language_of(self.request), problem)

    async def done(self, moment: Moment | None, said: str = "", *, work: bool = False) -> Response:
        """Answer that it was done: with what has changed for htmx (``work``: that too), else the page."""
        if not is_fragment(self.request):
            return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
        if moment is None or moment.ended:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": HOME})
        return await self._pieces(moment, said, work=work)

    async def refused(
        self, problem: OutdialError, typed: Typed | None = None, *, work: bool = False
    ) -> Response:
        """Answer why it was not done; what was typed stays."""
        moment = await self.moment()
        words = self.words_of(problem)
        if moment is None:
            return await self.done(None)
        if is_fragment(self.request):
            return await self._pieces(moment, words, is_bad=True, typed=typed, work=work)
        code = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.BAD_REQUEST
        return await self.page(moment, words, typed, code)

    async def _pieces(
        self,
        moment: Moment,
        said: str,
        *,
        is_bad: bool = False,
        work: bool,
        typed: Typed | None = None,
    ) -> Response:
        view = self.view
        context: dict[str, Any] = {
            "said": said,
            "is_bad": is_bad,
            "state": await view.state_context(moment),
            "work": await view.work_context(moment, typed) if work else None,
        }
        return HTMLResponse(render_text(view.language, "desk/_pieces.html", **context))


DeskAskedDep = Annotated[DeskAsked, Depends()]
