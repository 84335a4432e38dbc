"""The client's recordings: found by campaign, result and day, heard as the client asked to hear them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import Response
from sqlmodel import select

from api import recording_words, recordings
from api.pages.asked import Asked, AskedByClientDep
from api.pages.knowledge import campaign_names
from api.pages.recording import note_played
from api.pages.recordings import as_day, as_id, midnight
from api.player import player_of
from api.templating import render
from api.zones import zone_of
from campaigns.models import Disposition
from campaigns.portal import settings
from campaigns.recordings import finding
from campaigns.recordings.finding import PAGE, RecordingFilter
from campaigns.recordings.links import Use

_AT = "/portal/recordings"
router = APIRouter(prefix=_AT)

_Word = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the client looks for, as its address says it."""

    campaign: _Word = ""
    result: _Word = ""
    since: _Word = ""
    until: _Word = ""
    page: Annotated[int, Query(ge=0, le=100_000)] = 0

    def wanted(self, zone: ZoneInfo) -> RecordingFilter:
        """Return the filter; days are the viewer's."""
        last = as_day(self.until)
        return RecordingFilter(
            campaign_id=as_id(self.campaign),
            disposition=self.result.strip() or None,
            since=midnight(as_day(self.since), zone),
            until=midnight(last + timedelta(days=1) if last else None, zone),
        )

    def address(self, page: int) -> str:
        """Return the address of another page of the same list."""
        said = {"campaign": self.campaign, "result": self.result, "since": self.since}
        facts = said | {"until": self.until, "page": str(page) if page else ""}
        return "/portal/recordings?" + urlencode({name: one for name, one in facts.items() if one})


@router.get("", name="portal_recordings")
async def portal_recordings(
    asked: AskedByClientDep, chosen: Annotated[Chosen, Depends()]
) -> Response:
    """Show recordings, the newest first."""
    await _require_hears(asked)
    client_id = asked.who.client_id
    found = await finding.find(
        asked.session,
        chosen.wanted(ZoneInfo(zone_of(asked.request))),
        client_id=client_id,
        offset=chosen.page * PAGE,
        limit=PAGE + 1,
    )
    return render(
        asked.request,
        "portal/recordings.html",
        who=asked.who,
        words=recording_words,
        chosen=chosen,
        found=found[:PAGE],
        more=len(found) > PAGE,
        campaigns=await campaign_names(asked.session, client_id),
        results=await _results(asked),
        path="/portal/recordings",
    )


async def _results(asked: Asked) -> dict[str, str]:
    """Return the codes with which the client's calls are closed, and the call centre's words of each."""
    statement = select(Disposition.code, Disposition.label).where(
        Disposition.client_id == asked.who.client_id
    )
    return dict((await asked.session.exec(statement.order_by(Disposition.code))).all())


@router.get("/{attempt_id}", name="portal_recording")
async def portal_recording(attempt_id: UUID, asked: AskedByClientDep) -> Response:
    """Show one recording with its player."""
    await _require_hears(asked)
    request, services, who = asked.request, asked.services, asked.who
    found = await finding.find_one(asked.session, attempt_id, client_id=who.client_id)
    player = await player_of(request, asked.session, services, who, found, at=_AT)
    shown = [one for one in player.marks if not (one.personal and player.masked)]
    download = ""
    if found.can_be_heard:
        download = recordings.link(request, services, who, attempt_id, Use.DOWNLOAD)
    return render(
        request,
        "portal/recording.html",
        who=who,
        recording_words=recording_words,
        one=found,
        player=replace(player, marks=shown),
        download=download,
        at=_AT,
        path=f"{_AT}/{attempt_id}",
    )


@router.get("/{attempt_id}/audio", name="portal_recording_audio")
async def portal_recording_audio(
    attempt_id: UUID,
    asked: AskedByClientDep,
    until: int,
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """Return the recording, or the range that a player asks for, masked when the client asked for that."""
    return await _sent(asked, attempt_id, (Use.LISTEN, until, sig))


@router.get("/{attempt_id}/download", name="portal_recording_download")
async def portal_recording_download(
    attempt_id: UUID,
    asked: AskedByClientDep,
    until: int,
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """Return the recording as a file to be taken away, masked as it is heard."""
    return await _sent(asked, attempt_id, (Use.DOWNLOAD, until, sig))


@router.post("/{attempt_id}/heard", name="portal_recording_heard")
async def portal_recording_heard(
    attempt_id: UUID,
    asked: AskedByClientDep,
    from_s: Annotated[float, Form(ge=0, le=86_400)],
    to_s: Annotated[float, Form(ge=0, le=86_400)],
    speed: Annotated[float, Form(ge=0.25, le=4)] = 1.0,
) -> Response:
    """Keep which stretch of a recording the player has played."""
    await _require_hears(asked)
    return await note_played(asked, attempt_id, from_s, to_s, speed)


async def _require_hears(asked: Asked) -> None:
    await settings.require_hears(asked.session, asked.who.client_id, clock=asked.services.clock)


async def _sent(asked: Asked, attempt_id: UUID, signed: tuple[Use, int, str]) -> Response:
    await _require_hears(asked)
    return await recordings.answer(
        asked.request, asked.session, asked.services, asked.who, attempt_id, signed
    )
