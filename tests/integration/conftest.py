"""What integration tests of the dialing worker share."""

import pytest
from redis.asyncio import Redis

from dialer.db import SessionFactory
from tests.hall import Place


@pytest.fixture
def place(sessions: SessionFactory, redis: Redis, database_url: str, redis_url: str) -> Place:
    """The servers of a test."""
    return Place(sessions, redis, database_url, redis_url)
