"""A real telephone exchange for tests: Asterisk between a simulated carrier and agents' telephones."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import text

from cli.demo.balance import CarrierSays, check_books
from cli.embedded.asterisk import AsteriskServer
from cli.embedded.asterisk_config import inside
from dialer.ari.connection import AriEndpoint
from dialer.clock import SystemClock
from dialer.settings import PROJECT_ROOT, Settings
from dialer.simulator.sip.carrier_log import CarrierBook, CarrierCall, read_log
from dialer.simulator.sip.control import give_order
from dialer.simulator.sip.phone import tone_of
from tests.factories import MadeCampaign
from tests.hall import Place
from tests.world import dialing_worker, test_settings, until

CARRIER = "carrier"
PHONES = 6
ENDPOINT = f"PJSIP/{{number}}@{CARRIER}"
STOP_S = 10.0
#: An INVITE to a telephone number: the number, and the headers.
_INVITE = re.compile(rb"INVITE sip:(\+\d+)@.*?\r\n(.*?)\r\n\r\n", re.DOTALL)
#: Share of a tone in what is heard, from which on it is the only sound.
CLEAR = 0.8


class Part:
    """The carrier or the telephones: one process, ordered about by its control port."""

    def __init__(self, arguments: list[str], output: Path) -> None:
        """Start it and wait until it listens."""
        with output.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "dialer.simulator.sip", *arguments],
                cwd=PROJECT_ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it did not start: see {output}"
        self.control_port = int(json.loads(line)["control_port"])

    async def order(self, do: str, **facts: Any) -> dict[str, Any]:
        """Give one order and return the answer."""
        answer = await give_order(self.control_port, {"do": do, **facts})
        assert answer.pop("ok"), answer
        return answer

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(STOP_S)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass(slots=True)
class Exchange:
    """Everything between the worker and people's ears."""

    server: AsteriskServer
    carrier: Part
    phones: Part
    log: Path
    simulated: tuple[int, int] = (0, 0)  #: UDP ports of the carrier and of the telephones
    since: float = 0.0  #: Unix seconds; what the carrier wrote before is another test's

    @property
    def ari(self) -> AriEndpoint:
        """Return where ARI answers."""
        return AriEndpoint(self.server.ari.url, self.server.ari.user, self.server.ari.password)

    def begin(self) -> None:
        """Forget former tests; a server that a test killed is started again."""
        self.server.start()
        self.since = SystemClock().now().timestamp()

    def settings(self, place: Place, **changes: Any) -> Settings:
        """Return complete settings of a dialing worker."""
        found = {
            "ari_url": self.server.ari.url,
            "ari_user": self.server.ari.user,
            "ari_password": SecretStr(self.server.ari.password),
            "asterisk_recordings_dir": f"{self.server.dirs.spool}/monitor",
            "raw_recordings_dir": self.server.monitor_dir,
            "instance": self.server.config.instance,
        }
        return test_settings(place.database_url, place.redis_url, **(found | changes))

    @asynccontextmanager
    async def worker(self, place: Place) -> AsyncIterator[None]:
        """Run a dialing worker inside the test."""
        settings = self.settings(place)
        async with dialing_worker(settings, place.sessions, place.redis, self.ari):
            yield

    async def people(self, manners: Mapping[str, str]) -> None:
        """Tell the carrier how numbers take calls; all others answer and talk 2 s."""
        profile = {
            "shares": {"answer": 1.0},
            "ring": {"median_s": 0.3, "sigma": 0.0},
            "talk": {"median_s": 2.0, "sigma": 0.0},
            "overrides": dict(manners),
        }
        await self.carrier.order("profile", profile=profile, seed=1)

    def book(self) -> CarrierBook:
        """Return what the carrier wrote of this test's calls."""
        return CarrierBook(tuple(c for c in read_log(self.log).calls if c.invited_at >= self.since))

    def call_to(self, number: str) -> CarrierCall:
        """Return the carrier's only call to a number."""
        (call,) = self.book().of(number)
        return call

    async def heard_by_customer(self, number: str, *tones_hz: int) -> dict[str, Any]:
        """Return what a called person hears; nothing when the call is over."""
        answer = await self.carrier.order("hear", number=number, hz=list(tones_hz))
        return dict(answer["heard"][0]) if answer["heard"] else {}

    async def heard_by_agent(self, number: int, *tones_hz: int) -> dict[str, Any]:
        """Return what the agent at ``agent-<number>`` hears."""
        answer = await self.phones.order("hear", user=f"agent-{number}", hz=list(tones_hz))
        return dict(answer["heard"][0]) if answer["heard"] else {}

    @contextmanager
    def wire(self) -> Iterator[dict[str, set[bytes]]]:
        """Watch the wire; at the end the headers of the INVITEs are there, by the called number."""
        seen: dict[str, set[bytes]] = {}
        path = f"{self.server.dirs.log}/wire.pcap"
        self.server.cli("module load res_pjsip_logger.so")
        for order in ("verbose off", f"pcap {path}", "on"):
            self.server.cli(f"pjsip set logger {order}")
        try:
            yield seen
        finally:
            self.server.cli("pjsip set logger off")
            self.server.cli("module unload res_pjsip_logger.so")
            written = inside(self.server.root, path)
            for number, headers in _INVITE.findall(written.read_bytes()):
                seen.setdefault(number.decode(), set()).add(headers)  # a repeat is the same
            written.unlink()

    def live_channels(self) -> int:
        """Return how many channels Asterisk has."""
        shown = self.server.cli("core show channels count").splitlines()
        return next(int(line.split()[0]) for line in shown if "active channel" in line)


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent as the telephones know it."""

    number: int  #: of ``agent-<number>``

    @classmethod
    def of(cls, made: MadeCampaign, session_id: UUID) -> "Seat":
        """Return the seat of a session: sessions were made in the order of their telephones."""
        return cls(made.session_ids.index(session_id) + 1)

    @property
    def tone_hz(self) -> int:
        """Return the tone this agent's telephone sends."""
        return tone_of(self.number - 1)


