"""What the recordings' player needs, on whatever page it stands."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from api import recordings
from api.deps import Services
from api.languages import language_of
from campaigns.recordings.finding import FoundRecording
from campaigns.recordings.links import Use
from campaigns.recordings.markers import Marker
from campaigns.tenancy.tokens import Identity


@dataclass(frozen=True, slots=True)
class Player:
    """A recording that can be played, or what is known of one that cannot."""

    audio: str  #: the address of what is played; "": nothing can be
    heard: str  #: where the player tells what was heard
    marks: list[Marker]
    masked: bool
    peaks: list[int]
    seconds: float


async def player_of(
    request: Request,
    session: AsyncSession,
    services: Services,
    who: Identity,
    found: FoundRecording,
    *,
    at: str = "/recordings",
) -> Player:
    """Return the player of a recording; ``at``: the pages that serve its sound."""
    marks, style = await recordings.markers_for(session, services, found, language_of(request))
    row, audio = found.row, ""
    if found.can_be_heard:
        signed = recordings.link(request, services, who, row.attempt_id, Use.LISTEN)
        audio = f"{at}/{row.attempt_id}/audio?{signed}"
    return Player(
        audio,
        f"{at}/{row.attempt_id}/heard",
        marks,
        recordings.is_masked(who, style, marks),
        list(row.peaks or b""),
        row.duration_s or 0.0,
    )
