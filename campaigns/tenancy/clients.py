"""Clients of the call centre: made, found, archived, brought back. Nothing commits here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import NameTaken
from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy import access, audit
from campaigns.tenancy.limits import NO_KEY, ClientWish, change_client
from campaigns.tenancy.models import Client, ClientAccess, Role, User
from campaigns.tenancy.tokens import ClientNotAllowed, Identity
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.rows import over_all_clients

#: Longer names fit in no list.
MOST_NAME_CHARACTERS = 120

#: A campaign in one of these states keeps its client from being archived.
_AT_WORK = (CampaignState.RUNNING, CampaignState.PAUSED)


class CampaignsAtWork(Conflict):
    """A client whose campaigns run is not put away."""

    code = "campaigns_at_work"
    message = "Stop this client's campaigns first: some run or are paused."


class OwnClientArchived(Conflict):
    """Nobody puts away the client from which everything is run."""

    code = "own_client_archived"
    message = "You cannot archive the client for which you work now."


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client in the list, and what somebody may do there."""

    client: Client
    role: Role
    campaigns: int
    running: int


async def list_clients(
    session: AsyncSession, user_id: UUID, *, search: str = "", archived: bool = False
) -> Sequence[ClientLine]:
    """Return the clients for which a person works, by name; ``search`` is a part of the name."""
    running = func.count(col(Campaign.id)).filter(col(Campaign.state) == CampaignState.RUNNING)
    role = func.coalesce(col(ClientAccess.role), col(User.role))
    statement = (
        select(Client, role, func.count(col(Campaign.id)), running)
        .select_from(Client)
        .join(User, col(User.id) == user_id)
        .outerjoin(
            ClientAccess,
            (col(ClientAccess.client_id) == col(Client.id))
            & (col(ClientAccess.user_id) == user_id)
            & (col(ClientAccess.ended_at).is_(None)),
        )
        .outerjoin(Campaign, col(Campaign.client_id) == col(Client.id))
        .where(
            (col(Client.id) == col(User.client_id)) | (col(ClientAccess.user_id).is_not(None)),
            col(Client.archived_at).is_not(None) if archived else col(Client.archived_at).is_(None),
            func.lower(col(Client.name)).contains(search.strip().lower(), autoescape=True),
        )
        .group_by(col(Client.id), col(ClientAccess.role), col(User.role))
        .order_by(func.lower(col(Client.name)))
    )
    async with over_all_clients(session):
        rows = (await session.exec(statement)).all()
    return [ClientLine(client, Role(role), *counts) for client, role, *counts in rows]


async def find_mine(session: AsyncSession, user_id: UUID, client_id: UUID) -> ClientLine:
    """Return a client for which a person works, archived or not.

    Raises:
        ClientNotAllowed: the person does not, or there is none.
    """
    for archived in (False, True):
        for line in await list_clients(session, user_id, archived=archived):
            if line.client.id == client_id:
                return line
    raise ClientNotAllowed


def checked_name(name: str) -> str:
    """Return a client's name without the spaces around it.

    Raises:
        Invalid: it is empty or longer than 120 characters.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MOST_NAME_CHARACTERS:
        raise Invalid("A client's name has 1 to 120 characters.")
    return name


async def create(
    session: AsyncSession, name: str, wish: ClientWish, *, by: Identity, clock: Clock
) -> Client:
    """Make a client; whoever makes it is its administrator.

    Raises:
        NameTaken: there is one of this name.
        Invalid: a part of the wish cannot be kept.
    """
    wish.check()
    client = Client(name=checked_name(name), created_at=clock.now())
    async with over_all_clients(session):
        try:
            async with session.begin_nested():
                session.add(client)
        except IntegrityError as taken:
            raise NameTaken("A client of this name exists: choose another one.") from taken
        await _note(session, client.id, "client.created", {}, by=by.user_id, clock=clock)
        # Nobody is called for it yet: what it begins with loosens nothing.
        await change_client(session, client.id, wish, by=by.user_id, clock=clock, agreed=True)
        user = await session.get_one(User, by.user_id)
        await access.give(session, user, client.id, Role.ADMIN, by=by.user_id, clock=clock)
    return client


async def rename(
    session: AsyncSession, client_id: UUID, name: str, *, by: UUID | None, clock: Clock
) -> None:
    """Give a client another name.

    Raises:
        NameTaken: another client has it.
    """
    client = await session.get_one(Client, client_id, with_for_update=NO_KEY)
    before, name = client.name, checked_name(name)
    if name == before:
        return
    try:
        async with session.begin_nested():
            client.name = name
    except IntegrityError as taken:
        raise NameTaken("A client of this name exists: choose another one.") from taken
    facts = {"name": {"from": before, "to": name}}
    await _note(session, client.id, "client.changed", facts, by=by, clock=clock)


async def archive(session: AsyncSession, client_id: UUID, *, by: Identity, clock: Clock) -> None:
    """Put a client away: nobody works for it or signs in; all is kept.

    Raises:
        OwnClientArchived: it is the person's own, or that for which the person works now.
        CampaignsAtWork: some run or are paused.
    """
    if client_id in {by.client_id, by.own_client_id}:
        raise OwnClientArchived
    client = await session.get_one(Client, client_id, with_for_update=NO_KEY)
    at_work = select(Campaign.id).where(
        col(Campaign.client_id) == client_id, col(Campaign.state).in_(_AT_WORK)
    )
    if (await session.exec(at_work.limit(1))).first() is not None:
        raise CampaignsAtWork
    if client.archived_at is None:
        client.archived_at = clock.now()
        await _note(session, client.id, "client.archived", {}, by=by.user_id, clock=clock)


async def bring_back(session: AsyncSession, client_id: UUID, *, by: UUID, clock: Clock) -> None:
    """Take a client out of the archive."""
    client = await session.get_one(Client, client_id, with_for_update=NO_KEY)
    if client.archived_at is not None:
        client.archived_at = None
        await _note(session, client.id, "client.brought_back", {}, by=by, clock=clock)


async def _note(
    session: AsyncSession,
    client_id: UUID,
    action: str,
    facts: Mapping[str, object],
    *,
    by: UUID | None,
    clock: Clock,
) -> None:
    await audit.record(
        session,
        client_id=client_id,
        user_id=by,
        at=clock.now(),
        action=action,
        subject="client",
        subject_id=client_id,
        facts=facts,
    )
