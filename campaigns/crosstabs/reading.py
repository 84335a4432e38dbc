"""Reading a survey: completed interviews of all versions, alike ones counted together by PostgreSQL."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.crosstabs.asking import TableAsked
from campaigns.crosstabs.respondents import Alike, Missing, Said
from campaigns.crosstabs.variables import (
    VERSION,
    Source,
    TooManyCategories,
    VariableUnknown,
    sources_of,
)
from campaigns.delivery.preparing import prepare_interview
from campaigns.forms.form import Form
from campaigns.forms.models import FormRow, FormVersion
from campaigns.forms.publishing import find_form, form_in
from campaigns.lists.models import ContactList
from campaigns.reports.periods import Period
from campaigns.reports.settings import terms_of

#: More different respondents than this are no table's.
MOST_KINDS = 50_000
#: Columns of contacts that are offered.
_MOST_FIELDS = 60

_STALE = text(
    """
    SELECT i.id FROM interview i LEFT JOIN interview_result r ON r.interview_id = i.id
    WHERE i.form_id = :form_id AND i.client_id = :client_id AND i.ending = 'complete'
      AND (r.interview_id IS NULL OR r.stale)
    ORDER BY i.id
    """
)
_FROM = """
    FROM interview i
    JOIN interview_result r ON r.interview_id = i.id
    LEFT JOIN contact c ON c.id = i.contact_id AND c.client_id = i.client_id AND c.erased_at IS NULL
    WHERE i.client_id = :client_id AND i.form_id = :form_id AND i.ending = 'complete'
      AND (CAST(:versions AS int[]) IS NULL OR r.version = ANY(CAST(:versions AS int[])))
      AND (CAST(:since AS timestamptz) IS NULL OR i.ended_at >= CAST(:since AS timestamptz))
      AND (CAST(:until AS timestamptz) IS NULL OR i.ended_at < CAST(:until AS timestamptz))
      AND (CAST(:campaigns AS uuid[]) IS NULL OR EXISTS (
          SELECT FROM interview_call k JOIN attempt a ON a.id = k.attempt_id
          WHERE k.interview_id = i.id AND a.client_id = i.client_id
            AND a.campaign_id = ANY(CAST(:campaigns AS uuid[]))))
"""


async def sources_in(
    session: AsyncSession, form: str, *, client_id: UUID, language: str
) -> tuple[FormRow, dict[str, Source]]:
    """Return a form and everything of it and of contacts that can be put in a table.

    Raises:
        FormNotFound: the client has no such form.
    """
    row = await find_form(session, form, client_id=client_id)
    wanted = select(FormVersion).where(
        col(FormVersion.form_id) == row.id,
        col(FormVersion.client_id) == client_id,
        col(FormVersion.published_at).is_not(None),
    )
    versions: dict[int, Form] = {one.number: form_in(one) for one in await session.exec(wanted)}
    listed = select(ContactList.columns).where(col(ContactList.client_id) == client_id)
    newest = await session.exec(listed.order_by(col(ContactList.imported_at).desc()).limit(20))
    fields = list(dict.fromkeys(name for columns in newest for name in columns))[:_MOST_FIELDS]
    return row, sources_of(versions, fields, language)


def pick(sources: dict[str, Source], keys: Sequence[str]) -> list[Source]:
    """Return the sources of variables.

    Raises:
        VariableUnknown: there is none of a key.
    """
    for key in keys:
        if key not in sources:
            raise VariableUnknown(variable=key)
    return [sources[key] for key in keys]


async def respondents_of(
    session: AsyncSession,
    form_id: UUID,
    chosen: Sequence[Source],
    asked: TableAsked,
    *,
    client_id: UUID,
) -> list[Alike]:
    """Return who completed the form, with what they said of the chosen variables.

    Raises:
        TooManyCategories: hardly two respondents are alike.
    """
    await _prepare(session, form_id, client_id)
    known: dict[str, Any] = {
        "client_id": client_id,
        "form_id": form_id,
        "versions": list(asked.versions) or None,
        "campaigns": list(asked.campaigns) or None,
        **await _days(session, asked, client_id),
    }
    columns = []
    for at, source in enumerate(chosen):
        columns.append(_expression(source, at, known))
    numbers = ", ".join(str(one) for one in range(1, 2 * len(chosen) + 1))
    statement = (
        f"SELECT {', '.join(columns)}, count(*) AS respondents {_FROM}"
        f" GROUP BY {numbers} LIMIT {MOST_KINDS + 1}"
    )
    rows = (await session.execute(text(statement), known)).all()
    if len(rows) > MOST_KINDS:
        raise TooManyCategories(most=MOST_KINDS)
    return [
        Alike(tuple(_said(*row[2 * n : 2 * n + 2]) for n in range(len(chosen))), row.respondents)
        for row in rows
    ]


async def _prepare(session: AsyncSession, form_id: UUID, client_id: UUID) -> None:
    """Work out what counts of interviews whose answers were changed since."""
    stale = await session.execute(_STALE, {"form_id": form_id, "client_id": client_id})
    for interview_id in stale.scalars().all():
        await prepare_interview(session, interview_id, client_id)


async def _days(session: AsyncSession, asked: TableAsked, client_id: UUID) -> dict[str, Any]:
    """Return the instants between which interviews ended, by the client's days."""
    zone = (await terms_of(session, client_id)).zone
    first = Period(asked.first, asked.first).starts(zone)[0] if asked.first else None
    last = Period(asked.last, asked.last).starts(zone)[-1] if asked.last else None
    return {"since": first, "until": last}


def _expression(source: Source, at: int, known: dict[str, Any]) -> str:
    """Return a value and the reason for none in SQL; names go in as parameters."""
    if source.variable.key == VERSION:
        return "to_jsonb(r.version::text)::text, CAST(NULL AS text)"
    if source.field:
        known[f"field{at}"] = source.field
        return f"to_jsonb(c.fields ->> CAST(:field{at} AS text))::text, CAST(NULL AS text)"
    known |= {f"code{at}": source.code, f"why{at}": f"{source.code}?"}
    known[f"in{at}"] = list(source.versions)
    value = f"r.answers -> CAST(:code{at} AS text)"
    if source.part:
        known[f"part{at}"] = int(source.part) if source.part == "0" else source.part
        kind = "int" if source.part == "0" else "text"
        value = f"{value} -> CAST(:part{at} AS {kind})"
    asked = f"r.version = ANY(CAST(:in{at} AS int[]))"
    return (
        f"CASE WHEN {asked} THEN ({value})::text END,"
        f" CASE WHEN {asked} THEN r.answers ->> CAST(:why{at} AS text) END"
    )


def _said(value: str | None, why: str | None) -> Said:
    read = None if value is None else json.loads(value)
    if isinstance(read, list):
        values = tuple(str(one) for one in read)
    else:
        values = () if read is None or read == "" else (_plain(read),)
    if values:
        return Said(values)
    return Said(missing=Missing(why) if why else Missing.NOT_ASKED)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
