"""When to dial: what pacing wants, as far as the trunk and the state of the world allow it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from campaigns.leads.originate import OwnershipLost
from campaigns.leads.results import EndedCall
from campaigns.states import CampaignState, WithdrawnFor
from dialer.call import events as call_ev
from dialer.call.states import CallOutcome
from dialer.pacing.facts import Decision, Limit
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.pacer import Lines
from workers.dialing.party_lines import lines_in_use
from workers.dialing.previewing import Previewing

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

#: Without news the state of things is looked at this often.
LOOK_EVERY_S = 1.0
#: Calls are placed at most this often: several at a time cost fewer statements each.
TURN_S = 0.02
#: After a refill that found nothing the next one waits this long, unless something is due before.
NO_LEAD_PAUSE_S = 0.5
#: So long after it other campaigns may have the agents.
DRY_S = 3.0
#: A trunk whose rate is used up is looked at this soon again.
RATE_PAUSE_S = 0.05
#: The longest wait for dials that are being sent when the campaign leaves this worker.
SETTLE_S = 5.0


@dataclass(slots=True)
class Readiness:
    """What a runner knows of its campaign and its surroundings: whether calls may be placed."""

    state: CampaignState = CampaignState.PAUSED
    draining: bool = False  #: the campaign is about to leave this worker
    reconciled: bool = False  #: our calls and Asterisk's have been compared since we connected
    database_failing: bool = False
    looked: bool = False  #: the database has been read since this owner began
    wake: asyncio.Event = field(default_factory=asyncio.Event)  #: set when pacing should look
    look: asyncio.Event = field(default_factory=asyncio.Event)  #: set to have the database read


class DialLoop:
    """One campaign's dialling."""

    def __init__(self, parts: "Assembly", ready: Readiness) -> None:
        """Dial with ``parts`` while ``ready`` allows it."""
        self._parts = parts
        self._ready = ready
        self._turn = asyncio.Lock()  #: held while leads become calls
        self._must_heal = True
        self._no_lead_until_s = 0.0
        self._previewing = Previewing(parts)
        self._dry_until_s = 0.0

    @property
    def is_dry(self) -> bool:
        """Tell whether no lead was found a moment ago."""
        return monotonic() < max(self._dry_until_s, self._previewing.found_none_s + DRY_S)

    def between_turns(self) -> asyncio.Lock:
        """Return what is held while leads become calls: whoever holds it sees every call placed."""
        return self._turn

    async def run(self) -> None:
        """Dial for ever."""
        pause_s = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause_s, TURN_S)):
                    await self._ready.wake.wait()
            self._ready.wake.clear()
            pause_s = await self._one_turn()

    async def settle(self) -> None:
        """Place nothing more, and wait until no lead is between its attempt and its dial."""
        self._ready.draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S), self._turn:
                while self._parts.originator.sending.under_way:  # noqa: ASYNC110 - once in a campaign's life
                    await asyncio.sleep(TURN_S)

    async def _one_turn(self) -> float:
        try:
            async with self._turn:
                return await self._dial()
        except OwnershipLost:
            # Paused or stopped this very moment looks the same as lost: the database tells.
            self._must_heal = True
            self._ready.look.set()
        except DATABASE_AWAY as error:
            if not is_passing(error):
                raise
            log.warning("dialling.database_away", error=type(error).__name__)
            self._ready.database_failing = self._must_heal = True
        return LOOK_EVERY_S

    async def _dial(self) -> float:
        """Place what pacing wants and return how long to wait for the next wake-up, seconds."""
        running = self._ready.state is CampaignState.RUNNING
        if not running or self._parts.drawing.selection_due:
            # Whoever selects, undoes or erases meanwhile finds no lead in our hands.
            await self._parts.originator.give_back()
        unfit = self._why_nothing_is_shown()
        if unfit is not None:
            self._parts.previews.withdraw_all(unfit)
        if not self._may_dial():
            return LOOK_EVERY_S
        if self._must_heal:
            await self._heal()
        agents_dial = self._parts.plan.settings.agents_dial()
        if not agents_dial:  # else promised calls are shown, too: no machine may dial them
            lines = self._lines()
            room = min(lines.free_channels, lines.calls_allowed)
            await self._parts.originator.place_promised(room)
        decision = self._decide()
        self._cancel(decision)
        if agents_dial:
            await self._parts.originator.give_back()  # claimed in another mode
            return await self._previewing.turn()
        # Where the trunk's rate is the limit it gives room again in a moment.
        originator, rests = self._parts.originator, self._parts.trunk.is_resting()
        again_s = RATE_PAUSE_S if decision.why.limit is Limit.RATE and not rests else LOOK_EVERY_S
        if decision.why.limit is Limit.NO_AGENTS or rests:
            await originator.give_back()  # nobody knows for how long: others may want these people
        if decision.place <= 0:
            return again_s
        placed = await originator.place(decision.place)
        if originator.ran_dry:
            self._no_lead_until_s = monotonic() + NO_LEAD_PAUSE_S
            self._dry_until_s = monotonic() + DRY_S
            self._ready.look.set()
            return NO_LEAD_PAUSE_S
        self._dry_until_s = 0.0
        return TURN_S if decision.place > placed else again_s

    def _why_nothing_is_shown(self) -> WithdrawnFor | None:
        """Return why agents must not read contacts now; None: they may."""
        if self._ready.state is not CampaignState.RUNNING:
            return WithdrawnFor.CAMPAIGN_NOT_RUNNING
        if self._parts.drawing.selection_due:
            return WithdrawnFor.SELECTION_PENDING
        previews = self._parts.plan.settings.agents_dial()
        return None if previews else WithdrawnFor.MODE_CHANGED

    def _may_dial(self) -> bool:
        return (
            self._ready.state is CampaignState.RUNNING
            and not self._ready.draining
            and self._ready.looked  # else a promised call's agent would be given away
            and self._ready.reconciled
            and self._parts.connection.is_up
            and not self._parts.writer.is_failing
        )

    def _decide(self) -> Decision:
        parts = self._parts
        segments = parts.originator.next_lanes()
        leads = len(segments) if monotonic() < self._no_lead_until_s else None
        return parts.pacer.decide(self._lines(), leads=leads, segments=segments)

    def _lines(self) -> Lines:
        trunk, used = self._parts.trunk, lines_in_use(self._parts.floor, self._parts.plan.settings)
        return Lines(trunk.max_channels - used, trunk.calls_allowed())

    def _cancel(self, decision: Decision) -> None:
        """Give up ringing calls that would probably find no agent."""
        parts = self._parts
        now = parts.clock.now()
        for named in decision.cancel:
            call_id = parts.pacer.may_cancel(str(named), now)
            if call_id is not None:
                parts.pacer.cancelled += 1
                parts.floor.feed_call(call_id, call_ev.HangUpRequested(now, "pacing"))

    async def _heal(self) -> None:
        """Close attempts that were opened and never sent: a commit that broke may have happened."""
        writer = self._parts.writer
        unsent = await self._parts.originator.heal() - writer.ends_to_store()
        for attempt_id in unsent:
            writer.add(EndedCall(attempt_id, CallOutcome.NOT_SENT, self._parts.clock.now()))
        await self._parts.previews.heal()
        self._must_heal = self._ready.database_failing = False
