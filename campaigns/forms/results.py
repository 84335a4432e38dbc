"""Results of interviews: what counts, flat and ready to be selected, worked out once for all exports.

A key is a question's code: its answer; with ``?`` behind it why there is none; with ``+`` the words beside an
option. Codes are letters, digits and underscores, so none of them looks like another's mark.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.answering.answers import Answer, json_of
from campaigns.forms.models import FormVersion, Interview, InterviewResult

_FRESH = insert(InterviewResult)
_KEEP = _FRESH.on_conflict_do_update(
    index_elements=["interview_id"],
    set_={name: _FRESH.excluded[name] for name in ("version", "answers", "stale")},
)

#: The campaign's interviews without a result that stands.
MISSING = text(
    """
    SELECT DISTINCT i.id FROM interview_call c
    JOIN attempt a ON a.id = c.attempt_id
    JOIN interview i ON i.id = c.interview_id
    LEFT JOIN interview_result r ON r.interview_id = i.id
    WHERE a.campaign_id = :campaign_id AND i.client_id = :client_id AND a.client_id = :client_id
      AND (r.interview_id IS NULL OR r.stale)
    """
)


def flat(counted: Mapping[str, Answer]) -> dict[str, Any]:
    """Return what counts as it is stored."""
    found: dict[str, Any] = {}
    for code, answer in counted.items():
        if answer.no_answer is not None:
            found[f"{code}?"] = answer.no_answer.value
            continue
        found[code] = json_of(answer.value)
        if answer.other:
            found[f"{code}+"] = answer.other
    return found


async def keep_result(
    session: AsyncSession, row: Interview, counted: Mapping[str, Answer], number: int | None = None
) -> None:
    """Store what counts of an interview's answers; ``number`` is its form version's, if known.

    The interview's row is locked by the caller, as by whoever saves an answer: what is stored is what counts.
    """
    if number is None:
        wanted = select(FormVersion.number).where(
            col(FormVersion.id) == row.form_version_id, col(FormVersion.client_id) == row.client_id
        )
        number = (await session.exec(wanted)).one()
    values = {
        "interview_id": row.id,
        "client_id": row.client_id,
        "version": number,
        "answers": flat(counted),
        "stale": False,
    }
    await session.execute(_KEEP, values)


async def missing(session: AsyncSession, campaign_id: UUID, *, client_id: UUID) -> list[UUID]:
    """Return the campaign's interviews whose result is not there or does not stand any more."""
    facts = {"campaign_id": campaign_id, "client_id": client_id}
    return list((await session.execute(MISSING, facts)).scalars())
