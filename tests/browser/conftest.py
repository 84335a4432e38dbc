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


#: A page checked in three languages beside other tests takes longer than tests are given.
SILENT_S = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that hear sound, which want a processor; the others run beside the rest."""
    for item in items:
        if not item.path.is_relative_to(Path(__file__).parent):
            continue
        if "exchange" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.sound)
        elif item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SILENT_S))


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
