"""The knowledge base of a client: articles found, put in their place, removed, brought back.

Operators read what is published; every change is in the audit log. Nothing here commits.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.scripts.article import ArticleContent
from campaigns.scripts.authors import Author
from campaigns.scripts.errors import ArticleNotFound
from campaigns.scripts.models import Article, ArticleVersion
from campaigns.tenancy import audit
from dialer.clock import Clock


def draft_in(article: Article) -> ArticleContent:
    """Return what an editor begins with: the draft, else what is published."""
    if article.draft is not None:
        return ArticleContent.model_validate(article.draft)
    return standing_in(article)


def standing_in(article: Article) -> ArticleContent:
    """Return what is published."""
    return ArticleContent.model_validate(
        {name: getattr(article, name) for name in ArticleContent.model_fields}
    )


async def find_article(
    session: AsyncSession, article_id: UUID, *, client_id: UUID, lock: bool = False
) -> Article:
    """Return a client's article, removed or not.

    Raises:
        ArticleNotFound: no such article, or it is another client's.
    """
    mine = select(Article).where(col(Article.id) == article_id, col(Article.client_id) == client_id)
    if lock:
        mine = mine.with_for_update().execution_options(populate_existing=True)
    article = (await session.exec(mine)).first()
    if article is None:
        raise ArticleNotFound(article_id=article_id)
    return article


async def set_place(
    session: AsyncSession,
    article_id: UUID,
    *,
    pinned: bool,
    campaign_ids: Sequence[UUID],
    who: Author,
    clock: Clock,
) -> Article:
    """Say for which campaigns an article is (none: all), and whether it stands first; it counts at once.

    Raises:
        ArticleNotFound: no such article of the client's.
        CampaignNotFound: a campaign is not the client's.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    wanted = sorted(set(campaign_ids))
    mine = select(Campaign.id).where(
        col(Campaign.client_id) == who.client_id, col(Campaign.id).in_(wanted)
    )
    if len((await session.exec(mine)).all()) != len(wanted):
        raise CampaignNotFound
    before = (article.pinned, sorted(article.campaign_ids))
    if before == (pinned, wanted):
        return article
    article.pinned, article.campaign_ids = pinned, wanted
    facts = {"pinned": pinned, "campaigns": [str(one) for one in wanted]}
    await traced(session, article, "article.placed", facts, who, clock)
    return article


async def remove(session: AsyncSession, article_id: UUID, *, who: Author, clock: Clock) -> Article:
    """Take an article away from operators; it is kept and can be brought back."""
    return await _removed(session, article_id, True, who, clock)


async def bring_back(
    session: AsyncSession, article_id: UUID, *, who: Author, clock: Clock
) -> Article:
    """Bring a removed article back as it was."""
    return await _removed(session, article_id, False, who, clock)


async def _removed(
    session: AsyncSession, article_id: UUID, gone: bool, who: Author, clock: Clock
) -> Article:
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    if (article.removed_at is not None) != gone:
        article.removed_at = clock.now() if gone else None
        action = "article.removed" if gone else "article.brought_back"
        await traced(session, article, action, {"title": article.title}, who, clock)
    return article


async def versions_of(session: AsyncSession, article: Article) -> Sequence[ArticleVersion]:
    """Return an article's published versions, the newest first."""
    statement = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article.id,
        col(ArticleVersion.client_id) == article.client_id,
    )
    return (await session.exec(statement.order_by(col(ArticleVersion.number).desc()))).all()


async def list_articles(
    session: AsyncSession, *, client_id: UUID, removed: bool = False
) -> Sequence[Article]:
    """Return the client's articles with drafts, the pinned ones first, then by title."""
    gone = col(Article.removed_at).is_not(None)
    statement = select(Article).where(
        col(Article.client_id) == client_id, gone if removed else ~gone
    )
    order = (col(Article.pinned).desc(), col(Article.title), col(Article.id))
    return (await session.exec(statement.order_by(*order))).all()


async def traced(
    session: AsyncSession,
    article: Article,
    action: str,
    facts: Mapping[str, Any],
    who: Author,
    clock: Clock,
) -> None:
    """Store a changed article together with what was done to it."""
    session.add(article)
    await session.flush()
    await audit.trace(session, article, action, facts, user_id=who.user_id, clock=clock)
