"""The knowledge base as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.scripts.article import ArticleContent
from campaigns.scripts.asking import Part
from campaigns.scripts.models import Article, ArticleVersion
from campaigns.scripts.searching import Found
from campaigns.scripts.shelf import draft_in, standing_in
from campaigns.scripts.words import ArticleKind


class ArticleDraftIn(BaseModel):
    """All of a changed article."""

    model_config = ConfigDict(extra="forbid")

    content: ArticleContent
    revision: Annotated[
        int | None, Field(ge=0, description="Of what was changed; left out: whatever it is now.")
    ] = None


class PlaceIn(BaseModel):
    """For which campaigns an article is (none: all), and whether it stands first."""

    model_config = ConfigDict(extra="forbid")

    pinned: bool = False
    campaign_ids: Annotated[list[UUID], Field(max_length=1000)] = Field(default_factory=list)


class ArticleOut(BaseModel):
    """An article: what operators read (``number`` 0: nothing yet), and what is drafted."""

    id: UUID
    number: int
    revision: int
    published: ArticleContent | None
    draft: ArticleContent | None
    html: str  #: of what is published; safe to be put into a page
    pinned: bool
    campaign_ids: list[UUID]
    published_at: datetime | None
    published_by: UUID | None
    removed_at: datetime | None

    @classmethod
    def of(cls, article: Article) -> "ArticleOut":
        """Return an article as it is shown."""
        published = standing_in(article) if article.number else None
        return cls(
            id=article.id,
            number=article.number,
            revision=article.revision,
            published=published,
            draft=draft_in(article) if article.draft is not None else None,
            html=published.html() if published else "",
            pinned=article.pinned,
            campaign_ids=article.campaign_ids,
            published_at=article.published_at,
            published_by=article.published_by,
            removed_at=article.removed_at,
        )


class ArticleVersionOut(BaseModel):
    """An article as it was published once, when and by whom."""

    number: int
    content: ArticleContent
    published_at: datetime
    published_by: UUID | None

    @classmethod
    def of(cls, version: ArticleVersion) -> "ArticleVersionOut":
        """Return a version as it is shown."""
        return cls(
            number=version.number,
            content=ArticleContent.model_validate(version.content),
            published_at=version.published_at,
            published_by=version.published_by,
        )


class PartOut(BaseModel):
    """A piece of a text, and whether it is a hit."""

    text: str
    hit: bool


class FoundOut(BaseModel):
    """An article that fits, the hits in title and snippet marked."""

    id: UUID
    kind: ArticleKind
    language: str
    title: list[PartOut]
    snippet: list[PartOut]
    tags: list[str]
    pinned: bool

    @classmethod
    def of(cls, found: Found) -> "FoundOut":
        """Return a result of the search as it is shown."""
        return cls(
            id=found.id,
            kind=found.kind,
            language=found.language,
            title=_parts(found.title),
            snippet=_parts(found.snippet),
            tags=list(found.tags),
            pinned=found.pinned,
        )


def _parts(parts: tuple[Part, ...]) -> list[PartOut]:
    return [PartOut(text=part.text, hit=part.is_hit) for part in parts]
