"""A cross-table as pages show it: counted as it is today, or what is wrong with it."""

from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from api import crosstab_words
from api.crosstab_asking import asked_today
from api.languages import language_of
from api.templating import problem_words, translate
from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.making import Made, make_table
from campaigns.crosstabs.weighting import CannotWeight
from dialer.errors import OutdialError


async def made_now(
    request: Request, session: AsyncSession, client_id: UUID, table: TableDefinition
) -> Made:
    """Return a table as it is today, in the reader's language.

    Raises:
        As ``asked_today`` and ``make_table``.
    """
    asked = await asked_today(request, session, client_id, table)
    language = language_of(request)
    return await make_table(session, asked, client_id=client_id, language=language)


def table_problem(language: str, wrong: OutdialError) -> str:
    """Return what is wrong, with the cell or the line at which it is."""
    if isinstance(wrong, CannotWeight):
        said = translate(language, crosstab_words.REASONS[wrong.reason])
        return f"{wrong.cell}: {said}" if wrong.cell else said
    place = wrong.facts.get("line") or wrong.facts.get("variable") or ""
    said = problem_words(language, wrong)
    return f"{place} – {said}" if place else said
