"""A gatekeeper for whoever asks about a campaign without running it: the API, the command line."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.asking import ClientLaw, Gatekeeper, KnownList, LookUp, load_client_law
from campaigns.leads.history import company_counts
from campaigns.models import Campaign, Trunk
from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf, ShelfChange
from compliance.dnc.versions import DncVersionRef
from compliance.facts import DncFact, Law
from compliance.rulebook.rules import CapScope, CapTerms
from dialer.clock import Clock


async def keeper_for(
    session: AsyncSession, campaign: Campaign, law: Law, shelf: DncShelf, clock: Clock
) -> Gatekeeper:
    """Return the gatekeeper of a campaign, its lists in memory; asking it dials nothing."""
    client = await load_client_law(session, campaign.client_id, law)
    await sync_lists(shelf, client)
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    settings = CampaignSettings.model_validate(campaign.settings)
    simulated = trunk is not None and trunk.simulated
    keeper = Gatekeeper(law, settings, client, simulated, look_up_on(shelf))
    if counts_companies(law):
        keeper.company = await company_counts(session, client.clients, now=clock.now())
    return keeper


async def sync_lists(shelf: DncShelf, client: ClientLaw) -> ShelfChange:
    """Load the versions in force of the lists a client may need; what cannot be read is told."""
    wanted = {str(row.id): DncVersionRef(row.file_name, row.sha256) for row in client.lists}
    return await shelf.sync(wanted, keep_others=True)


def unread_lists(shelf: DncShelf, client: ClientLaw) -> frozenset[UUID]:
    """Return the lists whose version in force is not in memory: calls that need them are refused.

    When one of them comes, what waits for it is to be asked about again; the shelf is shared, so
    another campaign may have loaded it.
    """
    held = {row: shelf.get(str(row.id)) for row in client.lists}
    return frozenset(
        row.id for row, one in held.items() if one is None or one.version.sha256 != row.sha256
    )


def look_up_on(shelf: DncShelf) -> LookUp:
    """Return the look-up in the lists of a shelf; another version than the one in force is none."""

    def look_up(row: KnownList, e164: str) -> DncFact | None:
        held = shelf.get(str(row.id))
        if held is None or held.version.sha256 != row.sha256:
            return None
        return DncFact(
            held.contains(e164),
            held.version.obtained_at,
            held.version.file,
            row.max_age_days,
            row.semantics,
        )

    return look_up


def counts_companies(law: Law) -> bool:
    """Tell whether any rule counts what a whole company does."""
    return any(
        cap.scope is CapScope.COMPANY
        for rule in law.book.rules
        if isinstance(rule.terms, CapTerms)
        for cap in rule.terms.caps
    )
