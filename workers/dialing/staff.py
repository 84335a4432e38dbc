"""A campaign's agents and state as the database has them, brought to the floor."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.handing import has_agents_elsewhere
from campaigns.law import suppressions
from campaigns.leads import due_callbacks, hopper
from campaigns.leads.due_callbacks import Coming
from campaigns.leads.remaining import whats_left
from campaigns.states import CampaignState, WithdrawnFor
from campaigns.supervising.followed import load_followed
from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.states import Agent, AgentState
from dialer.call import events as call_ev
from dialer.call.states import CallState
from dialer.db import transaction
from workers.dialing import saved
from workers.dialing.assembly import Assembly
from workers.dialing.floor import Desk
from workers.dialing.promises import RESERVE, RESERVE_AFTER
from workers.dialing.saved import SavedSession
from workers.dialing.share import Share
from workers.dialing.stored import SessionEnded

log = structlog.get_logger()

#: Promises that nobody keeps are looked for this often: their agents' grace is minutes.
RELEASE_EVERY_S = 2.0
#: A message may overtake the call it is about by the time a commit takes to return: looked for again.
_CALL_LOOKS, _CALL_LOOK_S = 5, 0.05
#: Nobody has answered: after that a person is on the line, whom the agent (or the apology) serves.
_UNANSWERED = (CallState.DIALING, CallState.RINGING)


_FINISH = text(
    f"""
    UPDATE campaign SET state = 'finished', ended_at = :now,
           state_reason = 'every lead has its result'
    WHERE id = :campaign_id AND fence = :fence AND state = 'running' AND NOT selection_due
      AND NOT {hopper.HAS_OPEN}
    RETURNING id
    """  # noqa: S608 - put together from constants only
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the database showed."""

    state: CampaignState
    fence: int
    has_open_leads: bool
    lists_rest: bool  #: all leads that are open are of lists with 0 percent
    next_due_at: datetime | None
    agents_elsewhere: bool  #: none is here, and shared ones work for other campaigns


