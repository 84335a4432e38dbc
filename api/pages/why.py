"""Why is it not dialling? The section of a campaign's page, and the finder of one lead."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageIdentityDep
from api.deps import SessionDep, services_of
from api.fragments import is_fragment
from api.templating import render
from campaigns import lifecycle
from campaigns.leads.finding import MOST_FOUND, FoundLead, find_leads
from campaigns.leads.keeping import keeper_for
from campaigns.leads.why import LeadWhy, ReasonCount, explain_campaign, explain_lead
from campaigns.models import Campaign
from campaigns.tenancy.audit import trace
from compliance.facts import Law
from compliance.rulebook.packs import RuleNotFound
from dialer.phone import masked

#: How long a count may be shown again; all viewers of a campaign share it.
COUNT_LIVES_S = 5.0

#: What the finder shows before anybody is looked for.
NOBODY: dict[str, Any] = {"words": "", "found": (), "more": False}

router = APIRouter(prefix="/campaigns")


@dataclass(slots=True)
class _Count:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    taken: float = float("-inf")
    at: datetime | None = None
    rows: list[ReasonCount] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ExplainedLead:
    """A found lead with its one reason."""

    lead: FoundLead
    number: str  #: masked
    why: LeadWhy
    rules: tuple[tuple[str, bool], ...]  #: id, and whether the packs have it


@router.get("/{campaign_id}/why")
async def why_page(
    request: Request, campaign_id: UUID, who: PageIdentityDep, session: SessionDep
) -> Response:
    """Show the counts by reason: the section for htmx, else a page of its own."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    counted = await _count(request, session, campaign)
    template = "campaigns/_why.html" if is_fragment(request) else "campaigns/why.html"
    context: dict[str, Any] = {
        "campaign": campaign,
        "who": who,
        "rows": counted.rows,
        "at": counted.at,
        **NOBODY,
    }
    return render(request, template, **context)


@router.post("/{campaign_id}/leads/find")
async def find_lead(
    request: Request,
    campaign_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    words: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Show why the leads with this number or name are not dialled.

    A form and no address: numbers must not end up in histories and logs.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    found = await find_leads(session, campaign_id, words, client_id=who.client_id)
    if found:
        facts = {"leads": [str(lead.lead_id) for lead in found[:MOST_FOUND]]}
        clock = services_of(request).clock
        await trace(session, campaign, "person.looked_up", facts, user_id=who.user_id, clock=clock)
    context: dict[str, Any] = {
        "campaign": campaign,
        "who": who,
        "path": f"/campaigns/{campaign_id}/why",
        "words": words.strip(),
        "found": await _explained(request, session, campaign, found[:MOST_FOUND]),
        "more": len(found) > MOST_FOUND,
    }
    if is_fragment(request):
        return render(request, "campaigns/_found.html", **context)
    counted = await _count(request, session, campaign)
    code = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    return render(
        request, "campaigns/why.html", http_code=code, rows=counted.rows, at=counted.at, **context
    )


async def _count(request: Request, session: AsyncSession, campaign: Campaign) -> _Count:
    services = services_of(request)
    state = request.app.state
    if not hasattr(state, "why_counts"):
        state.why_counts = {}
    counts: dict[UUID, _Count] = state.why_counts
    count = counts.setdefault(campaign.id, _Count())
    async with count.lock:
        if monotonic() - count.taken > COUNT_LIVES_S:
            keeper = await keeper_for(
                session, campaign, services.law, services.shelf, services.clock
            )
            now = services.clock.now()
            count.rows = await explain_campaign(session, keeper, campaign.id, now=now)
            count.at, count.taken = now, monotonic()
    return count


async def _explained(
    request: Request, session: AsyncSession, campaign: Campaign, found: Sequence[FoundLead]
) -> list[ExplainedLead]:
    if not found:
        return []
    services = services_of(request)
    keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
    now = services.clock.now()
    explained = []
    for lead in found:
        why = await explain_lead(session, keeper, lead.lead_id, campaign_id=campaign.id, now=now)
        rules = tuple((rule_id, _is_known(services.law, rule_id)) for rule_id in why.rules)
        explained.append(ExplainedLead(lead, masked(lead.e164) if lead.e164 else "", why, rules))
    return explained


def _is_known(law: Law, rule_id: str) -> bool:
    try:
        law.book.get(rule_id)
    except RuleNotFound:  # the campaign's own hours and limits
        return False
    return True
