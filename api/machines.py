"""Answering machines as the API and the pages show them: how detection does, and what can be heard."""

from pathlib import Path
from uuid import UUID

from fastapi import Request
from fastapi.responses import FileResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import recordings
from api.deps import Services
from api.schemas.amd import AmdOut, ShareOut, VerdictCountOut, VerdictOut
from campaigns.amd import judging, reviewing
from campaigns.amd.errors import NothingToHear
from campaigns.amd.estimates import Interval, false_positives, of_people
from campaigns.amd.reviewing import Heard
from campaigns.models import Campaign
from campaigns.recordings import finding
from campaigns.recordings.keeping import SUFFIX
from campaigns.settings import CampaignSettings
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity


async def overview(session: AsyncSession, campaign: Campaign) -> AmdOut:
    """Return how a campaign's detection does; the caller may see the campaign."""
    standing = await judging.standing_of(session, campaign.id)
    counts = await reviewing.counts_of(session, campaign.id, standing.since)
    amd, known = CampaignSettings.model_validate(campaign.settings).amd, standing.known
    return AmdOut(
        enabled=amd is not None and standing.off_at is None,
        off_at=standing.off_at,
        off_reason=standing.reason,
        since=standing.since,
        verdicts=known.verdicts,
        acted=known.acted,
        audited=known.audited,
        judged=known.judged,
        people=known.people,
        cannot_tell=known.cannot_tell,
        waiting=await reviewing.waiting_count(session, campaign.id),
        audited_share=round(known.audited / known.verdicts, 5) if known.verdicts else None,
        by_kind=[VerdictCountOut.model_validate(one) for one in counts],
        false_positives=_share(false_positives(known)),
        of_people=_share(of_people(known)),
        limit=amd.max_false_positive_rate if amd else None,
    )


def _share(found: Interval | None) -> ShareOut | None:
    if found is None:
        return None
    return ShareOut(share=round(found.share, 5), low=round(found.low, 5), high=round(found.high, 5))


def verdict_out(one: Heard) -> VerdictOut:
    """Return a verdict with what a person needs to judge it."""
    return VerdictOut(
        **one.verdict.model_dump(exclude={"client_id", "campaign_id", "judged_by"}),
        message_leave=one.message,
        judged_by=one.judged_by,
        recording=one.recording,
    )


async def recording_of(
    session: AsyncSession, services: Services, attempt_id: UUID, *, who: Identity, request: Request
) -> Response:
    """Return the recording by which a verdict is judged; who listens is in the audit log.

    Until it is kept as Opus (agent left), the WAV is played (agent right).

    Raises:
        VerdictNotFound: no such verdict, or another client's.
        NothingToHear: the recording is not there.
    """
    name = await reviewing.heard(session, attempt_id, client_id=who.client_id)
    file = services.settings.recordings() / Path(name).name
    if file.suffix == SUFFIX:
        found = await finding.find_one(session, attempt_id, client_id=who.client_id)
        return await recordings.sent(request, session, services, who, found)
    if not file.is_file():
        raise NothingToHear(attempt_id=str(attempt_id))
    if begins(request):
        await audit.record(
            session,
            client_id=who.client_id,
            user_id=who.user_id,
            at=services.clock.now(),
            action="recording.heard",
            subject="attempt",
            subject_id=attempt_id,
            facts={},
        )
    return FileResponse(file, media_type="audio/wav", headers={"Content-Disposition": "inline"})


def begins(request: Request) -> bool:
    """Tell whether a recording is asked for from its first byte. Source: RFC 9110, section 14.2."""
    return request.headers.get("range", "bytes=0-").replace(" ", "").startswith("bytes=0-")
