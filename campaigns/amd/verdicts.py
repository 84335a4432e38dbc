"""Verdicts as a runner stores them, and as its pacing reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.models import Judgement
from dialer.call.verdicts import Treatment, Verdict

#: Stored twice it changes nothing; the attempt says whose it is.
_STORE = text(
    """
    INSERT INTO amd_verdict (attempt_id, client_id, campaign_id, verdict, treatment, cause,
                             analysed_ms, found_at, message_left, message_bar, for_review)
    SELECT a.id, a.client_id, a.campaign_id, v.verdict, v.treatment, v.cause, v.analysed_ms, v.found_at,
           false, v.bar, v.review
    FROM unnest(CAST(:ids AS uuid[]), CAST(:verdicts AS text[]), CAST(:treatments AS text[]),
                CAST(:causes AS text[]), CAST(:analysed AS int[]), CAST(:found AS timestamptz[]),
                CAST(:bars AS text[]), CAST(:reviews AS bool[]))
         AS v(id, verdict, treatment, cause, analysed_ms, found_at, bar, review)
    JOIN attempt a ON a.id = v.id
    ON CONFLICT (attempt_id) DO NOTHING
    """
)
_LEFT = text(
    "UPDATE amd_verdict SET message_left = true WHERE attempt_id = ANY(CAST(:ids AS uuid[]))"
)
_MACHINES = text(
    """
    SELECT attempt_id, treatment, found_at, judged FROM amd_verdict
    WHERE campaign_id = :campaign_id AND verdict = 'machine' AND found_at >= :since
      AND treatment IN ('acted', 'audited')
    ORDER BY found_at
    """
)


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """What is stored of a verdict when it is told."""

    attempt_id: UUID
    verdict: Verdict
    treatment: Treatment
    cause: str
    analysed_ms: int
    found_at: datetime
    message_bar: str = (
        ""  #: why no message could be left, as codes; "" = it could, or none is wanted
    )
    for_review: bool = False  #: acted on, and drawn for a reviewer's ear


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The campaign's message was played to a machine."""

    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class MachineVerdict:
    """A verdict "machine" as pacing counts it."""

    attempt_id: UUID
    treatment: Treatment
    found_at: datetime
    judged: Judgement | None


async def store_verdicts(session: AsyncSession, items: Sequence[NewVerdict]) -> None:
    """Store what the analysis said of some calls."""
    if not items:
        return
    facts = {
        "ids": [one.attempt_id for one in items],
        "verdicts": [one.verdict.value for one in items],
        "treatments": [one.treatment.value for one in items],
        "causes": [one.cause for one in items],
        "analysed": [one.analysed_ms for one in items],
        "found": [one.found_at for one in items],
        "bars": [one.message_bar for one in items],
        "reviews": [one.for_review for one in items],
    }
    await session.execute(_STORE, facts)


async def store_messages(session: AsyncSession, items: Sequence[MessageLeft]) -> None:
    """Note which machines were left a message."""
    if items:
        await session.execute(_LEFT, {"ids": [one.attempt_id for one in items]})


async def machines_since(
    session: AsyncSession, campaign_id: UUID, since: datetime
) -> list[MachineVerdict]:
    """Return a campaign's verdicts "machine" that counted, the oldest first."""
    rows = await session.execute(_MACHINES, {"campaign_id": campaign_id, "since": since})
    return [
        MachineVerdict(
            row.attempt_id,
            Treatment(row.treatment),
            row.found_at,
            Judgement(row.judged) if row.judged else None,
        )
        for row in rows
    ]
