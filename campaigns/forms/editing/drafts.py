"""A draft, changed a step at a time: under a lock, once, by whoever saw what is changed, and undoable.

A step names what its person saw of the piece that it changes (its fingerprint). Where somebody else changed
that piece in the meantime the step is refused; steps on other pieces come together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms import publishing
from campaigns.forms.editing.edits import CodeTaken
from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.editing.models import FormEdit
from campaigns.forms.form import Form
from campaigns.forms.models import FormRow, FormVersion
from dialer.clock import Clock
from dialer.errors import Conflict

#: Steps that can be undone; each holds a whole form.
MOST_STEPS = 50


class DraftChanged(Conflict):
    """Somebody else changed the same piece; nothing of this step was saved."""

    code = "draft_changed"
    message = "Somebody else changed this in the meantime: your change is not saved yet."


class NotTheLastStep(Conflict):
    """There are later steps, or the draft was changed by a file."""

    code = "not_the_last_step"
    message = "This is not the latest change any more: undo the later ones first."


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form says now, and the step that can be undone."""

    row: FormRow
    version: FormVersion  #: the draft; without one the newest published version
    form: Form
    last: FormEdit | None = None

    @property
    def is_published(self) -> bool:
        """Return whether nothing was changed since the last publishing."""
        return self.version.published_at is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a person asks for."""

    change: Callable[[Form], Form]  #: raises ``Conflict`` when the form is no more what it was for
    token: str  #: the same for the same press of a button
    action: str  #: for the audit log
    place: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes a form, and when."""

    client_id: UUID
    user_id: UUID | None
    clock: Clock

    def as_owner(self) -> dict[str, Any]:
        """Return the arguments that storing functions take."""
        return {"client_id": self.client_id, "user_id": self.user_id, "clock": self.clock}


async def open_draft(
    session: AsyncSession, code: str, *, client_id: UUID, for_update: bool = False
) -> Draft:
    """Return a form as it stands: its draft, else its newest version.

    Raises:
        FormNotFound: the client has no such form.
    """
    row = await publishing.find_form(session, code, client_id=client_id, for_update=for_update)
    version = await publishing.find_version(session, code, client_id=client_id)
    if for_update:  # it may have been read before the lock
        await session.refresh(version)
    form = publishing.form_in(version)
    last = await _latest(session, row)
    undoable = last if last is not None and last.after == fingerprint(form) else None
    return Draft(row, version, form, undoable)


async def _latest(session: AsyncSession, row: FormRow) -> FormEdit | None:
    mine = select(FormEdit).where(
        col(FormEdit.form_id) == row.id, col(FormEdit.client_id) == row.client_id
    )
    return (await session.exec(mine.order_by(col(FormEdit.position).desc()).limit(1))).first()


async def create(session: AsyncSession, form: Form, author: Author) -> Draft:
    """Make a form.

    Raises:
        CodeTaken: the client has a form of this code.
    """
    try:
        await publishing.find_form(session, form.code, client_id=author.client_id)
    except publishing.FormNotFound:
        version = await publishing.save_draft(session, form, **author.as_owner())
        row = await publishing.find_form(session, form.code, client_id=author.client_id)
        return Draft(row, version, form)
    raise CodeTaken("There is a form with this code already.", form=form.code)


async def apply(session: AsyncSession, code: str, step: Step, author: Author) -> Draft:
    """Do a step, and return the form behind it; a step that was done already changes nothing.

    Raises:
        FormNotFound: the client has no such form.
        Conflict: what the step is about is gone, or was changed by somebody else.
    """
    now = await open_draft(session, code, client_id=author.client_id, for_update=True)
    if await _was_done(session, now.row, step.token):
        return now
    form = step.change(now.form)
    if fingerprint(form) == fingerprint(now.form):
        return now
    more = {"place": step.place, **facts_of(now.form, form, step.place)}
    version = await publishing.save_draft(
        session, form, **author.as_owner(), action=step.action, more=more
    )
    latest = await _latest(session, now.row)
    edit = FormEdit(
        client_id=author.client_id,
        form_id=now.row.id,
        position=latest.position + 1 if latest else 1,
        token=step.token,
        action=step.action,
        place=step.place,
        before=now.form.model_dump(mode="json"),
        after=fingerprint(form),
        edited_at=author.clock.now(),
        edited_by=author.user_id,
    )
    session.add(edit)
    await session.flush()
    await _forget(session, now.row, edit.position - MOST_STEPS)
    return Draft(now.row, version, form, edit)


async def _was_done(session: AsyncSession, row: FormRow, token: str) -> bool:
    same = select(FormEdit.id).where(
        col(FormEdit.form_id) == row.id,
        col(FormEdit.client_id) == row.client_id,
        col(FormEdit.token) == token,
    )
    return (await session.exec(same)).first() is not None


async def _forget(session: AsyncSession, row: FormRow, up_to: int) -> None:
    old = delete(FormEdit).where(
        col(FormEdit.form_id) == row.id,
        col(FormEdit.client_id) == row.client_id,
        col(FormEdit.position) <= up_to,
    )
    await session.execute(old)


def facts_of(before: Form, after: Form, place: str) -> Mapping[str, Any]:
    """Return what a step changed of one question, from what to what."""
    old, new = before.by_code.get(place), after.by_code.get(place)
    if old is None or new is None:
        return {}
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    changed = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return {
        "from": {name: was.get(name) for name in changed},
        "to": {name: now.get(name) for name in changed},
    }


async def undo(session: AsyncSession, code: str, edit_id: UUID, author: Author) -> Draft:
    """Take the latest step back; one that was taken back already changes nothing.

    Raises:
        FormNotFound: the client has no such form.
        NotTheLastStep: somebody changed the form after it.
    """
    now = await open_draft(session, code, client_id=author.client_id, for_update=True)
    edit = await session.get(FormEdit, edit_id)
    if edit is None or edit.client_id != author.client_id or edit.form_id != now.row.id:
        return now
    if now.last is None or now.last.id != edit.id:
        raise NotTheLastStep
    form = Form.model_validate(edit.before)
    more = {"place": edit.place, "undone": edit.action}
    version = await publishing.save_draft(
        session, form, **author.as_owner(), action="form.edit_undone", more=more
    )
    await session.delete(edit)
    await session.flush()
    return Draft(now.row, version, form, await _latest(session, now.row))


async def publish(session: AsyncSession, code: str, seen: str, author: Author) -> FormVersion:
    """Publish the draft that was seen; its steps cannot be undone any more.

    Raises:
        FormNotFound: the client has no such form.
        DraftChanged: the draft is not the one that was seen.
        NothingToPublish: there is no draft.
        NotPublishable: it has faults.
    """
    now = await open_draft(session, code, client_id=author.client_id, for_update=True)
    if not now.is_published and fingerprint(now.form) != seen:
        raise DraftChanged
    version = await publishing.publish(session, code, **author.as_owner())
    latest = await _latest(session, now.row)
    if latest is not None:
        await _forget(session, now.row, latest.position)
    return version
