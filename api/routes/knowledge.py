"""The knowledge base: search, articles, their versions."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.auth import CallTakerDep, ReaderDep, SteererDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.knowledge import (
    ArticleDraftIn,
    ArticleOut,
    ArticleVersionOut,
    FoundOut,
    PlaceIn,
)
from campaigns import lifecycle
from campaigns.errors import CampaignNotFound
from campaigns.scripts import article_drafts, shelf
from campaigns.scripts.article import ArticleContent
from campaigns.scripts.asking import LANGUAGES, LONGEST_QUESTION
from campaigns.scripts.errors import (
    ArticleNotFound,
    ArticleNotPublishable,
    DraftChanged,
    NoDraft,
    NothingToUndo,
)
from campaigns.scripts.searching import MOST_FOUND, search
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/knowledge", tags=["knowledge"], responses=problems(Unauthenticated, Forbidden)
)


class Question(BaseModel):
    """What is looked for, and for whom."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=LONGEST_QUESTION)] = ""
    campaign: UUID | None = Field(default=None, description="Articles for it and for all.")
    language: Annotated[str, Field(pattern="^(en|ru|uk)$")] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = MOST_FOUND


@router.get("/search", responses=problems(CampaignNotFound))
async def search_articles(
    who: CallTakerDep, session: SessionDep, asked: Annotated[Question, Query()]
) -> list[FoundOut]:
    """Return the published articles that fit, the best first; words may be half typed."""
    if asked.campaign is not None:
        await lifecycle.find(session, asked.campaign, client_id=who.client_id)
    found = await search(
        session,
        asked.q,
        client_id=who.client_id,
        campaign_id=asked.campaign,
        languages=(asked.language,) if asked.language else LANGUAGES,
        most=asked.limit,
    )
    return [FoundOut.of(one) for one in found]


@router.get("/articles")
async def list_articles(
    who: ReaderDep, session: SessionDep, removed: bool = False
) -> list[ArticleOut]:
    """Return the client's articles with their drafts, or the removed ones."""
    rows = await shelf.list_articles(session, client_id=who.client_id, removed=removed)
    return [ArticleOut.of(article) for article in rows]


@router.post("/articles", status_code=HTTPStatus.CREATED)
async def create_article(
    body: ArticleContent, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Make an article with a draft."""
    return ArticleOut.of(await article_drafts.create(session, body, who=who, clock=clock))


@router.get("/articles/{article_id}", responses=problems(ArticleNotFound))
async def get_article(article_id: UUID, who: ReaderDep, session: SessionDep) -> ArticleOut:
    """Return one article."""
    return ArticleOut.of(await shelf.find_article(session, article_id, client_id=who.client_id))


@router.put("/articles/{article_id}/draft", responses=problems(ArticleNotFound, DraftChanged))
async def save_draft(
    article_id: UUID, body: ArticleDraftIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Keep a changed article as its draft."""
    article = await article_drafts.save_draft(
        session, article_id, body.content, revision=body.revision, who=who, clock=clock
    )
    return ArticleOut.of(article)


@router.post(
    "/articles/{article_id}/draft/undo", responses=problems(ArticleNotFound, NothingToUndo)
)
async def undo_draft(
    article_id: UUID, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Take the draft's last change back."""
    return ArticleOut.of(await article_drafts.undo(session, article_id, who=who, clock=clock))


@router.delete("/articles/{article_id}/draft", responses=problems(ArticleNotFound, NoDraft))
async def discard_draft(
    article_id: UUID, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Throw the draft of a published article away."""
    return ArticleOut.of(await article_drafts.discard(session, article_id, who=who, clock=clock))


@router.post(
    "/articles/{article_id}/publish",
    responses=problems(ArticleNotFound, NoDraft, ArticleNotPublishable),
)
async def publish_article(
    article_id: UUID, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Publish the draft: operators find it from now on."""
    return ArticleOut.of(await article_drafts.publish(session, article_id, who=who, clock=clock))


@router.get("/articles/{article_id}/versions", responses=problems(ArticleNotFound))
async def list_versions(
    article_id: UUID, who: ReaderDep, session: SessionDep
) -> list[ArticleVersionOut]:
    """Return what was published when and by whom, the newest first."""
    article = await shelf.find_article(session, article_id, client_id=who.client_id)
    return [ArticleVersionOut.of(one) for one in await shelf.versions_of(session, article)]


@router.post(
    "/articles/{article_id}/versions/{number}/publish", responses=problems(ArticleNotFound)
)
async def publish_again(
    article_id: UUID, number: int, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Publish what an earlier version says as a new version."""
    article = await article_drafts.publish_again(session, article_id, number, who=who, clock=clock)
    return ArticleOut.of(article)


@router.put("/articles/{article_id}/place", responses=problems(ArticleNotFound, CampaignNotFound))
async def place_article(
    article_id: UUID, body: PlaceIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Say for which campaigns an article is, and whether it stands first."""
    article = await shelf.set_place(
        session,
        article_id,
        pinned=body.pinned,
        campaign_ids=body.campaign_ids,
        who=who,
        clock=clock,
    )
    return ArticleOut.of(article)


@router.delete("/articles/{article_id}", responses=problems(ArticleNotFound))
async def remove_article(
    article_id: UUID, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Take an article away from operators; it is kept."""
    return ArticleOut.of(await shelf.remove(session, article_id, who=who, clock=clock))


@router.post("/articles/{article_id}/bring-back", responses=problems(ArticleNotFound))
async def bring_back(
    article_id: UUID, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ArticleOut:
    """Bring a removed article back."""
    return ArticleOut.of(await shelf.bring_back(session, article_id, who=who, clock=clock))
