"""Virtual agents of a campaign on a simulated trunk: asked for and ended here, played by a worker."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.models import Trunk
from campaigns.setup.models import VirtualCrew
from campaigns.tenancy import audit, bootstrap
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.rows import over_all_clients

#: As many telephones the embedded exchange knows.
MOST = 40
#: The trunk to the embedded simulated carrier; a name no real trunk is likely to have.
SIMULATED_TRUNK = "demo-carrier"


class NotSimulated(Conflict):
    """The campaign's trunk leads to real people, or there is none."""

    code = "not_simulated"
    message = "Virtual agents work on a simulated trunk only: nobody real is ever called by them."


async def crew_of(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, lock: bool = False
) -> VirtualCrew | None:
    """Return a campaign's virtual agents, those that were ended too; None: there never were any."""
    statement = select(VirtualCrew).where(
        col(VirtualCrew.campaign_id) == campaign_id, col(VirtualCrew.client_id) == client_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.exec(statement)).first()


async def call_in(
    session: AsyncSession,
    campaign_id: UUID,
    agents: int,
    *,
    client_id: UUID,
    by: UUID | None,
    clock: Clock,
) -> VirtualCrew:
    """Ask for so many virtual agents; a background worker signs them in within seconds.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
        NotSimulated: the trunk reaches real people.
        Invalid: fewer than 1 or more than 40.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    if not 1 <= agents <= MOST:
        raise Invalid(f"Give 1 to {MOST} virtual agents.")
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    if trunk is None or not trunk.simulated:
        raise NotSimulated
    crew = await crew_of(session, campaign_id, client_id=client_id, lock=True)
    if crew is None:
        crew = VirtualCrew(
            client_id=client_id, campaign_id=campaign_id, agents=agents, asked_at=clock.now()
        )
        session.add(crew)
    crew.agents, crew.asked_by, crew.asked_at, crew.ended_at = agents, by, clock.now(), None
    await session.flush()
    await audit.trace(
        session,
        campaign,
        "campaign.virtual_agents_set",
        {"agents": agents},
        user_id=by,
        clock=clock,
    )
    return crew


async def send_home(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, by: UUID | None, clock: Clock
) -> None:
    """Have a campaign's virtual agents sign out after their calls; without any there is nothing to do.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    crew = await crew_of(session, campaign_id, client_id=client_id, lock=True)
    if crew is None or crew.ended_at is not None:
        return
    crew.ended_at = clock.now()
    await audit.trace(
        session, campaign, "campaign.virtual_agents_set", {"agents": 0}, user_id=by, clock=clock
    )


async def make_simulated_trunk(session: AsyncSession) -> None:
    """Make the trunk to the simulated carrier, for everybody; one that is there stays as it is."""
    found = select(Trunk.id).where(col(Trunk.name) == SIMULATED_TRUNK)
    if (await session.exec(found)).first() is not None:
        return
    async with over_all_clients(session):  # everybody's, so nobody's own rows may hold it
        await bootstrap.ensure_trunk(
            session,
            name=SIMULATED_TRUNK,
            endpoint=f"PJSIP/{{number}}@{SIMULATED_TRUNK}",
            max_channels=60,
            calls_per_s=10,
            simulated=True,
        )
