"""The last look before attempts are opened: facts read under their locks, asked of the gate and chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.leave import noted
from campaigns.leads.caller_pool import CallerPool, choose_caller_ids
from campaigns.leads.hopper import Candidate
from campaigns.leads.originate import OwnershipLost
from compliance.gate import Clearance, Refusal
from compliance.machine_messages import MessageLeave
from compliance.rulebook.rules import CallerIdTerms
from workers.dialing.drawing import Drawing


class ModeChanged(OwnershipLost):
    """Who dials, people or the machine, has changed since the turn began: the law is another one."""


@dataclass(slots=True)
class LastLook:
    """The last thing before attempts are opened: facts read under their locks, asked and chosen."""

    drawing: Drawing
    callers: CallerPool
    session: AsyncSession
    now: datetime
    agents_dial: bool = False  #: as the turn began; the gate asks the law for that
    terms: dict[UUID, tuple[CallerIdTerms, ...]] = field(default_factory=dict)
    leaves: dict[UUID, MessageLeave] = field(default_factory=dict)  #: by lead

    async def ask(self, candidates: Sequence[Candidate]) -> Mapping[UUID, Clearance | Refusal]:
        """Ask the gate about each candidate.

        Raises:
            ModeChanged: meanwhile people dial instead of the machine, or the other way round.
        """
        people = await self.drawing.people(self.session, list(candidates))
        if self.drawing.settings.agents_dial() is not self.agents_dial:
            raise ModeChanged
        answers = {c.lead_id: self.drawing.answer(c, people, self.now) for c in candidates}
        for candidate in candidates:
            self.terms[candidate.lead_id] = self.drawing.caller_id_terms(candidate, self.now)
            person = people.get(candidate.lead_id)
            leave = self.drawing.message_leave(candidate, person, self.now)
            self.leaves[candidate.lead_id] = leave
            answer = answers[candidate.lead_id]
            if isinstance(answer, Clearance):
                answers[candidate.lead_id] = self.drawing.announced(noted(answer, leave), candidate)
        return answers

    async def choose(self, candidates: Sequence[Candidate]) -> Mapping[UUID, str | Refusal | None]:
        """Choose each call's caller ID."""
        return await choose_caller_ids(
            self.session,
            self.callers,
            candidates,
            terms=self.terms,
            placements=self.drawing.book.places,
            now=self.now,
        )
