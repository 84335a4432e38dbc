"""Preview dialling: each ready agent is shown one claimed lead, reads it, and dials or skips.

A lead stays claimed while it is shown, so nobody else dials it. The gate is asked before a lead is shown,
and again in the transaction that opens the attempt.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import hopper, originate, previews
from campaigns.leads.hopper import Candidate
from campaigns.leads.originate import Opened
from campaigns.leads.previews import Showing
from campaigns.states import PreviewEnd
from dialer.agent import events as agent_ev
from dialer.call import events as call_ev
from dialer.db import transaction
from dialer.ids import new_id
from workers.dialing import metrics
from workers.dialing.floor import Desk
from workers.dialing.party_lines import lines_in_use
from workers.dialing.preview_book import Shown

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

#: Nothing to do: the next wake-up or look at the database brings it.
REST_S: Final = 1.0
#: More to do at once: a lead somebody else holds, room on the trunk, leads the gate refused.
AGAIN_S: Final = 0.05
#: After a claim that found nothing the next one waits this long.
NO_LEAD_PAUSE_S: Final = 0.5
#: Leads claimed at a time when the gate refused those before; the rest is given back.
MORE_AT_ONCE: Final = 10


class Previewing:
    """What one campaign's dialling is while agents choose."""

    def __init__(self, parts: "Assembly") -> None:
        """Show and dial the leads of ``parts``."""
        self._parts = parts
        self._no_lead_until_s = 0.0
        self.found_none_s = -inf  #: when the last look for leads to show found none
        self._refused_some = False

    # --- a turn of the dialling ------------------------------------------------------------

    async def turn(self) -> float:
        """Dial what agents decided to dial, show leads to those who are free; return the pause, s.

        Raises:
            OwnershipLost: another worker owns the campaign.
        """
        book, pause_s = self._parts.previews, REST_S
        book.withdraw_unread()
        for one in book.decided():
            if not self._has_room() or not await self._dial(one):
                pause_s = AGAIN_S
        desks = self._free_desks()
        if desks and monotonic() >= self._no_lead_until_s:
            return min(pause_s, await self._show(desks))
        waits = NO_LEAD_PAUSE_S if desks else AGAIN_S if book.ending_sessions() else REST_S
        return min(pause_s, waits)

    def _has_room(self) -> bool:
        parts = self._parts
        free = parts.trunk.max_channels - lines_in_use(parts.floor, parts.plan.settings)
        return free > 0 and parts.trunk.calls_allowed() > 0

    # --- showing ---------------------------------------------------------------------------

    def _free_desks(self) -> list[Desk]:
        """Return the desks that can read, the longest ready first; calls on their way keep some."""
        floor, ending = self._parts.floor, self._parts.previews.ending_sessions()
        ready = [desk for desk in floor.ready_desks() if desk.agent.id not in ending]
        ready.sort(key=lambda desk: desk.agent.since.timestamp() if desk.agent.since else 0.0)
        return ready[: max(0, len(ready) - floor.in_flight())]

    async def _show(self, desks: Sequence[Desk]) -> float:
        parts, now = self._parts, self._parts.clock.now()
        wanted = max(len(desks), MORE_AT_ONCE if self._refused_some else 0)
        async with transaction(parts.sessions) as session:
            names = [desk.name for desk in desks]
            claim = parts.drawing.claim
            claimed, cleared = await parts.originator.claim_cleared(session, claim, wanted, names)
            pairs, rest = _assigned(desks, cleared)
            leads = [candidate.lead_id for candidate in rest]
            await hopper.give_back(session, parts.owner.campaign_id, leads)
            found = [Showing(new_id(), desk.agent.id, candidate) for desk, candidate in pairs]
            await previews.store_shown(session, parts.owner, found, now=now)
        for showing in found:
            parts.previews.begin(showing)
        self._refused_some = len(cleared) < claimed
        self.found_none_s = -inf if claimed else monotonic()
        if not claimed:
            self._no_lead_until_s = monotonic() + NO_LEAD_PAUSE_S
            return NO_LEAD_PAUSE_S
        return AGAIN_S if len(found) < len(desks) else REST_S

    # --- dialling --------------------------------------------------------------------------

    async def _dial(self, one: Shown) -> bool:
        """Open the attempt and place the call; False: not at this moment, try again."""
        book = self._parts.previews
        with _opening(one):
            opened = await self._open(one)
        if opened is None:  # ended meanwhile: whoever ended it let the lead go
            book.forget(one)
        elif opened.attempts:
            self._send(one, opened)
        elif _is_put_off(opened):
            if opened.room is not None and opened.room.calls == 0:
                self._parts.trunk.has_no_room(opened.room, self._parts.clock.now())
            return False
        else:
            book.forget(one)
            metrics.PREVIEWS.labels(PreviewEnd.REFUSED.value).inc()
        return True

    async def _open(self, one: Shown) -> Opened | None:
        parts, showing = self._parts, one.showing
        now = parts.clock.now()
        async with transaction(parts.sessions) as session:
            await originate.hold_ownership(session, parts.owner)
            if not await previews.hold(session, showing.id):
                return None
            candidate, position = showing.candidate, one.phone_position
            chosen = candidate if position is None else None
            if position is not None:
                chosen = await previews.turn_to(session, candidate, position)
            if chosen is None:  # never another number than the agent chose
                await hopper.give_back(session, parts.owner.campaign_id, [candidate.lead_id])
                opened = Opened((), ())
            else:
                opened = await parts.originator.open_in(session, [chosen], now, agents_wait=True)
            if not _is_put_off(opened):
                await self._store_dialled(session, showing, opened)
        return opened

    async def _store_dialled(self, session: AsyncSession, showing: Showing, opened: Opened) -> None:
        now = self._parts.clock.now()
        if opened.attempts:
            attempt_id = opened.attempts[0].id
            dialled = PreviewEnd.DIALLED
            await previews.end(session, showing.id, dialled, now=now, attempt_id=attempt_id)
            return
        if opened.refused:
            reason = opened.refused[0][1].reasons[0].value
        else:
            reason = await previews.why_not_opened(session, showing.candidate.lead_id)
        await previews.end(session, showing.id, PreviewEnd.REFUSED, now=now, reason=reason)

    def _send(self, one: Shown, opened: Opened) -> None:
        originator, floor = self._parts.originator, self._parts.floor
        (attempt,) = opened.attempts
        self._parts.previews.take(one)
        self._parts.trunk.placed(1)
        originator.register(attempt)
        originator.placed += 1
        metrics.CALLS_PLACED.inc()
        metrics.PREVIEWS.labels(PreviewEnd.DIALLED.value).inc()
        now, session_id = floor.clock.now(), one.showing.session_id
        floor.feed_agent(session_id, agent_ev.ContactDialled(now, one.showing.id, attempt.id))
        desk = floor.desks.get(session_id)
        if desk is None or desk.agent.call_id != attempt.id:
            # The agent went away during the commit: nobody is called without an agent.
            floor.feed_call(attempt.id, call_ev.DialRefused(now))
            return
        floor.keeping.keep(desk, attempt.id)
        originator.start(attempt)


def _is_put_off(opened: Opened) -> bool:
    """Tell whether the lead stays claimed for us: somebody holds it, or the trunk has no room."""
    return bool(opened.held or opened.no_room)


@contextmanager
def _opening(one: Shown) -> Iterator[None]:
    one.opening = True
    try:
        yield
    finally:
        one.opening = False


def _assigned(
    desks: Sequence[Desk], cleared: Sequence[Candidate]
) -> tuple[list[tuple[Desk, Candidate]], list[Candidate]]:
    """Give each desk one candidate, first its own promised calls; return the pairs and the rest."""
    free = {desk.name: desk for desk in desks}
    by_name: dict[str, Candidate] = {}
    anybodys = []
    rest = []
    for candidate in cleared:
        own = candidate.reserved_for
        if own is None:
            anybodys.append(candidate)
        elif own in free and own not in by_name:
            by_name[own] = candidate
        else:
            rest.append(candidate)
    waiting = iter(anybodys)
    pairs = []
    for desk in desks:
        mine = by_name.get(desk.name) or next(waiting, None)
        if mine is not None:
            pairs.append((desk, mine))
    return pairs, [*rest, *waiting]