async def see_clear_talk(
    exchange: Exchange, place: Place, made: MadeCampaign, number: str, customer_hz: int
) -> Seat:
    """Wait until a customer (who sends a tone) and an agent hear each other; return the agent."""

    async def talking() -> Seat | None:
        attempt = await attempt_to(place, made, number)
        if attempt is None or attempt.agent_session_id is None:
            return None
        seat = Seat.of(made, attempt.agent_session_id)
        customer = await exchange.heard_by_customer(number, seat.tone_hz)
        agent = await exchange.heard_by_agent(seat.number, customer_hz)
        shares = [
            customer.get("tone_shares", {}).get(str(seat.tone_hz), 0.0),
            agent.get("tone_shares", {}).get(str(customer_hz), 0.0),
        ]
        return seat if min(shares) > CLEAR else None

    seat: Seat = await until(talking, "customer and agent hear each other")
    return seat


async def see_ended(exchange: Exchange, e164s: Iterable[str]) -> None:
    """Wait until each of the numbers was called and no call to them is left."""
    wanted = set(e164s)

    async def over() -> bool:
        calls = [call for call in exchange.book().calls if call.number in wanted]
        return {call.number for call in calls} == wanted and all(call.ended_at for call in calls)

    await until(over, f"the calls to {len(wanted)} numbers are over")


async def attempt_to(place: Place, made: MadeCampaign, number: str) -> Any:
    """Return the newest attempt to a number, None when there is none."""
    async with place.sessions() as session:
        sql = text(
            "SELECT * FROM attempt WHERE campaign_id = :c AND e164 = :number"
            " ORDER BY started_at DESC LIMIT 1"
        )
        return (await session.execute(sql, {"c": made.id, "number": number})).one_or_none()


async def see_finished(place: Place, made: MadeCampaign, within_s: float = 40.0) -> None:
    """Wait until the campaign is finished and everybody signed out."""
    books = place.books(made)

    async def over() -> bool:
        signed_in = "SELECT count(*) FROM agent_session WHERE campaign_id = :c AND ended_at IS NULL"
        return await books.is_finished() and await books.scalar(signed_in) == 0

    await until(over, "the campaign is finished and everybody signed out", within_s=within_s)


async def check_balance(exchange: Exchange, place: Place, made: MadeCampaign) -> None:
    """Check the finished campaign's books against the carrier's and against Asterisk."""

    async def silent() -> bool:
        return exchange.live_channels() == 0 and not exchange.book().unfinished

    await until(silent, "no channel is left in Asterisk and no call at the carrier")
    book = exchange.book()
    says = CarrierSays(book.invites(), book.called_twice_at_once())
    async with place.sessions() as session:
        checks = await check_books(
            session, made.id, says, exchange.live_channels(), simulated=False
        )
    assert [(check.name, check.detail) for check in checks if not check.holds] == []
