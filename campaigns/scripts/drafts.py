"""Drafts of scripts: made, changed as often as one likes, undone, thrown away. Nothing here commits."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts.authors import Author
from campaigns.scripts.errors import DraftChanged, NoDraft, NothingToUndo, ScriptNotFound
from campaigns.scripts.models import ScriptRow, ScriptVersion
from campaigns.scripts.publishing import script_in
from campaigns.scripts.script import Script
from campaigns.scripts.shelves import draft_of, find_row, latest_number, version_of
from campaigns.tenancy import audit
from dialer.clock import Clock


async def create(
    session: AsyncSession, code: str, name: str, script: Script, *, who: Author, clock: Clock
) -> ScriptRow:
    """Make a script with a draft; the caller chose a code that is free."""
    row = ScriptRow(client_id=who.client_id, code=code, name=name, created_at=clock.now())
    session.add(row)
    await session.flush()
    facts = {"code": code, "name": name}
    await audit.trace(session, row, "script.created", facts, user_id=who.user_id, clock=clock)
    await _new_draft(session, row, script, who=who, clock=clock)
    return row


async def _new_draft(
    session: AsyncSession, row: ScriptRow, script: Script, *, who: Author, clock: Clock
) -> ScriptVersion:
    draft = ScriptVersion(
        client_id=row.client_id,
        script_id=row.id,
        number=await latest_number(session, row) + 1,
        content=script.model_dump(mode="json"),
        created_at=clock.now(),
        created_by=who.user_id,
    )
    session.add(draft)
    await session.flush()
    facts = {"code": row.code, "number": draft.number}
    await audit.trace(session, draft, "script.draft_begun", facts, user_id=who.user_id, clock=clock)
    return draft


async def editable(session: AsyncSession, code: str, *, client_id: UUID) -> ScriptVersion:
    """Return what an editor begins with: the draft, else the newest published version.

    Raises:
        ScriptNotFound: the client has no such script.
    """
    row = await find_row(session, code, client_id=client_id)
    found = await draft_of(session, row) or await version_of(
        session, row, await latest_number(session, row)
    )
    if found is None:
        raise ScriptNotFound(script=code)
    return found


async def save_draft(
    session: AsyncSession,
    code: str,
    script: Script,
    *,
    revision: int | None,
    who: Author,
    clock: Clock,
) -> ScriptVersion:
    """Keep a changed script as the draft; faults are no obstacle yet, and the last change can be undone.

    What says the same as the newest version makes no draft: then that version is returned.

    Args:
        session: The caller's transaction.
        code: The script's code.
        script: All of it.
        revision: Of the draft that was changed, 0 when it was a published version; None: whatever it is.
        who: Who changes it.
        clock: The clock.

    Raises:
        ScriptNotFound: the client has no such script.
        DraftChanged: somebody else has changed the draft meanwhile.
    """
    row = await find_row(session, code, client_id=who.client_id, lock=True)
    draft = await draft_of(session, row)
    if revision is not None and revision != (draft.revision if draft else 0):
        raise DraftChanged(script=code)
    after = script.model_dump(mode="json")
    if draft is None:
        newest = await version_of(session, row, await latest_number(session, row))
        if newest is not None and newest.content == after:
            return newest
        begun = script_in(newest) if newest else script
        draft = await _new_draft(session, row, begun, who=who, clock=clock)
    if after == draft.content:
        return draft
    facts = {"code": code, "number": draft.number, "steps": _changed_steps(draft.content, after)}
    draft.before, draft.content, draft.revision = draft.content, after, draft.revision + 1
    session.add(draft)
    await session.flush()
    await audit.trace(session, draft, "script.draft_saved", facts, user_id=who.user_id, clock=clock)
    return draft


def _changed_steps(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the codes of the steps that differ, for the audit log."""
    old = {step["code"]: step for step in before.get("steps", ())}
    new = {step["code"]: step for step in after.get("steps", ())}
    return sorted(code for code in old.keys() | new.keys() if old.get(code) != new.get(code))


async def undo(session: AsyncSession, code: str, *, who: Author, clock: Clock) -> ScriptVersion:
    """Take the draft's last change back; doing it again brings the change back.

    Raises:
        ScriptNotFound, NoDraft, NothingToUndo: nothing was changed.
    """
    row = await find_row(session, code, client_id=who.client_id, lock=True)
    draft = await draft_of(session, row)
    if draft is None:
        raise NoDraft(script=code)
    if draft.before is None:
        raise NothingToUndo(script=code)
    draft.before, draft.content, draft.revision = draft.content, draft.before, draft.revision + 1
    session.add(draft)
    await session.flush()
    facts = {"code": code, "number": draft.number}
    await audit.trace(
        session, draft, "script.draft_undone", facts, user_id=who.user_id, clock=clock
    )
    return draft


async def discard(session: AsyncSession, code: str, *, who: Author, clock: Clock) -> None:
    """Throw the draft away: the published version is what there is.

    Raises:
        ScriptNotFound: the client has no such script.
        NoDraft: there is none, or nothing else: a script keeps something.
    """
    row = await find_row(session, code, client_id=who.client_id, lock=True)
    draft = await draft_of(session, row)
    if draft is None or draft.number == 1:
        raise NoDraft(script=code)
    facts = {"code": code, "number": draft.number, "content": draft.content}
    await audit.trace(
        session, draft, "script.draft_discarded", facts, user_id=who.user_id, clock=clock
    )
    await session.delete(draft)
    await session.flush()
