"""How a lead becomes a call: hopper -> gate -> attempt (committed) -> Asterisk."""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.leave import NOT_WANTED
from campaigns.leads import hopper, originate
from campaigns.leads.caller_pool import CallerPool
from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import with_their_agents
from campaigns.leads.originate import Opened, OpenedAttempt, Owner, OwnershipLost
from campaigns.recordings.announcing import is_announced
from campaigns.settings import CampaignSettings
from compliance.gate import Clearance, Refusal
from compliance.machine_messages import MessageLeave
from dialer.ari.gateway import CustomerDial
from dialer.call import events as ev
from dialer.call.recorded import raw_name
from dialer.call.states import Call
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from workers.dialing import metrics, refused_leads
from workers.dialing.drawing import Drawing
from workers.dialing.floor import Floor
from workers.dialing.last_look import LastLook
from workers.dialing.pacer import Pacer
from workers.dialing.sending import Sending
from workers.dialing.trunk import TrunkLine

log = structlog.get_logger()


class Claim(Protocol):
    """Claims leads that are due."""

    async def __call__(
        self, session: AsyncSession, wanted: int, free_agents: Sequence[str], *, now: datetime
    ) -> list[Candidate]:
        """Claim up to ``wanted`` leads."""
        ...


@dataclass(slots=True)
class Originator:
    """One campaign's way from lead to call."""

    owner: Owner
    callers: CallerPool
    settings: CampaignSettings
    drawing: Drawing
    trunk: TrunkLine
    floor: Floor
    sending: Sending
    sessions: SessionFactory
    clock: Clock
    recordings_dir: PurePosixPath  #: as Asterisk names it
    pacer: Pacer
    ready: deque[Candidate] = field(default_factory=deque)
    ran_dry: bool = False  #: the last ``place`` found no due lead that was left to claim
    placed: int = 0
    shown: Callable[[], Collection[UUID]] = tuple  #: leads that agents read: claimed as well
    leaves: dict[UUID, MessageLeave] = field(default_factory=dict)  #: by lead, of the last opening

    async def place(self, count: int) -> int:
        """Place up to ``count`` calls and return how many were sent.

        Raises:
            OwnershipLost: another worker owns the campaign.
        """
        claimed = await self.refill(count) if len(self.ready) < count else 0
        if self.drawing.selection_due:
            await self.give_back()
        self.ran_dry = not claimed and not self.ready
        taken = [self.ready.popleft() for _ in range(min(count, len(self.ready)))]
        if not taken:
            return 0
        now = self.clock.now()
        try:
            opened = await self._open(taken, now)
        except OwnershipLost:  # nothing was written: they are ours to give back
            self.ready.extendleft(reversed(taken))
            raise
        self.ready.extendleft(reversed(opened.no_room))
        self.ready.extend(opened.held)
        if opened.room is not None and opened.room.calls == 0:
            self.trunk.has_no_room(opened.room, now)
        self.ran_dry = self.ran_dry or len(opened.held) == len(taken)
        if opened.attempts:  # before they are sent: an end may come at once
            self.trunk.placed(len(opened.attempts))
        for attempt in opened.attempts:
            self._send(attempt)
        self.placed += len(opened.attempts)
        metrics.CALLS_PLACED.inc(len(opened.attempts))
        return len(opened.attempts)

    async def _open(self, taken: Sequence[Candidate], now: datetime) -> Opened:
        async with transaction(self.sessions) as session:
            fit, without = with_their_agents(taken, self.floor.free_agents())
            opened = await self.open_in(session, fit, now)
            await hopper.give_back(session, self.owner.campaign_id, without)
        return opened

    async def open_in(
        self,
        session: AsyncSession,
        candidates: Sequence[Candidate],
        now: datetime,
        *,
        agents_wait: bool = False,
    ) -> Opened:
        """Open attempts in the caller's transaction; what the gate refuses is stored in it too.

        Raises:
            OwnershipLost: another worker owns the campaign.
        """
        last_look = LastLook(self.drawing, self.callers, session, now, agents_dial=agents_wait)
        opened = await originate.open_attempts(
            session,
            self.owner,
            candidates,
            now=now,
            ask=last_look.ask,
            choose=last_look.choose,
            pacing=self.pacer.inputs(),
            agents_wait=agents_wait,
        )
        await refused_leads.store(session, self.owner, opened.refused, now)
        self.leaves = last_look.leaves
        return opened

    async def refill(self, count: int) -> int:
        """Claim due leads, more than ``count``, and return how many; what the gate refuses goes back."""
        wanted = min(self.settings.hopper_size, max(4 * count, 10))
        cleared, claimed = await self._claim(self.drawing.claim, wanted)
        self.ready.extend(cleared)
        return claimed

    async def place_promised(self, most: int) -> int:
        """Place up to ``most`` promised calls whose time has come, each for a free agent of its own.

        Pacing is not asked: an agent has been kept for each. Returns how many were sent.

        Raises:
            OwnershipLost: another worker owns the campaign.
        """
        names = [desk.name for desk in self.floor.ready_desks()]
        due = self.floor.promises.take_due(self.clock.now(), names, most)
        wanted = {one.lead_id for one in due}
        if not wanted:
            return 0
        if wanted - {candidate.lead_id for candidate in self.ready}:
            cleared, _ = await self._claim(self.drawing.claim_promised, len(wanted))
            self.ready.extend(cleared)
        first = [candidate for candidate in self.ready if candidate.lead_id in wanted]
        rest = [candidate for candidate in self.ready if candidate.lead_id not in wanted]
        self.ready = deque([*first, *rest])
        return await self.place(len(first)) if first else 0

    async def _claim(self, claim: Claim, wanted: int) -> tuple[list[Candidate], int]:
        """Claim leads, and return those that the gate clears and how many were claimed."""
        # A crash of the database loses claims and refusals at worst: the leads are due and asked again.
        async with transaction(self.sessions, durable=False) as session:
            free = self.floor.free_agents()
            claimed, cleared = await self.claim_cleared(session, claim, wanted, free)
        return cleared, claimed

    async def claim_cleared(
        self, session: AsyncSession, claim: Claim, wanted: int, free: Sequence[str]
    ) -> tuple[int, list[Candidate]]:
        """Claim due leads: how many there were, and those whom the gate clears.

        Raises:
            OwnershipLost: another worker owns the campaign.
        """
        now = self.clock.now()
        await originate.hold_ownership(session, self.owner)
        await self.drawing.read(session, now=now)
        claimed = await claim(session, wanted, free, now=now)
        people = await self.drawing.people(session, claimed)
        answers = [(cand, self.drawing.answer(cand, people, now)) for cand in claimed]
        refused = [(cand, answer) for cand, answer in answers if isinstance(answer, Refusal)]
        await refused_leads.store_held(session, self.owner, refused, now)
        cleared = [cand for cand, answer in answers if isinstance(answer, Clearance)]
        return len(claimed), cleared

    def next_lanes(self) -> list[int]:
        """Return the lanes of the leads that are dialled next."""
        return [candidate.lane for candidate in self.ready]

    async def give_back(self) -> None:
        """Return the claimed leads that were not dialled."""
        leads = [candidate.lead_id for candidate in self.ready]
        if leads:
            async with transaction(self.sessions) as session:
                await hopper.give_back(session, self.owner.campaign_id, leads)
        self.ready.clear()  # nothing was added meanwhile: whoever claims waits for the same turn

    async def heal(self) -> set[UUID]:
        """After a broken transaction: return claims and attempts to a known state.

        Whether a commit that broke had happened is not known; what the database has and memory has
        not was never sent. Returns the attempts to close as not sent.

        Raises:
            OwnershipLost: another worker owns the campaign: what memory has not may be its.
        """
        held = [*(candidate.lead_id for candidate in self.ready), *self.shown()]
        async with transaction(self.sessions) as session:
            await originate.prove_ownership(session, self.owner, now=self.clock.now())
            await hopper.give_back_all_but(session, self.owner.campaign_id, held)
            open_ids = await originate.open_attempt_ids(session, self.owner.campaign_id)
        return open_ids - self.floor.calls.keys()

    def register(self, attempt: OpenedAttempt) -> None:
        """From here on every end of the call comes through its machine."""
        least_s = self.drawing.ring_at_least_s(attempt.candidate, self.clock.now())
        wished = self.settings.call_policy()
        told = is_announced(attempt.clearance.receipt)
        policy = replace(wished, ring_timeout_s=max(wished.ring_timeout_s, least_s), announce=told)
        leave = self.leaves.get(attempt.candidate.lead_id, NOT_WANTED)
        self.floor.calls[attempt.id] = Call(
            attempt.id,
            policy,
            caller_id=attempt.caller_id,
            language=attempt.candidate.language,
            may_leave_message=leave.allowed,
            message_bar=",".join(leave.reasons),
        )
        self.pacer.call_sent(attempt.id, attempt.candidate.lane)
        self.floor.promises.forget(attempt.candidate.lead_id)

    def _send(self, attempt: OpenedAttempt) -> None:
        """Register the call, keep its agent and start its dial."""
        self.register(attempt)
        own, promised = attempt.candidate.reserved_for, attempt.candidate.promised
        if (own or promised) and not self.floor.hold_named(own, attempt.id) and own:
            # The agent became busy during the commit: the call is left to whoever is ready.
            log.warning("call.agent_not_held", call_id=str(attempt.id))
        self.start(attempt)

    def start(self, attempt: OpenedAttempt) -> None:
        """Start the dial of a registered call."""
        policy = self.floor.calls[attempt.id].policy
        if attempt.clearance.expires_at <= self.clock.now():
            # The commit took so long that the number may be another's to dial by now.
            self.floor.feed_call(attempt.id, ev.DialRefused(self.clock.now()))
            return
        name = raw_name(attempt.id)
        dial = CustomerDial(
            attempt_id=attempt.id,
            endpoint=self.trunk.endpoint.format(number=attempt.candidate.e164),
            caller_id=attempt.caller_id,
            caller_name=self.callers.display_name(attempt.caller_id),
            timeout_s=policy.dial_timeout_s,
            recording_file=str(self.recordings_dir / name) if policy.record else None,
        )
        self.sending.send(dial)
