"""Recordings: found, and how long they are kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import recording_words
from api.auth import Permission, may
from api.pages.asked import Asked, AskedDep, AskedToChangeDep
from api.templating import render
from api.zones import zone_of
from campaigns.agents.models import Agent
from campaigns.models import Campaign
from campaigns.recordings import finding, policies
from campaigns.recordings.finding import PAGE, RecordingFilter, SortBy
from campaigns.recordings.models import MaskStyle, RecordingPolicy
from dialer.errors import Invalid, OutdialError

router = APIRouter(prefix="/recordings")

_Text = Annotated[str, Query(max_length=100)]
#: A day's work of a large hall is found by filters, not by leafing.
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as they were written; what cannot be read leaves open."""

    campaign: _Text = ""
    agent: _Text = ""
    contact: _Text = ""
    result: _Text = ""
    since: _Text = ""
    until: _Text = ""
    least: _Text = ""
    most: _Text = ""
    held: _Text = ""
    sort: _Text = SortBy.TALKED_AT.value
    up: _Text = ""
    page: _Text = ""

    def wanted(self, zone: ZoneInfo) -> RecordingFilter:
        """Return the filters; days are those of the person who looks."""
        last = as_day(self.until)
        return RecordingFilter(
            campaign_id=as_id(self.campaign),
            agent_id=as_id(self.agent),
            contact_id=as_id(self.contact),
            disposition=self.result.strip() or None,
            since=midnight(as_day(self.since), zone),
            until=midnight(last + timedelta(days=1) if last else None, zone),
            least_s=_seconds(self.least),
            most_s=_seconds(self.most),
            held=bool(self.held),
        )

    def by(self) -> SortBy:
        """Return what to sort by."""
        return SortBy(self.sort) if self.sort in tuple(SortBy) else SortBy.TALKED_AT

    def number(self) -> int:
        """Return which page, from 0."""
        return min(int(self.page), _MOST_PAGES) if self.page.isdecimal() else 0

    def address(self, **changes: str) -> str:
        """Return the address of the same list, changed."""
        names = self.__dataclass_fields__
        facts = {name: getattr(self, name) for name in names} | {"page": ""} | changes
        return "/recordings?" + urlencode({name: text for name, text in facts.items() if text})

    def sorted_by(self, by: SortBy) -> str:
        """Return the address of the list sorted by a column; again: the other way round."""
        again = by is self.by() and not self.up
        return self.address(sort=by.value, up="1" if again else "")


@router.get("")
async def recordings_page(asked: AskedDep, chosen: Annotated[Chosen, Depends()]) -> Response:
    """Show recordings, the newest first unless another order is wished."""
    zone, number = ZoneInfo(zone_of(asked.request)), chosen.number()
    found = await finding.find(
        asked.session,
        chosen.wanted(zone),
        client_id=asked.who.client_id,
        by=chosen.by(),
        descending=not chosen.up,
        offset=number * PAGE,
        limit=PAGE + 1,
    )
    return render(
        asked.request,
        "recordings/list.html",
        who=asked.who,
        words=recording_words,
        chosen=chosen,
        SortBy=SortBy,
        found=found[:PAGE],
        older=chosen.address(page=str(number + 1)) if len(found) > PAGE else "",
        newer=chosen.address(page=str(number - 1) if number > 1 else "") if number else "",
        filtered=any(getattr(chosen, name) for name in _FILTERS),
        manages=may(asked.who, Permission.CHANGE),
        campaigns=await _named(asked.session, Campaign, asked.who.client_id),
        agents=await _named(asked.session, Agent, asked.who.client_id),
    )


_FILTERS = ("campaign", "agent", "contact", "result", "since", "until", "least", "most", "held")


async def _named(session: AsyncSession, table: Any, client_id: UUID) -> list[tuple[UUID, str]]:
    statement = select(table.id, table.name).where(col(table.client_id) == client_id)
    return list((await session.exec(statement.order_by(col(table.name)))).all())


@router.get("/settings")
async def recording_settings_page(asked: AskedToChangeDep) -> Response:
    """Show how long the client's recordings are kept, and what its users hear."""
    return await _show_settings(asked)


@router.post("/settings")
async def save_recording_settings(
    asked: AskedToChangeDep,
    mask: Annotated[MaskStyle, Form()],
    keep_days: Annotated[str, Form(max_length=10)] = "",
    personal: Annotated[str, Form(max_length=4_000)] = "",
) -> Response:
    """Store the client's wishes."""
    days = keep_days.strip()
    policy = RecordingPolicy(
        client_id=asked.who.client_id,
        keep_days=int(days) if days.isdecimal() else None if not days else 0,
        mask=mask,
        personal_questions=list(dict.fromkeys(personal.replace(",", " ").split())),
        changed_at=asked.services.clock.now(),
    )
    try:
        await policies.set_policy(
            asked.session, policy, user_id=asked.who.user_id, clock=asked.services.clock
        )
    except Invalid as problem:
        return await _show_settings(asked, policy, problem)
    return RedirectResponse("/recordings/settings?saved=1", HTTPStatus.SEE_OTHER)


async def _show_settings(
    asked: Asked, policy: RecordingPolicy | None = None, problem: OutdialError | None = None
) -> Response:
    clock, client_id = asked.services.clock, asked.who.client_id
    return render(
        asked.request,
        "recordings/settings.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        path="/recordings/settings",
        who=asked.who,
        words=recording_words,
        policy=policy or await policies.policy_of(asked.session, client_id, clock=clock),
        masks=tuple(MaskStyle),
        saved="saved" in asked.request.query_params,
        problem=asked.words_of(problem) if problem else "",
        rules=policies.keeping_rules(asked.services.law.book.rules),
    )


def as_id(text: str) -> UUID | None:
    """Return the id that somebody chose; None: nothing is chosen."""
    try:
        return UUID(text.strip()) if text.strip() else None
    except ValueError:
        return UUID(int=0)  # no thing has it: a mistyped id finds nothing rather than everything


def as_day(text: str) -> date | None:
    """Return the day that somebody chose; None: none, or nothing that is a day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2200, 1, 1) else None


def midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return when a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None


def _seconds(text: str) -> float | None:
    return float(text) if text.strip().isdecimal() else None
