"""What telephony tests share: one real Asterisk, carrier and bank of telephones a run."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
from redis.asyncio import Redis

from campaigns.setup.virtual import SIMULATED_TRUNK
from cli.embedded.asterisk_config import AgentEndpoint, TrunkEndpoint, remove_instance
from cli.embedded.services import Services
from dialer.db import SessionFactory
from tests.exchange import CARRIER, PHONES, Exchange, Part
from tests.hall import Place


@pytest.fixture(scope="session")
def _exchange(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Start everything; fails (`make asterisk`) where Asterisk is not installed."""
    folder = tmp_path_factory.mktemp("telephony")
    log, ports = folder / "carrier.jsonl", services.ports
    carrier_port, phones_port = ports.udp("carrier"), ports.udp("phones")
    log.touch()
    with ExitStack() as stack:
        carrier = Part(
            ["carrier", "--port", str(carrier_port), "--profile", "answers_all", "--log", str(log)],
            folder / "carrier.err",
        )
        stack.callback(carrier.stop)
        phones = Part(
            ["phones", "--port", str(phones_port), "--count", str(PHONES)], folder / "phones.err"
        )
        stack.callback(phones.stop)
        stack.callback(remove_instance, services.asterisk_root, services.instance)
        config = services.asterisk_config(
            trunks=tuple(
                TrunkEndpoint(name, "127.0.0.1", carrier_port)
                for name in (CARRIER, SIMULATED_TRUNK)
            ),
            agents=tuple(
                AgentEndpoint(f"agent-{n}", contact=f"127.0.0.1:{phones_port}")
                for n in range(1, PHONES + 1)
            ),
        )
        services.ensure_asterisk(config)
        assert services.asterisk is not None
        stack.callback(services.asterisk.stop)
        yield Exchange(
            services.asterisk, carrier, phones, log, simulated=(carrier_port, phones_port)
        )


@pytest.fixture
async def exchange(_exchange: Exchange) -> AsyncIterator[Exchange]:
    """The exchange, without calls; what a test leaves is hung up after it."""
    _exchange.begin()
    yield _exchange
    if _exchange.server.running:
        _exchange.server.cli("channel request hangup all")
    await _exchange.carrier.order("bye", number="*")


@pytest.fixture
def place(sessions: SessionFactory, redis: Redis, database_url: str, redis_url: str) -> Place:
    """The servers of a test."""
    return Place(sessions, redis, database_url, redis_url)
