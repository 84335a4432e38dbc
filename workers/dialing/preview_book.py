"""What is shown to whom, in memory, and how it ends: by the agent, the clock, or what changed.

The database says what is shown and what was decided; memory says what of it is still true. Every ending
without a call goes through the writer, which lets the lead go once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import originate, previews
from campaigns.leads.chosen import load_chosen
from campaigns.leads.hopper import Candidate
from campaigns.leads.previews import PreviewOver, SeenPreview, Showing
from campaigns.settings import AtLimit
from campaigns.states import PreviewEnd, PreviewWish, WithdrawnFor
from dialer.agent import events as agent_ev
from dialer.agent.states import AgentState
from dialer.db import transaction
from workers.dialing import metrics
from workers.dialing.floor import Desk
from workers.dialing.timers import TimerKind

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

_LEFT_FOR = {
    AgentState.PAUSED: WithdrawnFor.AGENT_PAUSED,
    AgentState.OFFLINE: WithdrawnFor.AGENT_LEFT,
    AgentState.CONNECTING: WithdrawnFor.LEG_LOST,
}


@dataclass(slots=True)
class Shown:
    """A lead in front of an agent."""

    showing: Showing
    dials: bool = False  #: the agent decided to dial it
    phone_position: int | None = None  #: the number the agent chose; None: the lead's next one
    opening: bool = False  #: its attempt is being opened at this moment


class PreviewBook:
    """What one campaign's agents are shown."""

    def __init__(self, parts: "Assembly") -> None:
        """Begin with nothing shown; ``parts`` are looked at later, when they are complete."""
        self._parts = parts
        self._shown: dict[UUID, Shown] = {}  # by preview
        self._chosen: list[Showing] = []  # read, and not yet before its agent

    def ids(self) -> frozenset[UUID]:
        """Return the previews that are on."""
        return frozenset(self._shown)

    def decided(self) -> list[Shown]:
        """Return what agents decided to dial."""
        return [one for one in self._shown.values() if one.dials]

    def leads(self) -> list[UUID]:
        """Return the leads that are claimed for agents who read them, or did until this moment."""
        ending = (item.lead_id for item in self._parts.writer.previews_to_store())
        return [*(one.showing.candidate.lead_id for one in self._shown.values()), *ending]

    def ending_sessions(self) -> set[UUID]:
        """Return the sessions whose last preview has ended and is not stored as such yet."""
        return {item.session_id for item in self._parts.writer.previews_to_store()}

    def withdraw_all(self, reason: WithdrawnFor) -> None:
        """Take everything away that is shown: nothing of it may be dialled now."""
        for one in list(self._shown.values()):
            self._end(one, PreviewEnd.WITHDRAWN, reason.value)

    def withdraw_unread(self) -> None:
        """Let go what is not read any more: its agent went away while it was about to be dialled."""
        for one in list(self._shown.values()):
            if not self._is_read(one):
                self._end(one, PreviewEnd.WITHDRAWN, WithdrawnFor.AGENT_LEFT.value)

    def take(self, one: Shown) -> None:
        """Take out what became a call."""
        self._shown.pop(one.showing.id, None)

    def begin(self, showing: Showing) -> None:
        """Put a lead that is stored as shown before its agent."""
        floor, one = self._parts.floor, Shown(showing)
        self._shown[showing.id] = one
        floor.feed_agent(showing.session_id, agent_ev.ContactShown(floor.clock.now(), showing.id))
        if not self._is_read(one):  # gone during the commit
            self._end(one, PreviewEnd.WITHDRAWN, WithdrawnFor.AGENT_LEFT.value)
            return
        limit_s = self._parts.plan.settings.preview_limit_s
        if limit_s is not None:
            due = partial(self._expire, one)
            floor.timers.start(showing.session_id, TimerKind.PREVIEW, limit_s, due)

    def left(self, desk: Desk, preview_id: UUID) -> None:
        """Let go what an agent was shown who paused, left or lost the leg."""
        one = self._shown.get(preview_id)
        if one is not None and not one.opening:
            reason = _LEFT_FOR.get(desk.agent.state, WithdrawnFor.AGENT_LEFT)
            self._end(one, PreviewEnd.WITHDRAWN, reason.value)

    def _expire(self, one: Shown) -> None:
        if one.showing.id not in self._shown or one.dials:
            return
        if self._parts.plan.settings.preview_at_limit is AtLimit.SKIP:
            self._end(one, PreviewEnd.TIMED_OUT, previews.TIME_LIMIT)
            return
        self._shown.pop(one.showing.id)
        self._store(one, PreviewEnd.TIMED_OUT, previews.TIME_LIMIT, pauses=True)
        floor = self._parts.floor
        pause = agent_ev.PauseRequested(floor.clock.now(), previews.PAUSED_AT_LIMIT)
        floor.feed_agent(one.showing.session_id, pause)

    def _end(self, one: Shown, ending: PreviewEnd, reason: str) -> None:
        self._store(one, ending, reason)
        self.forget(one)

    def _store(self, one: Shown, ending: PreviewEnd, reason: str, *, pauses: bool = False) -> None:
        parts, showing = self._parts, one.showing
        metrics.PREVIEWS.labels(ending.value).inc()
        over = PreviewOver(
            preview_id=showing.id,
            campaign_id=parts.owner.campaign_id,
            session_id=showing.session_id,
            lead_id=showing.candidate.lead_id,
            phone_position=showing.candidate.phone_position,
            ending=ending,
            reason=reason,
            at=parts.clock.now(),
            pauses=pauses,
        )
        parts.writer.add(over)
        log.info("preview.ended", preview_id=str(showing.id), ending=ending.value, reason=reason)

    def forget(self, one: Shown) -> None:
        """Have the agent free again, if it is still this what the agent reads."""
        showing, floor = one.showing, self._parts.floor
        self._shown.pop(showing.id, None)
        if self._is_read(one):
            floor.timers.stop(showing.session_id, TimerKind.PREVIEW)
            ended = agent_ev.PreviewEnded(floor.clock.now(), showing.id)
            floor.feed_agent(showing.session_id, ended)

    def _is_read(self, one: Shown) -> bool:
        desk = self._parts.floor.desks.get(one.showing.session_id)
        return desk is not None and desk.agent.preview_id == one.showing.id

    # --- the database ----------------------------------------------------------------------

    async def read(self, session: AsyncSession) -> Mapping[UUID, SeenPreview]:
        """Return what the database has of open previews; nothing is asked while none is on."""
        parts = self._parts
        by_hand = parts.plan.settings.manual_dial and parts.plan.settings.agents_dial()
        if not self._shown and not by_hand:
            return {}
        campaign_id = parts.owner.campaign_id
        rows = await previews.open_previews(session, campaign_id, now=parts.clock.now())
        if by_hand:
            ending = {item.preview_id for item in parts.writer.previews_to_store()}
            dialled = {key for key, row in rows.items() if row.wish is PreviewWish.DIAL}
            fresh = dialled - self._shown.keys() - ending
            self._chosen = await load_chosen(session, campaign_id, fresh)
        return rows

    def seen(self, rows: Mapping[UUID, SeenPreview], judged: frozenset[UUID]) -> None:
        """Bring decisions and changes to what was on (``judged``) before ``rows`` were read."""
        for preview_id in judged:
            one = self._shown.get(preview_id)
            if one is not None and not one.opening:
                self._judge(one, rows.get(preview_id))
        chosen, self._chosen = self._chosen, []
        for showing in chosen:
            self._take_up(showing)

    def _take_up(self, showing: Showing) -> None:
        """Dial a contact that its agent chose by hand, if the agent is still free for it."""
        floor, one = self._parts.floor, Shown(showing, dials=True)
        if showing.id in self._shown:
            return
        self._shown[showing.id] = one
        chosen = agent_ev.ContactChosen(floor.clock.now(), showing.id)
        floor.feed_agent(showing.session_id, chosen)
        if self._is_read(one):
            floor.changed()
        else:
            self._end(one, PreviewEnd.WITHDRAWN, WithdrawnFor.AGENT_LEFT.value)

    def _judge(self, one: Shown, row: SeenPreview | None) -> None:
        withdrawn = PreviewEnd.WITHDRAWN
        if row is None:
            self.forget(one)
        elif row.suppressed:
            self._end(one, withdrawn, WithdrawnFor.SUPPRESSED.value)
        elif not row.unchanged:
            self._end(one, withdrawn, WithdrawnFor.LEAD_CHANGED.value)
        elif not self._is_open(one.showing.candidate):
            self._end(one, withdrawn, WithdrawnFor.OUTSIDE_WINDOW.value)
        elif row.wish is PreviewWish.SKIP:
            self._end(one, PreviewEnd.SKIPPED, row.reason or "")
        elif row.wish is PreviewWish.DIAL and not one.dials:
            one.dials, one.phone_position = True, row.phone_position
            self._parts.floor.timers.stop(one.showing.session_id, TimerKind.PREVIEW)
            self._parts.floor.changed()

    def _is_open(self, candidate: Candidate) -> bool:
        book = self._parts.drawing.book
        known = candidate.place_id in book.places
        return not known or book.opening(candidate.place_id, self._parts.clock.now()).is_open

    async def heal(self) -> None:
        """After a broken transaction: end what the database has and memory has not."""
        parts = self._parts
        judged = self.ids()
        ending = {item.preview_id for item in parts.writer.previews_to_store()}
        async with transaction(parts.sessions) as session:
            now, campaign_id = parts.clock.now(), parts.owner.campaign_id
            await originate.hold_ownership(session, parts.owner)
            await previews.end_all_but(session, campaign_id, judged | ending, now=now)
            rows = await previews.open_previews(session, campaign_id, now=now)
        self.seen(rows, judged)
