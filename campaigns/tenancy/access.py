"""Who works for which clients besides the own one: given, taken away, and for whom a session works now.

A user belongs to one client, where the password, the second factor and the sessions are. Access lets the
same person work for others, in a role of its own at each. Nothing commits here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.models import SecondFactor, UserSession
from campaigns.accounts.permissions import Permission, may
from campaigns.agents.models import Agent, AgentSession
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client, ClientAccess, Role, User
from campaigns.tenancy.tokens import ClientNotAllowed, Identity
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound
from dialer.rows import over_all_clients


class AccessNotFound(NotFound):
    """The person has no such access."""

    code = "access_not_found"
    message = "This person does not work for this client."


class OwnClient(Invalid):
    """A user's own client needs no access."""

    code = "own_client"
    message = "This is the person's own client: change the role there."


class ClientNeedsFactor(Conflict):
    """The client asks the role for a second factor, and the person has none."""

    code = "client_needs_factor"
    message = "This client asks for a second factor: set one up in your account first."


class ShiftIsOpen(Conflict):
    """Somebody takes calls for one client."""

    code = "shift_is_open"
    message = "End your shift first: you take calls for this client."


@dataclass(frozen=True, slots=True)
class Workplace:
    """A client for which a person may work."""

    client: Client
    role: Role
    is_own: bool


@dataclass(frozen=True, slots=True)
class Helper:
    """A person of another client who works for this one."""

    user: User
    access: ClientAccess


async def workplaces(session: AsyncSession, user_id: UUID) -> Sequence[Workplace]:
    """Return the clients for which a person may work, by name; archived ones are left out."""
    statement = (
        select(Client, ClientAccess.role, User.role, col(Client.id) == col(User.client_id))
        .select_from(Client)
        .join(User, col(User.id) == user_id)
        .outerjoin(
            ClientAccess,
            (col(ClientAccess.client_id) == col(Client.id))
            & (col(ClientAccess.user_id) == user_id)
            & (col(ClientAccess.ended_at).is_(None)),
        )
        .where(
            col(Client.archived_at).is_(None),
            or_(col(Client.id) == col(User.client_id), col(ClientAccess.user_id).is_not(None)),
        )
        .order_by(func.lower(col(Client.name)))
    )
    async with over_all_clients(session):
        rows = (await session.exec(statement)).all()
    return [
        Workplace(client, Role(own if is_own else given), is_own)
        for client, given, own, is_own in rows
    ]


async def may_manage_people_at(session: AsyncSession, who: Identity, client_id: UUID) -> None:
    """Refuse whoever does not administer the client.

    Raises:
        ClientNotAllowed: the person may not work there, or is no administrator there.
    """
    for place in await workplaces(session, who.user_id):
        if place.client.id == client_id and may(place, Permission.MANAGE_PEOPLE):
            return
    raise ClientNotAllowed


async def give(
    session: AsyncSession, user: User, client_id: UUID, role: Role, *, by: UUID | None, clock: Clock
) -> ClientAccess:
    """Let a person work for a client in a role; given again, the role is changed.

    Who gives must have been asked before: see :func:`may_manage_people_at`.

    Raises:
        OwnClient: the client is the person's own.
    """
    if client_id == user.client_id:
        raise OwnClient
    async with over_all_clients(session):
        row = await session.get(ClientAccess, (user.id, client_id), with_for_update=True)
        before = row.role if row is not None and row.ended_at is None else None
        if row is None:
            row = ClientAccess(
                user_id=user.id, client_id=client_id, role=role, given_at=clock.now()
            )
            session.add(row)
        if before is not role:
            row.role, row.given_by, row.given_at, row.ended_at = role, by, clock.now(), None
            facts = {"login": user.login, "role": {"from": before, "to": role.value}}
            await _note(session, user, client_id, "access.given", facts, by=by, clock=clock)
    return row


async def take(
    session: AsyncSession, user_id: UUID, client_id: UUID, *, by: UUID | None, clock: Clock
) -> None:
    """Take a person's access to a client away: sessions that work for it are at their own client again.

    Raises:
        AccessNotFound: the person has none.
    """
    async with over_all_clients(session):
        row = await session.get(ClientAccess, (user_id, client_id), with_for_update=True)
        if row is None or row.ended_at is not None:
            raise AccessNotFound
        user = await session.get_one(User, user_id)
        row.ended_at = clock.now()
        await session.execute(
            update(UserSession)
            .where(
                col(UserSession.user_id) == user_id,
                col(UserSession.client_id) == user.client_id,
                col(UserSession.works_for) == client_id,
            )
            .values(works_for=None)
        )
        facts = {"login": user.login, "role": row.role.value}
        await _note(session, user, client_id, "access.taken", facts, by=by, clock=clock)


async def helpers(session: AsyncSession, client_id: UUID) -> Sequence[Helper]:
    """Return the people of other clients who work for this one, by login."""
    statement = (
        select(User, ClientAccess)
        .join(ClientAccess, col(ClientAccess.user_id) == col(User.id))
        .where(col(ClientAccess.client_id) == client_id, col(ClientAccess.ended_at).is_(None))
        .order_by(col(User.login))
    )
    return [Helper(*row) for row in (await session.exec(statement)).all()]


async def switch(session: AsyncSession, who: Identity, client_id: UUID, clock: Clock) -> None:
    """Have a browser's session work for another client from the next request on.

    Raises:
        ClientNotAllowed: the person may not work for it, or it is archived.
        ClientNeedsFactor: it asks for a second factor.
        ShiftIsOpen: the person takes calls now.
    """
    if client_id == who.client_id:
        return
    places = {place.client.id: place for place in await workplaces(session, who.user_id)}
    wanted = places.get(client_id)
    if wanted is None:
        raise ClientNotAllowed
    await _require_no_shift(session, who)
    async with over_all_clients(session):
        factor = await session.get(SecondFactor, who.user_id)
        guarded = factor is not None and factor.confirmed_at is not None
        if not guarded and wanted.role.value in wanted.client.second_factor_roles:
            raise ClientNeedsFactor
        await session.execute(
            update(UserSession)
            .where(
                col(UserSession.id) == who.session_id,
                col(UserSession.client_id) == who.own_client_id,
            )
            .values(works_for=None if wanted.is_own else client_id)
        )
        facts = {"from": str(who.client_id), "to": str(client_id)}
        user = await session.get_one(User, who.user_id)
        for concerned, action in ((who.client_id, "work.left"), (client_id, "work.entered")):
            await _note(session, user, concerned, action, facts, by=user.id, clock=clock)


async def _require_no_shift(session: AsyncSession, who: Identity) -> None:
    statement = (
        select(AgentSession.id)
        .join(Agent, col(Agent.id) == col(AgentSession.agent_id))
        .where(
            col(Agent.user_id) == who.user_id,
            col(AgentSession.client_id) == who.client_id,
            col(AgentSession.ended_at).is_(None),
        )
    )
    if (await session.exec(statement)).first() is not None:
        raise ShiftIsOpen


async def _note(
    session: AsyncSession,
    user: User,
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
        subject=User.__tablename__,
        subject_id=user.id,
        facts=facts,
    )
