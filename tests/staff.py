"""People of the call centre, who manage its clients."""

from httpx import AsyncClient

from api.browsers import COOKIE
from campaigns.tenancy.models import Role, User
from dialer.db import transaction
from tests.accounts import SAME_ORIGIN
from tests.integration.api_world import World


async def staff_of(world: World, role: Role = Role.ADMIN) -> tuple[User, AsyncClient]:
    """Return somebody who manages clients, at a browser."""
    user = await world.user(role)
    async with transaction(world.sessions) as session:
        (await session.get_one(User, user.id)).manages_clients = True
    browser = world.anonymous()
    browser.cookies.set(COOKIE, await world.session_token(user))
    browser.headers.update(SAME_ORIGIN)
    return user, browser
