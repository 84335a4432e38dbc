"""Verdicts as people look at them: how many of which kind, what waits for an ear, what was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.errors import NothingToHear, VerdictNotFound
from campaigns.amd.models import AmdVerdict
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import User
from dialer.call.verdicts import Treatment, Verdict

_COUNTED = (Treatment.ACTED, Treatment.AUDITED)


@dataclass(frozen=True, slots=True)
class Heard:
    """A verdict with what a person needs to judge it."""

    verdict: AmdVerdict
    recording: str | None  #: file name, once it is finished
    message: dict[str, Any] | None  #: which rule or consent allows a message, as its receipt says
    judged_by: str | None  #: a login; None: nobody yet, or the command line


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How often the analysis said this, and this was made of it."""

    verdict: Verdict
    treatment: Treatment
    calls: int


async def counts_of(
    session: AsyncSession, campaign_id: UUID, since: datetime | None
) -> Sequence[VerdictCount]:
    """Return a campaign's verdicts by kind and treatment, the most frequent first."""
    count = func.count()
    statement = (
        select(AmdVerdict.verdict, AmdVerdict.treatment, count)
        .where(col(AmdVerdict.campaign_id) == campaign_id)
        .group_by(col(AmdVerdict.verdict), col(AmdVerdict.treatment))
        .order_by(count.desc(), col(AmdVerdict.verdict), col(AmdVerdict.treatment))
    )
    if since is not None:
        statement = statement.where(col(AmdVerdict.found_at) >= since)
    rows = (await session.exec(statement)).all()
    return [VerdictCount(Verdict(said), Treatment(made), calls) for said, made, calls in rows]


async def waiting_count(session: AsyncSession, campaign_id: UUID) -> int:
    """Return how many verdicts wait for a person and can be heard."""
    waiting = select(func.count()).select_from(_waiting(campaign_id).subquery())
    return (await session.exec(waiting)).one()


async def waiting_for_review(
    session: AsyncSession, campaign_id: UUID, *, limit: int
) -> Sequence[Heard]:
    """Return verdicts that nobody has judged and that can be heard, in an order nobody chose."""
    # Whoever judges the newest, or the loudest, learns nothing of the others.
    order = text("md5(amd_verdict.attempt_id::text)")
    return await _read(session, _waiting(campaign_id).order_by(order).limit(limit))


async def judged_lately(session: AsyncSession, campaign_id: UUID, *, limit: int) -> Sequence[Heard]:
    """Return the verdicts that were judged, the newest judgement first."""
    judged = _all_of(campaign_id).where(col(AmdVerdict.judged).is_not(None))
    return await _read(session, judged.order_by(col(AmdVerdict.judged_at).desc()).limit(limit))


async def newest(session: AsyncSession, campaign_id: UUID, *, limit: int) -> Sequence[Heard]:
    """Return a campaign's verdicts of all kinds, the newest first."""
    found = _all_of(campaign_id).order_by(col(AmdVerdict.found_at).desc())
    return await _read(session, found.limit(limit))


async def only(session: AsyncSession, attempt_id: UUID) -> Sequence[Heard]:
    """Return one call's verdict, which the caller may see; nothing when there is none."""
    return await _read(session, _rows().where(col(AmdVerdict.attempt_id) == attempt_id))


async def heard(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> str:
    """Return the file name of the recording by which a verdict is judged.

    Raises:
        VerdictNotFound: no such verdict, or another client's.
        NothingToHear: its recording is not there.
    """
    statement = (
        select(Attempt.recording)
        .join(AmdVerdict, col(AmdVerdict.attempt_id) == col(Attempt.id))
        .where(col(Attempt.id) == attempt_id, col(AmdVerdict.client_id) == client_id)
        .where(col(AmdVerdict.treatment).in_(_COUNTED))
    )
    found = (await session.exec(statement)).all()
    if not found:
        raise VerdictNotFound(attempt_id=str(attempt_id))
    if found[0] is None:
        raise NothingToHear(attempt_id=str(attempt_id))
    return found[0]


def _all_of(campaign_id: UUID) -> Any:
    return _rows().where(col(AmdVerdict.campaign_id) == campaign_id)


def _rows() -> Any:
    return (
        select(AmdVerdict, Attempt.recording, Attempt.decision["machine_message"], User.login)
        .join(Attempt, col(Attempt.id) == col(AmdVerdict.attempt_id))
        .outerjoin(User, col(User.id) == col(AmdVerdict.judged_by))
    )


def _waiting(campaign_id: UUID) -> Any:
    return _all_of(campaign_id).where(
        col(AmdVerdict.verdict) == Verdict.MACHINE,
        or_(
            col(AmdVerdict.treatment) == Treatment.AUDITED,
            (col(AmdVerdict.treatment) == Treatment.ACTED) & col(AmdVerdict.for_review),
        ),
        col(AmdVerdict.judged).is_(None),
        col(Attempt.recording).is_not(None),
    )


async def _read(session: AsyncSession, statement: Any) -> Sequence[Heard]:
    return [Heard(*row) for row in (await session.exec(statement)).all()]
