"""Scripts of a client: a draft is published once, as it is, for ever.

Nothing here commits. After the commit of a publication the caller tells the operators (``script_channel``).
"""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts.authors import Author
from campaigns.scripts.checking import Finding, check
from campaigns.scripts.errors import (
    DraftChanged,
    NoDraft,
    ScriptNotFound,
    ScriptNotPublishable,
)
from campaigns.scripts.fields import known_fields
from campaigns.scripts.models import ScriptRow, ScriptVersion
from campaigns.scripts.script import Script
from campaigns.scripts.shelves import draft_of, find_row, latest_number, version_of
from campaigns.tenancy import audit
from dialer.clock import Clock


def script_channel(client_id: UUID) -> str:
    """Return the pub/sub channel that tells when a client's operators must look at their script again."""
    return f"outdial:scripts:{client_id}"


def script_in(version: ScriptVersion) -> Script:
    """Return what a version says."""
    return Script.model_validate(version.content)


def said_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "code": finding.code.value,
        "step": finding.step,
        "detail": finding.detail,
        "bars": finding.bars,
    }


async def publish(
    session: AsyncSession, code: str, *, revision: int | None, who: Author, clock: Clock
) -> ScriptVersion:
    """Publish the draft: from now on every operator reads it, those who are talking too.

    Raises:
        ScriptNotFound: the client has no such script.
        NoDraft: it has no draft.
        DraftChanged: the draft is not the one that was looked at.
        ScriptNotPublishable: it has faults.
    """
    row = await find_row(session, code, client_id=who.client_id, lock=True)
    draft = await draft_of(session, row)
    if draft is None:
        raise NoDraft(script=code)
    if revision is not None and revision != draft.revision:
        raise DraftChanged(script=code)
    _require_sound(script_in(draft))
    draft.published_at, draft.published_by, draft.before = clock.now(), who.user_id, None
    session.add(draft)
    await session.flush()
    facts = {"code": code, "number": draft.number}
    await audit.trace(session, draft, "script.published", facts, user_id=who.user_id, clock=clock)
    return draft


def _require_sound(script: Script) -> None:
    faults = [finding for finding in check(script) if finding.bars]
    if faults:
        raise ScriptNotPublishable(findings=[said_of(finding) for finding in faults])


async def publish_again(
    session: AsyncSession, code: str, number: int, *, who: Author, clock: Clock
) -> ScriptVersion:
    """Publish what an earlier version says as a new version; a draft stays as it is.

    Raises:
        ScriptNotFound: there is no such version, or it was never published.
    """
    row = await find_row(session, code, client_id=who.client_id, lock=True)
    old = await version_of(session, row, number)
    if old is None or old.published_at is None:
        raise ScriptNotFound(script=code, version=number)
    draft = await draft_of(session, row)
    if draft is not None:  # the draft comes after what is published now
        draft.number += 1
        session.add(draft)
        await session.flush()
    version = ScriptVersion(
        client_id=row.client_id,
        script_id=row.id,
        number=draft.number - 1 if draft else await latest_number(session, row) + 1,
        content=old.content,
        created_at=clock.now(),
        created_by=who.user_id,
        published_at=clock.now(),
        published_by=who.user_id,
    )
    session.add(version)
    await session.flush()
    facts = {"code": code, "number": version.number, "from": number}
    await audit.trace(session, version, "script.published", facts, user_id=who.user_id, clock=clock)
    return version


async def findings_of(
    session: AsyncSession, script: Script, *, client_id: UUID
) -> tuple[Finding, ...]:
    """Return what is wrong with a script, and which fields no list of the client has."""
    known = await known_fields(session, client_id=client_id)
    return check(script, known_fields=known)


async def require_usable(session: AsyncSession, code: str | None, *, client_id: UUID) -> None:
    """Refuse a script that a campaign cannot use.

    Raises:
        ScriptNotFound: the client has no script of this code.
    """
    if code is None:
        return
    own = select(ScriptRow.id).where(
        col(ScriptRow.client_id) == client_id, col(ScriptRow.code) == code
    )
    if (await session.exec(own)).first() is None:
        raise ScriptNotFound(f"There is no script {code!r}: see the scripts' page.", script=code)
