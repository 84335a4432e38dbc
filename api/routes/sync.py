"""A CRM's two ways: contacts in by the client's own keys, results out by a cursor."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header

from api.auth import ManagerDep, Permission, ResultTakerDep, may
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.routes.events import After, Limit, Numbers
from api.schemas.sync import PulledResultOut, PulledResultsOut, UpsertOut
from api.uploading import folder_of
from campaigns import lifecycle
from campaigns.errors import CampaignNotFound, ListNotFound
from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.events.traces import trace_numbers
from campaigns.lists.staged.options import BadOptions
from campaigns.lists.staged.preparing import UnknownRegion
from campaigns.sync.answers import KeyUsedOtherwise, StillAtIt
from campaigns.sync.contact_in import ReservedField
from campaigns.sync.results import results_after
from campaigns.sync.upserting import Door, UpsertIn, upsert
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import masked

router = APIRouter(tags=["sync"], responses=problems(Unauthenticated, Forbidden))

Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same for every try of one request: it is done once.",
    ),
]


@router.put(
    "/lists/{list_id}/contacts",
    responses=problems(
        ListNotFound,
        CampaignNotFound,
        BadOptions,
        UnknownRegion,
        ReservedField,
        KeyUsedOtherwise,
        StillAtIt,
    ),
    response_model=UpsertOut,
)
async def put_contacts(
    list_id: UUID,
    body: UpsertIn,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
    idempotency_key: Key = None,
) -> dict[str, Any]:
    """Add contacts to a list, or bring those it has up to date, by the client's own keys."""
    await session.rollback()  # the caller is known: the import has transactions of its own
    door = Door(
        services.sessions, folder_of(services), services.clock, services.law.book, who.whose
    )
    return await upsert(door, list_id, body, idempotency_key)


@router.get("/results", responses=problems(EventsGone, CursorAhead, CampaignNotFound))
async def pull_results(
    who: ResultTakerDep,
    session: SessionDep,
    clock: ClockDep,
    after: After = 0,
    campaign_id: UUID | None = None,
    limit: Limit = 100,
    numbers: Numbers = False,
) -> PulledResultsOut:
    """Return the results that changed after a cursor, as they stand now; the cursor is that of events."""
    if campaign_id is not None:
        await lifecycle.find(session, campaign_id, client_id=who.client_id)
    page = await results_after(session, who.client_id, after, campaign_id=campaign_id, limit=limit)
    for one in page.results:
        if not numbers and one.phone is not None:
            one.phone = masked(one.phone)
        if not may(who, Permission.SEE_WORK):  # who talked is the call centre's own
            one.agent = None
    if numbers and page.results:
        await trace_numbers(session, who, "results.pulled", len(page.results), clock)
    found = [PulledResultOut.model_validate(one) for one in page.results]
    return PulledResultsOut(results=found, next=page.next_after, has_more=page.has_more)
