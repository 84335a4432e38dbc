"""What a route is given: services, a transaction, and an outbox that is emptied after the commit."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol
from uuid import UUID

import structlog
from fastapi import Depends, Request
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.metrics import Metrics
from campaigns import commands
from campaigns.commands import CommandName
from campaigns.law.suppressions import CANCEL_REASON, LiveCall
from compliance.dnc.shelf import DncShelf
from compliance.facts import Law
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobName
from dialer.settings import Settings

log = structlog.get_logger()


class Jobs(Protocol):
    """Where work for the workers is left; ``dialer.jobs.JobQueue`` in production."""

    async def enqueue(self, name: JobName, *, key: str | None = None, **payload: str) -> None:
        """Leave a job."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything outside of the process, and the clock."""

    settings: Settings
    sessions: SessionFactory
    redis: Redis
    jobs: Jobs
    clock: Clock
    law: Law
    shelf: DncShelf
    metrics: Metrics = field(default_factory=Metrics)


def services_of(request: Request) -> Services:
    """Return the services the application was made with."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    # What is given at once is asked for in a coroutine: FastAPI runs plain functions on threads.
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services)]


async def _clock(services: ServicesDep) -> Clock:
    return services.clock


ClockDep = Annotated[Clock, Depends(_clock)]


async def _law(services: ServicesDep) -> Law:
    return services.law


LawDep = Annotated[Law, Depends(_law)]


@dataclass(slots=True)
class Outbox:
    """Messages of one request, sent once its transaction is committed."""

    redis: Redis
    jobs: Jobs
    _commands: list[tuple[UUID, CommandName, Mapping[str, str]]] = field(default_factory=list)
    _adopted: list[UUID] = field(default_factory=list)
    _news: list[str] = field(default_factory=list)

    def tell(self, campaign_id: UUID, name: CommandName, **facts: str) -> None:
        """Have the campaign's runner told."""
        self._commands.append((campaign_id, name, facts))

    def adopt(self, campaign_id: UUID) -> None:
        """Have a dialing worker take the campaign."""
        self._adopted.append(campaign_id)

    def announce(self, channel: str) -> None:
        """Have those who listen to a channel look at the tables again."""
        self._news.append(channel)

    def cancel(self, calls: Iterable[LiveCall]) -> None:
        """Have calls cancelled that nobody has answered yet: their numbers were suppressed."""
        for call in calls:
            facts = {"call_id": str(call.attempt_id), "reason": CANCEL_REASON}
            self._commands.append((call.campaign_id, CommandName.CANCEL_CALL, facts))

    async def send(self) -> None:
        """Send everything. What Redis cannot take now, runners and workers find in the tables."""
        try:
            for campaign_id in self._adopted:
                await self.jobs.enqueue(JobName.ADOPT_CAMPAIGN, campaign_id=str(campaign_id))
            for campaign_id, name, facts in self._commands:
                await commands.send(self.redis, campaign_id, name, facts)
            for channel in self._news:
                await self.redis.publish(channel, "changed")
        except (RedisError, OSError) as error:
            log.warning("outbox.not_sent", error=type(error).__name__)


async def _outbox(services: ServicesDep) -> AsyncIterator[Outbox]:
    outbox = Outbox(services.redis, services.jobs)
    yield outbox
    await outbox.send()


# Function scope: the commit and the messages happen before the response, so a failed commit is a 500.
OutboxDep = Annotated[Outbox, Depends(_outbox, scope="function")]


async def _session(services: ServicesDep, outbox: OutboxDep) -> AsyncIterator[AsyncSession]:
    del outbox  # entered first, so it is left last: after the commit
    async with transaction(services.sessions) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(_session, scope="function")]
