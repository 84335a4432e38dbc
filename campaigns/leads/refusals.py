"""Kept refusals: every one that closes its lead, and some of those that time will lift."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import Candidate
from campaigns.leads.originate import Owner
from compliance.gate import Refusal
from compliance.reasons import FINAL
from dialer.ids import new_id

#: One of so many passing refusals is kept with its receipt.
SAMPLE_ONE_OF = 50

_KEEP = text(
    """
    INSERT INTO refusal_sample (id, client_id, campaign_id, lead_id, e164, refused_at, reasons, decision)
    SELECT n.id, :client_id, :campaign_id, n.lead_id, n.e164, :now,
           string_to_array(n.reasons, ' '), CAST(n.decision AS jsonb)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:leads AS uuid[]), CAST(:numbers AS text[]),
                CAST(:reasons AS text[]), CAST(:decisions AS text[]))
         AS n(id, lead_id, e164, reasons, decision)
    """
)


async def keep_samples(
    session: AsyncSession,
    owner: Owner,
    refused: Sequence[tuple[Candidate, Refusal]],
    *,
    now: datetime,
) -> None:
    """Store the receipts of refusals that end a lead, and of a sample of the others."""
    kept = [refusal for _, refusal in refused if _is_kept(refusal)]
    if not kept:
        return
    await session.execute(
        _KEEP,
        {
            "client_id": owner.client_id,
            "campaign_id": owner.campaign_id,
            "now": now,
            "ids": [new_id() for _ in kept],
            "leads": [refusal.lead_id for refusal in kept],
            "numbers": [refusal.e164 for refusal in kept],
            "reasons": [" ".join(refusal.reasons) for refusal in kept],
            "decisions": [msgspec.json.encode(refusal.receipt or {}).decode() for refusal in kept],
        },
    )


def _is_kept(refusal: Refusal) -> bool:
    """The lead's id decides, so the same data give the same sample."""
    return bool(FINAL & set(refusal.reasons)) or refusal.lead_id.int % SAMPLE_ONE_OF == 0
