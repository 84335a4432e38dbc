"""What the link of a letter opens: one delivery's files, without a sign-in, until it ends."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, Response

from api import delivery_words
from api.delivering import MeansDep, file_download
from api.deps import SessionDep
from api.templating import render
from campaigns.delivery.deliveries import links
from campaigns.delivery.deliveries.carrying import Means
from campaigns.delivery.deliveries.errors import LinkEnded
from campaigns.delivery.deliveries.models import Delivery
from campaigns.delivery.deliveries.sending import files_of
from campaigns.models import Campaign
from campaigns.tenancy import looks

router = APIRouter(prefix=links.PATH)
Token = Annotated[str, Path(max_length=200)]


async def _opened(session: SessionDep, means: Means, token: str) -> tuple[Delivery, links.Opened]:
    if means.ring is None:
        raise LinkEnded
    found = links.opened(means.ring, token, means.clock.now())
    row = await session.get(Delivery, found.delivery_id)
    if row is None:
        raise LinkEnded
    return row, found


@router.get("/{token}")
async def linked_delivery(
    request: Request, token: Token, session: SessionDep, means: MeansDep
) -> Response:
    """Show a delivery's files; opening the page downloads nothing, so mail scanners leave no trace."""
    row, found = await _opened(session, means, token)
    campaign = await session.get_one(Campaign, row.campaign_id)
    return render(
        request,
        "deliveries/link.html",
        host_look=looks.look_of(await looks.find(session, row.client_id)),
        row=row,
        campaign=campaign.name,
        files=await files_of(session, row.id),
        ends_at=found.ends_at,
        token=token,
        words=delivery_words,
    )


@router.get("/{token}/{position}")
async def linked_file(
    token: Token, position: int, session: SessionDep, means: MeansDep
) -> FileResponse:
    """Return a file of the delivery that a link opens."""
    row, _ = await _opened(session, means, token)
    return await file_download(session, means, row, position, user_id=None, by="link")
