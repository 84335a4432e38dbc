"""A call hall for tests: a simulated Asterisk, a worker and a campaign, ready to be watched."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from campaigns import commands
from campaigns.commands import CommandName
from dialer.ari.connection import AriEndpoint
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from dialer.pacing.breaker import BreakerPolicy
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.people import People
from dialer.simulator.ari.server import AriSimulator
from dialer.simulator.ari.world import Invite
from dialer.simulator.behaviour import Behaviour, explicit_behaviour
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.world import Books, dialing_worker, test_settings, until

PASSWORD = "secret"


@dataclass(frozen=True, slots=True)
class Place:
    """The servers of a test."""

    sessions: SessionFactory
    redis: Redis
    database_url: str
    redis_url: str

    @asynccontextmanager
    async def worker(
        self, sim: AriSimulator, *, password: str = PASSWORD, breaker: BreakerPolicy | None = None
    ) -> AsyncIterator[None]:
        """Run a dialing worker."""
        settings = test_settings(self.database_url, self.redis_url)
        ari = AriEndpoint(sim.base_url, "outdial", password)
        async with dialing_worker(settings, self.sessions, self.redis, ari, breaker):
            yield

    async def campaign(self, leads: int, agents: int, **how: Any) -> MadeCampaign:
        """Add a running campaign with leads of its own numbers (or those of ``e164s``)."""
        e164s = how.pop("e164s", None) or numbers(leads)
        async with transaction(self.sessions) as session:
            now = SystemClock().now()
            return await make_campaign(session, now, leads=e164s, agents=agents, **how)

    def books(self, made: MadeCampaign) -> Books:
        """Return what the database says of a campaign."""
        return Books(self.sessions, made.id)

    async def set_state(self, made: MadeCampaign, state: str) -> None:
        """Do what an entry point does: change the row, commit, tell the runner."""
        await self.execute("UPDATE campaign SET state = :state WHERE id = :c", made, state=state)
        await commands.send(self.redis, made.id, CommandName.REFRESH)

    async def execute(self, sql: str, made: MadeCampaign, **facts: object) -> None:
        """Change rows; ``:c`` is the campaign."""
        async with transaction(self.sessions) as session:
            used = {"c": made.id} if ":c" in sql else {}
            await session.execute(text(sql), {**used, **facts})


class Manners:
    """How people take calls, by number; everybody else as ``usual``."""

    def __init__(self, usual: str, odd: Mapping[str, str] | None = None) -> None:
        self.usual = _read(usual)
        self.odd = {number: _read(manner) for number, manner in (odd or {}).items()}

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return the same at every call."""
        del nth_call
        return self.odd.get(number, self.usual)


def _read(manner: str) -> Behaviour:
    behaviour = explicit_behaviour(manner)
    assert behaviour is not None
    return behaviour


@dataclass(slots=True)
class CarrierBook:
    """What the carrier saw: nobody may be rung up twice at a time."""

    sim: AriSimulator
    dialled: Counter[str] = field(default_factory=Counter)
    doubled: list[str] = field(default_factory=list)  #: channel ids
    peak: int = 0  #: most calls alive at a time

    def note(self, invite: Invite) -> None:
        """Note one invitation."""
        self.dialled[invite.number] += 1
        live = customers(self.sim)
        self.peak = max(self.peak, len(live))
        if sum(1 for channel in live if channel.number == invite.number) > 1:
            self.doubled.append(invite.channel_id)


@asynccontextmanager
async def asterisk(
    people: People, *, speed: float = 1.0, dial_speed: float = 1.0, port: int = 0
) -> AsyncIterator[tuple[AriSimulator, CarrierBook]]:
    """Run a simulated Asterisk."""
    sim = AriSimulator(password=PASSWORD, population=people, speed=speed, port=port)
    async with sim:
        sim.world.dial_speed = dial_speed
        book = CarrierBook(sim)
        sim.on_invite(book.note)
        yield sim, book


def customers(sim: AriSimulator, state: str = "") -> list[Channel]:
    """Return the customers' live legs (in ``state``)."""
    return [c for c in sim.channels if c.trunk and state in ("", c.state)]


def agents(sim: AriSimulator) -> list[Channel]:
    """Return the agents' live legs."""
    return [c for c in sim.channels if not c.trunk and not c.name.startswith("Snoop/")]


def talking(sim: AriSimulator) -> list[Channel]:
    """Return the customers who are in a bridge with an agent."""
    return [c for c in customers(sim) if c.bridge is not None and len(c.bridge.members) == 2]


async def see_talks(sim: AriSimulator, count: int) -> list[Channel]:
    """Wait until so many customers talk and return them."""

    async def enough() -> bool:
        return len(talking(sim)) >= count

    await until(enough, f"{count} customers talk to agents")
    return talking(sim)


async def see_silence(sim: AriSimulator) -> None:
    """Wait until no customer's leg is alive."""

    async def silent() -> bool:
        return not customers(sim)

    await until(silent, "no customer's leg is alive")


async def check_balance(place: Place, made: MadeCampaign, sim: AriSimulator) -> None:
    """Check that everything dialled is an attempt with an outcome, and nothing was dialled twice.

    An attempt that a crash cut off before its dial says so: it is the price of writing it first.
    """
    async with place.sessions() as session:
        sql = text("SELECT id, outcome FROM attempt WHERE campaign_id = :c")
        rows = await session.execute(sql, {"c": made.id})
        outcomes = {row.id: row.outcome for row in rows}
    invited = [UUID(hex=invite.channel_id[1:]) for invite in sim.invites]
    assert len(invited) == len(set(invited))
    assert set(invited) <= outcomes.keys()
    assert None not in outcomes.values()
    unsent = {outcomes[attempt] for attempt in outcomes.keys() - set(invited)}
    assert unsent <= {"interrupted", "not_sent"}
