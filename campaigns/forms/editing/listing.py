"""The client's forms in a list: name, versions, interviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as columns
from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.models import FormRow, FormVersion, Interview
from campaigns.forms.texts import Text


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form of the list."""

    id: UUID
    code: str
    title: Text
    archived_at: datetime | None
    published: int | None  #: the newest published version
    draft: int | None
    interviews: int
    changed_at: datetime  #: when the newest version was begun or published

    def name(self, language: str) -> str:
        """Return the title in a language, the code without one."""
        return self.title.within(language) or self.code


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a form."""

    row: FormVersion
    interviews: int


async def list_forms(session: AsyncSession, *, client_id: UUID, wanted: str = "") -> list[FormLine]:
    """Return the client's forms, lately changed ones first; ``wanted`` is a part of a name or code."""
    statement = (
        columns(
            col(FormRow.id),
            col(FormRow.code),
            col(FormRow.archived_at),
            col(FormVersion.number),
            col(FormVersion.created_at),
            col(FormVersion.published_at),
            col(FormVersion.content)["title"].label("title"),
        )
        .join(FormVersion, col(FormVersion.form_id) == col(FormRow.id))
        .where(col(FormRow.client_id) == client_id, col(FormVersion.client_id) == client_id)
        .order_by(col(FormVersion.number))
    )
    counted = await _interviews(session, client_id)
    versions: dict[UUID, list[Any]] = {}
    for one in (await session.execute(statement)).all():
        versions.setdefault(one.id, []).append(one)
    lines = [_line(rows, counted.get(form_id, 0)) for form_id, rows in versions.items()]
    said = wanted.strip().casefold()
    lines = [one for one in lines if said in one.code.casefold() or _says(one.title, said)]
    return sorted(lines, key=lambda one: one.changed_at, reverse=True)


def _says(title: Text, wanted: str) -> bool:
    return any(wanted in words.casefold() for _, words in title.by_language)


def _line(rows: Sequence[Any], interviews: int) -> FormLine:
    newest = rows[-1]
    published = [one.number for one in rows if one.published_at is not None]
    return FormLine(
        id=newest.id,
        code=newest.code,
        archived_at=newest.archived_at,
        title=Text.read(newest.title or ""),
        published=published[-1] if published else None,
        draft=None if newest.published_at else newest.number,
        interviews=interviews,
        changed_at=newest.published_at or newest.created_at,
    )


async def _interviews(session: AsyncSession, client_id: UUID) -> Mapping[UUID, int]:
    statement = (
        select(Interview.form_id, func.count())
        .where(col(Interview.client_id) == client_id)
        .group_by(col(Interview.form_id))
    )
    return dict((await session.exec(statement)).all())


async def codes_ever(session: AsyncSession, code: str, *, client_id: UUID) -> frozenset[str]:
    """Return the codes of all questions that any version of a form has."""
    statement = (
        select(FormVersion.content)
        .join(FormRow, col(FormRow.id) == col(FormVersion.form_id))
        .where(col(FormRow.client_id) == client_id, col(FormRow.code) == code)
    )
    return frozenset(
        question["code"]
        for content in (await session.exec(statement)).all()
        for section in content["sections"]
        for question in section["questions"]
    )


async def list_versions(session: AsyncSession, form: FormRow) -> list[VersionLine]:
    """Return a form's versions, the newest first, each with its interviews."""
    own = select(FormVersion).where(
        col(FormVersion.form_id) == form.id, col(FormVersion.client_id) == form.client_id
    )
    rows = (await session.exec(own.order_by(col(FormVersion.number).desc()))).all()
    begun = (
        select(Interview.form_version_id, func.count())
        .where(col(Interview.form_id) == form.id, col(Interview.client_id) == form.client_id)
        .group_by(col(Interview.form_version_id))
    )
    counted = dict((await session.exec(begun)).all())
    return [VersionLine(row, counted.get(row.id, 0)) for row in rows]


#: Every file that some version names: an interview that began on an old one still asks it.
_MEDIA = text(
    """
    SELECT DISTINCT named.file #>> '{}' AS name, form.code
    FROM form
    JOIN form_version AS version ON version.form_id = form.id AND version.client_id = form.client_id
    CROSS JOIN LATERAL (
        SELECT jsonb_path_query(version.content, '$.sections[*].questions[*].image')
        UNION SELECT jsonb_path_query(version.content, '$.sections[*].questions[*].audio')
    ) AS named (file)
    WHERE form.client_id = :client_id AND named.file #>> '{}' <> ''
    ORDER BY name, form.code
    """
)


async def media_uses(session: AsyncSession, *, client_id: UUID) -> dict[str, list[str]]:
    """Return the codes of the forms that show or play a file in any version, by the file's name."""
    used: dict[str, list[str]] = {}
    for one in (await session.execute(_MEDIA, {"client_id": client_id})).all():
        used.setdefault(one.name, []).append(one.code)
    return used