class Staff:
    """Looks at the database and tells the floor what people wished."""

    def __init__(self, parts: Assembly) -> None:
        """Work on ``parts``."""
        self._parts = parts
        self.given: dict[UUID, float] = {}  #: when agents went to another campaign, monotonic
        self._released_s = float("-inf")  #: when promises were looked through, monotonic

    async def look(self) -> Seen:
        """Read the campaign, its sessions and its leads; bring wishes of people to the floor."""
        campaign_id = self._parts.owner.campaign_id
        began_s = monotonic()
        async with transaction(self._parts.sessions) as session:
            plan = await saved.load_plan(session, campaign_id)
            judged = self._parts.previews.ids()
            pausing = self._parts.writer.pausing_sessions()
            sessions = await saved.load_sessions(session, campaign_id)
            decided = await self._parts.previews.read(session)
            followed = await load_followed(session, campaign_id) if plan.is_followed else []
            unwanted = await self._suppressed(session)
            drawing = self._parts.drawing
            now = self._parts.clock.now()
            await drawing.rest(session, plan.paused)
            await drawing.read(session, now=now)
            full, resting = drawing.full_lanes(), drawing.resting_lanes()
            left = await whats_left(session, campaign_id, full)
            has_open, drawing.promises = left.has_open, left.has_promises
            rest = has_open and bool(resting)
            if rest:
                rest = not await hopper.has_open_leads(session, campaign_id, {*full, *resting})
            if left.has_promises:
                # Before a campaign may finish the promises of forgotten talks are taken up.
                grace_s, at_once = plan.settings.callback_grace_s, not has_open
                await self._release_overdue(session, grace_s, now, at_once=at_once)
            due_at = await drawing.next_due(session, now=now) if has_open else None
            coming = await self._coming(session, now) if left.has_promises else []
            nobody = not sessions
            elsewhere = nobody and await has_agents_elsewhere(session, campaign_id)
        self._parts.use(plan)
        self._parts.floor.promises.use(coming)
        for call_id in unwanted:  # its message was lost
            self._cancel_unanswered(call_id, suppressions.CANCEL_REASON)
        over = plan.campaign.state in (CampaignState.FINISHED, CampaignState.STOPPED)
        if not over and plan.campaign.fence == self._parts.owner.fence:
            self._bring(sessions, began_s, pausing)
            self._parts.monitors.bring(followed)
        self._parts.previews.seen(decided, judged)
        return Seen(plan.campaign.state, plan.campaign.fence, has_open, rest, due_at, elsewhere)

    async def _release_overdue(
        self, session: AsyncSession, grace_s: float, now: datetime, *, at_once: bool
    ) -> None:
        """Give promised calls to anybody whose agents are away; they have had minutes to come back."""
        if not at_once and monotonic() - self._released_s < RELEASE_EVERY_S:
            return
        campaign_id = self._parts.owner.campaign_id
        await due_callbacks.release_overdue(session, campaign_id, now, grace_s)
        self._released_s = monotonic()

    async def _coming(self, session: AsyncSession, now: datetime) -> list[Coming]:
        """Read the promised calls of about this minute."""
        places = self._parts.drawing.book.open_places(now)
        campaign_id, since, until = (
            self._parts.owner.campaign_id,
            now - RESERVE_AFTER,
            now + RESERVE,
        )
        return await due_callbacks.coming_callbacks(
            session, campaign_id, places, since=since, until=until
        )

    async def _suppressed(self, session: AsyncSession) -> set[UUID]:
        """Return the calls nobody has answered yet whose number was suppressed meanwhile."""
        calls = self._parts.floor.calls.values()
        ringing = [c.id for c in calls if c.state in _UNANSWERED and c.cancel_reason is None]
        return await suppressions.suppressed_among(session, ringing) if ringing else set()

    def _bring(
        self, sessions: list[SavedSession], began_s: float, pausing: Collection[UUID] = ()
    ) -> None:
        """Bring the rows to the floor; of ``pausing`` agents the rows' wishes are old."""
        now, floor = self._parts.clock.now(), self._parts.floor
        for row in sessions:
            if self.given.get(row.id, 0.0) >= began_s:  # the row is older than what we did with it
                continue
            desk = floor.desks.get(row.id)
            if desk is None:
                self._seat(row, now)
                continue
            desk.share.weights = row.weights
            if desk.share.unsure:  # it was not committed: the agent is still ours
                desk.share.unsure = False
                floor.stay(desk)
            if row.id not in pausing:
                self._wish(desk, row, now)
        rows = {row.id for row in sessions}
        for session_id, desk in list(floor.desks.items()):
            known = session_id in rows or self.given.get(session_id, 0.0) >= began_s
            if not known and desk.agent.call_id is None:
                self.forget(session_id)

    def doubt(self, session_ids: Iterable[UUID]) -> None:
        """Note agents of whom nobody knows whether they were given away: the next look shows."""
        for session_id in session_ids:
            self.given[session_id] = monotonic()
            desk = self._parts.floor.desks.get(session_id)
            if desk is not None:
                desk.share.unsure = True

    def forget(self, session_id: UUID) -> None:
        """Take an agent off the floor whom another campaign has; the leg stays up."""
        floor = self._parts.floor
        self.given[session_id] = monotonic()
        floor.desks.pop(session_id, None)
        floor.timers.stop_of(session_id)
        floor.changed()

    def _seat(self, row: SavedSession, now: datetime) -> None:
        policy = self._parts.plan.settings.agent_policy()
        agent = Agent(row.id, policy, wants=row.wants, pause_code=row.pause_code)
        desk = Desk(agent, row.endpoint, row.name, share=Share(row.weights))
        desk.channel_id, desk.bridge_id = row.leg.channel_id, row.leg.bridge_id
        if row.wants is AgentState.OFFLINE:  # left before anybody dialled the leg, or took it over
            self._parts.writer.add(SessionEnded(row.id, now))
            self._parts.agent_hands.execute(desk, do.HangUpLeg())
            return
        self._parts.floor.desks[row.id] = desk
        if row.state is None:
            self._parts.floor.feed_agent(row.id, ev.SignedIn(now))
        else:  # handed over
            desk.share.came_s = monotonic()
            self._parts.agent_hands.take(desk)

    def _wish(self, desk: Desk, row: SavedSession, now: datetime) -> None:
        if row.call_id is not None and row.disposition is not None:  # its message was lost
            self.disposed({"call_id": row.call_id, "code": row.disposition})
        agent = desk.agent
        if agent.call_id is not None and agent.call_id == row.extended_call:
            longer = ev.WrapUpExtended(now, agent.call_id, row.extensions)
            self._parts.floor.feed_agent(agent.id, longer)
            agent = desk.agent
        if (agent.wants, agent.pause_code) == (row.wants, row.pause_code):
            return
        match row.wants:
            case AgentState.READY:
                self._parts.floor.feed_agent(agent.id, ev.ReadyRequested(now))
            case AgentState.PAUSED:
                wish = ev.PauseRequested(now, row.pause_code or "")
                self._parts.floor.feed_agent(agent.id, wish)
            case _:
                self._parts.floor.feed_agent(agent.id, ev.SignOutRequested(now))

    def disposed(self, facts: dict[str, Any]) -> None:
        """Free the agent whose call was disposed; the disposition itself is stored already."""
        call_id = _uuid(facts.get("call_id"))
        for desk in self._parts.floor.desks.values():
            if call_id is not None and desk.agent.call_id == call_id:
                event = ev.Disposed(self._parts.clock.now(), call_id, str(facts.get("code", "")))
                self._parts.floor.feed_agent(desk.agent.id, event)
                return

    def hang_up(self, facts: dict[str, Any]) -> None:
        """End a call on somebody's wish."""
        call_id = _uuid(facts.get("call_id"))
        if call_id is not None:
            event = call_ev.HangUpRequested(self._parts.clock.now(), str(facts.get("by", "user")))
            self._parts.floor.feed_call(call_id, event)

    async def cancel(self, facts: dict[str, Any]) -> None:
        """End a call that nobody has answered yet; an answered one goes on: a person is on the line."""
        call_id = _uuid(facts.get("call_id"))
        if call_id is None:
            return
        for _ in range(_CALL_LOOKS):
            if call_id in self._parts.floor.calls:
                self._cancel_unanswered(call_id, str(facts.get("reason", "user")))
                return
            await asyncio.sleep(_CALL_LOOK_S)

    def _cancel_unanswered(self, call_id: UUID, reason: str) -> None:
        call = self._parts.floor.calls.get(call_id)
        if call is not None and call.state in _UNANSWERED:
            event = call_ev.HangUpRequested(self._parts.clock.now(), reason)
            self._parts.floor.feed_call(call_id, event)
            log.info("call.cancelled", call_id=str(call_id), reason=reason)

    def nobody_wraps_up(self) -> bool:
        """Tell whether no agent has a call, or its wrap-up, on hand."""
        return all(desk.agent.call_id is None for desk in self._parts.floor.desks.values())

    def sign_everybody_out(self) -> None:
        """End all sessions: the campaign is over."""
        now = self._parts.clock.now()
        self._parts.previews.withdraw_all(WithdrawnFor.CAMPAIGN_NOT_RUNNING)
        for session_id in list(self._parts.floor.desks):
            self._parts.floor.feed_agent(session_id, ev.SignOutRequested(now))

    async def close_forgotten_leads(self) -> None:
        """Close leads of talks that nobody has in hand any more: two owners disagreed on their end."""
        floor = self._parts.floor
        in_hand = {desk.agent.call_id for desk in floor.desks.values()} | floor.calls.keys()
        async with transaction(self._parts.sessions) as session:
            await saved.close_forgotten_leads(
                session, self._parts.owner.campaign_id, in_hand - {None}
            )

    async def finish_campaign(self) -> bool:
        """Mark the campaign finished, if it is still ours, runs, and has no open lead."""
        async with transaction(self._parts.sessions) as session:
            row = await session.execute(
                _FINISH,
                {
                    "closed": self._parts.drawing.full_lanes(),
                    "campaign_id": self._parts.owner.campaign_id,
                    "fence": self._parts.owner.fence,
                    "now": self._parts.clock.now(),
                },
            )
            finished = row.one_or_none() is not None
        if finished:
            log.info("campaign.finished", campaign_id=str(self._parts.owner.campaign_id))
        return finished


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
