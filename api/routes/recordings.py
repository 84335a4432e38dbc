"""Recordings for programs: found, described, and opened by signed links."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import recordings
from api.auth import ExporterDep, ReaderDep
from api.deps import ServicesDep, SessionDep
from api.errors import problems
from api.schemas.recordings import (
    LinkIn,
    LinkOut,
    MarkerOut,
    RecordingDetailOut,
    RecordingOut,
    RecordingsPage,
)
from campaigns.recordings import finding, policies
from campaigns.recordings.finding import (
    FoundRecording,
    NothingKept,
    RecordingFilter,
    RecordingNotFound,
    SortBy,
)
from campaigns.recordings.links import DOWNLOAD_FOR, LISTEN_FOR, LinkNotGood, Use
from campaigns.recordings.models import RecordingPolicy
from campaigns.recordings.store import StoreAway
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/recordings", tags=["recordings"], responses=problems(Unauthenticated, Forbidden)
)


class RecordingQuery(BaseModel):
    """Which recordings, in which order."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: UUID | None = None
    agent_id: UUID | None = None
    contact_id: UUID | None = None
    disposition: str | None = None
    since: AwareDatetime | None = Field(default=None, description="The call ended then or later.")
    until: AwareDatetime | None = Field(default=None, description="The call ended before.")
    least_s: Annotated[float, Field(ge=0)] | None = None
    most_s: Annotated[float, Field(ge=0)] | None = None
    held: bool = False
    sort: SortBy = SortBy.TALKED_AT
    descending: bool = True
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
async def list_recordings(
    who: ReaderDep,
    session: SessionDep,
    services: ServicesDep,
    asked: Annotated[RecordingQuery, Query()],
) -> RecordingsPage:
    """Return a client's recordings."""
    paging = {"sort", "descending", "offset", "limit"}
    found = await finding.find(
        session,
        RecordingFilter(**asked.model_dump(exclude=paging)),
        client_id=who.client_id,
        by=asked.sort,
        descending=asked.descending,
        offset=asked.offset,
        limit=asked.limit + 1,
    )
    policy = await policies.policy_of(session, who.client_id, clock=services.clock)
    more = len(found) > asked.limit
    return RecordingsPage(
        items=[_shown(one, policy) for one in found[: asked.limit]],
        next_offset=asked.offset + asked.limit if more else None,
    )


def _shown(one: FoundRecording, policy: RecordingPolicy) -> RecordingOut:
    row, attempt = one.row, one.attempt
    return RecordingOut(
        attempt_id=row.attempt_id,
        campaign_id=row.campaign_id,
        contact_id=attempt.contact_id,
        agent=one.agent,
        disposition=attempt.disposition,
        answered_at=attempt.answered_at,
        state=row.state,
        reason=row.reason,
        duration_s=row.duration_s,
        held_at=row.held_at,
        law_until=row.law_until,
        deletes_at=policies.goes_at(row, policy),
    )


@router.get("/{attempt_id}", responses=problems(RecordingNotFound))
async def describe_recording(
    attempt_id: UUID,
    who: ReaderDep,
    session: SessionDep,
    services: ServicesDep,
    language: Annotated[str, Query(max_length=8)] = "",
) -> RecordingDetailOut:
    """Return a recording with its markers and its waveform."""
    found = await finding.find_one(session, attempt_id, client_id=who.client_id)
    marks, _ = await recordings.markers_for(session, services, found, language)
    policy = await policies.policy_of(session, who.client_id, clock=services.clock)
    return RecordingDetailOut(
        **_shown(found, policy).model_dump(),
        markers=[MarkerOut.model_validate(one, from_attributes=True) for one in marks],
        peaks=list(found.row.peaks or b""),
    )


@router.post("/{attempt_id}/links", responses=problems(RecordingNotFound, NothingKept))
async def link_recording(
    attempt_id: UUID,
    body: LinkIn,
    request: Request,
    who: ExporterDep,
    session: SessionDep,
    services: ServicesDep,
) -> LinkOut:
    """Return an address that opens the recording for whoever asks here, for a while."""
    found = await finding.find_one(session, attempt_id, client_id=who.client_id)
    if not found.can_be_heard:
        raise NothingKept(state=found.row.state.value)
    query = recordings.link(request, services, who, attempt_id, body.use)
    lives = LISTEN_FOR if body.use is Use.LISTEN else DOWNLOAD_FOR
    return LinkOut(
        url=f"/api/v1/recordings/{attempt_id}/audio?{query}",
        expires_in_s=round(lives.total_seconds()),
    )


@router.get(
    "/{attempt_id}/audio",
    responses=problems(RecordingNotFound, NothingKept, LinkNotGood, StoreAway)
    | {200: {"content": {"audio/ogg": {}}, "description": "Opus: agent left, customer right."}},
    response_class=Response,
)
async def fetch_recording(
    attempt_id: UUID,
    request: Request,
    who: ExporterDep,
    session: SessionDep,
    services: ServicesDep,
    use: Use,
    until: int,
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """Return a recording, or a range of it, by the address from ``links``."""
    signed = (use, until, sig)
    return await recordings.answer(request, session, services, who, attempt_id, signed)
