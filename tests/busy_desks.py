"""The agents of a busy day: they transfer calls, fill in the form, write results down, promise calls."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from campaigns.agents import controls
from campaigns.agents.controls import Control
from campaigns.commands import CommandName, send
from campaigns.leads import dispositions
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.models import Attempt
from dialer.call.talks import TalkState
from dialer.db import transaction
from dialer.errors import OutdialError
from tests.busy_clock import SharedClock
from tests.hall import Place
from workers.jobs.virtual_answers import fill_in

ZONE = "Europe/Moscow"
#: A third party for each of these, in turn.
CLERKS = tuple(f"clerk-{n}" for n in range(1, 31))
#: What an agent does with a talk that is long enough: wishes, each with the state it leads to.
_Path = Sequence[tuple[Control, TalkState | None]]
_CONSULTS: _Path = ((Control.CONSULT, TalkState.CONSULTING),)
_PATHS: dict[str, _Path] = {
    "blind": ((Control.TRANSFER, None),),
    "attended": (*_CONSULTS, (Control.COMPLETE, None)),
    "by_three": (*_CONSULTS, (Control.JOIN, TalkState.THREE_WAY), (Control.COMPLETE, None)),
    "taken_back": (*_CONSULTS, (Control.CANCEL, TalkState.TALKING)),
    "held": ((Control.HOLD, TalkState.HELD), (Control.UNHOLD, TalkState.TALKING)),
}
_LOOK_S = 0.15
#: A state that does not come within so many looks never does: the machine is not that slow.
_LOOKS = 150
#: Some results are saved when the wrap-up has long run out; some are never saved.
_LATE_S, _LATE_RATE, _NEVER_RATE = 6.0, 0.12, 0.06
_FORM_RATE, _PROMISE_RATE = 0.35, 0.5
_AT_ONCE = 5

_TALKS = text(
    """
    SELECT id, e164 FROM attempt
    WHERE campaign_id = ANY(:campaigns) AND connected_at IS NOT NULL AND ended_at IS NULL
      AND left_at IS NULL
    """
)
_CLOSABLE = text(
    """
    SELECT id, outcome FROM attempt
    WHERE campaign_id = ANY(:campaigns) AND connected_at IS NOT NULL AND ended_at IS NOT NULL
      AND disposition IS NULL ORDER BY ended_at
    """
)


@dataclass
class Desks:
    """Everybody's desk."""

    place: Place
    clock: SharedClock
    campaigns: Sequence[UUID]
    patient: frozenset[str]  #: numbers of people who stay until they were handed over
    let_go: Callable[[UUID], None]  #: the person of a call hangs up
    done: Counter[str] = field(default_factory=Counter)
    _seen: set[UUID] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def work(self) -> None:
        """Work until cancelled."""
        limit = asyncio.Semaphore(_AT_ONCE)
        try:
            while True:
                async with self.place.sessions() as session:
                    mine = {"campaigns": list(self.campaigns)}
                    talks = (await session.execute(_TALKS, mine)).all()
                    ended = (await session.execute(_CLOSABLE, mine)).all()
                for row in talks:
                    if row.e164 in self.patient and self._is_new(row.id, "talk"):
                        self._spawn(self._steer(row.id))
                for row in ended:
                    if self._is_new(row.id, "end"):
                        self._spawn(self._close(row.id, limit))
                await asyncio.sleep(_LOOK_S)
        finally:
            for task in self._tasks:
                task.cancel()

    async def rest(self) -> None:
        """Wait until everything under way is written down."""
        await asyncio.sleep(3 * _LOOK_S)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _is_new(self, attempt_id: UUID, what: str) -> bool:
        key = UUID(int=attempt_id.int ^ (what == "end"))
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()

    async def _steer(self, attempt_id: UUID) -> None:
        """Hold, consult or transfer; whatever the talk does not allow any more ends it."""
        try:
            await self._walk(attempt_id)
        finally:
            self.let_go(attempt_id)

    async def _walk(self, attempt_id: UUID) -> None:
        way = random.Random(attempt_id.int).choice(list(_PATHS))
        clerk = random.Random(attempt_id.int + 1).choice(CLERKS)
        self.done[f"begun {way}"] += 1
        for control, then in _PATHS[way]:
            if not await self._wish(attempt_id, control, clerk):
                return
            if not await self._reaches(attempt_id, then):
                return
        self.done[way] += 1

    async def _wish(self, attempt_id: UUID, control: Control, clerk: str) -> bool:
        target = clerk if control in (Control.CONSULT, Control.TRANSFER) else ""
        try:
            async with transaction(self.place.sessions) as session:
                attempt = await session.get_one(Attempt, attempt_id)
                facts = await controls.wish(
                    session, attempt, control, target=target, user_id=None, clock=self.clock
                )
                campaign_id = attempt.campaign_id
        except controls.NotPossibleNow as refusal:
            self.done[f"refused {control.value} {refusal.facts.get('state')}"] += 1
            return False
        await send(self.place.redis, campaign_id, CommandName.TALK, facts)
        return True

    async def _reaches(self, attempt_id: UUID, state: TalkState | None) -> bool:
        """Wait for a state of the talk, None: the agent has left; False: it never comes."""
        for _ in range(_LOOKS):
            await asyncio.sleep(2 * _LOOK_S)
            async with self.place.sessions() as session:
                attempt = await session.get_one(Attempt, attempt_id)
                now = await controls.controls_of(session, attempt)
                if state is None and attempt.left_at is not None:
                    return True
            if state is not None and now.state is state:
                return True
            if attempt.ended_at is not None:
                break
        self.done[f"not {state.value if state else 'left'}"] += 1
        return False

    async def _close(self, attempt_id: UUID, limit: asyncio.Semaphore) -> None:
        rng = random.Random(attempt_id.int + 2)
        drawn = rng.random()
        if drawn < _NEVER_RATE:
            self.done["never disposed"] += 1
            return
        if drawn < _NEVER_RATE + _LATE_RATE:
            self.done["disposed late"] += 1
            await asyncio.sleep(_LATE_S)
        async with limit:
            with suppress(OutdialError):  # of a talk that another campaign's runner just closed
                await self._write_down(attempt_id, rng)

    async def _write_down(self, attempt_id: UUID, rng: random.Random) -> None:
        async with transaction(self.place.sessions) as session:
            attempt = await session.get_one(Attempt, attempt_id)
            campaign_id, client_id = attempt.campaign_id, attempt.client_id
            if rng.random() < _FORM_RATE:
                await fill_in(session, attempt, rng, self.clock)
                self.done["forms"] += 1
            code = rng.choices(["sale", "refused", "callback"], [5, 4, 3])[0]
            callback = self._promise(rng) if code == "callback" else None
            await dispositions.record(
                session,
                attempt_id,
                code,
                client_id=client_id,
                clock=self.clock,
                callback=callback,
            )
        self.done["disposed"] += 1
        self.done["promised"] += callback is not None
        facts = {"call_id": str(attempt_id), "code": code}
        await send(self.place.redis, campaign_id, CommandName.DISPOSED, facts)

    def _promise(self, rng: random.Random) -> CallbackRequest | None:
        if rng.random() > _PROMISE_RATE:
            return None
        at = self.clock.now() + timedelta(seconds=rng.uniform(15, 3600))
        there = at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        return CallbackRequest(there, lambda _, wanted: wanted)
