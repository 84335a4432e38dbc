"""Stores what the gate refused: each lead's fate, and receipts of some refusals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import hopper
from campaigns.leads.fates import store_fates
from campaigns.leads.history import other_numbers
from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import hold_waiting
from campaigns.leads.originate import Owner
from campaigns.leads.recycle import LeadFate, fate_after_refusal
from campaigns.leads.refusals import keep_samples
from compliance.gate import Refusal
from workers.dialing import metrics

Refused = Sequence[tuple[Candidate, Refusal]]


async def store(session: AsyncSession, owner: Owner, refused: Refused, now: datetime) -> None:
    """Store refusals of leads that are locked."""
    if not refused:
        return
    for _, refusal in refused:
        for reason in refusal.reasons:
            metrics.REFUSALS.labels(reason.value).inc()
    others = await other_numbers(session, [candidate for candidate, _ in refused])
    await store_fates(session, _fates(refused, others, now))
    await keep_samples(session, owner, refused, now=now)


async def store_held(session: AsyncSession, owner: Owner, refused: Refused, now: datetime) -> None:
    """Store refusals of leads that nobody else holds: a claim locks no lead.

    Where an agent promises a call or an import is undone meanwhile, that counts.
    """
    if not refused:
        return
    ids = [candidate.lead_id for candidate, _ in refused]
    held = await hold_waiting(session, ids, now=now)
    await hopper.let_go(session, set(ids) - held)
    await store(session, owner, [one for one in refused if one[0].lead_id in held], now)


def _fates(
    refused: Refused, others: Mapping[UUID, Sequence[int]], now: datetime
) -> dict[UUID, LeadFate]:
    return {
        candidate.lead_id: fate_after_refusal(
            refusal,
            phone_position=candidate.phone_position,
            others=others.get(candidate.lead_id, ()),
            now=now,
        )
        for candidate, refusal in refused
    }
