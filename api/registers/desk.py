"""What every page of a register starts from: the request, who asks, what was looked for, what was done."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import PageClientsDep, PageIdentityDep, PageManagerDep, PageSteererDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.languages import language_of
from api.registers import words
from api.templating import problem_words, translate
from campaigns.commands import CommandName
from campaigns.registers.changing import UNDO_FOR, Done
from campaigns.registers.finding import Found, Shown, Wanted
from campaigns.registers.models import UndoStep
from dialer.errors import OutdialError

#: As many rows as one button takes.
MOST_AT_ONCE = 500
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a person."""

    request: Request
    who: PageIdentityDep
    session: SessionDep
    services: ServicesDep
    outbox: OutboxDep

    def say(self, message: str, **values: object) -> str:
        """Return a message in the person's language."""
        said = translate(language_of(self.request), message)
        return said % values if values else said

    def words_of(self, problem: OutdialError) -> str:
        """Return an error's sentence in the person's language."""
        said = problem_words(language_of(self.request), problem)
        named = problem.facts.get("campaigns")
        return f"{said} ({', '.join(named)})" if isinstance(named, list) else said

    async def form(self) -> tuple[dict[str, str], list[UUID]]:
        """Return what was typed, and which rows were ticked; what is no id is no row."""
        sent = await self.request.form(max_fields=MOST_AT_ONCE + 600, max_files=0)
        given = {
            name: value[:_MOST_CHARACTERS] for name, value in sent.items() if isinstance(value, str)
        }
        return given, [one for text in sent.getlist("row_id") if (one := _id(str(text)))]

    def told(self, done: Done) -> None:
        """Have the campaigns look anew that a change is about."""
        for campaign_id in done.campaigns:
            self.outbox.tell(campaign_id, CommandName.REFRESH)

    def back(self, path: str, said: str = "", done: Done | None = None) -> Response:
        """Lead back to a page that says what was done, and offers to take it back."""
        if done is not None:
            self.told(done)
        step = str(done.step.id) if done is not None and done.step is not None else ""
        query = urlencode({name: one for name, one in (("said", said), ("step", step)) if one})
        return RedirectResponse(f"{path}?{query}" if query else path, HTTPStatus.SEE_OTHER)

    async def flash(self) -> dict[str, Any]:
        """Return what was just done, for the page: its words, and the step if it can be taken back."""
        said = self.request.query_params.get("said", "")
        step_id = _id(self.request.query_params.get("step", ""))
        step = await self.session.get(UndoStep, step_id) if step_id else None
        if step is not None and step.client_id != self.who.client_id:
            step = None
        known = words.SAID.get(step.action if step else said)
        open_ = step is not None and step.undone_at is None
        return {
            "flash": self.say(known, count=len(step.rows) if step else 1) if known else "",
            "undo": step
            if step is not None and open_ and self.services.clock.now() - step.made_at < UNDO_FOR
            else None,
        }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


AskedDep = Annotated[Asked, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToChange(Asked):
    """One request of a person who changes something."""

    who: PageManagerDep


AskedToChangeDep = Annotated[AskedToChange, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToSteer(Asked):
    """One request of a person who steers calls."""

    who: PageSteererDep


AskedToSteerDep = Annotated[AskedToSteer, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToManage(Asked):
    """One request of a person who manages the installation's clients."""

    who: PageClientsDep


AskedToManageDep = Annotated[AskedToManage, Depends()]


def _wanted(
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    shown: Shown = Shown.USED,
    page: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Wanted:
    return Wanted(q, sort, shown, page)


WantedDep = Annotated[Wanted, Depends(_wanted)]


def listed(path: str, found: Found, wanted: Wanted) -> dict[str, Any]:
    """Return what every list's page needs: its search, its pages, and whether anything is left out."""
    given = {"q": wanted.q, "sort": wanted.sort, "shown": wanted.shown.value}
    turned = {name: value for name, value in given.items() if value}
    return {
        "found": found,
        "wanted": wanted,
        "filtered": bool(wanted.q) or wanted.shown is not Shown.USED,
        "address": lambda page: f"{path}?{urlencode({**turned, 'page': page})}",
        "problem": "",
    }
