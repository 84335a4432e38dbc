"""Rows of a register changed together, all or none, and taken back with one button. Nothing commits here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date
from sqlmodel import col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import may, require
from campaigns.registers.models import UndoStep
from campaigns.registers.register import Author, Register
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.db import UtcDateTime
from dialer.errors import Conflict, NotFound
from dialer.rows import over_all_clients

#: For so long a change can be taken back; its step is forgotten a day later.
UNDO_FOR = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(days=1)


class ChangedSince(Conflict):
    """Somebody else has changed what should be taken back."""

    code = "changed_since"
    message = "This was changed again since: it cannot be taken back as a whole."


class InUse(Conflict):
    """A campaign under way needs what should be put away."""

    code = "register_row_in_use"
    message = "A campaign that runs or is paused uses this: give it another one, or stop it first."


class TooLate(Conflict):
    """A change is taken back soon, or not at all."""

    code = "undo_too_late"
    message = "A change can be taken back for an hour: change it by hand now."


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the step to take it back (None: nothing changed), and who looks anew."""

    step: UndoStep | None
    campaigns: Sequence[UUID] = ()


async def change_rows(
    session: AsyncSession,
    register: Register,
    ids: Collection[UUID],
    values: Mapping[str, Any],
    action: str,
    *,
    who: Author,
    clock: Clock,
) -> Done:
    """Give several rows the same values, and remember what they had.

    Raises:
        Forbidden: the role may not.
        NotFound: one is not there, or is another client's; nothing was changed.
        InUse: one is needed by a campaign under way and should be put away.
    """
    require(who, register.permission)
    async with over_all_clients(session, needed=register.shared):
        rows = await _hold(session, register, ids, who)
        if values.get(register.put_away) is not None:
            used = await register.uses(session, who.client_id, [row.id for row in rows])
            if used:
                raise InUse(campaigns=list(used))
        changed = [one for row in rows if (one := _changed(row, values)) is not None]
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
        session.add_all(rows)
        await session.flush()
    return await _remember(session, register, action, changed, who=who, clock=clock)


def _changed(row: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
    before = {name: plain(getattr(row, name)) for name in values}
    after = {name: plain(value) for name, value in values.items()}
    return None if before == after else {"id": str(row.id), "before": before, "after": after}


async def remember(
    session: AsyncSession,
    register: Register,
    action: str,
    before: Mapping[UUID, Mapping[str, Any]],
    rows: Iterable[Any],
    *,
    who: Author,
    clock: Clock,
    is_traced: bool = False,
) -> Done:
    """Remember how rows were changed otherwise: ``before`` has of each what :func:`facts_of` gave.

    ``is_traced``: whoever changed them has told the audit log.
    """
    changed = []
    for row in rows:
        was, after = before[row.id], facts_of(register, row)
        names = [name for name in was if was[name] != after[name]]
        if names:
            changed.append(
                {
                    "id": str(row.id),
                    "before": {name: was[name] for name in names},
                    "after": {name: after[name] for name in names},
                }
            )
    return await _remember(
        session, register, action, changed, who=who, clock=clock, is_traced=is_traced
    )


def facts_of(register: Register, row: Any) -> dict[str, Any]:
    """Return what undo may write, as it is now."""
    return {name: plain(getattr(row, name)) for name in sorted(register.changes)}


async def _remember(
    session: AsyncSession,
    register: Register,
    action: str,
    changed: Sequence[dict[str, Any]],
    *,
    who: Author,
    clock: Clock,
    is_traced: bool = False,
) -> Done:
    now = clock.now()
    old = col(UndoStep.made_at) < now - _FORGOTTEN_AFTER
    await session.exec(delete(UndoStep).where(col(UndoStep.client_id) == who.client_id, old))
    if not changed:
        return Done(None)
    step = UndoStep(
        client_id=who.client_id,
        user_id=who.user_id,
        register_code=register.code,
        action=action,
        rows=list(changed),
        made_at=now,
    )
    session.add(step)
    if not is_traced:
        await _trace(session, register, action, changed, who=who, clock=clock)
    ids = [UUID(one["id"]) for one in changed]
    return Done(step, await register.follow(session, who.client_id, ids, now))


async def undo(
    session: AsyncSession, register: Register, step: UndoStep, *, who: Author, clock: Clock
) -> Done:
    """Take a step back, as a whole.

    Raises:
        Forbidden: the role may not.
        ChangedSince, TooLate: nothing was taken back.
    """
    require(who, register.permission)
    if step.undone_at is not None:
        raise ChangedSince
    if clock.now() - step.made_at > UNDO_FOR:
        raise TooLate
    was = {UUID(one["id"]): one for one in step.rows}
    async with over_all_clients(session, needed=register.shared):
        for row in await _hold(session, register, was, who):
            one = was[row.id]
            if any(plain(getattr(row, name)) != value for name, value in one["after"].items()):
                raise ChangedSince
            for name, value in one["before"].items():
                if name in register.changes:
                    setattr(row, name, _thawed(register, name, value))
            session.add(row)
        await session.flush()
    step.undone_at = clock.now()
    session.add(step)
    back = [{**one, "before": one["after"], "after": one["before"]} for one in step.rows]
    await _trace(session, register, "undone", back, who=who, clock=clock)
    return Done(step, await register.follow(session, who.client_id, list(was), clock.now()))


async def find_step(session: AsyncSession, step_id: UUID, *, client_id: UUID) -> UndoStep:
    """Return a client's step, held until the commit.

    Raises:
        NotFound: there is none, or it is another client's.
    """
    own = select(UndoStep).where(col(UndoStep.id) == step_id, col(UndoStep.client_id) == client_id)
    step = (await session.exec(own.with_for_update())).first()
    if step is None:
        raise NotFound
    return step


async def open_step(
    session: AsyncSession, step_id: UUID, *, client_id: UUID, now: datetime | None = None
) -> UndoStep | None:
    """Return a client's step if it can still be taken back; its age is asked when ``now`` is given."""
    step = await session.get(UndoStep, step_id)
    if step is None or step.client_id != client_id or step.undone_at is not None:
        return None
    return None if now is not None and now - step.made_at > UNDO_FOR else step


async def _hold(
    session: AsyncSession, register: Register, ids: Collection[UUID], who: Author
) -> Sequence[Any]:
    owner = register.column("client_id")
    mine = owner == who.client_id
    if register.shared and may(who, register.permission):
        mine = or_(mine, owner.is_(None))
    statement = select(register.table).where(register.column("id").in_(set(ids)), mine)
    for name, value in register.only.items():
        statement = statement.where(register.column(name) == value)
    held = statement.order_by(register.column("id")).with_for_update()
    rows = (await session.exec(held.execution_options(populate_existing=True))).all()
    if len(rows) != len(set(ids)):
        raise NotFound
    return rows


async def _trace(
    session: AsyncSession,
    register: Register,
    action: str,
    changed: Sequence[Mapping[str, Any]],
    *,
    who: Author,
    clock: Clock,
) -> None:
    for one in changed:
        facts = {
            name: {"from": one["before"][name], "to": value} for name, value in one["after"].items()
        }
        await audit.record(
            session,
            client_id=who.client_id,
            user_id=who.user_id,
            at=clock.now(),
            action=f"{register.code}.{action}",
            subject=str(register.table.__tablename__),
            subject_id=UUID(one["id"]),
            facts=facts,
        )


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def _thawed(register: Register, name: str, value: Any) -> Any:
    kind = register.column(name).type
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
