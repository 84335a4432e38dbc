"""Forms of a client: a draft is saved as often as one likes, and published once, as it is, for ever."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.checks.checking import check
from campaigns.forms.checks.findings import Finding
from campaigns.forms.form import Form
from campaigns.forms.models import FormRow, FormVersion
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound

#: Source: PostgreSQL, "Numeric Types": the largest integer.
_MOST_VERSIONS = 2**31 - 1


class FormNotFound(NotFound):
    """The client has no such form, or it has no such version."""

    code = "form_not_found"
    message = "There is no such form or version."


class NotPublishable(Conflict):
    """The form has faults; ``facts["findings"]`` names each with its place and its remedy."""

    code = "not_publishable"
    message = "The form cannot be published."


class NothingToPublish(Conflict):
    """The form has no draft."""

    code = "nothing_to_publish"
    message = "The form has no draft: what there is was published already."


#: Forms already read, by version: reading fifty questions takes longer than saving an answer.
_READ: dict[UUID, Form] = {}
_MOST_READ = 256


def form_in(version: FormVersion) -> Form:
    """Return what a version says. A published one never changes, so it is read once."""
    if version.published_at is None:
        return Form.model_validate(version.content)
    form = _READ.get(version.id)
    if form is None:
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        form = _READ[version.id] = Form.model_validate(version.content)
    return form


async def save_draft(
    session: AsyncSession,
    form: Form,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    action: str = "form.draft_saved",
    more: Mapping[str, Any] = MappingProxyType({}),
) -> FormVersion:
    """Save a form as its draft; the first one makes the form. Faults are no obstacle yet.

    ``action`` and ``more`` facts are for the audit log.
    """
    row = await _form(session, form.code, client_id, for_update=True)
    if row is None:
        row = FormRow(client_id=client_id, code=form.code, created_at=clock.now())
        session.add(row)
        await session.flush()
        await audit.trace(
            session, row, "form.created", {"code": form.code}, user_id=user_id, clock=clock
        )
    draft = await _version(session, row, None)
    if draft is None:
        draft = FormVersion(
            client_id=client_id,
            form_id=row.id,
            number=await _latest(session, row) + 1,
            created_at=clock.now(),
            created_by=user_id,
        )
    draft.content = form.model_dump(mode="json")
    session.add(draft)
    await session.flush()
    facts = {"code": form.code, "number": draft.number, **more}
    await audit.trace(session, draft, action, facts, user_id=user_id, clock=clock)
    return draft


async def publish(
    session: AsyncSession, code: str, *, client_id: UUID, user_id: UUID | None, clock: Clock
) -> FormVersion:
    """Publish a form's draft; new interviews take this version, those under way keep theirs.

    Raises:
        FormNotFound: the client has no such form.
        NothingToPublish: it has no draft.
        NotPublishable: it has faults.
    """
    row = await _form(session, code, client_id, for_update=True)
    if row is None:
        raise FormNotFound(form=code)
    draft = await _version(session, row, None)
    if draft is None:
        raise NothingToPublish(form=code)
    findings = [found for found in await findings_of(form_in(draft)) if found.bars]
    if findings:
        told = [said_of(found) for found in findings]
        detail = " ".join(f"{found.place}: {found.sentence}" for found in findings[:5])
        raise NotPublishable(f"{NotPublishable.message} {detail}", findings=told)
    draft.published_at, draft.published_by = clock.now(), user_id
    session.add(draft)
    await session.flush()
    facts = {"code": code, "number": draft.number}
    await audit.trace(session, draft, "form.published", facts, user_id=user_id, clock=clock)
    return draft


async def findings_of(form: Form) -> tuple[Finding, ...]:
    """Return what ``check`` finds; in a thread, because it may take seconds."""
    return await asyncio.to_thread(check, form)


def said_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "code": finding.code.value,
        "place": finding.place,
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "bars": finding.bars,
    }


async def find_form(
    session: AsyncSession, code: str, *, client_id: UUID, for_update: bool = False
) -> FormRow:
    """Return a form; ``for_update`` keeps everybody else from saving it until the transaction ends.

    Raises:
        FormNotFound: the client has no such form.
    """
    row = await _form(session, code, client_id, for_update=for_update)
    if row is None:
        raise FormNotFound(form=code)
    return row


async def find_version(
    session: AsyncSession, code: str, number: int | None = None, *, client_id: UUID
) -> FormVersion:
    """Return a version of a form; without a number the newest, draft or not.

    Raises:
        FormNotFound: the client has no such form or version.
    """
    if number is not None and not 1 <= number <= _MOST_VERSIONS:
        raise FormNotFound(form=code, version=number)
    row = await _form(session, code, client_id)
    wanted = (number or await _latest(session, row)) if row else 0
    version = await _version(session, row, wanted) if row else None
    if version is None:
        raise FormNotFound(form=code, version=number)
    return version


async def find_published(session: AsyncSession, code: str, *, client_id: UUID) -> FormVersion:
    """Return the newest published version of a form.

    Raises:
        FormNotFound: there is none.
    """
    statement = (
        select(FormVersion)
        .join(FormRow, col(FormRow.id) == col(FormVersion.form_id))
        .where(
            col(FormRow.client_id) == client_id,
            col(FormRow.code) == code,
            col(FormVersion.published_at).is_not(None),
        )
        .order_by(col(FormVersion.number).desc())
    )
    version = (await session.exec(statement)).first()
    if version is None:
        raise FormNotFound("The form has no published version.", form=code)
    return version


async def list_versions(
    session: AsyncSession, *, client_id: UUID
) -> Sequence[tuple[FormRow, FormVersion]]:
    """Return the client's forms by code, each with its versions, the newest first."""
    statement = (
        select(FormRow, FormVersion)
        .join(FormVersion, col(FormVersion.form_id) == col(FormRow.id))
        .where(col(FormRow.client_id) == client_id)
        .order_by(col(FormRow.code), col(FormVersion.number).desc())
    )
    return (await session.exec(statement)).all()


async def _form(
    session: AsyncSession, code: str, client_id: UUID, *, for_update: bool = False
) -> FormRow | None:
    if "\0" in code:
        return None  # PostgreSQL cannot even look for it
    mine = select(FormRow).where(col(FormRow.client_id) == client_id, col(FormRow.code) == code)
    return (await session.exec(mine.with_for_update() if for_update else mine)).first()


async def _version(session: AsyncSession, row: FormRow, number: int | None) -> FormVersion | None:
    """Return a version by number; without one the draft."""
    own = select(FormVersion).where(
        col(FormVersion.form_id) == row.id, col(FormVersion.client_id) == row.client_id
    )
    which = (
        col(FormVersion.published_at).is_(None)
        if number is None
        else col(FormVersion.number) == number
    )
    return (await session.exec(own.where(which))).first()


async def _latest(session: AsyncSession, row: FormRow) -> int:
    newest = select(func.max(FormVersion.number)).where(
        col(FormVersion.form_id) == row.id, col(FormVersion.client_id) == row.client_id
    )
    return (await session.exec(newest)).one() or 0
