"""Saved reports: made, changed by new versions, shared, removed. Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import Permission, may
from campaigns.saved_reports.definition import Definition, require_for_client
from campaigns.saved_reports.definitions import AnyDefinition, kind_of, read, require_sound
from campaigns.saved_reports.errors import (
    KindDiffers,
    NameMissing,
    NameTaken,
    NotYourReport,
    SavedReportNotFound,
)
from campaigns.saved_reports.models import SavedReport, SavedReportVersion
from campaigns.saved_reports.words import Sharing
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

MOST_NAME = 120


def _shown_to(who: Identity) -> ColumnElement[bool]:
    """Return what a person may see: the own ones and those that are shared with such people."""
    shared = (Sharing.CLIENT,) if who.role is Role.CLIENT else (Sharing.CLIENT, Sharing.TEAM)
    return or_(col(SavedReport.owner_id) == who.user_id, col(SavedReport.sharing).in_(shared))


async def reports_of(session: AsyncSession, who: Identity) -> Sequence[SavedReport]:
    """Return the reports that a person sees, by name."""
    statement = select(SavedReport).where(
        col(SavedReport.client_id) == who.client_id,
        col(SavedReport.removed_at).is_(None),
        _shown_to(who),
    )
    return (
        await session.exec(statement.order_by(col(SavedReport.name), col(SavedReport.id)))
    ).all()


async def find(
    session: AsyncSession, report_id: UUID, who: Identity, *, lock: bool = False
) -> SavedReport:
    """Return a report that a person sees.

    Raises:
        SavedReportNotFound: there is none, or it is not shown to the person.
    """
    statement = select(SavedReport).where(
        col(SavedReport.id) == report_id,
        col(SavedReport.client_id) == who.client_id,
        col(SavedReport.removed_at).is_(None),
        _shown_to(who),
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise SavedReportNotFound
    return row


def may_change(row: SavedReport, who: Identity) -> bool:
    """Tell whether a person may change a report: the own one, or a shared one if one may change things."""
    return row.owner_id == who.user_id or (
        row.sharing is not Sharing.OWN and may(who, Permission.CHANGE)
    )


async def find_to_change(session: AsyncSession, report_id: UUID, who: Identity) -> SavedReport:
    """Return a report that a person may change, and hold it.

    Raises:
        SavedReportNotFound: there is none.
        NotYourReport: it is somebody else's.
    """
    row = await find(session, report_id, who, lock=True)
    if not may_change(row, who):
        raise NotYourReport
    return row


async def definition_of(session: AsyncSession, row: SavedReport, number: int = 0) -> AnyDefinition:
    """Return what a report asks; of the newest version without a number.

    Raises:
        SavedReportNotFound: there is no such version.
    """
    version = await session.get(SavedReportVersion, (row.id, number or row.number))
    if version is None or version.client_id != row.client_id:
        raise SavedReportNotFound
    return read(row.kind, version.definition)


async def versions_of(session: AsyncSession, row: SavedReport) -> Sequence[SavedReportVersion]:
    """Return the versions of a report, the newest first."""
    statement = select(SavedReportVersion).where(
        col(SavedReportVersion.report_id) == row.id,
        col(SavedReportVersion.client_id) == row.client_id,
    )
    return (await session.exec(statement.order_by(col(SavedReportVersion.number).desc()))).all()


async def make(
    session: AsyncSession, name: str, definition: AnyDefinition, who: Identity, clock: Clock
) -> SavedReport:
    """Save a new report.

    Raises:
        NameMissing, NameTaken: the name cannot be used.
        As ``require_sound``.
    """
    await require_sound(session, definition, who, Sharing.OWN, clock)
    row = SavedReport(
        client_id=who.client_id,
        owner_id=who.user_id,
        name=await free_name(session, name, who.user_id, who.client_id),
        kind=kind_of(definition),
        created_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    await _add_version(session, row, definition, who, clock)
    await audit.trace(
        session, row, "saved_report.made", {"name": row.name}, user_id=who.user_id, clock=clock
    )
    return row


async def change(
    session: AsyncSession,
    row: SavedReport,
    name: str,
    definition: AnyDefinition,
    who: Identity,
    clock: Clock,
) -> SavedReport:
    """Give a report another name, or another version if it asks something else.

    Raises:
        NameMissing, NameTaken: the name cannot be used.
        KindDiffers: it is of the other kind.
        As ``require_sound``.
    """
    if kind_of(definition) is not row.kind:
        raise KindDiffers
    await require_sound(session, definition, who, row.sharing, clock)
    facts: dict[str, object] = {}
    if name.strip() != row.name:
        free = await free_name(session, name, row.owner_id, row.client_id)
        facts["name"] = {"from": row.name, "to": free}
        row.name = free
    if definition != await definition_of(session, row):
        row.number += 1
        await _add_version(session, row, definition, who, clock)
        facts["version"] = row.number
    session.add(row)
    await audit.trace(session, row, "saved_report.changed", facts, user_id=who.user_id, clock=clock)
    return row


async def share(
    session: AsyncSession, row: SavedReport, sharing: Sharing, who: Identity, clock: Clock
) -> None:
    """Say who sees a report.

    Raises:
        ShowsInternal: the client's people may not see what it shows.
    """
    if sharing is Sharing.CLIENT:
        definition = await definition_of(session, row)
        if isinstance(definition, Definition):
            require_for_client(definition)
    facts = {"sharing": {"from": row.sharing.value, "to": sharing.value}}
    row.sharing = sharing
    session.add(row)
    await audit.trace(session, row, "saved_report.shared", facts, user_id=who.user_id, clock=clock)


async def _add_version(
    session: AsyncSession, row: SavedReport, definition: AnyDefinition, who: Identity, clock: Clock
) -> None:
    session.add(
        SavedReportVersion(
            report_id=row.id,
            number=row.number,
            client_id=row.client_id,
            definition=definition.stored(),
            created_at=clock.now(),
            created_by=who.user_id,
        )
    )
    await session.flush()


async def free_name(
    session: AsyncSession, name: str, owner_id: UUID | None, client_id: UUID
) -> str:
    """Return a name as it is kept, if its owner has no other report of that name.

    Raises:
        NameMissing, NameTaken: the name cannot be used.
    """
    wanted = " ".join(name.split())
    if not 0 < len(wanted) <= MOST_NAME:
        raise NameMissing
    taken = select(SavedReport.id).where(
        col(SavedReport.client_id) == client_id,
        col(SavedReport.owner_id) == owner_id,
        col(SavedReport.name) == wanted,
        col(SavedReport.removed_at).is_(None),
    )
    if (await session.exec(taken)).first() is not None:
        raise NameTaken(name=wanted)
    return wanted
