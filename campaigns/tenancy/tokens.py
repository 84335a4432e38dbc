"""Bearer tokens: shown once, kept as a digest."""

import secrets
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import ApiToken, Client, ClientAccess, Role, User
from dialer.clock import Clock
from dialer.errors import Forbidden, NotFound, Unauthenticated
from dialer.rows import Whose

#: Lets people and secret scanners recognise a token.
PREFIX = "odt_"

#: Bytes of randomness; so many need no slow hash, because nobody can guess them.
TOKEN_BYTES = 32


class ClientNotAllowed(Forbidden):
    """The person may not work for the client, or there is none."""

    code = "client_not_allowed"
    message = "You may not work for this client."


@dataclass(frozen=True, slots=True)
class Look:
    """What pages need of a client's look."""

    name: str  #: shown instead of Outdial; "" = Outdial
    version: str  #: another one after each change: part of the addresses of colours and logo
    has_logo: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking."""

    user_id: UUID
    client_id: UUID  #: for which the person works now
    role: Role  #: at that client
    login: str
    session_id: UUID | None = None  #: of a browser; none = a token of the API
    home_id: UUID | None = None  #: the person's own client, while working for another one
    # What pages show beside: the person is the same without it.
    manages_clients: bool = field(default=False, compare=False)
    client_name: str = field(default="", compare=False)  #: for those who work for several
    has_others: bool = field(default=False, compare=False)  #: works for other clients, too
    zone: str = field(default="", compare=False)  #: of that client, for who has chosen none
    look: Look | None = field(default=None, compare=False)  #: of the client worked for

    @property
    def own_client_id(self) -> UUID:
        """Return the client whose user this is: password, second factor and sessions are its."""
        return self.home_id or self.client_id

    @property
    def whose(self) -> Whose:
        """Return whose rows the person's requests may see."""
        return Whose(self.client_id, self.user_id)

    @property
    def own(self) -> Whose:
        """Return where the person's own account is."""
        return Whose(self.own_client_id, self.user_id)


def _digest(plaintext: str) -> str:
    return sha256(plaintext.encode()).hexdigest()


async def issue(session: AsyncSession, user_id: UUID, clock: Clock) -> str:
    """Make a token for a user and return its text, which cannot be shown again.

    Raises:
        NotFound: there is no such user.
    """
    if await session.get(User, user_id) is None:
        raise NotFound("There is no such user.")
    plaintext = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    session.add(ApiToken(user_id=user_id, digest=_digest(plaintext), created_at=clock.now()))
    await session.flush()
    return plaintext


async def identify(session: AsyncSession, plaintext: str, client: str | None = None) -> Identity:
    """Return who holds the token.

    Args:
        session: Sees all clients' rows: nobody is known yet.
        plaintext: The token.
        client: Id or name of the client to work for; None: the user's own.

    Raises:
        Unauthenticated: no such token, or it was revoked, or its user is disabled or of an archived client.
        ClientNotAllowed: the user may not work for ``client``.
    """
    statement = (
        select(User)
        .join(ApiToken, col(ApiToken.user_id) == col(User.id))
        .join(Client, col(Client.id) == col(User.client_id))
        .where(
            col(ApiToken.digest) == _digest(plaintext),
            col(ApiToken.revoked_at).is_(None),
            col(User.disabled_at).is_(None),
            col(Client.archived_at).is_(None),
        )
    )
    user = (await session.exec(statement)).first()
    if user is None:
        raise Unauthenticated
    own = Identity(
        user.id, user.client_id, user.role, user.login, manages_clients=user.manages_clients
    )
    return own if client is None else await _at(session, own, client)


async def _at(session: AsyncSession, own: Identity, client: str) -> Identity:
    """Return the same person working for a client; names and ids of others are not told apart."""
    try:
        named = col(Client.id) == UUID(client)
    except ValueError:
        named = col(Client.name) == client
    statement = (
        select(Client.id, ClientAccess.role)
        .outerjoin(
            ClientAccess,
            (col(ClientAccess.client_id) == col(Client.id))
            & (col(ClientAccess.user_id) == own.user_id)
            & (col(ClientAccess.ended_at).is_(None)),
        )
        .where(named, col(Client.archived_at).is_(None))
    )
    found = (await session.exec(statement)).first()
    if found is not None and found[0] == own.client_id:
        return own
    if found is None or found[1] is None:
        raise ClientNotAllowed
    return replace(own, client_id=found[0], role=Role(found[1]), home_id=own.client_id)


async def revoke_all(session: AsyncSession, user_id: UUID, clock: Clock) -> int:
    """Make every token of a user useless from now on; return how many there were."""
    statement = select(ApiToken).where(
        col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None)
    )
    live = (await session.exec(statement)).all()
    for token in live:
        token.revoked_at = clock.now()
    await session.flush()
    return len(live)
