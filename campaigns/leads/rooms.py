"""Reads the room of a campaign's quotas: those on its contacts, and those on the answers to its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.answer_quotas import AnswerQuota
from campaigns.forms.expressions.nodes import Compare, Literal, Reference
from campaigns.forms.form import Form
from campaigns.forms.publishing import FormNotFound, find_published, form_in
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Single
from campaigns.forms.seats import seats_taken
from campaigns.leads.quota_room import QuotaRoom
from campaigns.leads.quotas import quota_states
from campaigns.selection import cells_with
from campaigns.settings import CampaignSettings

#: How long a room that claims count down stands.
READ_EVERY = timedelta(seconds=2)
#: Leads that are called, talk, wait for their disposition or are dialled next, without those whose
#: interview is complete: it is counted already.
_UNDER_WAY = text(
    """
    SELECT count(*) FROM (
        SELECT id FROM lead WHERE campaign_id = :campaign_id AND state = 'dialing'
        UNION SELECT lead_id FROM lead_claim WHERE campaign_id = :campaign_id
    ) live
    WHERE NOT EXISTS (
        SELECT FROM attempt a JOIN interview_call c ON c.attempt_id = a.id
        JOIN interview i ON i.id = c.interview_id
        WHERE a.lead_id = live.id AND i.ending = 'complete')
    """
)


def everybody(quotas: Sequence[AnswerQuota], form: Form) -> list[tuple[str, ...]]:
    """Return the groups of quotas (codes) one of which every complete interview falls into.

    Such is a quota on every interview, and quotas on all options of a question that everybody is asked
    and nobody can pass over. When all of a group are full, nobody needs to be called any more.
    """
    groups: list[tuple[str, ...]] = [(quota.code,) for quota in quotas if quota.is_total()]
    if any(isinstance(question, Asking) and question.skips for question in form.questions()):
        return groups  # whom a skip leads past a question, nobody says
    for section in form.sections:
        for question in section.questions:
            if not isinstance(question, Single) or section.show_if or question.show_if:
                continue
            if not question.required or question.dont_know or question.refused:
                continue
            named = _named(quotas, question.code)
            if set(named) >= {option.code for option in question.options}:
                groups.append(tuple(named[option.code] for option in question.options))
    return groups


def _named(quotas: Sequence[AnswerQuota], code: str) -> dict[str, str]:
    """Return the quotas on single options of a question by option: ``question = 'option'``."""
    found: dict[str, str] = {}
    for quota in quotas:
        match quota.node():
            case Compare(
                sign="=",
                left=Reference(name=name, part="", contact=False),
                right=Literal(value=str() as option),
            ) if name == code:
                found.setdefault(option, quota.code)
            case _:
                continue
    return found


def whole_room(
    groups: Sequence[tuple[str, ...]], lacking: Mapping[str, int], under_way: int
) -> tuple[int | None, bool]:
    """Return how many more people may be called, and whether none is needed any more.

    ``lacking`` says how many complete interviews each quota lacks.
    """
    lacks = [sum(lacking[code] for code in dict.fromkeys(group)) for group in groups]
    if not lacks:
        return None, False
    return max(0, min(lacks) - under_way), min(lacks) == 0


@dataclass(slots=True)
class RoomReader:
    """Reads a campaign's room; a version of a form is looked through once, since it never changes."""

    _room: QuotaRoom = field(default_factory=QuotaRoom)
    _asked: tuple[datetime, CampaignSettings] | None = None
    _version_id: UUID | None = None
    _quotas: tuple[AnswerQuota, ...] = ()
    _groups: list[tuple[str, ...]] = field(default_factory=list)

    async def for_claim(
        self,
        session: AsyncSession,
        campaign_id: UUID,
        client_id: UUID,
        settings: CampaignSettings,
        now: datetime,
    ) -> QuotaRoom:
        """Return the room to claim from, read anew every few seconds.

        Claims come one after the other, so each finds what those before it took. A look at the database that
        goes on beside a claim must not be put in its place: it may bring back what the claim has used up.
        """
        asked = self._asked
        if asked is None or now - asked[0] >= READ_EVERY or asked[1] != settings:
            self._room = await self.read(session, campaign_id, client_id, settings)
            self._asked = (now, settings)
        return self._room

    async def read(
        self, session: AsyncSession, campaign_id: UUID, client_id: UUID, settings: CampaignSettings
    ) -> QuotaRoom:
        """Return the room there is now."""
        quotas = settings.selection.quotas
        states = await quota_states(session, campaign_id, quotas)
        full = {index for index, state in enumerate(states) if state.is_full}
        whole, is_over = await self._whole(session, campaign_id, client_id, settings)
        return QuotaRoom(
            quotas=quotas,
            rooms=[state.room for state in states],
            full_cells=frozenset(cells_with(quotas, full)) if full else frozenset(),
            whole=whole,
            is_over=is_over,
        )

    async def _whole(
        self, session: AsyncSession, campaign_id: UUID, client_id: UUID, settings: CampaignSettings
    ) -> tuple[int | None, bool]:
        if not settings.answer_quotas:
            return None, False
        try:
            version = await find_published(session, settings.form, client_id=client_id)
        except FormNotFound:  # nobody is asked anything then
            return None, False
        if (version.id, settings.answer_quotas) != (self._version_id, self._quotas):
            self._groups = everybody(settings.answer_quotas, form_in(version))
            self._version_id, self._quotas = version.id, settings.answer_quotas
        if not self._groups:
            return None, False
        # In this order: what is completed between the two is counted twice for a moment, never not at all.
        under_way = (await session.execute(_UNDER_WAY, {"campaign_id": campaign_id})).scalar_one()
        taken = await seats_taken(session, campaign_id)
        lacking = {
            quota.code: max(0, quota.target - taken.get(quota.code, (0, 0))[0])
            for quota in settings.answer_quotas
        }
        return whole_room(self._groups, lacking, under_way)
