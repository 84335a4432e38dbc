"""People with passwords and authenticators, for the tests of accounts."""

import html
import re
from dataclasses import dataclass, replace
from uuid import UUID

from httpx import ASGITransport, AsyncClient, Response
from sqlmodel import col, select

from campaigns.accounts import people, totp
from campaigns.tenancy.models import AuditEntry, Role, User
from dialer.clock import FrozenClock
from dialer.db import transaction
from tests.integration.api_world import BASE_URL, World

PASSWORD = "lilac tram eleven"
SAME_ORIGIN = {"Origin": BASE_URL}


@dataclass
class Person:
    """Somebody at a browser of their own."""

    world: World
    user: User
    browser: AsyncClient
    password: str = PASSWORD

    async def post(self, path: str, **data: str) -> Response:
        """Send a form of our own page."""
        return await self.browser.post(path, data=data, headers=SAME_ORIGIN)

    async def sign_in(self, password: str = "", **headers: str) -> Response:
        """Show login and password."""
        data = {"login": self.user.login, "password": password or self.password}
        return await self.browser.post("/sign-in", data=data, headers={**SAME_ORIGIN, **headers})

    async def place(self) -> str:
        """Return where the front page leads."""
        return str((await self.browser.get("/")).headers["location"])

    def elsewhere(self, address: str = "198.51.100.7", base_url: str = BASE_URL) -> "Person":
        """Return the same person at another browser, which nobody has seen yet."""
        return replace(self, browser=browser_at(self.world, address, base_url))

    async def set_factor_up(self) -> tuple[str, list[str]]:
        """Set a second factor up on the account page; return its key and the recovery codes."""
        shown = await self.post("/account/second-factor", present=self.password)
        key = key_of(shown)
        done = await self.post(
            "/account/second-factor/confirm", code=code_of(key, self.world.clock)
        )
        assert done.status_code == 200, done.text
        return key, codes_of(done)


def browser_at(world: World, address: str, base_url: str = BASE_URL) -> AsyncClient:
    """Return a browser without cookies at an address."""
    transport = ASGITransport(app=world.app, raise_app_exceptions=False, client=(address, 50000))
    return AsyncClient(transport=transport, base_url=base_url)


async def person(
    world: World,
    role: Role = Role.MANAGER,
    *,
    address: str = "192.0.2.1",
    client_id: UUID | None = None,
    must_change: bool = False,
) -> Person:
    """Make a user with a password."""
    user = await world.user(role, client_id=client_id)
    async with transaction(world.sessions) as session:
        mine = await people.find(session, user.id, client_id=user.client_id)
        await people.set_password(
            session, mine, PASSWORD, world.clock, by=None, must_change=must_change
        )
    return Person(world, mine, browser_at(world, address))


async def signed_in(world: World, role: Role = Role.MANAGER) -> Person:
    """Make a user with a password and sign in."""
    made = await person(world, role)
    assert (await made.sign_in()).status_code == 303
    return made


def key_of(page: Response) -> str:
    """Return the authenticator's key that a page shows."""
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page.text)
    assert found, page.text
    return found.group(1).replace(" ", "")


def codes_of(page: Response) -> list[str]:
    """Return the recovery codes that a page shows."""
    return re.findall(r"<li><code>([a-z2-7-]+)</code></li>", html.unescape(page.text))


def code_of(key: str, clock: FrozenClock) -> str:
    """Return what an authenticator shows now."""
    step = totp.step_at(clock.now().timestamp())
    return totp.code_of(totp.from_base32(key), step)


async def actions_of(world: World, user: User) -> list[str]:
    """Return what was done to a user, the oldest first."""
    statement = (
        select(AuditEntry.action)
        .where(col(AuditEntry.subject_id) == user.id)
        .order_by(col(AuditEntry.id))
    )
    async with transaction(world.sessions) as session:
        return list((await session.exec(statement)).all())
