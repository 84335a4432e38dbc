"""Articles of the knowledge base: drafted, published, published again. Nothing here commits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts.article import ArticleContent
from campaigns.scripts.authors import Author
from campaigns.scripts.errors import (
    ArticleNotFound,
    ArticleNotPublishable,
    DraftChanged,
    NoDraft,
    NothingToUndo,
)
from campaigns.scripts.models import Article, ArticleVersion
from campaigns.scripts.shelf import draft_in, find_article, traced
from dialer.clock import Clock


async def create(
    session: AsyncSession, content: ArticleContent, *, who: Author, clock: Clock
) -> Article:
    """Make an article with a draft; nobody but its editors sees it yet."""
    article = Article(
        client_id=who.client_id,
        kind=content.kind,
        language=content.language,
        draft=content.model_dump(mode="json"),
        revision=1,
        created_at=clock.now(),
        created_by=who.user_id,
    )
    session.add(article)
    await session.flush()
    await traced(session, article, "article.created", {"title": content.title}, who, clock)
    return article


async def save_draft(
    session: AsyncSession,
    article_id: UUID,
    content: ArticleContent,
    *,
    revision: int | None,
    who: Author,
    clock: Clock,
) -> Article:
    """Keep a changed article as its draft; the last change can be undone.

    Raises:
        ArticleNotFound: no such article of the client's.
        DraftChanged: somebody else has changed it since ``revision``; None overwrites.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    if revision is not None and revision != article.revision:
        raise DraftChanged(article_id=article_id)
    before, after = draft_in(article).model_dump(mode="json"), content.model_dump(mode="json")
    if before == after:
        return article
    article.before, article.draft, article.revision = before, after, article.revision + 1
    changed = sorted(name for name in after if before[name] != after[name])
    await traced(session, article, "article.draft_saved", {"changed": changed}, who, clock)
    return article


async def undo(session: AsyncSession, article_id: UUID, *, who: Author, clock: Clock) -> Article:
    """Take the draft's last change back; doing it again brings the change back.

    Raises:
        ArticleNotFound, NothingToUndo: nothing was changed.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    if article.before is None:
        raise NothingToUndo(article_id=article_id)
    now = draft_in(article).model_dump(mode="json")
    article.before, article.draft, article.revision = now, article.before, article.revision + 1
    await traced(session, article, "article.draft_undone", {}, who, clock)
    return article


async def discard(session: AsyncSession, article_id: UUID, *, who: Author, clock: Clock) -> Article:
    """Throw the draft of a published article away.

    Raises:
        ArticleNotFound: no such article of the client's.
        NoDraft: it has none, or nothing else.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    if article.draft is None or not article.number:
        raise NoDraft(article_id=article_id)
    facts = {"content": article.draft}
    article.draft, article.before, article.revision = None, None, article.revision + 1
    await traced(session, article, "article.draft_discarded", facts, who, clock)
    return article


async def publish(session: AsyncSession, article_id: UUID, *, who: Author, clock: Clock) -> Article:
    """Publish the draft: from now on operators find it.

    Raises:
        ArticleNotFound: no such article of the client's.
        NoDraft: nothing was changed since the last version.
        ArticleNotPublishable: it has no title or no text.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    if article.draft is None:
        raise NoDraft(article_id=article_id)
    content = draft_in(article)
    if not content.is_complete:
        raise ArticleNotPublishable(article_id=article_id)
    article.draft, article.before, article.revision = None, None, article.revision + 1
    await _stand(session, article, content, {}, who, clock)
    return article


async def publish_again(
    session: AsyncSession, article_id: UUID, number: int, *, who: Author, clock: Clock
) -> Article:
    """Publish what an earlier version says as a new version; a draft stays as it is.

    Raises:
        ArticleNotFound: no such article or version of the client's.
    """
    article = await find_article(session, article_id, client_id=who.client_id, lock=True)
    version = await _version(session, article, number)
    content = ArticleContent.model_validate(version.content)
    await _stand(session, article, content, {"from": number}, who, clock)
    return article


async def _stand(
    session: AsyncSession,
    article: Article,
    content: ArticleContent,
    facts: Mapping[str, Any],
    who: Author,
    clock: Clock,
) -> None:
    article.number += 1
    article.kind, article.language = content.kind, content.language
    article.title, article.body, article.words = content.title, content.body, content.words()
    article.tags = list(content.tags)
    article.published_at, article.published_by = clock.now(), who.user_id
    session.add(
        ArticleVersion(
            client_id=article.client_id,
            article_id=article.id,
            number=article.number,
            content=content.model_dump(mode="json"),
            published_at=clock.now(),
            published_by=who.user_id,
        )
    )
    told = {"title": content.title, "number": article.number, **facts}
    await traced(session, article, "article.published", told, who, clock)


async def _version(session: AsyncSession, article: Article, number: int) -> ArticleVersion:
    statement = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article.id,
        col(ArticleVersion.client_id) == article.client_id,
        col(ArticleVersion.number) == number,
    )
    version = (await session.exec(statement)).first()
    if version is None:
        raise ArticleNotFound(article_id=article.id, version=number)
    return version
