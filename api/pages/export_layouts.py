"""The columns of a campaign's files: picked, named and ordered, then frozen for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api import export_words
from api.auth import Permission, may
from api.pages.asked import Asked, AskedDep, AskedToChange, AskedToChangeDep
from api.templating import render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.delivery.layouts import keeping
from campaigns.delivery.layouts.columns import MOST_COLUMNS, Column, Layout, Pick
from campaigns.delivery.layouts.proposing import proposed_layout, usual_layout
from campaigns.delivery.operators import names_operators
from campaigns.models import Campaign
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/campaigns/{campaign_id}/export-layout")


@dataclass(frozen=True, slots=True)
class Line:
    """A column that may be picked, and how it stands in the draft."""

    column: Column
    place: int
    name: str
    is_picked: bool


@router.get("")
async def layout_page(campaign_id: UUID, asked: AskedDep) -> Response:
    """Show the draft, or what the newest layout has."""
    return await _show(asked, campaign_id)


@router.post("")
async def save_layout(campaign_id: UUID, asked: AskedToChangeDep) -> Response:
    """Keep the columns that the form says; freeze them if that was the button."""
    given = dict(await asked.request.form(max_files=0, max_fields=3 * MOST_COLUMNS + 10))
    owner: dict[str, Any] = {
        "client_id": asked.who.client_id, "user_id": asked.who.user_id,
        "clock": asked.services.clock,
    }  # fmt: skip
    try:
        campaign = await lifecycle.find(asked.session, campaign_id, client_id=asked.who.client_id)
        proposed = await proposed_layout(asked.session, campaign)
        await keeping.save_draft(asked.session, campaign_id, _picks(given, proposed), **owner)
        if given.get("do") == "freeze":
            await keeping.freeze(asked.session, campaign_id, **owner)
            return _to(f"/campaigns/{campaign_id}/exports")
    except (Invalid, Conflict) as problem:
        await asked.session.rollback()
        return await _show(asked, campaign_id, problem, given)
    return _to(f"/campaigns/{campaign_id}/export-layout")


@router.post("/discard")
async def discard_layout(campaign_id: UUID, asked: AskedToChangeDep) -> Response:
    """Forget the draft."""
    await keeping.discard_draft(
        asked.session, campaign_id, client_id=asked.who.client_id, user_id=asked.who.user_id,
        clock=asked.services.clock,
    )  # fmt: skip
    return _to(f"/campaigns/{campaign_id}/export-layout")


def _picks(given: Mapping[str, Any], proposed: Layout) -> list[Pick]:
    """Return the picked columns in the order of their numbers; equal numbers keep their order."""
    found = []
    for at, column in enumerate(proposed.columns):
        if given.get(f"pick-{at}") == column.name:
            found.append((_number(given.get(f"place-{at}"), at), at, column.name))
    names = {at: str(given.get(f"name-{at}") or "") for _, at, _ in found}
    return [Pick(name, names[at]) for _, at, name in sorted(found)]


def _number(said: object, otherwise: int) -> int:
    text = str(said or "").strip()
    return int(text) if text.isdecimal() and len(text) < 7 else otherwise


async def _show(
    asked: Asked | AskedToChange,
    campaign_id: UUID,
    problem: OutdialError | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    session = asked.session
    campaign = await lifecycle.find(session, campaign_id, client_id=asked.who.client_id)
    draft = await keeping.draft_of(session, campaign)
    newest = await keeping.find_layout(session, campaign)
    shown = draft or newest
    return render(
        asked.request,
        "exports/layout.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        path=f"/campaigns/{campaign.id}/export-layout",
        who=asked.who,
        campaign=campaign,
        lines=await _lines(asked, campaign, Layout.read(shown.content) if shown else None, given),
        draft=draft,
        newest=newest,
        manages=may(asked.who, Permission.CHANGE),
        words=export_words,
        names_operators=names_operators,
        problem=asked.words_of(problem) if problem else "",
        zone=zone_of(asked.request),
    )


async def _lines(
    asked: Asked | AskedToChange,
    campaign: Campaign,
    shown: Layout | None,
    given: Mapping[str, Any] | None,
) -> list[Line]:
    """Return every column there is, the picked ones first and in their order."""
    proposed = await proposed_layout(asked.session, campaign)
    if given is not None:
        return [
            Line(
                column, _number(given.get(f"place-{at}"), at), str(given.get(f"name-{at}") or ""),
                is_picked=given.get(f"pick-{at}") == column.name,
            )
            for at, column in enumerate(proposed.columns)
        ]  # fmt: skip
    usual = await usual_layout(asked.session, campaign)
    picked = {
        column.identity: (at, column.name) for at, column in enumerate((shown or usual).columns)
    }
    lines = []
    for at, column in enumerate(proposed.columns):
        place, name = picked.get(column.identity, (len(picked) + at, column.name))
        lines.append(Line(column, place + 1, name, is_picked=column.identity in picked))
    return lines


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
