"""Scripts and articles between files and tables. Nothing here commits, and nothing is published."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts import article_drafts, drafts, shelf, shelves
from campaigns.scripts.authors import Author
from campaigns.scripts.errors import ScriptNotFound
from campaigns.scripts.files import FiledArticle, KnowledgeFile, ScriptFile
from campaigns.scripts.models import Article, ScriptVersion
from campaigns.scripts.publishing import script_in
from dialer.clock import Clock


async def keep_script(
    session: AsyncSession, filed: ScriptFile, *, who: Author, clock: Clock
) -> ScriptVersion:
    """Save a file as the draft of the script it names, made when new; a known one keeps its name."""
    try:
        await shelves.find_row(session, filed.code, client_id=who.client_id, lock=True)
    except ScriptNotFound:
        await drafts.create(session, filed.code, filed.name, filed.script(), who=who, clock=clock)
        return await drafts.editable(session, filed.code, client_id=who.client_id)
    return await drafts.save_draft(
        session, filed.code, filed.script(), revision=None, who=who, clock=clock
    )


async def script_file(
    session: AsyncSession, code: str, number: int | None, *, client_id: UUID
) -> ScriptFile:
    """Return a version of a script as a file says it; without a number the draft, else the newest.

    Raises:
        ScriptNotFound: the client has no such script, or it has no such version.
    """
    row = await shelves.find_row(session, code, client_id=client_id)
    if number is None:
        version = await drafts.editable(session, code, client_id=client_id)
    else:
        found = await shelves.version_of(session, row, number)
        if found is None:
            raise ScriptNotFound(script=code, version=number)
        version = found
    script = script_in(version)
    return ScriptFile(code=row.code, name=row.name, languages=script.languages, steps=script.steps)


async def keep_articles(
    session: AsyncSession, filed: KnowledgeFile, *, who: Author, clock: Clock
) -> list[Article]:
    """Save a file's articles as drafts: those that the client has by language and title are changed.

    Whether an article stands first counts at once; for which campaigns it is stays as it was.
    """
    known = {
        (draft.language, draft.title): article
        for article in await shelf.list_articles(session, client_id=who.client_id)
        for draft in (shelf.draft_in(article),)
    }
    kept = []
    for one in filed.articles:
        article = known.get((one.language, one.title))
        if article is None:
            article = await article_drafts.create(session, one.content(), who=who, clock=clock)
        else:
            article = await article_drafts.save_draft(
                session, article.id, one.content(), revision=None, who=who, clock=clock
            )
        known[one.language, one.title] = article
        campaigns = article.campaign_ids
        kept.append(
            await shelf.set_place(
                session,
                article.id,
                pinned=one.pinned,
                campaign_ids=campaigns,
                who=who,
                clock=clock,
            )
        )
    return kept


async def knowledge_file(session: AsyncSession, *, client_id: UUID) -> KnowledgeFile:
    """Return the client's articles as a file says them, changed ones with their changes.

    Drafts without a title are left out: a title is an article's name in a file.
    """
    found = await shelf.list_articles(session, client_id=client_id)
    said = ((shelf.draft_in(article), article.pinned) for article in found)
    return KnowledgeFile(
        articles=tuple(
            FiledArticle.model_validate({**draft.model_dump(), "pinned": pinned})
            for draft, pinned in said
            if draft.title
        )
    )
