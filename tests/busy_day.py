"""A busy day of two clients: thousands of simulated calls, and everything that happens to them.

Predictive, power and progressive campaigns on the simulated Asterisk; transfers, promised calls, three
versions of the form, workers that are killed, an Asterisk that loses its calls, a clock that passes
midnight, results that are corrected, days that are rolled up while they are still being changed.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import commands
from campaigns.commands import CommandName
from campaigns.forms import publishing
from campaigns.lists.models import ContactList
from campaigns.models import CallerId, CampaignCallerId
from campaigns.reports.settings import SettingsChange, change_terms
from dialer import settings as dialer_settings
from dialer.db import transaction
from dialer.simulator.ari.events import Timestamps
from dialer.simulator.ari.server import AriSimulator
from dialer.simulator.behaviour import Behaviour, BehaviourKind
from dialer.simulator.population import Population, PopulationProfile, Spread
from tests.busy_clock import SharedClock
from tests.busy_desks import CLERKS, ZONE, Desks
from tests.busy_worker import busy_worker
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.hall import PASSWORD, CarrierBook, Place, talking
from tests.nursery import Child, Nursery
from tests.questionnaires import form_of, question
from tests.world import until
from workers.deps import BackgroundDeps
from workers.jobs.reports import sweep_reports

#: So many minutes and seconds before midnight the day begins; it ends early in the morning.
BEGINS = datetime(2026, 11, 23, 23, 59, 40, tzinfo=ZoneInfo(ZONE))
HOUR = timedelta(hours=1, minutes=2)
#: What an hour of an operator and a minute on the line cost.
RATE, TARIFF = Decimal("12.50"), Decimal("0.031")
_RETRY = {
    "no_answer": {"after_s": 5, "max_attempts": 3},
    "busy": {"after_s": 5, "max_attempts": 3},
    "machine": {"after_s": 1800, "max_attempts": 2},
    "congestion": {"after_s": 10, "max_attempts": 2},
    "abandoned": {"after_s": 1800, "max_attempts": 2},
    "interrupted": {"after_s": 10, "max_attempts": 3},
    "unreachable": {"after_s": 30, "max_attempts": 2},
}
_PEOPLE = PopulationProfile(
    "busy day",
    {
        BehaviourKind.ANSWER: 0.48,
        BehaviourKind.NO_ANSWER: 0.16,
        BehaviourKind.BUSY: 0.14,
        BehaviourKind.REJECT: 0.12,
        BehaviourKind.INVALID: 0.05,
        BehaviourKind.CONGESTION: 0.02,
        BehaviourKind.UNAVAILABLE: 0.02,
        BehaviourKind.EARLY_MEDIA_BUSY: 0.01,
    },
    ring=Spread(0.25, 0.4),
    talk=Spread(0.7, 0.5),
)
#: Unanswered calls end so many times faster than the campaign lets them ring.
_DIAL_SPEED = 40
_PATIENT_EVERY = 12
_PATIENCE_S = 7.0
#: The three versions of the form.
_FORMS = (
    form_of(question("q1", screen_out_if="q1 = 'c'"), question("happy", "nps"), code="survey"),
    form_of(question("happy", "nps"), question("q2", "multiple"), code="survey"),
    form_of(
        question("happy", "nps"), question("q1"), question("q3", "number", least=1, most=9),
        code="survey",
    ),
)  # fmt: skip


class Public:
    """People of a seed, some of whom talk long enough to be handed over."""

    def __init__(self, seed: int, patient: frozenset[str]) -> None:
        self._others = Population(_PEOPLE, seed)
        self._patient = frozenset(one.removeprefix("+") for one in patient)

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return how a number takes a call."""
        if number.removeprefix("+") in self._patient:
            return Behaviour(BehaviourKind.ANSWER, 0.3, _PATIENCE_S)
        return self._others.behaviour(number, nth_call)


