"""Which numbers of a file must not be dialled: look-ups of whole batches, made ready for one import."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from pyroaring import BitMap64
from sqlalchemy import text
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.staged.plan import DncLookup
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from compliance.dnc.bitmaps import LoadedList
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersionRef
from compliance.facts import Law
from compliance.models import DncList
from compliance.rulebook.rules import DncSemantics, DncTerms
from dialer.rows import over_all_clients

#: The suppressions of the client's legal entity, beside the codes of lists.
SUPPRESSED = "suppressed"
#: Suppressed numbers read from the database at a time.
_FETCH_ROWS = 50_000

_SUPPRESSIONS = text(
    """
    SELECT s.e164 FROM client c JOIN client k
           ON k.id = c.id OR (c.legal_entity <> '' AND k.legal_entity = c.legal_entity)
    JOIN suppression s ON s.client_id = k.id
    WHERE c.id = :client_id
      AND (s.campaign_id IS NULL OR s.campaign_id = CAST(:campaign_id AS uuid))
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
    rows = [row for rows in wanted.values() for row in rows]
    refs = {str(row.id): DncVersionRef(row.file_name, row.sha256) for row in rows}
    await shelf.sync(refs, keep_others=True)
    async with over_all_clients(session):  # the legal entity's other clients
        suppressed = await _suppressions(session, client_id, campaign_id)
    found: dict[str, DncLookup] = {SUPPRESSED: _asking(suppressed)}
    for code, rows in wanted.items():
        held = [one for row in rows if (one := shelf.get(str(row.id))) is not None]
        if held:
            found[code] = _asking_lists(held)
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
) -> dict[str, list[DncList]]:
    """Return the block lists by code: everybody's and the client's own of one code count together."""
    rows = await session.exec(
        select(DncList)
        .where(
            or_(col(DncList.client_id).is_(None), col(DncList.client_id) == client_id),
            col(DncList.semantics) == DncSemantics.BLOCK_LIST,
        )
        .order_by(col(DncList.client_id).asc().nulls_first())
    )
    found: dict[str, list[DncList]] = {}
    for row in rows:
        if codes is None or row.always_applies or row.code in codes:
            found.setdefault(row.code, []).append(row)
    return found


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


def _asking_lists(held: Sequence[LoadedList]) -> DncLookup:
    def ask(numbers: Iterable[int]) -> Collection[int]:
        asked = list(numbers)
        found = BitMap64()
        for one in held:
            found |= one.listed(asked)
        return list(found)

    return ask
