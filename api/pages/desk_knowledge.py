"""The knowledge base in the operator's window: found while the person still talks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import script_words
from api.auth import PageCallTakerDep, own_agent_ids
from api.deps import SessionDep
from api.templating import render
from campaigns import lifecycle
from campaigns.agents.models import AgentSession
from campaigns.scripts.asking import LONGEST_QUESTION
from campaigns.scripts.errors import ArticleNotFound
from campaigns.scripts.searching import Found, search
from campaigns.scripts.shelf import find_article, standing_in
from campaigns.tenancy.tokens import Identity

router = APIRouter(prefix="/desk/knowledge")


class Asking:
    """What is looked for, and in which campaign."""

    def __init__(
        self,
        q: Annotated[str, Query(max_length=LONGEST_QUESTION)] = "",
        campaign: Annotated[str, Query(max_length=40)] = "",
    ) -> None:
        """Read the query; a campaign that is no id is none."""
        self.q = q
        try:
            self.campaign = UUID(campaign) if campaign else None
        except ValueError:
            self.campaign = None


AskingDep = Annotated[Asking, Depends()]


async def _found(asking: Asking, who: PageCallTakerDep, session: SessionDep) -> list[Found]:
    if asking.campaign is not None:
        await lifecycle.find(session, asking.campaign, client_id=who.client_id)
    return await search(session, asking.q, client_id=who.client_id, campaign_id=asking.campaign)


@router.get("")
async def knowledge_panel(
    request: Request, who: PageCallTakerDep, session: SessionDep, asking: AskingDep
) -> Response:
    """Show the search with what is found; without a question what is pinned, and the rest.

    Without a campaign it is that of the operator's shift.
    """
    if asking.campaign is None:
        asking.campaign = await _campaign_of_shift(session, who)
    return render(
        request,
        "scripts/_knowledge.html",
        found=await _found(asking, who, session),
        asking=asking,
        words=script_words,
    )


async def _campaign_of_shift(session: AsyncSession, who: Identity) -> UUID | None:
    own = await own_agent_ids(session, who)
    open_shift = select(AgentSession.campaign_id).where(
        col(AgentSession.client_id) == who.client_id,
        col(AgentSession.agent_id).in_(own),
        col(AgentSession.ended_at).is_(None),
    )
    return (await session.exec(open_shift)).first()


@router.get("/found")
async def found_articles(
    request: Request, who: PageCallTakerDep, session: SessionDep, asking: AskingDep
) -> Response:
    """Show the results alone: what is replaced while somebody types."""
    return render(
        request,
        "scripts/_found.html",
        found=await _found(asking, who, session),
        asking=asking,
        words=script_words,
    )


@router.get("/{article_id}")
async def article(
    request: Request,
    article_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    asking: AskingDep,
) -> Response:
    """Show one article in place of the results."""
    found = await find_article(session, article_id, client_id=who.client_id)
    if not found.number or found.removed_at is not None:
        raise ArticleNotFound(article_id=article_id)
    return render(
        request,
        "scripts/_article.html",
        article=found,
        html=standing_in(found).html(),
        asking=asking,
        words=script_words,
    )
