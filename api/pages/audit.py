"""Who saw and changed what: the audit log, for the client's administrators."""

from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api import account_words
from api.auth import PageAuditDep
from api.deps import SessionDep
from api.templating import render
from api.zones import zone_of
from campaigns.accounts.trail import PAGE, TrailEntry, TrailFilter, read_trail

router = APIRouter(prefix="/audit")

_Text = Annotated[str, Query(max_length=200)]


@router.get("")
async def audit_page(
    request: Request,
    reader: PageAuditDep,
    session: SessionDep,
    who: _Text = "",
    what: _Text = "",
    thing: _Text = "",
    since: _Text = "",
    until: _Text = "",
    before: _Text = "",
) -> Response:
    """Show entries, the newest first; what cannot be read in a filter leaves it open."""
    zone = ZoneInfo(zone_of(request))
    last = _day(until)
    wanted = TrailFilter(
        login=who.strip() or None,
        action=what or None,
        subject_id=_id(thing),
        since=_midnight(_day(since), zone),
        until=_midnight(last + timedelta(days=1) if last else None, zone),
        before=_place(before),
    )
    found = await read_trail(session, wanted, client_id=reader.client_id, limit=PAGE + 1)
    entries = found[:PAGE]
    chosen = {"who": who, "what": what, "thing": thing, "since": since, "until": until}
    older = _older(entries[-1], chosen) if len(found) > PAGE else ""
    return render(
        request,
        "accounts/audit.html",
        who=reader,
        entries=entries,
        chosen=chosen,
        older=older,
        words=account_words,
        path="/audit",
    )


def _older(last: TrailEntry, chosen: dict[str, str]) -> str:
    """Return the address of the next page."""
    place = f"{last.row.at.isoformat()}~{last.row.id}"
    kept = {name: value for name, value in chosen.items() if value}
    return "/audit?" + urlencode({**kept, "before": place})


def _place(text: str) -> tuple[datetime, UUID] | None:
    at, _, row_id = text.partition("~")
    try:
        moment, known = datetime.fromisoformat(at), UUID(row_id)
    except ValueError:
        return None
    return (moment, known) if moment.tzinfo is not None else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2200, 1, 1) else None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip()) if text.strip() else None
    except ValueError:
        return UUID(int=0)  # no thing has it: a mistyped id finds nothing rather than everything