@dataclass
class BusyDay:
    """The day, while it runs and when it is over."""

    place: Place
    home: Nursery
    clock: SharedClock
    folder: Path
    calls: int  #: at which the campaigns are paused
    campaigns: list[MadeCampaign] = field(default_factory=list)  #: of the client; the last is noise
    patient: frozenset[str] = frozenset()
    told: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def client_id(self) -> UUID:
        """Return the client whose figures are looked at."""
        return self.campaigns[0].client_id

    @property
    def mine(self) -> list[UUID]:
        """Return the client's campaigns."""
        return [one.id for one in self.campaigns if one.client_id == self.client_id]

    async def prepare(self) -> None:
        """Make clients, lists, agents and the first version of the form."""
        self.clock.set_to(BEGINS)
        usual = {"wrap_up_s": 0.3, "retry": _RETRY, "max_attempts": 6, "hopper_size": 200}
        usual["transfer_targets"] = [
            {"code": one, "name": one, "endpoint": f"PJSIP/agent-{one}"} for one in CLERKS
        ]
        kinds: list[tuple[str, dict[str, Any], int]] = [
            ("a", {"mode": "predictive", "form": "survey", "max_ratio": 3}, 30),
            ("b", {"mode": "power", "dial_ratio": 1.7, "form": "survey"}, 25),
            ("c", {"mode": "progressive", "form": "survey"}, 25),
            ("other", {"mode": "progressive"}, 5),
        ]
        share = (self.calls * 2) // 5
        first = 0
        for name, settings, agents in kinds:
            leads = numbers(share if name != "other" else share // 5, first)
            self.patient |= frozenset(leads[::_PATIENT_EVERY])
            first += len(leads)
            await self._make(name, usual | settings, leads, agents)
        await self.publish(0)

    async def _make(
        self, name: str, settings: dict[str, Any], leads: list[str], agents: int
    ) -> None:
        async with transaction(self.place.sessions) as session:
            now = self.clock.now()
            owner = None if name == "other" or not self.campaigns else self.client_id
            made = await make_campaign(
                session, now, leads=leads, agents=agents, settings=settings, client_id=owner,
                agent_endpoint=f"PJSIP/agent-{name}-{{n}}",
            )  # fmt: skip
            self.campaigns.append(made)
            await session.execute(
                text("UPDATE disposition SET refuses = true WHERE code = 'refused'")
            )
            await self._second_list(session, made)
            await self._more_caller_ids(session, made)
            if owner is None and name != "other":
                change = SettingsChange(
                    zone=ZONE,
                    csat_question="happy",
                    csat_from=7,
                    service_level_s=1,
                    hour_rate=RATE,
                    minute_tariff=TARIFF,
                )
                await change_terms(session, made.client_id, change, user_id=None, clock=self.clock)

    async def _second_list(self, session: AsyncSession, made: MadeCampaign) -> None:
        """Move every third contact to a list of its own."""
        old = await session.get_one(ContactList, made.list_id)
        more = ContactList(
            **{**old.model_dump(exclude={"id"}), "name": f"More of {made.id.hex[-4:]}"}
        )
        session.add(more)
        await session.flush()
        facts = {"new": more.id, "old": made.list_id, "c": made.id}
        for statement in (
            "UPDATE contact SET list_id = :new WHERE list_id = :old AND source_row % 3 = 0",
            "INSERT INTO campaign_list (campaign_id, list_id) VALUES (:c, :new)",
            "INSERT INTO lane (campaign_id, lane, list_id, priority, quota_cell)"
            " VALUES (:c, 4, :new, 0, 0)",
            "UPDATE lead SET lane = 4 WHERE campaign_id = :c AND contact_id IN"
            " (SELECT id FROM contact WHERE list_id = :new)",
        ):
            used = {name: value for name, value in facts.items() if f":{name}" in statement}
            await session.execute(text(statement), used)

    async def _more_caller_ids(self, session: AsyncSession, made: MadeCampaign) -> None:
        for last in range(2):
            e164 = f"+7495123{made.id.int % 100:02}{last:02}"
            row = CallerId(client_id=made.client_id, e164=e164)
            session.add(row)
            await session.flush()
            session.add(CampaignCallerId(campaign_id=made.id, caller_id_id=row.id))

    async def publish(self, number: int) -> None:
        """Publish a version of the form."""
        owner: dict[str, Any] = {
            "client_id": self.client_id, "user_id": None, "clock": self.clock,
        }  # fmt: skip
        async with transaction(self.place.sessions) as session:
            await publishing.save_draft(session, _FORMS[number], **owner)
            await publishing.publish(session, "survey", **owner)
        self.told["versions"] += 1

    async def roll_up(self) -> None:
        """Do what the background worker does every minute."""
        deps = BackgroundDeps(dialer_settings.load(), self.place.sessions, self.clock)
        self.told["days rolled up"] += await sweep_reports({"deps": deps})

    async def count(self, where: str = "true", table: str = "attempt") -> int:
        """Return how many rows there are."""
        async with self.place.sessions() as session:
            found = await session.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"))
            return int(found.scalar_one())

    async def correct(self) -> None:
        """Correct results, as whoever finds a mistake later does; a code is judged otherwise, too."""
        async with transaction(self.place.sessions) as session:
            for wrong, right in (("sale", "refused"), ("refused", "sale")):
                found = await session.execute(
                    text(
                        "UPDATE attempt SET disposition = :right WHERE id IN (SELECT id FROM attempt"
                        " WHERE disposition = :wrong ORDER BY md5(id::text) LIMIT 15)"
                        " RETURNING id"
                    ),
                    {"right": right, "wrong": wrong},
                )
                self.told["corrected"] += len(found.all())


Step = Callable[[BusyDay, "Shift"], Awaitable[None]]


@dataclass
class Shift:
    """What runs while the day lasts."""

    day: BusyDay
    sim: AriSimulator
    stack: AsyncExitStack
    worker: Child | None = None
    workers: int = 0

    async def hire(self) -> None:
        """Start a worker."""
        self.workers += 1
        log = self.day.folder / f"worker-{self.workers}.log"
        day = self.day
        self.worker = await self.stack.enter_async_context(
            busy_worker(day.home, day.place, self.sim, day.clock, log)
        )

    async def kill(self) -> None:
        """Kill the worker; some people hang up while nobody listens, and a successor takes over."""
        assert self.worker is not None
        self.worker.send(signal.SIGKILL)
        await self.worker.ended()
        self.day.told["workers killed"] += 1
        for channel in talking(self.sim)[:10]:
            with suppress(KeyError):
                self.sim.hang_up(channel.id)
        await self.hire()

    async def lose_calls(self) -> None:
        """Let the exchange lose every call, as a restart of Asterisk does."""
        self.sim.crash()
        self.day.told["exchange crashed"] += 1


async def _kill(_day: BusyDay, shift: Shift) -> None:
    await shift.kill()


async def _crash(_day: BusyDay, shift: Shift) -> None:
    await shift.lose_calls()


async def _roll(day: BusyDay, _shift: Shift) -> None:
    await day.roll_up()


async def _correct(day: BusyDay, _shift: Shift) -> None:
    await day.correct()


async def _hour(day: BusyDay, shift: Shift) -> None:
    """Set everybody's clock: the exchange's, too."""
    day.clock.set_by(HOUR)
    shift.sim.world.events.timestamps = Timestamps(day.clock)


async def _second(day: BusyDay, _shift: Shift) -> None:
    await day.publish(1)


async def _third(day: BusyDay, _shift: Shift) -> None:
    await day.publish(2)


#: What happens when so large a share of the calls was placed.
_PLAN: tuple[tuple[float, Step], ...] = (
    (0.15, _kill),
    (0.25, _roll),
    (0.30, _second),
    (0.38, _hour),
    (0.45, _kill),
    (0.50, _correct),
    (0.55, _hour),
    (0.60, _third),
    (0.62, _roll),
    (0.68, _crash),
    (0.75, _correct),
    (0.80, _hour),
    (0.88, _kill),
    (0.94, _roll),
)  # fmt: skip


Watch = Callable[[BusyDay], Awaitable[None]]


@asynccontextmanager
async def busy_day(
    place: Place, home: Nursery, folder: Path, *, calls: int, watch: Watch
) -> AsyncIterator[BusyDay]:
    """Run the day until so many calls were placed and have ended, then give it to be counted.

    ``watch`` is called now and then while it runs.
    """
    day = BusyDay(place, home, SharedClock(folder / "clock"), folder, calls)
    await day.prepare()
    sim = AriSimulator(password=PASSWORD, population=Public(3, day.patient), clock=day.clock)
    async with sim, AsyncExitStack() as stack:
        sim.world.dial_speed = _DIAL_SPEED
        book = CarrierBook(sim)
        sim.on_invite(book.note)
        desks = Desks(place, day.clock, [one.id for one in day.campaigns], day.patient)
        working = asyncio.create_task(desks.work())
        shift = Shift(day, sim, stack)
        await shift.hire()
        try:
            await _go_through(day, shift, working, watch)
            await _end(day, desks, working)
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
        assert not book.doubled
    day.told += desks.done
    yield day


async def _go_through(
    day: BusyDay, shift: Shift, working: asyncio.Task[None], watch: Watch
) -> None:
    plan = list(_PLAN)
    while (placed := await day.count()) < day.calls:
        while plan and placed >= plan[0][0] * day.calls:
            await plan.pop(0)[1](day, shift)
            await watch(day)
        if working.done():
            working.result()
        await asyncio.sleep(0.2)
    assert not plan


async def _end(day: BusyDay, desks: Desks, working: asyncio.Task[None]) -> None:
    """Pause the campaigns, let the calls end and the agents write their results down."""
    async with transaction(day.place.sessions) as session:
        await session.execute(text("UPDATE campaign SET state = 'paused'"))
    for one in day.campaigns:
        await commands.send(day.place.redis, one.id, CommandName.REFRESH)

    async def quiet() -> bool:
        return await day.count("ended_at IS NULL") == 0

    await until(quiet, "every call has ended")
    await desks.rest()
    working.cancel()
