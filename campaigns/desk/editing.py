"""What an agent writes in a call: notes, and corrections of the contact's fields. Nothing here commits."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.models import AttemptNote, ContactEdit
from campaigns.desk.settings import DeskSettings, FieldAccess
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid

LONGEST_NOTE = 2_000
LONGEST_FIELD = 1_000


class NoteTooLong(Invalid):
    """Longer than anybody reads in a call."""

    code = "note_too_long"
    message = f"A note has at most {LONGEST_NOTE} characters."


class FieldLocked(Invalid):
    """The campaign does not let agents change this field."""

    code = "field_locked"
    message = "This field cannot be changed here."


class ContactErased(Conflict):
    """The person's data were erased meanwhile."""

    code = "contact_erased"
    message = "The person's data were erased."


async def save_note(
    session: AsyncSession,
    attempt: Attempt,
    words: str,
    *,
    user_id: UUID | None,
    clock: Clock,
    draft: bool = False,
) -> None:
    """Keep the note of a call; it takes the former one's place. The same words stay with who wrote them.

    A ``draft``, saved while the agent writes, comes too late once the call has its disposition; so does
    any note once the person's data were erased, which it would bring back.

    Raises:
        NoteTooLong: nothing was kept.
    """
    words = _clean(words)
    if len(words) > LONGEST_NOTE:
        raise NoteTooLong(most=LONGEST_NOTE)
    if await _is_too_late(session, attempt, draft=draft):
        return
    if words == await note_of(session, attempt):
        return
    if not words:
        mine = col(AttemptNote.client_id) == attempt.client_id
        this = col(AttemptNote.attempt_id) == attempt.id
        await session.execute(delete(AttemptNote).where(mine, this))
        return
    fresh = insert(AttemptNote).values(
        **AttemptNote(
            client_id=attempt.client_id,
            attempt_id=attempt.id,
            text=words,
            written_by=user_id,
            written_at=clock.now(),
        ).model_dump()
    )
    changed = {name: fresh.excluded[name] for name in ("text", "written_by", "written_at")}
    await session.execute(fresh.on_conflict_do_update(index_elements=["attempt_id"], set_=changed))


async def _is_too_late(session: AsyncSession, attempt: Attempt, *, draft: bool) -> bool:
    if await is_erased(session, attempt):  # the person is held before the call, as everywhere
        return True
    if draft:  # a result that is being saved is waited for: it has the whole note
        await session.refresh(attempt, ["disposition"], with_for_update=True)
    return draft and attempt.disposition is not None


async def is_erased(session: AsyncSession, attempt: Attempt) -> bool:
    """Tell whether the person's data were erased; until the commit nobody erases them."""
    erased_at = select(Contact.erased_at).where(
        col(Contact.id) == attempt.contact_id, col(Contact.client_id) == attempt.client_id
    )
    return (await session.exec(erased_at.with_for_update(read=True))).first() is not None


async def note_of(session: AsyncSession, attempt: Attempt) -> str:
    """Return the note of a call; "" when there is none."""
    statement = select(AttemptNote.text).where(
        col(AttemptNote.attempt_id) == attempt.id,
        col(AttemptNote.client_id) == attempt.client_id,
    )
    return (await session.exec(statement)).first() or ""


async def save_fields(
    session: AsyncSession,
    attempt: Attempt,
    values: Mapping[str, str],
    rules: DeskSettings,
    *,
    user_id: UUID | None,
    clock: Clock,
    seen: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Correct fields of the contact and return which have changed.

    ``seen`` is what the page showed: what still says the same was not corrected, and must not undo what
    somebody else, or an import, has written since. Each change is kept with what was there before; the
    audit log names the fields, not what they say.

    Raises:
        FieldLocked: a field that agents may not change, or that the contact does not have.
        Invalid: a value is too long.
        ContactErased: there is nothing to correct any more.
    """
    contact = await session.get(
        Contact, attempt.contact_id, with_for_update=True, populate_existing=True
    )
    if contact is None or contact.client_id != attempt.client_id or contact.erased_at is not None:
        raise ContactErased
    now, before = clock.now(), contact.fields
    shown = {name: _clean(value) for name, value in (seen or {}).items()}
    sent = {name: _clean(value) for name, value in values.items()}
    wanted = {name: value for name, value in sent.items() if shown.get(name) != value}
    changed = {name: value for name, value in wanted.items() if _said(before, name) != value}
    for name, value in changed.items():
        if name not in before or rules.access(name) is not FieldAccess.EDITABLE:
            raise FieldLocked(field=name)
        if len(value) > LONGEST_FIELD:
            raise Invalid(f"A field has at most {LONGEST_FIELD} characters.", field=name)
    if not changed:
        return ()
    session.add_all(
        _edit(attempt, name, before, value, user_id, now) for name, value in changed.items()
    )
    contact.fields = {**before, **changed}
    facts = {"fields": sorted(changed), "attempt_id": str(attempt.id)}
    await audit.trace(
        session, contact, "contact.fields_changed", facts, user_id=user_id, clock=clock
    )
    return tuple(sorted(changed))


def _clean(words: str) -> str:
    """Return what was typed without what PostgreSQL cannot keep."""
    return words.replace("\0", "").replace("\r\n", "\n").strip()


def _said(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value)


def _edit(
    attempt: Attempt,
    name: str,
    before: Mapping[str, object],
    value: str,
    user_id: UUID | None,
    now: datetime,
) -> ContactEdit:
    return ContactEdit(
        client_id=attempt.client_id,
        contact_id=attempt.contact_id,
        attempt_id=attempt.id,
        field=name,
        before=_said(before, name),
        after=value,
        edited_by=user_id,
        edited_at=now,
    )


_OWN_CALL = text(
    """
    SELECT 1 FROM agent g JOIN agent_session s ON s.agent_id = g.id
    WHERE g.client_id = :client_id AND g.user_id = :user_id
      AND (s.id = CAST(:session_id AS uuid)
           OR s.id = (SELECT p.session_id FROM preview p WHERE p.attempt_id = :attempt_id LIMIT 1)
           OR EXISTS (SELECT FROM agent_state_entry e WHERE e.session_id = s.id
                      AND e.ended_at IS NULL AND e.call_id = :attempt_id))
    LIMIT 1
    """
)


async def is_own_call(session: AsyncSession, attempt: Attempt, user_id: UUID) -> bool:
    """Tell whether a call is, or is about to be, the talk of the agent who is this user."""
    facts = {
        "client_id": attempt.client_id,
        "user_id": user_id,
        "session_id": attempt.agent_session_id,
        "attempt_id": attempt.id,
    }
    return (await session.execute(_OWN_CALL, facts)).first() is not None
