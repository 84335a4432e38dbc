"""What integration tests share."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from dialer.db import SessionFactory
from tests.commands import Outdial, outdial_with
from tests.hall import Place
from tests.nursery import Nursery, nursery
from tests.receivers import Hook, hook
from tests.world import test_settings


@pytest.fixture(scope="session")
def home() -> Nursery:
    """A process that has imported the program and forks workers."""
    return nursery()


@pytest.fixture
def place(sessions: SessionFactory, redis: Redis, database_url: str, redis_url: str) -> Place:
    """The servers of a test."""
    return Place(sessions, redis, database_url, redis_url)


@pytest.fixture
def outdial(database_url: str, redis_url: str) -> Outdial:
    """Run ``outdial`` on the test's database."""
    return outdial_with(test_settings(database_url, redis_url))


@pytest.fixture
async def receiver() -> AsyncIterator[Hook]:
    """A client's server that takes webhooks."""
    async with hook() as made:
        yield made
