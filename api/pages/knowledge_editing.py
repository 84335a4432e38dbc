"""The buttons of an article's page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api.auth import PageSteererDep
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.pages.knowledge import show_article
from api.templating import problem_words, render
from campaigns.scripts import article_drafts, shelf
from campaigns.scripts.article import ArticleContent
from campaigns.scripts.rich_text import LONGEST_TEXT
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/knowledge")


class BadArticle(Invalid):
    """What was sent is no article."""

    code = "bad_article"
    message = "The article cannot be kept like that: it is too long, or has too many tags."


def _content(
    kind: Annotated[str, Form(max_length=20)] = "article",
    language: Annotated[str, Form(max_length=10)] = "en",
    title: Annotated[str, Form(max_length=400)] = "",
    body: Annotated[str, Form(max_length=2 * LONGEST_TEXT)] = "",
    tags: Annotated[str, Form(max_length=2000)] = "",
) -> ArticleContent:
    given: Mapping[str, Any] = {
        "kind": kind,
        "language": language,
        "title": title,
        "body": body,
        "tags": [tag for tag in tags.split(",") if tag.strip()],
    }
    try:
        return ArticleContent.model_validate(given)
    except ValidationError as error:
        raise BadArticle from error


ContentDep = Annotated[ArticleContent, Depends(_content)]
Revision = Annotated[int, Form(ge=0)]


def _to(article_id: UUID) -> Response:
    return RedirectResponse(f"/knowledge/{article_id}", HTTPStatus.SEE_OTHER)


@router.post("")
async def create_article(
    who: PageSteererDep, session: SessionDep, clock: ClockDep, content: ContentDep
) -> Response:
    """Make an article with a draft."""
    article = await article_drafts.create(session, content, who=who, clock=clock)
    return _to(article.id)


@router.post("/preview")
async def preview(request: Request, who: PageSteererDep, content: ContentDep) -> Response:
    """Show what was typed as operators would see it; nothing is kept."""
    del who
    return render(request, "scripts/_article_preview.html", content=content, html=content.html())


@router.post("/{article_id}/draft")
async def save_draft(
    request: Request,
    article_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    content: ContentDep,
    revision: Revision,
    action: Annotated[str, Form(max_length=20)] = "save",
) -> Response:
    """Keep what was typed and, if the button says so, publish it."""
    try:
        await article_drafts.save_draft(
            session, article_id, content, revision=revision, who=who, clock=clock
        )
        if action == "publish":
            await article_drafts.publish(session, article_id, who=who, clock=clock)
    except (Conflict, Invalid) as problem:
        # Nothing that was typed is lost: it stands in the editor, unsaved.
        return await _again(request, article_id, who, session, content, problem)
    return _to(article_id)


async def _again(
    request: Request,
    article_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    content: ArticleContent,
    problem: OutdialError,
) -> Response:
    article = await shelf.find_article(session, article_id, client_id=who.client_id)
    said = problem_words(language_of(request), problem)
    return await show_article(request, article, who, session, content=content, problem=said)


@router.post("/{article_id}/undo")
async def undo(
    article_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Take the last change back."""
    await article_drafts.undo(session, article_id, who=who, clock=clock)
    return _to(article_id)


@router.post("/{article_id}/discard")
async def discard(
    article_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Throw the draft away."""
    await article_drafts.discard(session, article_id, who=who, clock=clock)
    return _to(article_id)


@router.post("/{article_id}/versions/{number}/publish")
async def publish_again(
    article_id: UUID, number: int, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Go back: publish what an earlier version says as a new one."""
    await article_drafts.publish_again(session, article_id, number, who=who, clock=clock)
    return _to(article_id)


@router.post("/{article_id}/place")
async def place(
    article_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    campaigns: Annotated[list[UUID], Form(default_factory=list)],
    pinned: Annotated[bool, Form()] = False,
) -> Response:
    """Say for which campaigns the article is, and whether it stands first."""
    await shelf.set_place(
        session, article_id, pinned=pinned, campaign_ids=campaigns, who=who, clock=clock
    )
    return _to(article_id)


@router.post("/{article_id}/remove")
async def remove(
    article_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Take the article away from operators; it can be brought back."""
    await shelf.remove(session, article_id, who=who, clock=clock)
    return _to(article_id)


@router.post("/{article_id}/bring-back")
async def bring_back(
    article_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Bring a removed article back."""
    await shelf.bring_back(session, article_id, who=who, clock=clock)
    return _to(article_id)
