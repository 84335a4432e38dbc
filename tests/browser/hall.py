"""A whole installation for an agent in a browser: web and dialing worker as processes, real telephony."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from playwright.async_api import BrowserContext

from campaigns.accounts import people
from campaigns.agents.sessions import create_agent
from campaigns.tenancy import bootstrap, tokens
from campaigns.tenancy.models import Role
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.settings import Settings
from tests.browser.chromium import Tab
from tests.exchange import Exchange
from tests.factories import MadeCampaign
from tests.hall import Place
from tests.nursery import Child, nursery
from tests.world import until

PASSWORD = "lilac tram eleven"
STOP_S = 15.0
#: Two processes begin at once beside a browser: on a busy machine that takes its time.
STARTS_S = 120.0


@dataclass(frozen=True, slots=True)
class Operator:
    """An agent with a login, whose telephone is in the browser."""

    agent_id: UUID
    login: str
    token: str


@dataclass(slots=True)
class Hall:
    """A running installation."""

    exchange: Exchange
    place: Place
    url: str
    web: "Program"
    settings: Settings

    async def web_answers(self) -> None:
        """Wait until the web process answers."""

        async def answers() -> bool:
            with suppress(httpx.TransportError):
                async with httpx.AsyncClient() as client:
                    return (await client.get(f"{self.url}/health")).status_code == HTTPStatus.OK
            return False

        await until(answers, "the web process answers", within_s=STARTS_S)

    async def operator(self, made: MadeCampaign, login: str = "olga") -> Operator:
        """Make an agent of the campaign's client."""
        clock = SystemClock()
        async with transaction(self.place.sessions) as session:
            user = await bootstrap.create_user(
                session, client_id=made.client_id, login=login, role=Role.AGENT, clock=clock
            )
            await people.set_password(session, user, PASSWORD, clock, by=None)
            agent = await create_agent(
                session, client_id=made.client_id, name=login, endpoint=None, user_id=user.id
            )
            token = await tokens.issue(session, user.id, clock)
        return Operator(agent.id, login, token)

    async def sign_in(self, context: BrowserContext, who: Operator) -> None:
        """Sign in as people do."""
        page = await context.new_page()
        await page.goto(f"{self.url}/sign-in")
        await page.fill("input[name=login]", who.login)
        await page.fill("input[name=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self.url}/desk")
        await page.close()

    async def open(self, context: BrowserContext) -> Tab:
        """Open a page with the telephone."""
        tab = Tab(await context.new_page()).watch()
        await tab.page.goto(f"{self.url}/desk/phone/check", wait_until="domcontentloaded")
        return tab

    async def begin_shift(self, who: Operator, made: MadeCampaign) -> None:
        """Begin a shift over the API."""
        await self._post(who, f"agents/{who.agent_id}/sign-in", {"campaign_id": str(made.id)})

    async def _post(self, who: Operator, path: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {who.token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers) as api:
            answer = await api.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == HTTPStatus.OK, answer.text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Program:
    """One of the installation's processes."""

    settings: Settings
    log: Path
    command: tuple[str, ...]
    child: Child | None = None

    async def start(self) -> None:
        """Start it; whoever needs it waits until it answers."""
        code = f"import sys; sys.argv = {['outdial', *self.command]!r}\nfrom cli.main import main; main()"
        self.child = await asyncio.to_thread(nursery().start, code, self.settings, self.log)

    async def kill(self) -> None:
        """Kill it: nothing is finished or tidied."""
        assert self.child is not None
        await self.child.kill()

    async def stop(self) -> None:
        """End it."""
        assert self.child is not None
        with suppress(ProcessLookupError):
            self.child.send(signal.SIGTERM)
        try:
            await self.child.ended(STOP_S)
        except AssertionError:
            await self.kill()


@asynccontextmanager
async def _running(settings: Settings, log: Path, *command: str) -> AsyncIterator[Program]:
    program = Program(settings, log, command)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()


def _folders(folder: Path) -> dict[str, Path]:
    """Return where an installation of a test keeps its files."""
    return {name: folder / name for name in ("exports_dir", "uploads_dir", "form_files_dir")}


@asynccontextmanager
async def open_hall(
    exchange: Exchange, place: Place, folder: Path, *, whole: bool = False
) -> AsyncIterator[Hall]:
    """Run web and worker as an installation does, until both are up.

    ``whole`` is an installation to try out: its background worker runs, too, and there is a simulated trunk.
    """
    port = _free_port()
    carrier_port, phones_port = exchange.simulated
    trying = {"simulated_carrier_port": carrier_port, "simulated_phones_port": phones_port}
    settings = exchange.settings(
        place,
        web_port=port,
        phone_websocket_url=f"ws://127.0.0.1:{exchange.server.config.http_port}/ws",
        recordings_dir=folder / "recordings",
        **(trying | _folders(folder) if whole else {}),
    )
    kinds = ("dialing", "background") if whole else ("dialing",)
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(_running(settings, folder / "web.log", "serve"))
        for kind in kinds:
            log = folder / f"{kind}.log"
            await stack.enter_async_context(_running(settings, log, "worker", kind))
        hall = Hall(exchange, place, f"http://127.0.0.1:{port}", web, settings)
        await hall.web_answers()
        yield hall
