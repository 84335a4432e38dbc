"""The rows an installation starts with: clients, users, trunks, caller IDs. Safe to repeat."""

import re
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import NameTaken
from campaigns.models import CallerId, Trunk
from campaigns.tenancy.models import Client, Role, User
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.rows import over_all_clients

#: Longer display names are cut by telephones.
MOST_NAME_CHARACTERS = 40
#: Who runs an installation.
_IN_CHARGE = (Role.ADMIN, Role.MANAGER)
#: What could end the quoted name of a SIP header and begin another address (C0, C1, line separators).
_UNSAFE_IN_NAMES = re.compile(r'["<>\\\x00-\x1f\x7f-\x9f\u2028\u2029]')


async def ensure_client(session: AsyncSession, name: str, clock: Clock) -> Client:
    """Return the client called ``name``, made now if there was none."""
    known = (await session.exec(select(Client).where(col(Client.name) == name))).first()
    if known is not None:
        return known
    client = Client(name=name, created_at=clock.now())
    session.add(client)
    await session.flush()
    return client


async def create_user(
    session: AsyncSession, *, client_id: UUID, login: str, role: Role, clock: Clock
) -> User:
    """Make a user; logins are unique over the whole installation.

    Raises:
        NameTaken: another user has the login.
    """
    if await find_user(session, login) is not None:
        raise NameTaken("The login is taken: choose another one.")
    user = User(client_id=client_id, login=login, role=role, created_at=clock.now())
    session.add(user)
    await session.flush()
    return user


async def is_first_in_charge(session: AsyncSession, role: Role) -> bool:
    """Tell whether a user to be made in this role is the first one who runs the installation.

    Whoever is may make clients: nobody else could, and a call centre begins with one person.
    """
    if role not in _IN_CHARGE:
        return False
    async with over_all_clients(session):
        known = await session.exec(select(User.id).where(col(User.role).in_(_IN_CHARGE)).limit(1))
        return known.first() is None


async def find_user(session: AsyncSession, login: str) -> User | None:
    """Return the user with this login."""
    return (await session.exec(select(User).where(col(User.login) == login))).first()


async def ensure_trunk(
    session: AsyncSession,
    *,
    name: str,
    endpoint: str,
    max_channels: int,
    calls_per_s: float,
    simulated: bool,
    client_id: UUID | None = None,
) -> Trunk:
    """Return the trunk called ``name``, made or changed to what is asked for.

    Without ``client_id`` every client may use it.

    Raises:
        Conflict: a trunk of this name belongs to another client, or reaches people and would
            become a simulated one, whose campaigns may ignore the hours.
    """
    trunk = (await session.exec(select(Trunk).where(col(Trunk.name) == name))).first()
    if trunk is None:
        trunk = Trunk(name=name, endpoint=endpoint, client_id=client_id)
        session.add(trunk)
    elif trunk.client_id != client_id:
        raise Conflict("A trunk of this name belongs to another client.")
    elif simulated and not trunk.simulated:
        raise Conflict(
            "This trunk reaches people, so it cannot become a simulated one: add the simulated"
            " trunk under another name.",
            name=name,
        )
    trunk.endpoint, trunk.simulated = endpoint, simulated
    trunk.max_channels, trunk.calls_per_s = max_channels, calls_per_s
    await session.flush()
    return trunk


def check_display_name(name: str) -> None:
    """Refuse a name that telephones cannot show.

    Raises:
        Invalid: it could break out of a SIP header, or is longer than 40 characters.
    """
    if len(name) > MOST_NAME_CHARACTERS or _UNSAFE_IN_NAMES.search(name):
        raise Invalid(
            f"A caller ID's display name may have {MOST_NAME_CHARACTERS} characters, and no"
            " double quotes, backslashes, <, > or control characters."
        )


async def ensure_caller_id(
    session: AsyncSession, *, client_id: UUID, e164: str, display_name: str = ""
) -> CallerId:
    """Return the client's caller ID with this number, made now if there was none.

    Raises:
        Invalid: the display name could break out of a SIP header, or is longer than 40 characters.
    """
    check_display_name(display_name)
    mine = select(CallerId).where(col(CallerId.client_id) == client_id, col(CallerId.e164) == e164)
    known = (await session.exec(mine)).first()
    if known is not None:
        return known
    caller_id = CallerId(client_id=client_id, e164=e164, display_name=display_name)
    session.add(caller_id)
    await session.flush()
    return caller_id
