"""The script in one call: which version stands now, for whom it is filled, where the operator is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.errors import AttemptNotFound
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact, Phone
from campaigns.models import Campaign
from campaigns.scripts.fields import contact_values
from campaigns.scripts.models import ScriptReading, ScriptVersion
from campaigns.scripts.publishing import script_in
from campaigns.scripts.reading import (
    Place,
    ShownStep,
    language_for,
    place_in,
    steps_in,
    trail_of,
)
from campaigns.scripts.script import Script
from campaigns.scripts.shelves import newest_published
from campaigns.scripts.variables import Values, filling
from dialer.clock import Clock
from dialer.phone_number import masked_in


@dataclass(frozen=True, slots=True)
class Talk:
    """A call, and who talks in it."""

    attempt: Attempt
    campaign: Campaign
    contact: Contact
    agent: Agent | None  #: None: nobody has it yet

    def is_with(self, user_id: UUID) -> bool:
        """Tell whether this user talks in it, as far as it is stored."""
        return self.agent is None or self.agent.user_id == user_id

    @property
    def script_code(self) -> str | None:
        """Return the code of the script that the campaign uses now."""
        return self.campaign.settings.get("script")


@dataclass(frozen=True, slots=True)
class ShownScript:
    """A script as it is read in one call."""

    version: ScriptVersion
    language: str
    languages: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    place: Place
    trail: tuple[str, ...]


async def find_talk(
    session: AsyncSession,
    attempt_id: UUID,
    *,
    client_id: UUID,
    own: frozenset[UUID] | None = None,
) -> Talk:
    """Return a call of the client; with ``own`` only of these agents.

    An operator sees the call before the writer has stored with whom it was connected, so a live call without
    an agent is also shown to those who are signed in to its campaign.

    Raises:
        AttemptNotFound: no such call, or it is another client's, or somebody else talks in it.
    """
    statement = (
        select(Attempt, Campaign, Contact, Agent)
        .join(Campaign, col(Campaign.id) == col(Attempt.campaign_id))
        .join(Contact, col(Contact.id) == col(Attempt.contact_id))
        .outerjoin(AgentSession, col(AgentSession.id) == col(Attempt.agent_session_id))
        .outerjoin(Agent, col(Agent.id) == col(AgentSession.agent_id))
        .where(col(Attempt.id) == attempt_id, col(Attempt.client_id) == client_id)
    )
    row = (await session.exec(statement)).first()
    if row is None:
        raise AttemptNotFound(attempt_id=attempt_id)
    talk = Talk(*row)
    if own is not None and not await _is_own(session, talk, own):
        raise AttemptNotFound(attempt_id=attempt_id)
    return talk


async def _is_own(session: AsyncSession, talk: Talk, own: frozenset[UUID]) -> bool:
    if talk.agent is not None:
        return talk.agent.id in own
    if talk.attempt.ended_at is not None:
        return False
    here = select(AgentSession.id).where(
        col(AgentSession.client_id) == talk.attempt.client_id,
        col(AgentSession.campaign_id) == talk.attempt.campaign_id,
        col(AgentSession.agent_id).in_(own),
        col(AgentSession.ended_at).is_(None),
    )
    return (await session.exec(here)).first() is not None


async def version_for(session: AsyncSession, talk: Talk) -> ScriptVersion | None:
    """Return the version that stands now for a call; None: the campaign has no script."""
    if not talk.script_code:
        return None
    return await newest_published(session, talk.script_code, client_id=talk.attempt.client_id)


async def show(
    session: AsyncSession,
    talk: Talk,
    version: ScriptVersion,
    *,
    wished: str = "",
    at: str = "",
    agent_name: str = "",
    hide_numbers: bool = True,
    keep: bool = True,
    clock: Clock,
) -> ShownScript:
    """Return a script as it is read in a call, and keep that it was shown.

    Args:
        session: The caller's transaction.
        talk: The call.
        version: What is shown.
        wished: A language; else that of the last look, the contact's, the script's usual one.
        at: The step at which the window is, if it knows better than what was kept.
        agent_name: Who talks, where the call does not say yet.
        hide_numbers: Mask the contact's numbers in what is put in.
        keep: Whether the operator looks, and not somebody else.
        clock: The clock.
    """
    script = script_in(version)
    kept = await _reading(session, talk)
    trail = list(kept.trail) if kept else []
    if at and (not trail or trail[-1] != at):
        trail.append(at)
    language = language_for(
        script, wished, kept.language if kept else "", talk.contact.language or ""
    )
    values = await _values(session, talk, agent_name, hide_numbers=hide_numbers)
    missing: set[str] = set()
    steps = steps_in(script, language, filling(values, missing))
    place = place_in(script, trail)
    walked = _walked(script, trail, place)
    if keep:
        await _keep(session, talk, version, language, walked, missing, clock)
    return ShownScript(version, language, script.languages, steps, place, walked)


def _walked(script: Script, trail: Sequence[str], place: Place) -> tuple[str, ...]:
    known = trail_of(script, trail)
    return known if known or not place.step else (place.step,)


async def _reading(session: AsyncSession, talk: Talk) -> ScriptReading | None:
    own = select(ScriptReading).where(
        col(ScriptReading.attempt_id) == talk.attempt.id,
        col(ScriptReading.client_id) == talk.attempt.client_id,
    )
    return (await session.exec(own)).first()


async def _values(
    session: AsyncSession, talk: Talk, agent_name: str, *, hide_numbers: bool
) -> Values:
    contact = contact_values(talk.contact)
    if hide_numbers and any(
        character.isdigit() for value in contact.values() for character in value
    ):
        own = select(Phone.e164).where(
            col(Phone.contact_id) == talk.contact.id, col(Phone.client_id) == talk.contact.client_id
        )
        numbers = [talk.attempt.e164, *(await session.exec(own)).all()]
        contact = {name: masked_in(value, numbers) for name, value in contact.items()}
    name = talk.agent.name if talk.agent else agent_name
    return Values(contact, agent_name=name, campaign_name=talk.campaign.name)


async def _keep(
    session: AsyncSession,
    talk: Talk,
    version: ScriptVersion,
    language: str,
    trail: Sequence[str],
    missing: set[str],
    clock: Clock,
) -> None:
    fresh = insert(ScriptReading).values(
        attempt_id=talk.attempt.id,
        client_id=talk.attempt.client_id,
        script_version_id=version.id,
        language=language,
        trail=list(trail),
        missing=sorted(missing),
        shown_at=clock.now(),
    )
    changes = {
        name: fresh.excluded[name] for name in ("script_version_id", "language", "trail", "missing")
    }
    await session.execute(fresh.on_conflict_do_update(index_elements=["attempt_id"], set_=changes))


async def keep_trail(session: AsyncSession, talk: Talk, codes: Sequence[str]) -> tuple[str, ...]:
    """Keep the way an operator went; what comes late (a shorter way) changes nothing. Return what is kept."""
    kept = await _reading(session, talk)
    if kept is None:
        return ()
    version = await session.get_one(ScriptVersion, kept.script_version_id)
    trail = trail_of(script_in(version), codes)
    if len(trail) >= len(kept.trail):
        kept.trail = list(trail)
        session.add(kept)
        await session.flush()
    return tuple(kept.trail)
