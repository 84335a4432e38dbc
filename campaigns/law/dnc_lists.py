"""Do-not-call (and allow) lists: load a version, apply changes, and name which one is in force.

A version's files are complete before its row names them, so a process that reads the row always finds
them; the row changes in the caller's transaction, which is the swap.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.list_sources import (
    DncListNotFound,
    ListFromTheFuture,
    ListSource,
    ListTerms,
    OlderList,
    Owner,
)
from campaigns.law.waking import wake_campaigns
from campaigns.tenancy import audit
from compliance.dnc import building
from compliance.dnc.bitmaps import read_version
from compliance.dnc.freshness import age_days
from compliance.dnc.tally import DncReport
from compliance.dnc.versions import DncVersion, prune
from compliance.models import DncList
from dialer.clock import Clock

#: Versions of a list that stay on the disk: the one in force and the one before.
_KEPT_VERSIONS = 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """The version now in force, and what became of the file's lines."""

    row: DncList
    report: DncReport
    leads_woken: int  #: leads that waited for the list and are asked about again


async def load_list(
    session: AsyncSession,
    source: ListSource,
    *,
    directory: Path,
    owner: Owner,
    clock: Clock,
    terms: ListTerms | None = None,
    force: bool = False,
) -> Loaded:
    """Build a version from a full list (in a thread) and put it in force.

    The session must have nothing under way: building takes a minute for a national list.

    Raises:
        DncUnreadable: the file is no list; nothing is stored.
        OlderList: a newer version is in force and ``force`` is not set.
        ListFromTheFuture: it was obtained later than now.
    """
    _require_past(source, clock)
    version, report = await asyncio.to_thread(
        building.build,
        source.path,
        owner.directory(directory),
        list_code=source.code,
        region=source.region,
        obtained_at=source.obtained_at,
        format=source.format,
        source_name=source.file_name,
    )
    row = await _locked(session, source.code, owner)
    if row is not None and version.obtained_at < row.obtained_at and not force:
        raise OlderList(list_code=source.code, in_force=row.obtained_at.isoformat())
    former = await _named(session)
    row = _renewed(row, version, owner, terms or ListTerms(), clock)
    woken = await _put_in_force(session, row, report, owner, clock, "loaded")
    await _sweep(row, former, owner.directory(directory))
    return Loaded(row, report, woken)


async def apply_changes(
    session: AsyncSession, source: ListSource, *, directory: Path, owner: Owner, clock: Clock
) -> Loaded:
    """Build the next version from a change list and put it in force.

    Raises:
        DncListNotFound: there is no list to change.
        DncUnreadable: the file is no change list; nothing is stored.
        OlderList: the changes are older than the list.
        DncDamaged, DncMissing: the version in force cannot be read; load the full list.
    """
    _require_past(source, clock)
    row = await _locked(session, source.code, owner)
    if row is None:
        raise DncListNotFound(list_code=source.code)
    if source.obtained_at < row.obtained_at:
        raise OlderList(
            "These changes are older than the list: they are in it already.",
            list_code=source.code,
            in_force=row.obtained_at.isoformat(),
        )
    current = await asyncio.to_thread(read_version, directory / row.file_name, sha256=row.sha256)
    version, report = await asyncio.to_thread(
        building.apply_changes,
        current,
        source.path,
        owner.directory(directory),
        obtained_at=source.obtained_at,
        region=source.region,
        format=source.format,
        source_name=source.file_name,
    )
    former = await _named(session)
    row = _renewed(row, version, owner, ListTerms(), clock)
    woken = await _put_in_force(session, row, report, owner, clock, "changed")
    await _sweep(row, former, owner.directory(directory))
    return Loaded(row, report, woken)


def _require_past(source: ListSource, clock: Clock) -> None:
    if source.obtained_at > clock.now():
        raise ListFromTheFuture(list_code=source.code)


async def _locked(session: AsyncSession, code: str, owner: Owner) -> DncList | None:
    mine = select(DncList).where(
        col(DncList.code) == code, col(DncList.client_id).is_not_distinct_from(owner.list_client_id)
    )
    return (await session.exec(mine.with_for_update())).first()


def _renewed(
    row: DncList | None, version: DncVersion, owner: Owner, terms: ListTerms, clock: Clock
) -> DncList:
    file_name = version.file if owner.for_everybody else f"{owner.client_id.hex}/{version.file}"
    if row is None:
        row = DncList(
            client_id=owner.list_client_id,
            code=version.list_code,
            file_name=file_name,
            sha256=version.sha256,
            numbers=version.numbers,
            obtained_at=version.obtained_at,
            loaded_at=clock.now(),
        )
    row.file_name, row.sha256, row.numbers = file_name, version.sha256, version.numbers
    row.obtained_at, row.loaded_at = version.obtained_at, clock.now()
    if terms.semantics is not None:
        row.semantics = terms.semantics
    if terms.max_age_days is not None:
        row.max_age_days = terms.max_age_days
    if terms.always_applies is not None:
        row.always_applies = terms.always_applies
    return row


async def _put_in_force(
    session: AsyncSession,
    row: DncList,
    report: DncReport,
    owner: Owner,
    clock: Clock,
    did: str,
) -> int:
    session.add(row)
    await session.flush()
    facts = {
        "code": row.code,
        "version": row.file_name,
        "sha256": row.sha256,
        "numbers": row.numbers,
        "obtained_at": row.obtained_at.isoformat(),
        "lines_refused": report.refused,
        "for_everybody": owner.for_everybody,
    }
    await audit.record(
        session,
        client_id=owner.client_id,
        user_id=owner.user_id,
        at=clock.now(),
        action=f"dnc_list.{did}",
        subject="dnc_list",
        subject_id=row.id,
        facts=facts,
    )
    return await wake_campaigns(session, row.client_id, now=clock.now())


async def _named(session: AsyncSession) -> set[str]:
    """Return the versions that rows name: if this transaction is rolled back, they stay in force."""
    return {Path(name).name for name in await session.exec(select(DncList.file_name))}


async def _sweep(row: DncList, former: set[str], directory: Path) -> None:
    kept = former | {Path(row.file_name).name}
    await asyncio.to_thread(prune, directory, _KEPT_VERSIONS, also=kept)


async def find_lists(session: AsyncSession, *, client_id: UUID) -> Sequence[DncList]:
    """Return the lists the client's calls may need, its own and everybody's, by code."""
    usable = or_(col(DncList.client_id).is_(None), col(DncList.client_id) == client_id)
    statement = select(DncList).where(usable)
    order = (col(DncList.code), col(DncList.client_id).asc().nulls_first())
    return (await session.exec(statement.order_by(*order))).all()


def shown(row: DncList, now: datetime) -> dict[str, object]:
    """Return a list for people: what is in force, how old it is, and since when."""
    return {
        "code": row.code,
        "whose": "everybody" if row.client_id is None else "client",
        "semantics": row.semantics.value,
        "numbers": row.numbers,
        "age_days": round(age_days(row.obtained_at, now), 1),
        "max_age_days": row.max_age_days,
        "always_applies": row.always_applies,
        "obtained_at": row.obtained_at.isoformat(),
        "version": row.file_name,
    }


async def contains(row: DncList, e164: str, *, directory: Path) -> bool:
    """Tell whether a number is on the version in force; reads the whole list.

    Raises:
        DncMissing, DncDamaged: the version cannot be read on this machine.
    """
    held = await asyncio.to_thread(read_version, directory / row.file_name, sha256=row.sha256)
    return held.contains(e164)
