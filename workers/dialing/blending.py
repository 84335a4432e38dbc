"""Agents shared with other campaigns: who is to go, when a leg may leave, and the hand-over itself.

Each owner says in Redis how many shared agents its campaign can use, and gives its own free ones away by
the rule in ``dialer/pacing/blending.py``. Without Redis everybody stays.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from campaigns.agents import handing
from campaigns.agents.handing import Leg
from campaigns.commands import CommandName, room_key, send
from campaigns.leads.originate import OwnershipLost
from campaigns.states import CampaignState
from dialer.agent import commands as do
from dialer.agent.states import AgentState
from dialer.db import transaction
from dialer.pacing.blending import MANY, moves
from workers.dialing import metrics
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.dialling import LOOK_EVERY_S, DialLoop, Readiness
from workers.dialing.floor import Desk
from workers.dialing.share import STAY_S

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly
    from workers.dialing.watch import Watch

log = structlog.get_logger()

#: What happens on the floor is looked at this often at most.
TURN_S = 0.05
#: Agents of campaigns that nobody has started are looked for this often.
FETCH_EVERY_S = 5.0
#: A campaign that has been silent so long cannot take anybody.
ROOM_LIVES_S = 3

_BUSY = (
    *(AgentState.PREVIEWING, AgentState.DIALING),
    *(AgentState.RESERVED, AgentState.ON_CALL, AgentState.WRAP_UP),
)


class Blender:
    """Gives one campaign's shared agents away to those that lack them."""

    def __init__(
        self, parts: "Assembly", ready: Readiness, dialling: DialLoop, watch: "Watch"
    ) -> None:
        """Share the agents of ``parts``; nothing happens before ``run``."""
        self._parts = parts
        self._ready = ready
        self._dialling = dialling
        self._watch = watch
        self._wake = asyncio.Event()
        self._owed: Counter[UUID] = Counter()  #: agents other campaigns lack, by campaign
        self._idle = True  #: nothing to dial: nobody needs to stay
        self._planned_s = self._told_s = self._fetched_s = 0.0
        self._told = 0
        self._giving = asyncio.Lock()
        parts.floor.freed = self._freed

    async def run(self) -> None:
        """Share for ever."""
        while True:
            self._wake.clear()
            try:
                await self._turn()
            except (*DATABASE_AWAY, RedisError) as error:
                if not isinstance(error, RedisError) and not is_passing(error):
                    raise
                log.warning("sharing.waits", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            await asyncio.sleep(TURN_S)

    def changed(self) -> None:
        """Look soon: something happened on the floor."""
        self._wake.set()

    def _freed(self, desk: Desk, before: AgentState) -> None:
        """Promise an agent who has just become free at once, before a call is placed for the agent."""
        share = desk.share
        share.freed(before)
        if not share.weights or not self._is_free(desk):
            return
        desks = self._parts.floor.desks.values()
        promised = Counter(one.share.promised_to for one in desks)
        lacking = (to for to in share.weights if self._owed[to] > promised[to])
        share.promise(next(lacking, None))

    async def _turn(self) -> None:
        if not self._may_act():
            return
        room = self._room()
        if (room == 0) != (self._told == 0):
            self._planned_s = 0.0
        await self._tell(room)
        await self._fetch()
        shared = [desk for desk in self._parts.floor.desks.values() if desk.share.weights]
        if not shared:
            self._owed.clear()
            return
        if monotonic() - self._planned_s >= LOOK_EVERY_S:
            await self._plan(shared, await self._rooms(shared, room))
        if any(desk.share.promised_to is not None for desk in shared):
            rooms = await self._rooms(shared, room)
            async with self._giving:
                async with self._dialling.between_turns():
                    free = self._take_aside(shared)
                if free:
                    await self._give(free, rooms)

    async def _fetch(self) -> None:
        """Take agents whose own campaign nobody has started."""
        alive = self._ready.state in (CampaignState.RUNNING, CampaignState.PAUSED)
        if not alive or monotonic() - self._fetched_s < FETCH_EVERY_S:
            return
        async with transaction(self._parts.sessions) as session:
            found = await handing.fetch_idle(session, self._parts.owner.campaign_id)
        self._fetched_s = monotonic()
        if found:
            self._ready.look.set()

    def _may_act(self) -> bool:
        """Tell whether we know what we have: after a gap we shall in a moment."""
        ready = self._ready
        known = ready.reconciled and self._parts.connection.is_up and self._watch.has_looked
        return known and not ready.draining and not ready.database_failing

    # --- how many we can use ---------------------------------------------------------------

    def _room(self) -> int:
        """Return how many shared agents the campaign can use now."""
        parts = self._parts
        desks = parts.floor.desks.values()
        own = sum(1 for desk in desks if not desk.share.weights and _works(desk))
        busy = sum(1 for desk in desks if desk.agent.state in _BUSY)
        leads = self._leads()
        self._idle = leads == 0
        if self._ready.state is not CampaignState.RUNNING:
            return 0
        useful = busy + parts.floor.in_flight() + leads
        return max(0, min(useful, parts.trunk.max_channels) - own)

    def _leads(self) -> int:
        """Return how many calls could be placed, if there were agents; ``MANY``: nobody knows."""
        parts, ready = self._parts, self._ready
        if ready.state is not CampaignState.RUNNING or parts.drawing.selection_due:
            return 0
        if parts.trunk.paused_reason is not None:
            return 0
        if self._watch.is_due() and not self._dialling.is_dry:
            return MANY
        # Where leads come one by one an agent waits for the next: going to and fro would cost more.
        promised = len(parts.floor.promises.coming)
        return max(len(parts.originator.ready), promised, int(self._watch.is_due_within(STAY_S)))

    async def _tell(self, room: int) -> None:
        """Tell the other campaigns; they believe it for ``ROOM_LIVES_S``."""
        if room == self._told and monotonic() - self._told_s < LOOK_EVERY_S:
            return
        key = room_key(self._parts.owner.campaign_id)
        await self._parts.redis.set(key, room, ex=ROOM_LIVES_S)
        self._told, self._told_s = room, monotonic()

    async def _rooms(self, shared: Iterable[Desk], own: int) -> dict[UUID, int]:
        """Return what the campaigns of these agents can use, as far as they are alive."""
        named = {one for desk in shared for one in desk.share.weights}
        others = sorted(named - {self._parts.owner.campaign_id})
        told = await self._parts.redis.mget([room_key(one) for one in others]) if others else []
        rooms = {one: int(room) for one, room in zip(others, told, strict=True) if room is not None}
        return rooms | {self._parts.owner.campaign_id: own}

    # --- who goes --------------------------------------------------------------------------

    async def _plan(self, shared: Sequence[Desk], rooms: Mapping[UUID, int]) -> None:
        """Promise those who are free, and note how many more the others lack."""
        owner = self._parts.owner
        async with self._parts.sessions() as session:
            roll = await handing.load_roll(session, owner.client_id, self._parts.clock.now())
        self._planned_s = monotonic()
        here = roll.of(owner.campaign_id)
        free = {desk.agent.id: desk for desk in shared if self._is_free(desk)}
        candidates = [n for n in here if roll.ids[n] in free]
        promised = {roll.ids[n]: to for n, to in moves(roll.agents, rooms, candidates)}
        for session_id, desk in free.items():
            if desk.share.promised_to != promised.get(session_id) and self._is_free(desk):
                desk.share.promise(promised.get(session_id))
                self._ready.wake.set()
        self._owed = Counter(to for _, to in moves(roll.agents, rooms, here))

    def _is_free(self, desk: Desk) -> bool:
        """Tell whether the agent may go; not whom a promised call of the next minute keeps."""
        free = desk.can_talk() and desk.held_for is None
        floor = self._parts.floor
        if free and floor.promises.coming and desk.share.promised_to is None:
            free = desk in floor.spare_desks()
        return free and (self._idle or desk.share.may_go())

    def _take_aside(self, shared: Sequence[Desk]) -> list[Desk]:
        """Take from the floor whom no call needs that was placed while the agent was counted on."""
        floor = self._parts.floor
        on_the_way = frozenset(floor.on_the_way())
        free = [desk for desk in shared if desk.share.promised_to and self._is_free(desk)]
        rest: list[Desk] = []
        leaving: list[Desk] = []
        for desk in free:
            if desk.share.awaits is None:
                desk.share.awaits = on_the_way
            (rest if desk.share.awaits & on_the_way else leaving).append(desk)
        ready = sum(1 for _ in floor.ready_desks())
        spare = ready + len(free) - floor.in_flight()
        leaving += rest[: max(0, spare - len(leaving))]
        for desk in leaving:
            desk.share.leaving = True
        return leaving

    # --- the hand-over ---------------------------------------------------------------------

    async def _give(self, free: Sequence[Desk], rooms: Mapping[UUID, int]) -> None:
        parts = self._parts
        legs = {desk.agent.id: Leg(desk.channel_id, desk.bridge_id) for desk in free}
        moved: dict[UUID, UUID] = {}
        try:
            await parts.writer.caught_up()
            now = parts.clock.now()
            async with transaction(parts.sessions) as session:
                moved = await handing.hand_over(session, parts.owner, legs, rooms, now)
        except OwnershipLost:
            self._ready.look.set()
        except DATABASE_AWAY:  # whether it was committed, the next look shows
            self._watch.staff.doubt(legs)
            raise
        await self._gone(free, moved)

    async def _gone(self, desks: Iterable[Desk], moved: Mapping[UUID, UUID]) -> None:
        for desk in desks:
            target = moved.get(desk.agent.id)
            if target is None:
                self._parts.floor.stay(desk)
                continue
            self._watch.staff.forget(desk.agent.id)
            self._parts.agent_hands.let_go(desk)
            self._owed[target] -= 1
            self._parts.notices.handed_over(desk, target, self._parts.clock.now())
        if moved:
            metrics.HANDED_OVER.inc(len(moved))
            log.info("agents.handed_over", count=len(moved))
        for target in set(moved.values()):  # lost, the new owner finds them within a second
            await send(self._parts.redis, target, CommandName.AGENTS_CHANGED)

    async def disperse(self) -> None:
        """Give everybody away who has another campaign that goes on: this one is over."""
        async with self._giving:
            await self._disperse()

    async def _disperse(self) -> None:
        parts = self._parts
        shared = [desk for desk in parts.floor.desks.values() if desk.share.weights]
        rooms: dict[UUID, int] = {}
        with suppress(RedisError):
            rooms = await self._rooms(shared, 0)
        legs = {desk.agent.id: _leg(desk) for desk in shared}
        for desk in shared:
            desk.share.leaving = True
        await parts.writer.caught_up()
        async with transaction(parts.sessions) as session:
            moved = await handing.disperse(session, parts.owner, legs, rooms, parts.clock.now())
        for desk in shared:
            if desk.agent.id in moved and not desk.agent.leg_up:  # it is dialled anew from there
                parts.agent_hands.execute(desk, do.HangUpLeg())
        with suppress(RedisError):
            await self._gone(shared, moved)


def _works(desk: Desk) -> bool:
    return desk.agent.state is AgentState.READY or desk.agent.state in _BUSY


def _leg(desk: Desk) -> Leg:
    return Leg(desk.channel_id, desk.bridge_id) if desk.agent.leg_up else Leg()
