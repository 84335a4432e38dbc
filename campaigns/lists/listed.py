"""Which numbers of a file must not be dialled: look-ups of whole batches, made ready for one import."""

import asyncio
from collections.abc import Collection, Iterable
from uuid import UUID

from pyroaring import BitMap64
from sqlalchemy import text
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.plan import DncLookup
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from compliance.dnc.bitmaps import LoadedList
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersionRef
from compliance.facts import Law
from compliance.models import DncList
from compliance.rules import DncSemantics, DncTerms

#: The client's own suppressions, beside the codes of lists.
SUPPRESSED = "suppressed"
#: Suppressed numbers read from the database at a time.
_FETCH_ROWS = 50_000

_SUPPRESSIONS = text(
    """
    SELECT e164 FROM suppression WHERE client_id = :client_id
      AND (campaign_id IS NULL OR campaign_id = CAST(:campaign_id AS uuid))
    """
)


async def dnc_lookups(
    session: AsyncSession,
    shelf: DncShelf,
    *,
    client_id: UUID,
    law: Law,
    campaign_id: UUID | None = None,
) -> dict[str, DncLookup]:
    """Return what a rehearsal asks: the client's suppressions, and each block list by its code.

    With a campaign only the lists that some rule demands for its purpose, and those that always
    apply; a list that cannot be read is left out (the gate refuses its calls then).
    """
    wanted = await _lists(session, client_id, await _codes(session, law, campaign_id))
    refs = {str(row.id): DncVersionRef(row.file_name, row.sha256) for row in wanted.values()}
    await shelf.sync(refs, keep_others=True)
    found: dict[str, DncLookup] = {
        SUPPRESSED: _asking(await _suppressions(session, client_id, campaign_id))
    }
    for code, row in wanted.items():
        held = shelf.get(str(row.id))
        if held is not None:
            found[code] = _asking_list(held)
    return found


async def _codes(
    session: AsyncSession, law: Law, campaign_id: UUID | None
) -> frozenset[str] | None:
    """Return the lists that rules for the campaign's calls name; None: all there are."""
    campaign = await session.get(Campaign, campaign_id) if campaign_id else None
    if campaign is None:
        return None
    settings = CampaignSettings.model_validate(campaign.settings)
    return frozenset(
        rule.terms.list_code
        for rule in law.book.rules
        if isinstance(rule.terms, DncTerms)
        and (settings.purpose is None or settings.purpose in rule.purposes)
        and settings.channel() in rule.channels
        and settings.party in rule.parties
    )


async def _lists(
    session: AsyncSession, client_id: UUID, codes: Collection[str] | None
) -> dict[str, DncList]:
    """Return the block lists by code; the client's own goes before everybody's of the same code."""
    rows = await session.exec(
        select(DncList)
        .where(
            or_(col(DncList.client_id).is_(None), col(DncList.client_id) == client_id),
            col(DncList.semantics) == DncSemantics.BLOCK_LIST,
        )
        .order_by(col(DncList.client_id).asc().nulls_first())
    )
    return {
        row.code: row for row in rows if codes is None or row.always_applies or row.code in codes
    }


async def _suppressions(
    session: AsyncSession, client_id: UUID, campaign_id: UUID | None
) -> BitMap64:
    numbers = BitMap64()
    rows = await session.stream(
        _SUPPRESSIONS,
        {"client_id": client_id, "campaign_id": campaign_id},
        execution_options={"yield_per": _FETCH_ROWS},
    )
    async for part in rows.partitions():
        await asyncio.to_thread(numbers.update, [int(e164) for (e164,) in part])
    return numbers


def _asking(listed: BitMap64) -> DncLookup:
    def ask(numbers: Iterable[int]) -> Collection[int]:
        return list(listed & BitMap64(numbers))

    return ask


def _asking_list(held: LoadedList) -> DncLookup:
    def ask(numbers: Iterable[int]) -> Collection[int]:
        return list(held.listed(numbers))

    return ask
