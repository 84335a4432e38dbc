"""What quality keeps of an erased person: words about the person's calls go, the operator's scores stay."""
# ruff: noqa: S608 - put together from constants only

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure import mentions
from campaigns.lists.erasure.subject import Eraser, Subject
from dialer.db import affected

_HIS_CALLS = """
    client_id = :client_id AND attempt_id IN (
        SELECT id FROM attempt WHERE client_id = :client_id
           AND (contact_id = ANY(:ids) OR e164 = ANY(:numbers)))
"""
_NOTES = f"DELETE FROM quality_note WHERE {_HIS_CALLS}"
_REVIEWS = f"UPDATE quality_review SET words = '' WHERE words <> '' AND {_HIS_CALLS}"
_DISPUTES = f"""
    UPDATE quality_dispute SET words = '', decision_words = ''
    WHERE client_id = :client_id AND words || decision_words <> ''
      AND review_id IN (SELECT id FROM quality_review WHERE {_HIS_CALLS})
"""


async def notes(session: AsyncSession, subject: Subject) -> int:
    """Delete comments and coaching about the person's calls; before the attempts lose their numbers."""
    return affected(await session.execute(text(_NOTES), subject.facts(_NOTES)))


async def reviews(session: AsyncSession, subject: Subject) -> int:
    """Forget what reviewers wrote about the person's calls."""
    return affected(await session.execute(text(_REVIEWS), subject.facts(_REVIEWS)))


async def disputes(session: AsyncSession, subject: Subject) -> int:
    """Forget what was argued about the person's calls; who decided what stays."""
    return affected(await session.execute(text(_DISPUTES), subject.facts(_DISPUTES)))


#: By table, in the order in which they run; what was written about others' calls may name the person, too.
ERASERS: dict[str, Eraser] = {
    "quality_note": notes,
    "quality_review": reviews,
    "quality_dispute": disputes,
    "quality_mention": mentions.mentions_in("quality_note", "words"),
    "review_mention": mentions.mentions_in("quality_review", "words"),
    "dispute_mention": mentions.mentions_in("quality_dispute", "words", "decision_words"),
}
