"""The search in the knowledge base while talking: words in three languages, ranked, hits marked.

English and Russian words are found by their stems; Ukrainian ones, for which PostgreSQL has neither stemmer
nor stop words, by their beginnings (``campaigns.scripts.ukrainian``). All are in one GIN index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, literal, text
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts.asking import (
    HIT_BEGINS,
    HIT_ENDS,
    LANGUAGES,
    Asked,
    Part,
    asked_in,
    parts_of,
    words_of,
)
from campaigns.scripts.models import Article
from campaigns.scripts.words import ArticleKind

MOST_FOUND = 20
#: Of an article that nobody searched for, so many characters are shown.
_BEGINNING_CHARACTERS = 160

_MARKS = f"StartSel={HIT_BEGINS}, StopSel={HIT_ENDS}"

#: A query for each language; ``&&`` and ``||`` leave out queries of stop words only.
_ASKED = """
    SELECT CAST(:{n}_language AS text) AS language,
           to_tsquery({config}, :{n}_all) && ({last}) AS all_words,
           to_tsquery({config}, :{n}_any) || {last} AS any_word
"""
_LAST = "(to_tsquery({config}, :{n}_stem) || to_tsquery('simple', :{n}_literal))"

_SEARCH = """
    WITH asked AS MATERIALIZED ({asked}), found AS (
        SELECT article.id, article.search @@ asked.all_words AS has_all,
               ts_rank(article.search, asked.any_word, 1) AS rank, asked.any_word,
               search_config(article.language) AS config
          FROM asked JOIN article ON article.language = asked.language
         WHERE article.client_id = :client_id AND article.number > 0 AND article.removed_at IS NULL
           AND article.search @@ asked.any_word
           AND (CAST(:campaign_id AS uuid) IS NULL OR article.campaign_ids = '{{}}'
                OR CAST(:campaign_id AS uuid) = ANY (article.campaign_ids))
         ORDER BY has_all DESC, rank DESC, article.pinned DESC, article.id
         LIMIT :most
    )
    SELECT article.id, article.kind, article.language, article.tags, article.pinned, article.campaign_ids,
           ts_headline(found.config, article.title, found.any_word, 'HighlightAll=true, {marks}') AS title,
           ts_headline(found.config, article.words, found.any_word,
                       'MaxFragments=2, MaxWords=16, MinWords=6, FragmentDelimiter=" … ", {marks}') AS snippet
      FROM found JOIN article ON article.id = found.id AND article.client_id = :client_id
     ORDER BY found.has_all DESC, found.rank DESC, article.pinned DESC, article.id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """An article that fits, with its hits."""

    id: UUID
    kind: ArticleKind
    language: str
    title: tuple[Part, ...]
    snippet: tuple[Part, ...]
    tags: tuple[str, ...]
    pinned: bool
    for_campaigns: bool  #: it is not for all of them


async def search(
    session: AsyncSession,
    question: str,
    *,
    client_id: UUID,
    campaign_id: UUID | None = None,
    languages: Sequence[str] = LANGUAGES,
    most: int = MOST_FOUND,
) -> list[Found]:
    """Return the published articles that fit a question, the best first.

    Those with all words come before those with some. Without a word in the question: all articles, the pinned
    ones first. With a campaign: those for it and those for all.
    """
    words = words_of(question)
    if not words:
        return await _all(session, client_id, campaign_id, languages, most)
    asked = [asked_in(words, language) for language in languages]
    facts: dict[str, Any] = {"client_id": client_id, "campaign_id": campaign_id, "most": most}
    for one in asked:
        facts |= _facts(one)
    rows = await session.execute(text(_statement(asked)), facts)
    return [_found(*row) for row in rows]


def _statement(asked: Sequence[Asked]) -> str:
    configs = {"en": "'english'", "ru": "'russian'"}
    queries = []
    for one in asked:
        config = configs.get(one.language, "'simple'")
        last = _LAST.format(n=one.language, config=config)
        queries.append(_ASKED.format(n=one.language, config=config, last=last))
    return _SEARCH.format(asked=" UNION ALL ".join(queries), marks=_MARKS)


def _facts(asked: Asked) -> dict[str, str]:
    n = asked.language
    return {
        f"{n}_language": n,
        f"{n}_all": asked.all_words,
        f"{n}_any": asked.any_word,
        f"{n}_stem": asked.last_stem,
        f"{n}_literal": asked.last_literal,
    }


def _found(
    article_id: UUID,
    kind: str,
    language: str,
    tags: list[str],
    pinned: bool,
    campaign_ids: list[UUID],
    title: str,
    snippet: str,
) -> Found:
    return Found(
        article_id,
        ArticleKind(kind),
        language,
        parts_of(title),
        parts_of(snippet),
        tuple(tags),
        pinned,
        bool(campaign_ids),
    )


async def _all(
    session: AsyncSession,
    client_id: UUID,
    campaign_id: UUID | None,
    languages: Sequence[str],
    most: int,
) -> list[Found]:
    statement = (
        select(Article)
        .where(
            col(Article.client_id) == client_id,
            col(Article.language).in_(languages),
            *stands_for(campaign_id),
        )
        .order_by(col(Article.pinned).desc(), col(Article.published_at).desc(), col(Article.id))
        .limit(most)
    )
    return [_unmarked(article) for article in (await session.exec(statement)).all()]


def stands_for(campaign_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of an article that operators of a campaign (None: of any) may read."""
    stands: tuple[ColumnElement[bool], ...] = (
        col(Article.number) > 0,
        col(Article.removed_at).is_(None),
    )
    if campaign_id is None:
        return stands
    campaigns = col(Article.campaign_ids)
    return (*stands, or_(func.cardinality(campaigns) == 0, literal(campaign_id) == any_(campaigns)))


def _unmarked(article: Article) -> Found:
    beginning = " ".join(article.words.split())
    if len(beginning) > _BEGINNING_CHARACTERS:
        beginning = beginning[:_BEGINNING_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return Found(
        article.id,
        article.kind,
        article.language,
        (Part(article.title),) if article.title else (),
        (Part(beginning),) if beginning else (),
        tuple(article.tags),
        article.pinned,
        bool(article.campaign_ids),
    )
