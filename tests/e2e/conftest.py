"""What the tests of whole days share."""

import pytest
from redis.asyncio import Redis

from dialer.db import SessionFactory
from tests.hall import Place
from tests.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def home() -> Nursery:
    """A process that has imported the program and forks workers."""
    return nursery()


@pytest.fixture
def place(sessions: SessionFactory, redis: Redis, database_url: str, redis_url: str) -> Place:
    """The servers of a test."""
    return Place(sessions, redis, database_url, redis_url)
