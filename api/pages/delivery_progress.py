"""How far a delivery is: the part of its page that renews itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api import delivery_words
from api.auth import PageIdentityDep
from api.deps import SessionDep
from api.templating import render
from campaigns.delivery.deliveries import orders
from campaigns.delivery.deliveries.models import DeliveryPlan

router = APIRouter(prefix="/deliveries")


@router.get("/{delivery_id}/now")
async def delivery_now(
    request: Request,
    delivery_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    seen: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Return how far a delivery is; in another state than ``seen`` all of its page is told to load anew."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    plan = await session.get(DeliveryPlan, row.plan_id)
    words = delivery_words
    answer = render(request, "deliveries/_now.html", who=who, row=row, plan=plan, words=words)
    if row.state.value != seen:
        # What else the page has depends on it: files, results, buttons.
        answer.headers["HX-Refresh"] = "true"
    return answer
