"""Export of a database refresh: one CSV row for each field of each contact that was called."""

import csv
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.delivery.export import DigestingFile, ExportSummary, opened, text_of
from campaigns.delivery.operators import WHO_TALKED
from campaigns.forms.answering.engine import result_answers
from campaigns.forms.answering.refreshing import refreshed, refreshing
from campaigns.forms.interviews import load
from campaigns.forms.words import RefreshState
from campaigns.lists.columns.cells import guarded

COLUMNS = (
    *("list", "row", "external_key", "field", "state", "old_value", "new_value"),
    *("answered_at", "agent", "recording", "place_s"),
)

# The newest interview of each contact of the campaign's, with a question that refreshes or without.
_INTERVIEWS = text(
    """
    SELECT DISTINCT ON (l.name, t.list_id, t.source_row) i.id, l.name AS list, t.source_row AS row,
           t.external_key
    FROM interview_call c
    JOIN attempt a ON a.id = c.attempt_id
    JOIN interview i ON i.id = c.interview_id
    JOIN contact t ON t.id = a.contact_id
    JOIN contact_list l ON l.id = t.list_id
    WHERE a.campaign_id = :campaign_id AND i.client_id = :client_id
    ORDER BY l.name, t.list_id, t.source_row, i.started_at DESC
    """
)

_SPOTS = text(
    f"""
    SELECT w.code, w.saved_at, w.place_s, a.recording, {WHO_TALKED} AS agent
    FROM interview_answer w
    LEFT JOIN attempt a ON a.id = w.attempt_id
    LEFT JOIN agent_session s ON s.id = a.agent_session_id
    LEFT JOIN agent g ON g.id = s.agent_id
    WHERE w.interview_id = :interview_id AND w.client_id = :client_id
    """  # noqa: S608 - put together from constants only
)


@dataclass(frozen=True, slots=True)
class RefreshedField:
    """What became of one field of one contact."""

    list: str
    row: int
    external_key: str | None
    field: str
    state: RefreshState
    old_value: str
    new_value: str
    answered_at: datetime | None = None
    agent: str | None = None  #: name or code
    recording: str | None = None  #: file name
    place_s: float | None = None  #: seconds from the beginning of the recording


async def refreshed_fields(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, names: bool
) -> AsyncIterator[RefreshedField]:
    """Yield the fields of every contact with whom an interview was begun, in the order of lists and rows."""
    facts = {"campaign_id": campaign_id, "client_id": client_id}
    for row in (await session.execute(_INTERVIEWS, facts)).all():
        sitting = await load(session, row.id, client_id=client_id)
        counted = result_answers(sitting.form, sitting.answers, sitting.person)
        asked = {"interview_id": row.id, "client_id": client_id, "names": names}
        spots = await session.execute(_SPOTS, asked)
        by_code = {spot.code: spot for spot in spots}
        for question in refreshing(sitting.form):
            state, old, new = refreshed(question, counted, sitting.person.contact)
            spot = by_code.get(question.code) if state is not RefreshState.NOT_ASKED else None
            yield RefreshedField(
                *(row.list, row.row, row.external_key, question.refreshes, state, old, new),
                *((spot.saved_at, spot.agent, spot.recording, spot.place_s) if spot else ()),
            )


async def export_refresh(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    out: IO[bytes] | Path,
    bom: bool = True,
    separator: str = ",",
    names: bool = True,
) -> ExportSummary:
    """Write one CSV row for each field: old and new value, when it was said, and where in the recording.

    Operators are named; without ``names``, for the client, each has a code.

    Instants are UTC in ISO 8601, ``place_s`` is in seconds. No cell is run by a spreadsheet, as in
    :func:`campaigns.delivery.export.export_results`.

    Raises:
        CampaignNotFound: the campaign does not exist or belongs to another client.
    """
    await lifecycle.find(session, campaign_id, client_id=client_id)
    rows = 0
    whose: dict[str, Any] = {"client_id": client_id, "names": names}
    with opened(out) as target:
        file = DigestingFile(target)
        file.write("\ufeff" if bom else "")
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(COLUMNS)
        async for one in refreshed_fields(session, campaign_id, **whose):
            writer.writerow([guarded(text_of(cell)) for cell in _cells(one)])
            rows += 1
    return ExportSummary(rows, file.digest.hexdigest())


def _cells(one: RefreshedField) -> Sequence[Any]:
    return [getattr(one, name) for name in COLUMNS]
