"""What tests in a browser share: the exchange of the telephony tests, a hall, a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, chromium, write_tone
from tests.browser.hall import Hall, open_hall
from tests.exchange import Exchange
from tests.hall import Place
from tests.telephony.conftest import _exchange, exchange, place

__all__ = ["_exchange", "exchange", "place"]

#: What the agent's microphone plays.
AGENT_HZ = 700


@pytest.fixture
async def hall(exchange: Exchange, place: Place, tmp_path: Path) -> AsyncIterator[Hall]:
    """An installation, as processes."""
    async with open_hall(exchange, place, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone plays."""
    return write_tone(tmp_path_factory.mktemp("microphone") / "tone.wav", AGENT_HZ)


@pytest.fixture
async def browser(microphone: Path) -> AsyncIterator[Chromium]:
    """A browser."""
    async with chromium(microphone) as made:
        yield made
