"""How a lead becomes a call: hopper -> gate -> attempt (committed) -> Asterisk."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.leave import NOT_WANTED
from campaigns.leads import hopper, originate
from campaigns.leads.caller_pool import CallerPool
from campaigns.leads.fates import store_fates
from campaigns.leads.history import other_numbers
from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import hold_waiting, with_their_agents
from campaigns.leads.originate import Opened, OpenedAttempt, Owner, OwnershipLost
from campaigns.leads.recycle import LeadFate, fate_after_refusal
from campaigns.leads.refusals import keep_samples
from campaigns.settings import CampaignSettings
from compliance.gate import Clearance, Refusal
from compliance.machine_messages import MessageLeave
from dialer.ari.errors import AriRefused, AriTimeout, AriUnavailable
from dialer.ari.gateway import CustomerDial, Gateway
from dialer.call import events as ev
from dialer.call.states import Call
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from workers.dialing import metrics
from workers.dialing.call_hands import Spawn
from workers.dialing.drawing import Drawing, LastLook
from workers.dialing.floor import Floor
from workers.dialing.pacer import Pacer
from workers.dialing.trunk import TrunkLine

log = structlog.get_logger()


@dataclass(slots=True)
class Originator:
    """One campaign's way from lead to call."""

    owner: Owner
    callers: CallerPool
    settings: CampaignSettings
    drawing: Drawing
    trunk: TrunkLine
    floor: Floor
    gateway: Gateway
    sessions: SessionFactory
    clock: Clock
    spawn: Spawn
    recordings_dir: PurePosixPath  #: as Asterisk names it
    pacer: Pacer
    ready: deque[Candidate] = field(default_factory=deque)
    ran_dry: bool = False  #: the last ``place`` found no due lead that was left to claim
    placed: int = 0
    leaves: dict[UUID, MessageLeave] = field(default_factory=dict)  #: by lead, of the last opening
    under_way: set[UUID] = field(default_factory=set)  #: calls whose dial is being sent

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
        self.ready.extend(opened.held)
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
            last_look = LastLook(self.drawing, self.callers, session, now)
            fit, without = with_their_agents(taken, self.floor.free_agents())
            opened = await originate.open_attempts(
                session,
                self.owner,
                fit,
                now=now,
                ask=last_look.ask,
                choose=last_look.choose,
                pacing=self.pacer.inputs(),
            )
            await hopper.give_back(session, self.owner.campaign_id, without)
            await self._store(session, opened.refused, now)
        self.leaves = last_look.leaves
        return opened

    async def refill(self, count: int) -> int:
        """Claim due leads, more than ``count``, and return how many; what the gate refuses goes back."""
        wanted = min(self.settings.hopper_size, max(4 * count, 10))
        now = self.clock.now()
        # A crash of the database loses claims and refusals at worst: the leads are due and asked again.
        async with transaction(self.sessions, durable=False) as session:
            await originate.hold_ownership(session, self.owner)
            await self.drawing.read(session, now=now)
            free = self.floor.free_agents()
            claimed = await self.drawing.claim(session, wanted, free, now=now)
            people = await self.drawing.people(session, claimed)
            answers = [(cand, self.drawing.answer(cand, people, now)) for cand in claimed]
            refused = [(cand, answer) for cand, answer in answers if isinstance(answer, Refusal)]
            await self._store_held(session, refused, now)
        self.ready.extend(cand for cand, answer in answers if isinstance(answer, Clearance))
        return len(claimed)

    async def _store_held(
        self, session: AsyncSession, refused: Sequence[tuple[Candidate, Refusal]], now: datetime
    ) -> None:
        """Store refusals of leads that nobody else holds: a claim locks no lead.

        Where an agent promises a call or an import is undone meanwhile, that counts.
        """
        if not refused:
            return
        ids = [candidate.lead_id for candidate, _ in refused]
        held = await hold_waiting(session, ids, now=now)
        await hopper.let_go(session, set(ids) - held)
        await self._store(session, [one for one in refused if one[0].lead_id in held], now)

    async def _store(
        self, session: AsyncSession, refused: Sequence[tuple[Candidate, Refusal]], now: datetime
    ) -> None:
        """Store what the gate refused: each lead's fate, and receipts of some refusals."""
        for _, refusal in refused:
            for reason in refusal.reasons:
                metrics.REFUSALS.labels(reason.value).inc()
        others = await other_numbers(session, [candidate for candidate, _ in refused])
        await store_fates(session, _fates(refused, others, now))
        await keep_samples(session, self.owner, refused, now=now)

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
        held = [candidate.lead_id for candidate in self.ready]
        async with transaction(self.sessions) as session:
            await originate.prove_ownership(session, self.owner, now=self.clock.now())
            await hopper.give_back_all_but(session, self.owner.campaign_id, held)
            open_ids = await originate.open_attempt_ids(session, self.owner.campaign_id)
        return open_ids - self.floor.calls.keys()

    def _send(self, attempt: OpenedAttempt) -> None:
        """Register the call and start its dial; from here on every end comes through the machine."""
        policy = self.settings.call_policy()
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
        own = attempt.candidate.reserved_for
        if own and not self.floor.hold_named(own, attempt.id):
            # The agent became busy during the commit: the call is left to whoever is ready.
            log.warning("call.agent_not_held", call_id=str(attempt.id))
        if attempt.clearance.expires_at <= self.clock.now():
            # The commit took so long that the number may be another's to dial by now.
            self.floor.feed_call(attempt.id, ev.DialRefused(self.clock.now()))
            return
        self.under_way.add(attempt.id)
        name = f"{attempt.id.hex}.raw"
        dial = CustomerDial(
            attempt_id=attempt.id,
            endpoint=self.trunk.endpoint.format(number=attempt.candidate.e164),
            caller_id=attempt.caller_id,
            caller_name=self.callers.display_name(attempt.caller_id),
            ring_timeout_s=policy.ring_timeout_s,
            recording_file=str(self.recordings_dir / name) if policy.record else None,
        )
        self.spawn(self._dial(dial))

    async def _dial(self, dial: CustomerDial) -> None:
        try:
            await self._create_and_dial(dial)
        finally:
            self.under_way.discard(dial.attempt_id)

    async def _create_and_dial(self, dial: CustomerDial) -> None:
        try:
            await self.gateway.create_customer(dial)
        except (AriRefused, AriUnavailable) as error:
            self._refused(dial, error)
            return
        try:
            await self.gateway.dial_customer(dial)
        except AriRefused as error:
            self._refused(dial, error)
        except AriUnavailable as error:
            # Nobody knows whether the INVITE went out: the reconciliation will tell.
            log.warning("call.dial_unknown", call_id=str(dial.attempt_id), error=error.code)

    def _refused(self, dial: CustomerDial, error: AriRefused | AriUnavailable) -> None:
        log.warning("call.not_sent", call_id=str(dial.attempt_id), error=error.code)
        self.floor.feed_call(dial.attempt_id, ev.DialRefused(self.clock.now()))
        if isinstance(error, AriTimeout) or not isinstance(error, AriUnavailable):
            self.spawn(self._sweep(dial))

    async def _sweep(self, dial: CustomerDial) -> None:
        """Remove a leg that Asterisk may have made after all; it was never dialled."""
        try:
            await self.gateway.hang_up_customer(dial.attempt_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.not_swept", call_id=str(dial.attempt_id), error=error.code)


def _fates(
    refused: Sequence[tuple[Candidate, Refusal]],
    others: Mapping[UUID, Sequence[int]],
    now: datetime,
) -> dict[UUID, LeadFate]:
    return {
        candidate.lead_id: fate_after_refusal(
            refusal,
            phone_position=candidate.phone_position,
            others=others.get(candidate.lead_id, ()),
            now=now,
        )
        for candidate, refusal in refused
    }
