"""The knowledge base, for those who write it: the list with the search, one article with its versions."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import script_words
from api.auth import PageIdentityDep, PageSteererDep, Permission, may
from api.deps import SessionDep
from api.languages import language_of
from api.logins import logins_of
from api.templating import render
from campaigns.models import Campaign
from campaigns.scripts import shelf
from campaigns.scripts.article import ArticleContent
from campaigns.scripts.asking import LANGUAGES, LONGEST_QUESTION
from campaigns.scripts.models import Article
from campaigns.scripts.searching import search
from campaigns.scripts.words import ArticleKind
from campaigns.tenancy.tokens import Identity

router = APIRouter(prefix="/knowledge")

Words = Annotated[str, Query(max_length=LONGEST_QUESTION)]


@router.get("")
async def knowledge_page(
    request: Request,
    who: PageIdentityDep,
    session: SessionDep,
    q: Words = "",
    kind: Words = "",
    language: Words = "",
    removed: bool = False,
) -> Response:
    """Show the client's articles; with a question those that fit, the best first."""
    chosen = {"kind": kind, "language": language}
    rows = await shelf.list_articles(session, client_id=who.client_id, removed=removed)
    found = []
    if q.strip():
        languages = (language,) if language in LANGUAGES else LANGUAGES
        found = await search(session, q, client_id=who.client_id, languages=languages, most=100)
        found = [one for one in found if not kind or one.kind == kind]
    return render(
        request,
        "scripts/knowledge.html",
        who=who,
        rows=[row for row in rows if _fits(row, chosen)],
        found=found,
        q=q,
        chosen=chosen,
        removed=removed,
        drafts={row.id: shelf.draft_in(row) for row in rows},
        writes=may(who, Permission.STEER),
        logins=await logins_of(session, client_id=who.client_id),
        campaigns=await campaign_names(session, who.client_id),
        kinds=ArticleKind,
        words=script_words,
    )


def _fits(article: Article, chosen: Mapping[str, str]) -> bool:
    draft = shelf.draft_in(article)
    return all(not wanted or getattr(draft, name) == wanted for name, wanted in chosen.items())


async def campaign_names(session: AsyncSession, client_id: UUID) -> Mapping[UUID, str]:
    """Return the client's campaigns by id, in the order of their names."""
    statement = select(Campaign.id, Campaign.name).where(col(Campaign.client_id) == client_id)
    rows: Sequence[tuple[UUID, str]] = (
        await session.exec(statement.order_by(col(Campaign.name)))
    ).all()
    return dict(rows)


@router.get("/new")
async def new_page(
    request: Request, who: PageSteererDep, session: SessionDep, kind: Words = ""
) -> Response:
    """Show an empty article."""
    wanted = ArticleKind.OBJECTION if kind == ArticleKind.OBJECTION else ArticleKind.ARTICLE
    content = ArticleContent.model_validate({"kind": wanted, "language": language_of(request)})
    return await show_article(request, None, who, session, content=content)


@router.get("/{article_id}")
async def article_page(
    request: Request, article_id: UUID, who: PageIdentityDep, session: SessionDep
) -> Response:
    """Show one article: the editor with its preview, its place, its versions."""
    article = await shelf.find_article(session, article_id, client_id=who.client_id)
    return await show_article(request, article, who, session, content=shelf.draft_in(article))


async def show_article(
    request: Request,
    article: Article | None,
    who: Identity,
    session: AsyncSession,
    *,
    content: ArticleContent,
    problem: str = "",
) -> Response:
    """Return the page of an article, or of one that is to be made (None)."""
    context: dict[str, Any] = {
        "who": who,
        "article": article,
        "content": content,
        "html": content.html(),
        "versions": await shelf.versions_of(session, article) if article else (),
        "logins": await logins_of(session, client_id=who.client_id),
        "campaigns": await campaign_names(session, who.client_id),
        "writes": may(who, Permission.STEER),
        "kinds": ArticleKind,
        "words": script_words,
        "problem": problem,
    }
    code = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return render(request, "scripts/article.html", http_code=code, **context)
