"""The simulated Asterisk as one object: start it, look into it, disturb it."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from dialer.clock import Clock, SystemClock
from dialer.simulator.ari import calls
from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.causes import Ending
from dialer.simulator.ari.channels import Channel, Channels
from dialer.simulator.ari.events import Events, Timestamps
from dialer.simulator.ari.people import People
from dialer.simulator.ari.rest import Answer, Request, refused
from dialer.simulator.ari.wire import Wire
from dialer.simulator.ari.world import Invite, World
from dialer.simulator.population import PROFILES, Population


class AriSimulator:
    """An ARI server with a simulated world behind it; use it as an async context manager.

    ``port`` 0 takes a free one. Without a ``population`` everybody answers after 0.3 s and talks for
    2 s, and a number such as ``t-busy-r200`` behaves as it says. ``speed`` divides the times of people,
    prompts and the dialplan. ``seed`` is used for the default population only.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "outdial",
        password: str,
        population: People | None = None,
        seed: int = 0,
        speed: float = 1.0,
        clock: Clock | None = None,
        channel_variables: tuple[str, ...] = ("OD_ROLE", "OD_ID", "OD_CAMPAIGN"),
    ) -> None:
        self._host = host
        self._port = port
        self.api_key = f"{user}:{password}"
        self._people = population or Population(PROFILES["answers_all"], seed)
        self._speed = speed
        self._clock = clock or SystemClock()
        self._channel_variables = channel_variables
        self._server: asyncio.Server | None = None
        self._world: World | None = None
        self._refused_status: int | None = None
        self._refused_part = ""
        self.stall_s = 0.0  #: seconds every REST response is held back
        self.is_down = False  #: whether connections are dropped, as while Asterisk restarts
        self.wires: set[Wire] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._world = World(
            loop=loop,
            events=Events(Timestamps(self._clock)),
            people=self._people,
            speed=self._speed,
            shown=self._channel_variables,
        )
        self._server = await loop.create_server(lambda: Wire(self, loop), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening and break every connection."""
        self.crash()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def world(self) -> World:
        """Return the world behind ARI.

        Raises:
            RuntimeError: before the simulator has been started.
        """
        if self._world is None:
            raise RuntimeError("the simulator has not been started")
        return self._world

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._port

    @property
    def base_url(self) -> str:
        """Return the address of ARI, for HTTP."""
        return f"http://{self._host}:{self._port}/ari"

    @property
    def invites(self) -> list[Invite]:
        """Return the carrier's own log: every customer dialled, in order."""
        return self.world.invites

    @property
    def channels(self) -> Channels:
        """Return the channels alive."""
        return self.world.channels

    @property
    def bridges(self) -> dict[str, Bridge]:
        """Return the bridges by id."""
        return self.world.bridges

    def on_invite(self, listener: Callable[[Invite], None]) -> None:
        """Call ``listener`` with each customer dialled from now on."""
        self.world.on_invite = listener

    def answer(self, channel_id: str) -> None:
        """Let the far end pick up now."""
        channel = self._alive(channel_id)
        if not channel.is_up:
            calls.answer(self.world, channel)

    def hang_up(self, channel_id: str) -> None:
        """Let the far end hang up now (before the answer: decline with 480)."""
        calls.leave(self.world, self._alive(channel_id))

    def lose(self, channel_id: str) -> None:
        """Let the channel end as one whose media stopped: a browser that was closed (cause 44)."""
        self.world.hang_up(self._alive(channel_id), Ending(44))

    def silence(self, channel_id: str, *, ends: bool = False) -> None:
        """Let nothing more arrive from a channel that stays up; ``ends``: it sends again."""
        self._alive(channel_id).silent_since_s = None if ends else self.world.loop.time()

    def press(self, channel_id: str, digits: str) -> None:
        """Let the far end press keys, one event each."""
        channel = self._alive(channel_id)
        for digit in digits:
            calls.press(self.world, channel, digit)

    def refuse_rest(self, status: int | None, uri_part: str = "") -> None:
        """Answer REST requests whose URI contains ``uri_part`` with ``status``; none: no longer."""
        self._refused_status = status
        self._refused_part = uri_part

    def refusal(self, request: Request) -> Answer | None:
        """Return the answer to a request that is to be refused, or none."""
        if self._refused_status is None or self._refused_part not in request.uri:
            return None
        return refused(self._refused_status, "Refused by the simulator")

    def drop_connections(self) -> None:
        """Break every connection; the world goes on."""
        for wire in list(self.wires):
            wire.drop()

    def crash(self) -> None:
        """Lose every channel, bridge, application and connection, as a restart of Asterisk does."""
        self.world.forget()
        self.drop_connections()

    def _alive(self, channel_id: str) -> Channel:
        channel = self.channels.get(channel_id)
        if channel is None:
            raise KeyError(channel_id)
        return channel
